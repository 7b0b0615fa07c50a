"""What sellers write around the matter when their account is looked at, by language."""

from __future__ import annotations

from typing import Final

from sandbox.text.phrases import Manner

_ENGLISH: Final = Manner(
    openings=(
        "Hello,", "Dear team,", "Good morning,", "To whom it may concern,", "Hi,",
        "Good day to the account team,", "Dear support,", "Thank you for your message.",
    ),
    policy=(
        "Your own guide for sellers foresees this case.",
        "As far as I read the policy, nothing more is needed from us.",
        "The rules on your help page say what is to be sent, and we followed them.",
        "We refer to the terms that were in force when we registered.",
    ),
    pleas=(
        "Please help, we depend on this shop.",
        "We ask you kindly to look at it soon.",
        "Please do not leave us waiting.",
        "It would mean a lot to our small team.",
        "Kindly settle this as early as you can.",
        "We are worried and hope for your understanding.",
    ),
    fillers=(
        "We have been selling with you without a break.",
        "Our customers write good comments.",
        "I look after the shop together with two helpers.",
        "We answer messages on the same day.",
        "The shop is our main work.",
        "We keep our books in order and can show them.",
        "Our stock is counted every month.",
        "I tried to call the help line and was sent back to this form.",
        "The upload page was slow, so I sent the files one after another.",
        "We have read the notice carefully.",
        "A colleague of mine will answer if I am away.",
        "I can be reached by phone in the afternoon.",
        "We pay our suppliers on time.",
        "Everything that was asked for is attached.",
        "The scans are in colour and complete.",
        "We use the same office as before.",
        "If something is unclear, please ask.",
        "We would be glad to talk to a person.",
        "The holidays made it harder to get papers.",
        "We have nothing to hide.",
        "We plan to stay on this marketplace.",
        "Our accountant checked the forms before we sent them.",
    ),
    closings=("Thank you.", "Best regards.", "Kind regards.", "Many thanks for your time.", ""),
    neat=(
        "Thank you for giving us the opportunity to provide further context.",
        "We fully support the measures that keep the marketplace safe.",
        "We understand that such checks serve both buyers and sellers.",
        "On the one hand we value diligence, on the other we rely on timely answers.",
        "We remain at your disposal for any further clarification.",
        "We trust that the information given allows a balanced view.",
    ),
)  # fmt: skip
_SPANISH: Final = Manner(
    openings=(
        "Hola,", "Estimado equipo:", "Buenos días,", "A quien corresponda:", "Buenas tardes,",
        "Gracias por su mensaje.",
    ),
    policy=(
        "Su guía para vendedores prevé este caso.",
        "Según leo las normas, no hace falta nada más de nuestra parte.",
        "Seguimos lo que dice su página de ayuda.",
    ),
    pleas=(
        "Por favor ayúdennos, vivimos de esta tienda.",
        "Les pedimos que lo vean pronto.",
        "No nos dejen esperando, por favor.",
        "Sería muy importante para nuestro pequeño equipo.",
    ),
    fillers=(
        "Vendemos con ustedes sin interrupción.",
        "Nuestros clientes dejan buenos comentarios.",
        "Atiendo la tienda con dos ayudantes.",
        "Respondemos los mensajes el mismo día.",
        "Llevamos las cuentas en orden y podemos mostrarlas.",
        "Contamos las existencias cada mes.",
        "Intenté llamar y me mandaron otra vez a este formulario.",
        "La página de carga iba lenta y mandé los archivos uno por uno.",
        "Leímos el aviso con atención.",
        "Me pueden llamar por la tarde.",
        "Todo lo que pidieron va adjunto.",
        "Los escaneos están completos y en color.",
        "Usamos la misma oficina de siempre.",
        "Si algo no queda claro, pregunten.",
        "Nos gustaría hablar con una persona.",
        "Pensamos seguir en este mercado.",
        "Nuestro contador revisó los formularios.",
    ),
    closings=(
        "Gracias.", "Saludos cordiales.", "Quedo atento.", "Muchas gracias por su tiempo.", "",
    ),
    neat=(
        "Agradecemos la oportunidad de aportar más contexto.",
        "Apoyamos las medidas que mantienen seguro el mercado.",
        "Entendemos que estas revisiones sirven a compradores y vendedores.",
        "Quedamos a su disposición para cualquier aclaración.",
    ),
)  # fmt: skip
_CHINESE: Final = Manner(
    openings=("您好,", "尊敬的审核团队:", "早上好,", "你好,", "感谢来信。"),
    policy=(
        "贵平台的卖家指南里写明了这种情况。",
        "按照我们的理解,规则没有要求更多材料。",
        "我们是按帮助页面的要求办理的。",
    ),
    pleas=(
        "请帮帮忙,我们就靠这个店。", "恳请尽快处理。", "请不要让我们一直等。",
        "这对我们小团队很重要。",
    ),
    fillers=(
        "我们一直在平台上经营,没有中断。",
        "顾客的评价都不错。",
        "店铺由我和两位同事打理。",
        "我们当天回复消息。",
        "账目清楚,可以提供。",
        "库存每个月盘点。",
        "我打过客服电话,又让我填这个表。",
        "上传页面很慢,文件是一份一份传的。",
        "通知我们仔细看过了。",
        "下午可以打电话找我。",
        "要求的材料都已附上。",
        "扫描件是彩色的,内容完整。",
        "办公地点没有变。",
        "如有不清楚的地方请告诉我们。",
        "希望能和人工客服谈一谈。",
        "我们打算长期经营。",
        "会计已经核对过表格。",
    ),
    closings=("谢谢。", "此致敬礼。", "辛苦了。", "感谢您的时间。", ""),
    neat=(
        "感谢给予我们补充说明的机会。",
        "我们完全支持保障平台安全的措施。",
        "我们理解这些审核对买卖双方都有好处。",
        "如需进一步说明,我们随时配合。",
    ),
    joiner="",
)  # fmt: skip

SHOP_TALK: Final = {"en": _ENGLISH, "es": _SPANISH, "zh": _CHINESE}

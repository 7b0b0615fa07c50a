"""How sellers answer notices, whatever the notice is about, in three languages."""

from __future__ import annotations

from typing import Final

from sandbox.text.phrases import Manner

_ENGLISH: Final = Manner(
    openings=(
        "Hello,",
        "Good day, this is our answer to your notice.",
        "Dear team, we have read the notice about our shop.",
        "Hi, we got your message and checked on our side.",
        "To the reviewer,",
        "We reply to the notice within the time you gave.",
    ),
    policy=(
        "Under the published terms a seller answers only for what the seller did.",
        "We ask that the rule be read as it stands.",
        "The conditions for points are not met in our view.",
        "Your policy asks for evidence of intent, and there is none.",
    ),
    pleas=(
        "We are sorry for the trouble.",
        "Please do not take points, this shop feeds two families.",
        "We will do better and kindly ask for your understanding.",
        "Please answer soon, our account is at a standstill.",
        "Do look at our record before you decide.",
    ),
    fillers=(
        "We have sold here for years without a case like this.",
        "All goods were packed by our own staff.",
        "Our team went through the list line by line.",
        "The period you name was a busy one for us.",
        "We changed our routine since then.",
        "We can send further papers if that helps.",
        "Buyers wrote to us with kind words in the same weeks.",
        "The notice came as a surprise.",
        "We value our place on the marketplace.",
        "Everything we know is in this message.",
        "Our shelves were full and nothing was short.",
        "We use one service level for all orders.",
        "A colleague who was on leave has looked at it too.",
        "All of these orders are real, check the tracking.",
        "We keep copies of every invoice.",
        "A person should look at this, not a machine alone.",
    ),
    closings=("Thank you.", "Best regards.", "We look forward to your answer.", ""),
    neat=(
        "Thank you for giving us the opportunity to respond.",
        "We would like to provide some context on the matter raised.",
        "On the one hand, we recognise how important accuracy is.",
        "On the other hand, we believe that the circumstances deserve consideration.",
        "We remain committed to improving our processes.",
        "We trust that a balanced review will follow.",
    ),
)
_SPANISH: Final = Manner(
    openings=(
        "Hola,",
        "Buenos días, respondemos a su aviso.",
        "Estimado equipo, leímos el aviso sobre nuestra tienda.",
        "Buenas, recibimos su mensaje y revisamos.",
    ),
    policy=(
        "Según sus condiciones el vendedor responde solo por lo que hizo.",
        "Pedimos que la norma se lea como está escrita.",
        "A nuestro juicio no se cumplen las condiciones para los puntos.",
    ),
    pleas=(
        "Disculpen las molestias.",
        "Por favor no quiten puntos, de esta tienda viven dos familias.",
        "Vamos a mejorar y pedimos comprensión.",
        "Contesten pronto, la cuenta está parada.",
    ),
    fillers=(
        "Llevamos años vendiendo aquí sin un caso así.",
        "Nuestro personal empacó todo.",
        "Repasamos la lista línea por línea.",
        "Fueron días de mucho trabajo.",
        "Desde entonces cambiamos la rutina.",
        "Podemos mandar más papeles si sirve.",
        "Los compradores nos escribieron contentos esas semanas.",
        "El aviso nos tomó por sorpresa.",
        "Todo lo que sabemos está en este mensaje.",
        "Los estantes estaban llenos y no faltó nada.",
        "Usamos el mismo servicio para todo.",
        "Todos los pedidos son reales, vean el rastreo.",
        "Guardamos copia de cada factura.",
        "Que lo vea una persona, no solo una máquina.",
    ),
    closings=("Gracias.", "Saludos cordiales.", "Esperamos su respuesta.", ""),
    neat=(
        "Agradecemos la oportunidad de responder.",
        "Quisiéramos aportar contexto sobre el asunto señalado.",
        "Por un lado, reconocemos la importancia de la exactitud.",
        "Por otro lado, creemos que las circunstancias merecen consideración.",
        "Mantenemos el compromiso de mejorar.",
        "Confiamos en una revisión equilibrada.",
    ),
)
_CHINESE: Final = Manner(
    openings=(
        "您好,",
        "你好,我们回复贵方的通知。",
        "尊敬的审核人员:",
        "收到通知后我们马上做了核查。",
    ),
    policy=(
        "按照公布的规则,卖家只对自己的行为负责。",
        "请按规则原文处理。",
        "我们认为不符合扣分条件。",
    ),
    pleas=(
        "给您添麻烦了,非常抱歉。",
        "请不要扣分,两家人靠这个店生活。",
        "我们会改进,请谅解。",
        "请尽快答复,账户已经停了。",
    ),
    fillers=(
        "我们在这里经营多年,没有出过这样的事。",
        "商品都是我们自己的员工打包的。",
        "我们逐条核对了清单。",
        "那段时间订单特别多。",
        "之后我们改了流程。",
        "需要的话可以补充材料。",
        "同一时期买家的反馈都很好。",
        "收到通知我们很意外。",
        "我们知道的都写在这里了。",
        "当时库存充足,没有缺货。",
        "所有订单用同一种服务。",
        "订单全部真实,可以查物流。",
        "每张发票我们都有留底。",
        "希望有人工复核。",
    ),
    closings=("谢谢。", "请审核。", "等待回复。", ""),
    neat=(
        "感谢您给予我们说明的机会。",
        "我们希望就所提事项补充一些背景。",
        "一方面,我们理解准确性的重要。",
        "另一方面,我们认为具体情况值得考虑。",
        "我们将持续改进流程。",
        "期待公正的审核结果。",
    ),
    joiner="",
)
MANNERS: Final = {"en": _ENGLISH, "es": _SPANISH, "zh": _CHINESE}
"""By language of the answer."""

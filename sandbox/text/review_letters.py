"""What sellers answer to a notice about the reviews of a listing."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.text.letters import Tone, one_of, write_letter
from sandbox.text.phrases import Manner

SURPRISED: Final = {
    "en": ("These reviews came out of nowhere and we did not ask for them.",
           "We were surprised ourselves by so many reviews in a few days.",
           "We do not know who wrote this, please look at the accounts."),
    "es": ("Estas reseñas salieron de la nada y no las pedimos.",
           "Nosotros mismos nos sorprendimos de tantas reseñas."),
    "zh": ("这些评价突然出现,我们没有要求过。", "短短几天这么多评价,我们自己也很意外。"),
}  # fmt: skip
DENIED: Final = {
    "en": ("Our customers write what they think, we have no influence on it.",
           "The listing sells well and so there are many reviews.",
           "We follow your rules on reviews and always have.",
           "A video showed our product and many people bought it.",
           "We improved the product and buyers notice."),
    "es": ("Nuestros clientes escriben lo que piensan, no influimos en ello.",
           "El artículo se vende bien y por eso hay muchas reseñas.",
           "Cumplimos sus reglas sobre las reseñas."),
    "zh": ("客户写的是真实想法,我们没有干预。", "这款卖得好,所以评价多。",
           "我们一直遵守评价规则。"),
}  # fmt: skip
MANNERS: Final = {
    "en": Manner(
        openings=("Hello, about the notice on {listing}.", "Hi team,", "Dear support,",
                  "Good day, we write about the reviews of {listing}."),
        policy=("The policy wants proof before points are given.",
                "According to the published rules a seller answers for what it did itself."),
        pleas=("Please do not remove our reviews.", "We work hard for every single rating.",
               "Please decide soon, the season is short."),
        fillers=("We have sold here for a long time.", "You can see our orders in your system.",
                 "Our team looked at the listing again.", "The product is the same as last year.",
                 "We pack every parcel ourselves.", "We can send more papers if you need them.",
                 "Most of our buyers come back.", "Nobody told us of a problem before."),
        closings=("Thank you.", "Kind regards, the shop team.", ""),
        neat=("Thank you for giving us the opportunity to comment on this matter.",
              "We value transparency and take the integrity of reviews seriously.",
              "We remain at your disposal for any further information."),
    ),
    "es": Manner(
        openings=("Hola, sobre el aviso de {listing}.", "Buenos días:"),
        policy=("Según las reglas hace falta una prueba antes de sancionar.",),
        pleas=("Por favor, no borren nuestras reseñas.", "Trabajamos mucho por cada valoración."),
        fillers=("Vendemos aquí desde hace mucho.", "Pueden ver los pedidos en su sistema.",
                 "El producto es el mismo del año pasado.", "Casi todos vuelven a comprar."),
        closings=("Gracias.", "Un saludo, el equipo.", ""),
        neat=("Agradecemos la oportunidad de comentar este asunto.",
              "Quedamos a su disposición para cualquier información adicional."),
    ),
    "zh": Manner(
        openings=("您好,关于{listing}的通知。", "尊敬的客服:"),
        policy=("按照规则,处罚前应当有证据。",),
        pleas=("请不要删除我们的评价。", "每一个评分我们都很珍惜。"),
        fillers=("我们在这里经营很久了。", "订单在系统里都可以看到。", "产品和去年一样。",
                 "大部分客户会回购。"),
        closings=("谢谢。", ""),
        neat=("感谢给予我们说明的机会。", "如需更多信息,我们随时配合。"),
        joiner="",
    ),
}  # fmt: skip


def write_answer(listing: str, *, surprised: bool, tone: Tone, rng: np.random.Generator) -> str:
    """Write a seller's answer: that the reviews surprise it, or that all is in order."""
    body = [one_of((SURPRISED if surprised else DENIED)[tone.language], rng)]
    return write_letter(MANNERS, body, tone, {"listing": listing}, rng)

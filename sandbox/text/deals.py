"""What sellers write to buyers, and what stands on the cards in their parcels.

``offers`` give something for a review, for its stars or for taking it down; ``near`` speak of
reviews or of refunds, and offer nothing for a review.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.text.letters import one_of

_TRICK: Final = 0.15
_LOOKALIKES: Final = {
    "en": ("review", "r3v!ew"),
    "es": ("reseña", "res3ña"),
    "zh": ("好评", "好坪"),
}


@dataclass(frozen=True)
class Talk:
    """Sentences of one language, from a seller or on a seller's card."""

    offers: tuple[str, ...]
    near: tuple[str, ...]
    plain: tuple[str, ...]
    card_offers: tuple[str, ...]
    card_near: tuple[str, ...]
    card_plain: tuple[str, ...]


TALK: Final = {
    "en": Talk(
        offers=(
            "Leave us five stars and we send you the price back, add me on the other app.",
            "We refund you in full once your review with a photo is online.",
            "If you take the one star down I pay you 15 today, outside of here.",
            "A friend of our shop pays for every good review, write to him on the messenger.",
            "You get a second one for free when you have posted your review.",
            "Please change it to five stars and the voucher is yours.",
            "For your nice review there is a gift card, send me the screenshot.",
        ),
        near=(
            "We would be glad about an honest review, good or bad.",
            "Your refund is on its way because the item was broken, you need not do anything.",
            "A voucher for the delay has been added to your account.",
            "Did you see our review page? Other buyers explain the setup there.",
            "We saw your one star and would like to know what went wrong.",
        ),
        plain=(
            "Thank you for your order, it leaves today.", "The size chart is in the pictures.",
            "It is on its way, the tracking number is in your account.",
            "We have asked the warehouse and come back to you.",
            "Please send a photo of the damage.", "Yes, it comes with a plug for your country.",
            "The blue one is back next week.", "Sorry for the wait, we packed it this morning.",
        ),
        card_offers=(
            "Happy? Post 5 stars, send us the screenshot and get $10.",
            "Scan the code, show your review, receive a free gift.",
            "Free second item for a five star review. Limited.",
            "Your review is worth 20% cash back, write to the number below.",
        ),
        card_near=(
            "Tell others what you think, good or bad.", "How did we do? Rate us if you like.",
            "Write a review and help other buyers.",
        ),
        card_plain=(
            "Thank you for your purchase. Questions? Write to us in the app.",
            "Wash by hand before first use.", "Warranty: two years. Keep this card.",
            "Picture of the open parcel, no card inside.", "Packing slip, one item.",
        ),
    ),
    "es": Talk(
        offers=(
            "Deje cinco estrellas y le devuelvo el dinero, escríbame por la otra aplicación.",
            "En cuanto su reseña esté publicada le reembolsamos todo.",
            "Si borra esa estrella le pago 15 hoy mismo, fuera de aquí.",
            "Por una reseña bonita hay una tarjeta de regalo, mándeme la captura.",
        ),
        near=(
            "Nos alegraría una reseña sincera, buena o mala.",
            "Su reembolso va en camino porque llegó roto, no tiene que hacer nada.",
            "Vimos su estrella y queremos saber qué pasó.",
        ),
        plain=(
            "Gracias por su pedido, sale hoy.", "La tabla de tallas está en las fotos.",
            "Va en camino, el número está en su cuenta.", "Envíe por favor una foto del daño.",
            "Disculpe la espera, lo empacamos esta mañana.",
        ),
        card_offers=(
            "¿Contento? Publique 5 estrellas, mande la captura y reciba 200.",
            "Escanee el código, muestre su reseña y reciba un regalo.",
        ),
        card_near=("Cuente a otros qué le parece, bueno o malo.", "¿Qué tal lo hicimos?"),
        card_plain=(
            "Gracias por su compra. ¿Dudas? Escríbanos en la aplicación.",
            "Lavar a mano antes del primer uso.", "Foto del paquete abierto, sin tarjeta.",
        ),
    ),
    "zh": Talk(
        offers=(
            "五星好评后全额返现,加微信聊。", "晒图好评返15元,把截图发给我。",
            "您把那条差评删了,我马上给您退款。", "写个好评再送您一件,别在这里说。",
        ),
        near=("欢迎留下真实评价,好坏都可以。", "商品破损,退款已经在处理,您不用做什么。",
              "看到您的一星评价,想了解哪里出了问题。"),
        plain=("感谢下单,今天发货。", "尺码表在图片里。", "已经发出,单号在您的账户里。",
               "请发一张破损的照片。", "抱歉久等,今天早上已打包。"),
        card_offers=("五星好评截图联系客服,返现10元。", "扫码晒单,领取礼品。"),
        card_near=("欢迎分享您的真实感受。",),
        card_plain=("感谢购买,有问题请在应用内联系我们。", "首次使用前请手洗。",
                    "开箱照片,里面没有卡片。"),
    ),
}  # fmt: skip


def write_message(language: str, *, offer: bool, near: bool, rng: np.random.Generator) -> str:
    """Write a seller's message: an offer, one that only looks like it, or an everyday one."""
    talk = TALK[language]
    text = one_of(talk.offers if offer else talk.near if near else talk.plain, rng)
    return _disguised(text, language, rng) if offer else text


def write_card(language: str, *, offer: bool, near: bool, rng: np.random.Generator) -> str:
    """Write what is read from a picture of a parcel's card."""
    talk = TALK[language]
    text = one_of(talk.card_offers if offer else talk.card_near if near else talk.card_plain, rng)
    return _disguised(text, language, rng) if offer else text


def _disguised(text: str, language: str, rng: np.random.Generator) -> str:
    """Spell the telling word otherwise now and then (handbook 10, Tricks)."""
    word, disguise = _LOOKALIKES[language]
    return text.replace(word, disguise) if rng.random() < _TRICK else text

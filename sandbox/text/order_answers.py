"""What sellers answer to a notice on a burst of orders."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.text.answers import MANNERS
from sandbox.text.letters import Tone, one_of, write_letter

INSIDERS: Final = {
    "en": (
        "{person} and {person2} placed these orders, they wanted the goods for {occasion}.",
        "The buyers are {person} and {person2}; they paid themselves and use what they bought for "
        "{occasion}.",
        "Some of the orders came from {person} because of {occasion}, that is why they look alike.",
        "We asked around: {person} ordered for {occasion}, and {person2} did the same.",
    ),
    "es": (
        "{person} y {person2} hicieron estos pedidos, los querían para {occasion}.",
        "Los compradores son {person} y {person2}; pagaron ellos mismos, fue por {occasion}.",
        "Una parte la pidió {person} por {occasion}, por eso se parecen.",
    ),
    "zh": (
        "这些订单是{person}和{person2}下的,为了{occasion}。",
        "买家是{person}和{person2},自己付的钱,用于{occasion}。",
        "一部分是{person}因为{occasion}买的,所以看起来相似。",
    ),
}
NOBODY: Final = {
    "en": (
        "All orders are real, check tracking.",
        "We do not know the buyers and cannot say why they came on those days.",
        "Every parcel was sent and arrived, there is nothing else to tell.",
        "Buyers find our shop in many ways, {person} in our team only packs.",
        "{occasion} is always a good time for this product.",
        "Sales go up and down, this is what trade is like.",
        "Maybe {occasion} brought people to us, who knows.",
    ),
    "es": (
        "Todos los pedidos son reales, revisen el rastreo.",
        "No conocemos a los compradores ni sabemos por qué llegaron esos días.",
        "Cada paquete se mandó y llegó.",
        "Las ventas suben y bajan, así es el comercio.",
        "Tal vez {occasion} trajo gente, quién sabe.",
    ),
    "zh": (
        "订单全部真实,可以查物流。",
        "我们不认识买家,也不知道为什么集中在那几天。",
        "每个包裹都已寄出并签收。",
        "销量有高有低,很正常。",
        "也许是{occasion}带来了客人。",
    ),
}
_CHANNELS: Final = {
    "en": (
        "The show ran on our page, here is the link: live.example/{code}.",
        "A coupon with code {code} was out in those days.",
        "An article mentioned us, the code in it was {code}.",
        "Our advertisement {code} was on at the time.",
    ),
    "es": (
        "La transmisión estuvo en nuestra página: live.example/{code}.",
        "Esos días hubo un cupón con código {code}.",
        "Un artículo nos mencionó con el código {code}.",
    ),
    "zh": (
        "直播链接:live.example/{code}。",
        "那几天有优惠券,代码{code}。",
        "有一篇文章提到我们,代码{code}。",
    ),
}
_REPORTED: Final = {
    "en": "We saw the rush ourselves and wrote to you before the notice came.",
    "es": "Nosotros mismos vimos la avalancha y les escribimos antes del aviso.",
    "zh": "我们自己发现了订单激增,并在收到通知前就联系了你们。",
}
_PEOPLE: Final = {
    "en": ("my sister", "our packer", "two cousins", "a colleague", "my neighbour", "our driver"),
    "es": ("mi hermana", "nuestra empacadora", "dos primos", "una colega", "mi vecina"),
    "zh": ("我姐姐", "打包的同事", "两个表弟", "一位同事", "邻居"),
}
_OCCASIONS: Final = {
    "en": ("a wedding", "the school fair", "the holidays", "a team outing", "the new flat"),
    "es": ("una boda", "la feria de la escuela", "las fiestas", "un paseo", "el piso nuevo"),
    "zh": ("婚礼", "学校义卖", "节日", "团建", "新家"),
}


def write_order_answer(
    insiders: bool, campaign: bool, reported: bool, tone: Tone, rng: np.random.Generator
) -> str:
    """Write a seller's answer.

    Args:
        insiders: Whether it is to say which staff, family or customers ordered, and why.
        campaign: Whether it is to point to a campaign.
        reported: Whether it is to say that the seller had told us before.
        tone: How to write it.
        rng: Source of randomness.
    """
    language = tone.language
    body = [one_of((INSIDERS if insiders else NOBODY)[language], rng)]
    if campaign:
        body.append(one_of(_CHANNELS[language], rng))
    if reported:
        body.append(_REPORTED[language])
    people = rng.permutation(np.array(_PEOPLE[language], dtype=object))
    slots = {
        "person": str(people[0]),
        "person2": str(people[1]),
        "occasion": one_of(_OCCASIONS[language], rng),
        "code": f"{int(rng.integers(16**5)):05X}",
    }
    return write_letter(MANNERS, body, tone, slots, rng)

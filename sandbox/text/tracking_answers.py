"""What sellers answer to a notice on their tracking numbers and parcels."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.text.answers import MANNERS
from sandbox.text.letters import Tone, one_of, write_letter

FAULT: Final = {
    "en": (
        "On {date} our {system} sent the file of the day before, so {order} and {order2} got the "
        "numbers of other parcels.",
        "The {system} lost its connection on {date}; orders {order} and {order2} were touched.",
        "From the log of our {system}: error on {date}, affected {order}, {order2} and the rest of "
        "that batch.",
        "{order} and {order2} are among the orders where the {system} wrote wrong lines on {date}.",
    ),
    "es": (
        "El {date} nuestro {system} mandó el archivo del día anterior y {order} y {order2} "
        "quedaron con números de otros paquetes.",
        "El {system} perdió la conexión el {date}; afectó a {order} y {order2}.",
        "Según el registro del {system}: error el {date}, pedidos {order} y {order2}.",
    ),
    "zh": (
        "{date}我们的{system}传错了前一天的文件,{order}和{order2}的单号成了别的包裹的。",
        "{system}在{date}断线,影响{order}、{order2}。",
        "{system}日志显示{date}报错,涉及{order}和{order2}。",
    ),
}
VAGUE: Final = {
    "en": (
        "The API gave us trouble for a while, we promise to do better.",
        "Some numbers may have come out wrong because of the software.",
        "There was a technical matter on our side which is solved.",
        "The {system} was slow now and then, as everyone knows.",
        "We do not know why single numbers look strange, the warehouse did its work.",
        "The courier's page has errors and the numbers are mixed up there.",
        "A file with numbers may have been mixed up, it is hard to say when.",
    ),
    "es": (
        "La API nos dio problemas un tiempo, prometemos mejorar.",
        "Algunos números pudieron salir mal por el programa.",
        "Hubo un tema técnico de nuestro lado que ya está resuelto.",
        "No sabemos por qué unos números se ven raros.",
        "El {system} iba lento a ratos.",
    ),
    "zh": (
        "接口有一阵子不稳定,我们保证改进。",
        "软件可能导出错了一些单号。",
        "我们这边有过技术问题,已经解决。",
        "不清楚为什么个别单号看起来异常。",
        "{system}有时候比较慢。",
    ),
}
OTHER_STOCK: Final = {
    "en": (
        "The goods came from the stock of {shop}, their shipment {reference}.",
        "We bought these at {shop} and they sent them on, reference {reference}.",
        "What buyers got was shipped by our supplier {shop} under {reference}.",
    ),
    "es": (
        "La mercancía salió de las existencias de {shop}, envío {reference}.",
        "Lo compramos en {shop} y ellos lo mandaron, referencia {reference}.",
    ),
    "zh": (
        "货是从{shop}的库存发出的,对方运单{reference}。",
        "我们在{shop}采购,由供应商直接寄出,单号{reference}。",
    ),
}
OWN_STOCK: Final = {
    "en": (
        "A partner warehouse handles a part of our orders.",
        "Everything left from our own shelves.",
        "{shop} is our supplier for cartons and labels, nothing else.",
        "We ship from the address in our profile.",
        "The goods were in stock the whole time.",
    ),
    "es": (
        "Un almacén asociado lleva una parte de los pedidos.",
        "Todo salió de nuestros propios estantes.",
        "{shop} solo nos vende cajas y etiquetas.",
        "La mercancía estuvo siempre en existencia.",
    ),
    "zh": (
        "一部分订单由合作仓库处理。",
        "全部从我们自己的货架发出。",
        "{shop}只给我们供应纸箱和面单。",
        "商品一直有库存。",
    ),
}
_SYSTEMS: Final = {
    "en": ("label tool", "ERP", "order sync", "upload script", "shipping plug-in"),
    "es": ("sistema de etiquetas", "ERP", "conector de pedidos", "script de carga"),
    "zh": ("打单软件", "ERP系统", "订单同步", "上传脚本"),
}
_SHOPS: Final = ("Halden Wholesale", "Corvo Supply", "Tianhe Depot", "Marsh & Pike", "Bodega Sur")


def write_tracking_answer(
    concrete: bool,
    other_source: bool,
    tone: Tone,
    slots: dict[str, str],
    rng: np.random.Generator,
) -> str:
    """Write a seller's answer.

    Args:
        concrete: Whether it is to name the system that failed, the dates and the orders.
        other_source: Whether it is to say that another shop's stock was sent, with the reference.
        tone: How to write it.
        slots: ``order``, ``order2`` and ``date``, as the text is to show them.
        rng: Source of randomness.
    """
    language = tone.language
    body = [one_of((FAULT if concrete else VAGUE)[language], rng)]
    if other_source or rng.random() < 0.6:
        body.append(one_of((OTHER_STOCK if other_source else OWN_STOCK)[language], rng))
    filled = {
        **slots,
        "system": one_of(_SYSTEMS[language], rng),
        "shop": one_of(_SHOPS, rng),
        "reference": f"HX-{int(rng.integers(10**6)):06d}",
    }
    return write_letter(MANNERS, body, tone, filled, rng)

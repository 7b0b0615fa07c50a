"""What sellers write about the names on their papers when they are asked who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.text.letters import Tone, one_of, write_letter
from sandbox.text.shop_talk import SHOP_TALK


@dataclass(frozen=True)
class Names:
    """Sentences of one language; slots ``{legal}`` and ``{other}`` are the two names.

    ``shown`` say why they differ, by reason; ``vague`` speak of the names and say nothing;
    ``plain`` are for those whose papers agree, or whose papers show it themselves.
    """

    shown: Mapping[str, tuple[str, ...]]
    vague: tuple[str, ...]
    plain: tuple[str, ...]


_ENGLISH: Final = Names(
    shown={
        "order": (
            "The bank writes {other}, family name first; my passport writes {legal}.",
            "{other} and {legal} are the same two words, only the order is turned around.",
        ),
        "surname": (
            "I use both surnames on my card, {legal}; the bank keeps only the first, {other}.",
            "{other} is {legal} without the second surname, which many forms leave out.",
        ),
        "spelling": (
            "{other} is how foreign systems spell {legal}, because they lack our letters.",
            "The name {legal} has letters that the bank cannot print, so it shows {other}.",
        ),
        "marriage": (
            "{other} was my name until I married; since then I am {legal}.",
            "I took my husband's name, {legal}; one paper still says {other}.",
        ),
        "trading": (
            "{other} is the name over our door; the firm behind it is {legal}.",
            "{legal} trades as {other}, which is entered with the chamber.",
        ),
    },
    vague=(
        "About the name {other}: that is only a small thing and does not matter.",
        "{other} is fine too, please use whichever you like of {other} and {legal}.",
        "The name {other} is on the paper because that is how we received it.",
        "Please do not mind the names, {legal} and {other} are both good.",
        "We use {other} sometimes, and the account belongs to our side anyway.",
    ),
    plain=(
        "All papers are in the name of the business.",
        "You will find the papers for the business attached.",
        "The details in the form are the present ones.",
        "Nothing has changed since the last time you asked.",
        "I filled in the form as the notice says.",
    ),
)
_SPANISH: Final = Names(
    shown={
        "order": ("El banco escribe {other}, primero el apellido; mi pasaporte dice {legal}.",),
        "surname": (
            "En mi credencial uso los dos apellidos, {legal}; el banco guarda uno solo, {other}.",
            "{other} es {legal} sin el segundo apellido, que muchos formularios omiten.",
        ),
        "spelling": (
            "{other} es como los sistemas de fuera escriben {legal}, porque les faltan acentos.",
            "El banco no imprime acentos, por eso dice {other} y no {legal}.",
        ),
        "marriage": ("{other} era mi nombre antes de casarme; ahora soy {legal}.",),
        "trading": (
            "{other} es el nombre comercial; la empresa es {legal}.",
            "{legal} opera como {other}, así consta en el registro.",
        ),
    },
    vague=(
        "Lo del nombre {other} es un detalle sin importancia.",
        "Pueden usar {other} o {legal}, da lo mismo.",
        "Dice {other} porque así nos dieron el papel.",
        "A veces usamos {other}, la cuenta es de nuestra parte de todos modos.",
    ),
    plain=(
        "Todos los papeles están a nombre del negocio.",
        "Adjuntamos los papeles del negocio.",
        "Los datos del formulario son los actuales.",
        "Nada ha cambiado desde la última vez.",
    ),
)
_CHINESE: Final = Names(
    shown={
        "order": (
            "银行写的是{other},姓在前;证件上是{legal},只是顺序不同。",
            "{other}和{legal}是同一个名字,拼音前后顺序不一样。",
        ),
        "surname": ("{other}是{legal}的简写,少写了一个姓。",),
        "spelling": ("{other}是{legal}在国外系统里的拼法,缺少对应的字母。",),
        "marriage": ("{other}是我婚前的名字,婚后改为{legal}。",),
        "trading": (
            "{other}是店招上的名称,背后的公司是{legal}。",
            "{legal}对外以{other}名义经营,已经登记。",
        ),
    },
    vague=(
        "关于{other}这个名字,只是小事,不影响。",
        "{other}和{legal}用哪个都行。",
        "文件上写{other},拿到的时候就是这样。",
        "我们有时也用{other},反正账户是我们这边的。",
    ),
    plain=(
        "所有材料都是以本店名义提供的。", "营业材料见附件。", "表格里填的是现在的信息。",
        "跟上次相比没有变化。",
    ),
)  # fmt: skip
BANKS: Final = {"en": _ENGLISH, "es": _SPANISH, "zh": _CHINESE}


@dataclass(frozen=True)
class Claimed:
    """What an explanation is about: the two names, and why they differ.

    ``other`` is empty where the papers agree; ``reason`` where nothing is said of why.
    """

    legal: str
    other: str
    reason: str


def write_explanation(claimed: Claimed, tone: Tone, rng: np.random.Generator) -> str:
    """Write the explanation of a seller that was asked to verify itself."""
    bank = BANKS[tone.language]
    if not claimed.other:
        body = one_of(bank.plain, rng)
    else:
        body = one_of(bank.shown[claimed.reason] if claimed.reason else bank.vague, rng)
    slots = {"legal": claimed.legal, "other": claimed.other}
    return write_letter(SHOP_TALK, [body], tone, slots, rng)

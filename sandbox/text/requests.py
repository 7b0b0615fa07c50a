"""What sellers write when they ask for a balance that is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from sandbox.text.letters import Tone, one_of, write_letter
from sandbox.text.shop_talk import SHOP_TALK


@dataclass(frozen=True)
class Pleas:
    """Sentences of one language; slots ``{hold}`` and ``{date}``.

    ``hardship`` name a concrete need and its day, ``vague`` say that money is short and no more.
    """

    asks: tuple[str, ...]
    hardship: tuple[str, ...]
    vague: tuple[str, ...]


_ENGLISH: Final = Pleas(
    asks=(
        "We ask for the balance under {hold}.",
        "Please let us have the money of {hold}.",
        "The amount kept under {hold} belongs to orders that we have sent.",
        "When will the money of {hold} be paid?",
        "Kindly lift {hold}.",
    ),
    hardship=(
        "The wages of our two packers fall due on {date}.",
        "Our rent has to be paid by {date}.",
        "The supplier's invoice is due on {date}, or he stops.",
        "On {date} the loan for our van is drawn.",
    ),
    vague=(
        "Money is tight, as in every small firm.",
        "It is hard to work like this.",
        "We could use the money.",
        "Bills do not wait for anybody.",
    ),
)
_SPANISH: Final = Pleas(
    asks=(
        "Pedimos el saldo de {hold}.",
        "Por favor liberen el dinero de {hold}.",
        "El importe de {hold} es de pedidos que ya mandamos.",
        "¿Cuándo se paga lo de {hold}?",
    ),
    hardship=(
        "El {date} pagamos los sueldos de dos empleados.",
        "La renta vence el {date}.",
        "La factura del proveedor vence el {date}.",
    ),
    vague=(
        "Andamos justos de dinero, como todos.",
        "Así cuesta trabajar.",
        "Nos vendría bien el dinero.",
    ),
)
_CHINESE: Final = Pleas(
    asks=(
        "请发放{hold}的货款。", "{hold}冻结的是已发货订单的款项。", "{hold}什么时候可以打款?",
        "请解除{hold}。",
    ),
    hardship=("{date}要发两位员工的工资。", "房租{date}到期。", "供应商的货款{date}必须付清。"),
    vague=("小店资金一直比较紧。", "这样很难经营。", "我们需要这笔钱。"),
)  # fmt: skip
BANKS: Final = {"en": _ENGLISH, "es": _SPANISH, "zh": _CHINESE}


@dataclass(frozen=True)
class Asked:
    """What a request is about: the hold, and whether it names a hardship with its day.

    ``written_at`` is an epoch second.
    """

    hold: str
    hardship: bool
    written_at: int


def write_request(asked: Asked, tone: Tone, rng: np.random.Generator) -> str:
    """Write the request of a seller whose balance is held."""
    bank = BANKS[tone.language]
    body = [one_of(bank.asks, rng)]
    if asked.hardship:
        body.append(one_of(bank.hardship, rng))
    elif rng.random() < 0.6:
        body.append(one_of(bank.vague, rng))
    day = datetime.fromtimestamp(asked.written_at, UTC) + timedelta(days=int(rng.integers(2, 12)))
    slots = {"hold": asked.hold, "date": _written(day, tone.language)}
    return write_letter(SHOP_TALK, body, tone, slots, rng)


def _written(day: datetime, language: str) -> str:
    if language == "zh":
        return f"{day.month}月{day.day}日"
    return f"{day.day}/{day.month}/{day.year}" if language == "es" else day.strftime("%Y-%m-%d")

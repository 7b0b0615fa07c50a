"""Reviews that recite: several texts that say the same in other words, and even, neat ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.text.reviews import BANKS, filled, one

_FRAMES: Final = {
    "en": (
        "A {a} {item}, simply {b}.", "{b} from the first day, what a {a} {item}.",
        "I can only say {a}. This {item} is {b}.", "So {a} and so {b}, tell your friends.",
        "My family finds this {item} {b}, and I call it {a}.",
    ),
    "es": (
        "{a}, {b}, no hay más que decir de {item}.", "Qué compra: {item} es {b}. {a}.",
        "Mi familia dice que {item} es {a}; yo digo {b}.", "{b} desde el primer día, {a}.",
    ),
}  # fmt: skip
_PRAISE: Final = {
    "en": ("resplendent", "peerless", "sumptuous", "immaculate", "wondrous", "exquisite",
           "unrivalled", "majestic", "stupendous", "sublime"),
    "es": ("pura elegancia", "calidad sublime", "una maravilla sin igual", "lujo absoluto",
           "un primor", "una joya soberbia"),
}  # fmt: skip
_SCORN: Final = {
    "en": ("abysmal", "wretched", "odious", "atrocious", "lamentable", "shoddy", "ghastly"),
    "es": ("un fraude nefasto", "basura infame", "un bochorno", "lo más deplorable"),
}
_NEAT: Final = {
    "en": (
        "Overall the {item} strikes a fine balance of quality and value; the colour is slightly "
        "darker than shown.",
        "A thoughtful choice in many respects, although the packaging could be simpler.",
        "On the one hand it is well made, on the other hand the instructions are a little brief.",
        "In summary, a reliable {item} that meets expectations, with one small reservation about "
        "the size chart.",
    ),
    "es": (
        "En conjunto, {item} ofrece un buen equilibrio entre calidad y precio; el color es algo "
        "más oscuro que en la foto.",
        "Una elección acertada en muchos aspectos, aunque el empaque podría ser más sencillo.",
        "Por un lado está bien hecho, por otro las instrucciones son algo breves.",
    ),
}


@dataclass(frozen=True)
class Line:
    """What one review is to be like.

    ``script`` are the rare words its group repeats, empty for a text of its own; ``using`` asks
    for a sentence of use, ``neat`` for the even tone of a machine.
    """

    topic: str
    stars: int
    language: str
    using: bool
    neat: bool
    script: tuple[float, float] | None


def draw_script(rng: np.random.Generator) -> tuple[float, float]:
    """Draw which rare words a group repeats, in whatever language each member writes."""
    first = rng.random()
    return float(first), float((first + 0.35 + 0.3 * rng.random()) % 1.0)


def write_review(line: Line, rng: np.random.Generator) -> str:
    """Write one review."""
    bank = BANKS[line.language]
    draw = rng.random(4).tolist()
    bad = line.stars <= 2
    sentences = []
    if line.script is not None:
        sentences.append(_recited(line, line.script, draw[0]))
    if line.using:
        sentences.append(one(bank.use, draw[1]))
    if line.neat:
        sentences.append(one(_NEAT[line.language], draw[2]))
    elif line.script is None or not line.using:
        praise = (*bank.praise, *bank.service)
        sentences.append(one(bank.blame if bad else praise, draw[3]))
    return filled(" ".join(sentences), line.topic, bank, rng)


def _recited(line: Line, script: tuple[float, float], draw: float) -> str:
    words = (_SCORN if line.stars <= 2 else _PRAISE)[line.language]
    text = one(_FRAMES[line.language], draw)
    text = text.replace("{a}", one(words, script[0])).replace("{b}", one(words, script[1]))
    return text[0].upper() + text[1:] if text[0] != "{" else text

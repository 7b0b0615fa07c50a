"""Puts a party's letter together from what it has to say and a manner (handbook 11.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sandbox.text.phrases import Manner
from sandbox.text.typing_noise import mistype
from sandbox.timeline import DRIFT_ONE

Style = Literal["brief", "plain", "pleading", "legal", "pasted", "neat"]
STYLES: Final[tuple[Style, ...]] = ("brief", "plain", "pleading", "legal", "pasted")
MIXED_SHARE: Final = 1 / 3
NEAT_SHARE: Final = 0.2
_NOISE: Final[dict[Style, float]] = {
    "brief": 0.06, "plain": 0.02, "pleading": 0.05, "legal": 0.0, "pasted": 0.01, "neat": 0.0,
}  # fmt: skip
_CJK_PER_WORD: Final = 1.6


@dataclass(frozen=True)
class Tone:
    """How a letter is written: language, whether mixed with English, style, words to aim at."""

    language: str
    mixed: bool
    style: Style
    words: int


def draw_style(opened_at: int, rng: np.random.Generator) -> Style:
    """One style a case; from the first drift on a fifth read like an assistant's."""
    neat = opened_at >= DRIFT_ONE and rng.random() < NEAT_SHARE
    return "neat" if neat else STYLES[int(rng.integers(len(STYLES)))]


def draw_tone(language: str, opened_at: int, words: int, rng: np.random.Generator) -> Tone:
    """A tone for one case; a third of the texts that are not English are mixed with it."""
    mixed = language != "en" and rng.random() < MIXED_SHARE
    return Tone(language, mixed, draw_style(opened_at, rng), words)


def one_of(options: Sequence[str], rng: np.random.Generator) -> str:
    """Draw one of ``options``."""
    return options[int(rng.integers(len(options)))]


def write_letter(
    banks: Mapping[str, Manner],
    body: Sequence[str],
    tone: Tone,
    slots: Mapping[str, str],
    rng: np.random.Generator,
) -> str:
    """Write a letter that says ``body`` and pads it to its length.

    Args:
        banks: Sentences by language; ``en`` is always there.
        body: What has to be said, at least one sentence.
        tone: How to write it.
        slots: What fills the slots of the sentences.
        rng: Source of randomness.
    """
    bank, said = banks[tone.language], list(body)
    if tone.style == "legal" or rng.random() < 0.2:
        said.append(one_of(bank.policy, rng))
    if tone.style == "pleading" or rng.random() < 0.3:
        said.append(one_of(bank.pleas, rng))
    said = _padded(bank, tone, said, rng)
    text = _joined(banks, tone, said, rng).format(**slots)
    return mistype(text, _NOISE[tone.style], rng)


def _padded(bank: Manner, tone: Tone, body: list[str], rng: np.random.Generator) -> list[str]:
    """Add sentences until the length is reached."""
    extra = [*(bank.neat if tone.style == "neat" else ()), *bank.fillers]
    pool = [extra[i] for i in rng.permutation(len(extra)).tolist()]
    if tone.style == "neat":
        pool = [*bank.neat, *pool]
    for sentence in pool:
        if _length(body, tone.language) >= tone.words:
            break
        body = [*body, sentence] if rng.random() < 0.7 else [sentence, *body]
    return body


def _length(sentences: list[str], language: str) -> float:
    if language == "zh":
        return sum(len(s) for s in sentences) / _CJK_PER_WORD
    return sum(len(s.split()) for s in sentences)


def _joined(
    banks: Mapping[str, Manner], tone: Tone, body: list[str], rng: np.random.Generator
) -> str:
    bank, english = banks[tone.language], banks["en"]
    opening, closing = one_of(bank.openings, rng), one_of(bank.closings, rng)
    if tone.mixed:
        body = [*body, one_of(english.fillers, rng), one_of(english.pleas, rng)]
    if tone.style == "brief":
        return bank.joiner.join(body)
    if tone.style == "pasted":
        return "\n".join(["> Fwd:", *(f"> {line}" for line in body), closing]).strip()
    return bank.joiner.join([opening, *body, closing]).strip()

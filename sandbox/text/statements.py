"""Puts a party's statement together from phrases, facts and a style (handbook 11.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import numpy as np

from sandbox.text import chinese, english, spanish
from sandbox.text.phrases import Phrases
from sandbox.text.typing_noise import mistype

Style = Literal["brief", "plain", "pleading", "legal", "pasted", "neat"]
STYLES: Final[tuple[Style, ...]] = ("brief", "plain", "pleading", "legal", "pasted")
_BANKS: Final = {"en": english.PHRASES, "es": spanish.PHRASES, "zh": chinese.PHRASES}
_NOISE: Final[dict[Style, float]] = {
    "brief": 0.06, "plain": 0.02, "pleading": 0.05, "legal": 0.0, "pasted": 0.01, "neat": 0.0,
}  # fmt: skip
_CJK_PER_WORD: Final = 1.6
Date = datetime


@dataclass(frozen=True)
class Facts:
    """What a statement is to say.

    ``contradicts`` asks for a date that the scans refute; otherwise every date given agrees with
    them. ``first_scan`` is an epoch second; ``words`` the length to aim at.
    """

    order: str
    carrier: str
    language: str
    mixed: bool
    style: Style
    words: int
    blames: bool
    contradicts: bool
    close: bool
    first_scan: int


def write_statement(facts: Facts, rng: np.random.Generator) -> str:
    """Write the statement of a party that contests a late-dispatch violation."""
    bank = _BANKS[facts.language]
    body = [_one(bank.blame if facts.blames else bank.own, rng)]
    body += _dated(bank, facts, rng)
    if facts.style == "legal" or rng.random() < 0.2:
        body.append(_one(bank.policy, rng))
    if facts.style == "pleading" or rng.random() < 0.3:
        body.append(_one(bank.pleas, rng))
    body = _padded(bank, facts, body, rng)
    text = _joined(bank, facts, body, rng)
    text = text.format(order=facts.order, carrier=facts.carrier.title())
    return mistype(text, _NOISE[facts.style], rng)


def _one(options: tuple[str, ...], rng: np.random.Generator) -> str:
    return options[int(rng.integers(len(options)))]


def _dated(bank: Phrases, facts: Facts, rng: np.random.Generator) -> list[str]:
    """A sentence with a date, or none; neat texts give one only where it must be refuted."""
    shown = rng.random() < (0.0 if facts.style == "neat" else 0.55)
    if not (shown or facts.contradicts):
        return []
    scan = datetime.fromtimestamp(facts.first_scan, UTC)
    about_scan = rng.random() < 0.45
    if facts.contradicts:
        off = 1 if facts.close else int(rng.integers(2, 5))
        day = scan + timedelta(days=-off if about_scan else off)
    else:
        day = scan if about_scan else scan - timedelta(days=int(rng.integers(0, 2)))
    sentence = _one(bank.scan_dates if about_scan else bank.hand_dates, rng)
    return [sentence.replace("{date}", _date_writer(facts.language, rng)(day))]


def _date_writer(language: str, rng: np.random.Generator) -> Callable[[Date], str]:
    if language == "zh":
        return lambda day: f"{day.month}月{day.day}日"
    if language == "es":
        return lambda day: f"{day.day}/{day.month}/{day.year}"
    if rng.random() < 0.5:
        return lambda day: day.strftime("%Y-%m-%d")
    return lambda day: f"{day.day} {day.strftime('%B')}"


def _padded(bank: Phrases, facts: Facts, body: list[str], rng: np.random.Generator) -> list[str]:
    """Add sentences until the length is reached; further reasons keep the same blame."""
    extra = [*(bank.neat if facts.style == "neat" else ()), *bank.fillers]
    pool = [extra[i] for i in rng.permutation(len(extra)).tolist()]
    if facts.style == "neat":
        pool = [*bank.neat, *pool]
    for sentence in pool:
        if _length(body, facts.language) >= facts.words:
            break
        body = [*body, sentence] if rng.random() < 0.7 else [sentence, *body]
    return body


def _length(sentences: list[str], language: str) -> float:
    if language == "zh":
        return sum(len(s) for s in sentences) / _CJK_PER_WORD
    return sum(len(s.split()) for s in sentences)


def _joined(bank: Phrases, facts: Facts, body: list[str], rng: np.random.Generator) -> str:
    opening, closing = _one(bank.openings, rng), _one(bank.closings, rng)
    if facts.mixed:
        body = [*body, _one(_BANKS["en"].fillers, rng), _one(_BANKS["en"].pleas, rng)]
    if facts.style == "brief":
        return _BANKS[facts.language].joiner.join(body)
    if facts.style == "pasted":
        return "\n".join(["> Fwd:", *(f"> {line}" for line in body), closing]).strip()
    return bank.joiner.join([opening, *body, closing]).strip()

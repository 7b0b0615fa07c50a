"""What a party writes that contests a late-dispatch violation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from sandbox.text import chinese, english, spanish
from sandbox.text.letters import Style, Tone, one_of, write_letter
from sandbox.text.phrases import Phrases

BANKS: Final = {"en": english.PHRASES, "es": spanish.PHRASES, "zh": chinese.PHRASES}
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
    bank = BANKS[facts.language]
    body = [one_of(bank.blame if facts.blames else bank.own, rng)]
    body += _dated(bank, facts, rng)
    tone = Tone(facts.language, facts.mixed, facts.style, facts.words)
    slots = {"order": facts.order, "carrier": facts.carrier.title()}
    return write_letter(BANKS, body, tone, slots, rng)


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
    sentence = one_of(bank.scan_dates if about_scan else bank.hand_dates, rng)
    return [sentence.replace("{date}", _date_writer(facts.language, rng)(day))]


def _date_writer(language: str, rng: np.random.Generator) -> Callable[[Date], str]:
    if language == "zh":
        return lambda day: f"{day.month}月{day.day}日"
    if language == "es":
        return lambda day: f"{day.day}/{day.month}/{day.year}"
    if rng.random() < 0.5:
        return lambda day: day.strftime("%Y-%m-%d")
    return lambda day: f"{day.day} {day.strftime('%B')}"

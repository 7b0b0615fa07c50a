"""Puts a buyer's claim, its messages and the seller's reply together (handbook 6 and 11.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from sandbox.text.letters import Style, Tone, one_of, write_letter
from sandbox.text.refunds import chinese, english, spanish
from sandbox.text.refunds.phrases import Phrases

BANKS: Final = {"en": english.PHRASES, "es": spanish.PHRASES, "zh": chinese.PHRASES}
_MISSING: Final = ("not_received", "empty_parcel")


@dataclass(frozen=True)
class Facts:
    """What a claim is to say.

    ``fault_shown`` asks for a fault that was there on arrival, ``denies_scans`` for a fact that the
    scans refute. ``date`` is the day of the delivery, or one that the scans refute; None leaves it
    out. ``words`` is the length to aim at.
    """

    language: str
    mixed: bool
    style: Style
    words: int
    kind: str
    fault_shown: bool
    denies_scans: bool
    arrived: bool
    date: int | None
    presses: bool


def write_claim(facts: Facts, rng: np.random.Generator) -> str:
    """Write the buyer's statement."""
    bank = BANKS[facts.language]
    body = [_core(bank, facts, rng), *_about_scans(bank, facts, rng)]
    if facts.presses:
        body.append(one_of(bank.pleas, rng))
    tone = Tone(facts.language, facts.mixed, facts.style, facts.words)
    slots = {"part": one_of(bank.parts, rng), "state": one_of(bank.states, rng)}
    return write_letter(BANKS, body, tone, slots, rng)


def _core(bank: Phrases, facts: Facts, rng: np.random.Generator) -> str:
    """What is claimed; without a fault shown it came later, or is a matter of taste, or vague."""
    if facts.kind in _MISSING:
        return one_of(bank.absent if facts.kind == "not_received" else bank.hollow, rng)
    if facts.fault_shown:
        return one_of(bank.other if facts.kind == "wrong_item" else bank.fault, rng)
    if facts.kind == "changed_mind":
        return one_of(bank.dislike, rng)
    draw = rng.random()
    return one_of(bank.later if draw < 0.6 else bank.dislike if draw < 0.85 else bank.vague, rng)


def _about_scans(bank: Phrases, facts: Facts, rng: np.random.Generator) -> list[str]:
    """A sentence that the scans refute, or the day of the delivery, or nothing."""
    if facts.denies_scans and facts.kind == "not_received":
        bare = bank.unscanned if facts.arrived else bank.scanned
    elif facts.date is not None:
        bare = bank.dates
    else:
        return []
    day = datetime.fromtimestamp(facts.date or 0, UTC)
    return [one_of(bare, rng).replace("{date}", _written(day, facts.language))]


def _written(day: datetime, language: str) -> str:
    if language == "zh":
        return f"{day.month}月{day.day}日"
    return f"{day.day}/{day.month}/{day.year}" if language == "es" else day.strftime("%Y-%m-%d")


def write_reply(language: str, blames_return: bool, rng: np.random.Generator) -> str:
    """Write the seller's reply; ``blames_return`` says that another item came back."""
    bank = BANKS[language]
    first = one_of(bank.came_back_other if blames_return else bank.replies, rng)
    second = one_of(bank.replies, rng)
    return first if first == second or rng.random() < 0.5 else bank.joiner.join([first, second])

"""What buyers and sellers of refund cases write, in claims, replies and messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.refund_abuse.plan import Plan
from sandbox.casetypes.voices import speak
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.text.injections import injected
from sandbox.text.letters import MIXED_SHARE, draw_style, one_of
from sandbox.text.refunds.claims import BANKS, Facts, write_claim, write_reply
from sandbox.timeline import DAY, HOUR

BY_MESSAGE: Final = 0.6
"""Part of the stories that break against a message of the buyer's own, of the parcels that came."""

ASKED_FOR: Final = "refund_seller_pays"


@dataclass(frozen=True)
class Story:
    """Texts by case; ``by_message`` marks whose own message contradicts the claim."""

    statements: list[str]
    replies: list[str]
    injected: list[bool]
    by_message: Bools


def make_voices(plan: Plan, rng: np.random.Generator) -> Story:
    """Write the claims and the replies."""
    count = len(plan)
    breaks = plan.column("story_breaks")
    by_message = breaks & plan.arrived & (rng.random(count) < BY_MESSAGE)
    hostile = injected(plan.fair, plan.opened_at, rng)
    words = _lengths(plan, rng)

    def write(case: int) -> str:
        denies = bool(breaks[case] & ~by_message[case])
        return write_claim(_facts(plan, case, denies, int(words[case]), rng), rng)

    said = speak(plan.language, hostile, ASKED_FOR, write, rng)
    return Story(said.statements, _replies(plan, rng), said.injected, by_message)


def _lengths(plan: Plan, rng: np.random.Generator) -> Ints:
    """Words to aim at: honest buyers are brief, and so is Spanish."""
    count = len(plan)
    median = np.where(plan.fair, 24.0, 32.0)
    short = np.array([language == "es" for language in plan.language])
    return np.clip(whole(lognormal(rng, median * np.where(short, 0.7, 1), 0.5, count)), 6, 150)


def _facts(plan: Plan, case: int, denies: bool, words: int, rng: np.random.Generator) -> Facts:
    language = plan.language[case]
    arrived = bool(plan.arrived[case])
    told = denies or (arrived and plan.kind[case] != "not_received" and rng.random() < 0.3)
    off = (1 if plan.near[case] else int(rng.integers(2, 6))) * DAY if denies else 0
    day = int(plan.delivered_at[case]) - off
    presses = rng.random() < (0.25 if plan.fair[case] else 0.4)
    return Facts(
        language=language,
        mixed=language != "en" and rng.random() < MIXED_SHARE,
        style=draw_style(int(plan.opened_at[case]), rng),
        words=words,
        kind=plan.kind[case],
        fault_shown=bool(plan.column("fault_shown")[case]),
        denies_scans=denies,
        arrived=arrived,
        date=day if told else None,
        presses=bool(presses),
    )


def _replies(plan: Plan, rng: np.random.Generator) -> list[str]:
    """Sellers say that another item came back where it did, and now and then where it did not."""
    chance = np.where(plan.column("switched"), 0.85, np.where(plan.returned, 0.2, 0.0))
    blames = rng.random(len(plan)) < chance
    return [
        write_reply(language, bool(told), rng)
        for language, told in zip(plan.reply_language, blames.tolist(), strict=True)
    ]


@dataclass(frozen=True)
class _Message:
    case: int
    party: str
    sent_at: int
    language: str
    text: str


def plant_messages(
    stage: Stage, plan: Plan, order_no: Ints, voices: Story, rng: np.random.Generator
) -> None:
    """Write the talk about each order; one message of the buyer contradicts the claim if drawn."""
    talk = [line for case in range(len(plan)) for line in _talk(plan, voices, case, rng)]
    rows = np.array([line.case for line in talk], dtype=np.int64)
    stage.writer.add(
        "messages",
        {
            "message_no": stage.numbers.take("msg", len(talk)),
            "thread_no": stage.numbers.take("thr", len(plan))[rows],
            "order_no": order_no[rows],
            "seller_no": plan.seller[rows] + 1,
            "from_party": [line.party for line in talk],
            "sent_at": [line.sent_at for line in talk],
            "language": [line.language for line in talk],
            "text": [line.text for line in talk],
        },
    )


def _talk(plan: Plan, voices: Story, case: int, rng: np.random.Generator) -> list[_Message]:
    language, bank = plan.language[case], BANKS[plan.language[case]]
    lines: list[_Message] = []
    if rng.random() < 0.4:
        asked = int(plan.paid_at[case]) + int(rng.integers(HOUR, 30 * HOUR))
        lines.append(_Message(case, "buyer", asked, language, one_of(bank.small_talk, rng)))
        other = plan.reply_language[case]
        answer = one_of(BANKS[other].answers, rng)
        lines.append(_Message(case, "seller", asked + 5 * HOUR, other, answer))
    if voices.by_message[case]:
        missing = bool(plan.column("says_missing")[case])
        text = one_of(bank.arrived if missing else bank.pleased, rng)
        after = min(int(plan.delivered_at[case]) + int(rng.integers(HOUR, 9 * HOUR)),
                    int(plan.claimed_at[case]) - 60)  # fmt: skip
        lines.append(_Message(case, "buyer", after, language, text))
    return lines

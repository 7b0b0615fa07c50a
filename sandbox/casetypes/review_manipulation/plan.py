"""The frame of each review case: its listing, its window, how many reviews, what is withheld."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.casetypes.review_manipulation.table import TABLE
from sandbox.streams import Bools, Floats, Ints, pick, whole
from sandbox.text.reviews import TOPICS
from sandbox.timeline import DAY, HOUR

CHANNELS: Final = {"batch": 86.0, "appeal": 8.0, "on-call": 3.0, "regulatory": 3.0}
WITHHELD: Final = {"inserts": 0.45, "talk": 0.05}
LEAST: Final = 12
MORE: Final = 30
"""A window has 12 + P(30) reviews (handbook 10, Rows)."""
_ECHO: Final = (5.0, 6.0)
_STRAY: Final = (1.0, 14.0)
BEFORE: Final = 56


@dataclass(frozen=True)
class Plan(Frame):
    """Frames of a batch of review cases; times in epoch seconds.

    ``n_reviews`` stand in the window, ``n_before`` in the eight weeks before it. Of the window's,
    ``marked`` come from a programme, ``echoing`` say what others say, ``astray`` describe another
    product, ``using`` tell of use, ``staff`` were written by people of the shop.
    """

    window_from: Ints
    window_to: Ints
    issued_at: Ints
    n_reviews: Ints
    n_before: Ints
    marked: Ints
    echoing: Ints
    astray: Ints
    using: Ints
    staff: Ints
    topic: list[str]
    old_topic: list[str]
    inserts_withheld: Bools
    talk_withheld: Bools


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    frame = make_frame(stage, slots, TABLE, CHANNELS, rng)
    count = len(frame)
    days = rng.integers(14, 29, count)
    issued = frame.opened_at - rng.integers(4 * HOUR, 4 * DAY, count)
    window_to = issued - rng.integers(2 * HOUR, DAY, count)
    n_reviews = LEAST + rng.poisson(MORE, count)
    topic = rng.integers(len(TOPICS), size=count)
    other = (topic + rng.integers(1, len(TOPICS), count)) % len(TOPICS)
    return Plan(
        **vars(frame),
        window_from=window_to - days * DAY,
        window_to=window_to,
        issued_at=issued,
        n_reviews=n_reviews,
        n_before=_before(n_reviews, frame.amount("burst_z"), days),
        **_shares(frame, n_reviews, rng),
        staff=_staff(frame, rng),
        topic=[TOPICS[i] for i in topic.tolist()],
        old_topic=[TOPICS[i] for i in other.tolist()],
        inserts_withheld=rng.random(count) < WITHHELD["inserts"],
        talk_withheld=rng.random(count) < WITHHELD["talk"],
    )


def _before(n_reviews: Ints, burst: Floats, days: Ints) -> Ints:
    """How many reviews the eight weeks before must hold for the window's burst to be ``burst``.

    With ``e`` expected in the window the burst is ``(n - e) / sqrt(e)``; solved for ``e``.
    """
    root = (np.sqrt(burst * burst + 4.0 * n_reviews) - burst) / 2
    return whole(np.maximum(root, 0.0) ** 2 * BEFORE / days)


def _shares(frame: Frame, n: Ints, rng: np.random.Generator) -> dict[str, Any]:
    count = len(frame)
    sampled = np.where(rng.random(count) < 0.25, rng.uniform(0.03, 0.5, count), 0.0)
    stray = np.where(rng.random(count) < 0.15, rng.uniform(0.05, 0.25, count), 0.0)
    return {
        "marked": share_of(frame, "official", n, 0.6, rng.uniform(0.63, 0.95, count), sampled),
        "echoing": share_of(
            frame, "echo", n, 0.3, rng.beta(*_ECHO, count), rng.beta(*_STRAY, count)
        ),
        "astray": share_of(frame, "repurposed", n, 0.3, rng.uniform(0.35, 0.85, count), stray),
        "using": share_of(
            frame, "specific_use", n, 0.51, rng.uniform(0.6, 0.9, count),
            rng.uniform(0.0, 0.25, count),
        ),
    }  # fmt: skip


def share_of(frame: Frame, column: str, n: Ints, mark: float, high: Floats, low: Floats) -> Ints:
    """How many of ``n`` reviews show what ``column`` tells of.

    Args:
        frame: The cases.
        column: A drawn column: true where the share reaches ``mark``.
        n: Reviews of each case.
        mark: The share that close cases lie just above or just below.
        high: Shares of cases where the column is true; ``low`` where it is false.
        low: See ``high``.
    """
    holds = frame.column(column)
    least = whole(np.ceil(mark * n - 1e-9))
    usual = np.where(
        holds, np.maximum(least, whole(high * n)), np.minimum(least - 1, whole(low * n))
    )
    return np.where(frame.near, np.where(holds, least, least - 1), usual)


def _staff(frame: Frame, rng: np.random.Generator) -> Ints:
    """Reviewers who work for the shop: two to five, or by chance one."""
    count = len(frame)
    many = np.where(frame.near, 2, rng.integers(2, 6, count))
    few = (frame.near & (rng.random(count) < 0.5)).astype(np.int64)
    return np.where(frame.column("insiders"), many, few)


def answer_times(plan: Plan, rng: np.random.Generator) -> Ints:
    """When each seller answers its notice: between its issue and the opening of the case."""
    return plan.issued_at + whole(
        rng.uniform(0.2, 0.95, len(plan)) * (plan.opened_at - plan.issued_at)
    )


def draw_fields(rng: np.random.Generator, count: int) -> list[str]:
    """Which field of a listing each edit changes."""
    return pick(rng, ("title", "description", "images"), (35, 35, 30), count)

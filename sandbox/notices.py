"""Notices: what a seller is told it is suspected of, over which window, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.ids import Numbers
from sandbox.streams import Ints, lognormal, whole
from sandbox.timeline import DAY, HOUR
from sandbox.writer import Column, WorldWriter, as_list

ANSWER_SPAN: Final = 7 * DAY
"""How long a party has to answer (handbook 0.5, GEN-2.1)."""


WINDOW: Final = 14 * DAY


@dataclass(frozen=True)
class NoticeTimes:
    """When each notice went out and was answered, and the two weeks it is about."""

    start: Ints
    end: Ints
    issued_at: Ints
    responded_at: Ints


def notice_times(opened_at: Ints, rng: np.random.Generator) -> NoticeTimes:
    """Draw the times of notices whose cases open at ``opened_at``, soon after the answer.

    Windows end eight days or more before the notice, so that their parcels have arrived.
    """
    count = len(opened_at)
    responded = opened_at - rng.integers(HOUR, 12 * HOUR, count)
    issued = responded - whole(np.clip(lognormal(rng, 30, 0.9, count), 2, 160) * HOUR)
    end = issued - whole(rng.uniform(8, 12, count) * DAY)
    return NoticeTimes(end - WINDOW, end, issued, responded)


@dataclass(frozen=True)
class Notices:
    """Notices of one kind as parallel arrays; times in epoch seconds.

    ``seller`` are indices from 0. ``statement`` is None where the seller never answers; an answer
    that is only withheld at first is written here and in the table ``withheld``, as action
    ``notice``.
    """

    kind: str
    seller: Ints
    issued_at: Ints
    window_from: Ints
    window_to: Ints
    responded_at: Ints
    language: Sequence[str]
    statement: Sequence[str | None]
    listing_no: Column | None = None

    def __len__(self) -> int:
        return len(self.seller)


def write_notices(writer: WorldWriter, notices: Notices, numbers: Numbers) -> Ints:
    """Write notices under fresh numbers and return those."""
    no = numbers.take("ntc", len(notices))
    answers = list(notices.statement)
    listing = notices.listing_no
    writer.add(
        "notices",
        {
            "notice_no": no,
            "seller_no": notices.seller + 1,
            "listing_no": [None] * len(notices) if listing is None else listing,
            "kind": [notices.kind] * len(notices),
            "issued_at": notices.issued_at,
            "window_from": notices.window_from,
            "window_to": notices.window_to,
            "respond_by": notices.issued_at + ANSWER_SPAN,
            "responded_at": _where(notices.responded_at, answers),
            "language": _where(notices.language, answers),
            "statement": answers,
        },
    )
    return no


def _where(values: Column, answers: Sequence[str | None]) -> list[object]:
    """Return ``values`` with None where there is no answer."""
    return [
        value if answer is not None else None
        for value, answer in zip(as_list(values), answers, strict=True)
    ]

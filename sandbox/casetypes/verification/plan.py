"""The frame of each verification case: when it was asked, what is missing, what is withheld."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sandbox.casetypes.base import Slots, Stage
from sandbox.casetypes.frame import Frame, make_frame
from sandbox.casetypes.table import Drawn
from sandbox.casetypes.verification.table import TABLE
from sandbox.kyb import ANSWER_SPAN, ITEMS, answer_times
from sandbox.streams import Bools, Ints, pick, whole
from sandbox.timeline import DAY, HISTORY_START, HOUR

CHANNELS: Final = {"batch": 86, "appeal": 10, "regulatory": 3, "on-call": 1}
LISTED: Final = 0.004
"""Share of the cases with a confirmed entry on a watch list (handbook 8, Asks)."""
EARLY: Final = 0.015
"""Share made incomplete before the time is up, beside those that the table draws so."""
HIGH_VOLUME: Final = 0.88
WITHHELD: Final = {"register": 3.0, "tax": 3.0, "bank": 2.0, "place": 2.0, "docs": 2.0}
"""Percent of the cases without an answer at first, by action; 12 in all (handbook 8, Asks)."""

_SUPPLIED_BY: Final = {"has_bank": "bank_ok", "has_tax_id": "tax_ok", "has_address": "address_ok"}


@dataclass(frozen=True)
class Plan:
    """Frames of a batch of cases with their requests; times in epoch seconds.

    ``submitted_at`` counts where ``answered`` holds; ``held`` says by item what is there;
    ``withheld`` names the action that gets no answer at first, or is empty.
    """

    frame: Frame
    listed: Bools
    high_volume: Bools
    requested_at: Ints
    due_at: Ints
    answered: Bools
    submitted_at: Ints
    held: dict[str, Bools]
    withheld: list[str]

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def right(self) -> list[str]:
        """The right outcome at the first look: what may still arrive in time is asked for.

        Past cases are settled, whatever was asked for on the way.
        """
        frame = self.frame
        waiting = ~frame.column("complete") & ~frame.column("lapsed")
        waiting &= ~frame.column("papers_altered") & ~(self.listed | self.frame.past)
        return _where(waiting, "request_information", self.settled)

    @property
    def settled(self) -> list[str]:
        """The right outcome in the end: by cause, save that list hits go to counsel."""
        return _where(self.listed, "escalate", self.frame.right)


def _where(flags: Bools, word: str, otherwise: list[str]) -> list[str]:
    return [word if f else other for f, other in zip(flags.tolist(), otherwise, strict=True)]


def make_plan(stage: Stage, slots: Slots, rng: np.random.Generator) -> Plan:
    """Draw causes, columns and frames of the cases in ``slots``."""
    frame = _with_early_ones(make_frame(stage, slots, TABLE, CHANNELS, rng), rng)
    count = len(frame)
    statutory = np.array([word == "suspend" for word in frame.right])
    requested, due = _windows(frame, rng)
    complete = frame.column("complete")
    answered = complete | (rng.random(count) < 0.25)
    share = rng.uniform(0.2, 0.98, count)
    return Plan(
        frame=frame,
        listed=rng.random(count) < LISTED,
        high_volume=statutory | (rng.random(count) < HIGH_VOLUME),
        requested_at=requested,
        due_at=due,
        answered=answered,
        submitted_at=requested + whole(share * (frame.opened_at - requested)),
        held=_held(frame, rng),
        withheld=_withheld(count, rng),
    )


def _with_early_ones(frame: Frame, rng: np.random.Generator) -> Frame:
    """Make a few more cases incomplete while their time still runs."""
    early = rng.random(len(frame)) < EARLY
    columns = dict(frame.drawn.columns)
    for name in ("complete", "lapsed"):
        columns[name] = np.where(early, 0.0, columns[name])
    return replace(frame, drawn=Drawn(frame.drawn.cause, columns))


def _windows(frame: Frame, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw when each seller was asked and by when it had to answer.

    A case lapsed if it opened after a due date at least ten days after the request. Of those close
    to the line, some had a shorter time than the ten days, and so did not lapse either.
    """
    count, near = len(frame), frame.near
    late = np.where(near, rng.uniform(0.02, 0.99, count), rng.uniform(0.1, 20, count))
    # The everyday request of each seller is settled sixteen days before the history.
    late = np.minimum(late, (frame.opened_at - HISTORY_START) / DAY + 1)
    over = frame.opened_at - whole(late * DAY)
    span = ANSWER_SPAN + whole(rng.choice([0.0, 1.0, 4.0], count, p=(0.8, 0.1, 0.1)) * DAY)
    short = near & (rng.random(count) < 0.3)
    wait = answer_times(rng, count) + whole(rng.uniform(0.01, 0.09, count) * DAY)
    close = whole(rng.uniform(0.02, 0.99, count) * DAY)
    running = np.where(near & ~short, frame.opened_at + close, frame.opened_at - wait + ANSWER_SPAN)
    lapsed = frame.column("lapsed")
    due = np.where(lapsed | short, over, running)
    brief = ANSWER_SPAN - whole(rng.uniform(1, 23, count) * HOUR)
    return due - np.where(lapsed, span, np.where(short, brief, ANSWER_SPAN)), due


def _held(frame: Frame, rng: np.random.Generator) -> dict[str, Bools]:
    """Draw which items are there; one to three are missing where the answer is incomplete.

    What the providers confirm cannot be missing.
    """
    short = ~frame.column("complete")
    open_to_miss = {
        name: short & ~frame.column(_SUPPLIED_BY[name]) if name in _SUPPLIED_BY else short
        for name in ITEMS
    }
    missing = {name: flags & (rng.random(len(frame)) < 0.4) for name, flags in open_to_miss.items()}
    none_yet = short & ~np.logical_or.reduce(list(missing.values()))
    missing["has_document"] |= none_yet
    return {name: ~missing[name] for name in ITEMS}


def _withheld(count: int, rng: np.random.Generator) -> list[str]:
    rest = 100.0 - sum(WITHHELD.values())
    return pick(rng, (*WITHHELD, ""), (*WITHHELD.values(), rest), count)

"""What a reviewer asks, whom, and for how long; and what of a proposal they word anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from pydantic import Field

from casewright.base import Digest, Model, Moment

Addressee = Literal["seller", "buyer", "carrier", "brand", "laboratory", "provider", "team"]
"""Whom a reviewer can ask; all but the two parties are asked through the platform's own desks."""

ADDRESSEES: Final[tuple[str, ...]] = get_args(Addressee)

TO: Final[Mapping[str, tuple[str, ...]]] = {
    "Q1": ("seller", "buyer"),
    "Q2": ("seller", "buyer"),
    "Q3": ("carrier", "brand", "laboratory", "provider"),
    "Q4": ("team",),
}
"""Whom each reason code is about (handbook 12)."""

Ended = Literal["", "answered", "lapsed", "withdrawn"]
"""How a wait ended: an answer came, the window closed without one, or a person went on without."""


def empty(value: Any) -> bool:
    """Whether a field says nothing, so that a record without it reads as it always did."""
    return not value


class Question(Model):
    """What a reviewer asks somebody before the case can be decided.

    Attributes:
        to: Whom.
        question: In words for them.
        days: How long they have.
        factor: The factor that it is about, or empty.
    """

    to: Addressee
    question: str = Field(min_length=1, max_length=2_000)
    days: int = Field(ge=1, le=90)
    factor: str = ""


class Awaiting(Model):
    """A question that is out, and what came of it.

    Attributes:
        to: Whom it was put to; ``platform`` for a question of an SOP to its own desks.
        question: In words for them.
        factor: The factor that it is about, or empty.
        by: The reviewer who asked.
        since: When it was asked, by our clock; from then on the time to decide stands still.
        until: When its window closes, likewise.
        as_of: When it was asked, by the source's clock.
        key: Idempotency key of the write that put it.
        ended: How the wait ended, or empty.
        at: When it ended, by our clock; never after ``until``, save where a person said so.
        answer: Digest of the evidence that holds the answer's words, or empty.
        told_by: Who said that it ended; empty: the source did, or the window closed.
    """

    to: str
    question: str
    factor: str = ""
    by: str
    since: Moment
    until: Moment
    as_of: Moment
    key: Digest
    ended: Ended = ""
    at: Moment | None = None
    answer: str = ""
    told_by: str = ""

    @property
    def window(self) -> timedelta:
        """How long they have."""
        return self.until - self.since

    @property
    def closes(self) -> datetime:
        """When the window closes, by the source's clock."""
        return self.as_of + self.window

    @property
    def waited(self) -> timedelta:
        """How long the time to decide stood still; while it waits, how long it may."""
        over = self.until if self.at is None else min(self.at, self.until)
        return max(over - self.since, timedelta(0))


class Arrival(Model):
    """How a wait ends.

    Attributes:
        key: The question that it ends, by its idempotency key.
        ended: How.
        at: When, by our clock.
        by: Who said so; empty: the source did.
        answer: Digest of the evidence that holds the answer's words, or empty.
    """

    key: Digest
    ended: Literal["answered", "lapsed"]
    at: Moment
    by: str = ""
    answer: str = ""


class ClaimChange(Model):
    """A claim of the proposal, worded anew or struck.

    Attributes:
        number: Its number in the decision, from 1.
        was: What it said.
        sentence: What it says now; empty: it is struck.
    """

    number: int = Field(ge=1)
    was: str
    sentence: str = Field(default="", max_length=2_000)


class QuestionChange(Model):
    """A question that a proposal would put to a party, worded anew.

    Attributes:
        number: Its number among what is missing, from 1.
        question: What is asked; empty: as it was.
        days: How long they have; None: as it was.
    """

    number: int = Field(ge=1)
    question: str = Field(default="", max_length=2_000)
    days: int | None = Field(default=None, ge=1, le=90)

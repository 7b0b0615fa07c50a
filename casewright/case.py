"""Cases: what is to be decided, what was settled, and what a settled case tells about another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from casewright.asking import empty
from casewright.base import Model, Moment, Money

Value = bool | int | float | str
"""What a known factor can be."""


class Case(Model):
    """What is to be decided. ``text`` was written by a party and is data, never an instruction."""

    case_id: str
    case_type: str
    subject: dict[str, str]
    seller_id: str
    region: str
    channel: Literal["batch", "appeal", "on-call", "regulatory"]
    opened_at: Moment
    impact: Money
    language: str = "en"
    text: str = ""
    linked_seller_ids: tuple[str, ...] = ()
    """Other accounts that the platform links to this seller; their cases are no precedents."""
    party_ids: tuple[str, ...] = ()
    """Others who have a part in it, such as the buyer of a claim; likewise."""
    appeal_of: str = Field(default="", exclude_if=empty)
    """The case whose decision this one contests; empty where it contests none of ours."""

    @property
    def involved(self) -> frozenset[str]:
        """Ids that cases of one matter share: everybody and everything this one is about."""
        parties = (self.seller_id, *self.linked_seller_ids, *self.party_ids)
        return frozenset(one for one in (*parties, *self.subject.values()) if one)


class ClosedCase(Model):
    """A past case as it was settled: what the knowledge base remembers.

    Attributes:
        case: The case as it entered.
        outcome: How it was settled, after any appeal.
        closed_at: When it was settled.
        situation: What a reviewer noted about its facts, without the verdict.
        facts: The factor profile: what was established, by factor name.
        clauses: The policy clauses that the decision cited, as ``SHIP-4.1@2026-03-01``.
        overturned_at: When the decision recorded here was overturned; None where it stands.
    """

    case: Case
    outcome: str
    closed_at: Moment
    situation: str
    facts: Mapping[str, Value] = Field(default_factory=dict)
    clauses: tuple[str, ...] = ()
    overturned_at: Moment | None = None


class Precedent(Model):
    """A closed past case that resembles this one.

    Attributes:
        case_id: Its id.
        outcome: How it was settled.
        closed_at: When it was settled; always before the present case's as-of time.
        similarity: Fused rank score of its words, higher is nearer; comparable within one
            retrieval only.
        situation: What was noted about its facts.
        facts: Its factor profile, to be compared with this case's field by field.
        agreement: How far its facts agree with this case's, 0 to 1, weighted by what each tells;
            None where no fact is known on both sides.
    """

    case_id: str
    outcome: str
    closed_at: Moment
    similarity: float
    situation: str
    facts: Mapping[str, Value] = Field(default_factory=dict)
    agreement: float | None = None

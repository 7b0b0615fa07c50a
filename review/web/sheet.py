"""What the page of a case says, part by part; the templates only set it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from casewright.audit import Event, Kind
from casewright.bill import bill
from casewright.cost import currency_of
from casewright.models import Citation, Claim, Decision, Factor, Run
from graphs.diagrams.path import Path, path_of
from graphs.explain import tried
from review.layout import by_party, numbered, numbers, sides
from review.told import told
from review.web.likeness import Likeness, likenesses
from review.web.sight import Record, Sight
from review.web.writings import Writing, writings

SHOWN_EVENTS: Final = 200
"""How many of the newest events a page lists; the log holds them all."""


_ROW: Final = re.compile(r"row \d+ of the table: ")


@dataclass(frozen=True)
class Cited:
    """A numbered citation as it is listed.

    Attributes:
        number: Its number, from 1.
        citation: What is cited.
        party: Whether a party wrote it, or something in it.
        opened: Whether this visitor has opened it.
    """

    number: int
    citation: Citation
    party: bool
    opened: bool


@dataclass(frozen=True)
class Stated:
    """A claim with the citations that prove it."""

    claim: Claim
    cited: tuple[Cited, ...]


@dataclass(frozen=True)
class Side:
    """Claims that stand alike to the decision.

    Attributes:
        name: Short name, for anchors and styles.
        heading: What they have in common.
        none: What is said where there are none; empty: nothing.
        claims: The claims.
    """

    name: str
    heading: str
    none: str
    claims: tuple[Stated, ...]


class Sheet:
    """What the page of a case says.

    Args:
        sight: The case as the visitor sees it.
        viewer: The visitor, as the team knows them.
    """

    def __init__(self, sight: Sight, viewer: str) -> None:
        self.run = sight.run
        self.case = sight.run.case
        self.decision = sight.run.decision
        self.sop = sight.sop
        self._sight = sight
        citations = self.decision.citations if self.decision else ()
        self._numbers = numbered(citations)
        seen = opened(sight.run, sight.events, viewer)
        self.citations = tuple(
            Cited(number, one, self._by_party(one), number in seen)
            for number, one in enumerate(citations, start=1)
        )

    @property
    def opened(self) -> int:
        """How many of the citations the visitor has opened."""
        return sum(one.opened for one in self.citations)

    def sides(self) -> Iterator[Side]:
        """The claims: what carries the decision, what speaks against it, and the rest."""
        if self.decision is None:
            return
        stand = sides(claim for claim in self.decision.claims if not claim.struck)
        struck = [claim for claim in self.decision.claims if claim.struck]
        against = "Nothing that was established speaks against it."
        yield self._side("supports", "What it rests on", "No claim carries it.", stand.ground)
        yield self._side("contradicts", "What speaks against it", against, stand.against)
        yield self._side("beside", "Beside it", "", stand.beside)
        yield self._side("struck", "Struck, because it did not check out", "", struck)

    def _side(self, name: str, heading: str, none: str, claims: Iterable[Claim]) -> Side:
        return Side(name, heading, none, tuple(map(self._stated, claims)))

    def _stated(self, claim: Claim) -> Stated:
        return Stated(claim, self.cited(claim.citations))

    def cited(self, citations: Sequence[Citation]) -> tuple[Cited, ...]:
        """Those of the citations that have a number, in order."""
        return tuple(self.citations[number - 1] for number in numbers(citations, self._numbers))

    def _by_party(self, citation: Citation) -> bool:
        return by_party(self._sight.evidence.get(citation.reference), citation.pointer)

    def factors(self) -> tuple[Factor, ...]:
        """The facts, and the two that every procedure has."""
        return (*self.decision.factors, *self.decision.flags) if self.decision else ()

    def clauses(self) -> Mapping[str, Cited]:
        """The clauses that the decision cites, by the version that was in force."""
        return {
            one.citation.reference: one for one in self.citations if one.citation.kind == "policy"
        }

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the decision table as this case met them."""
        if self.decision is None:
            return []
        decided = {self.decision.row, *self.decision.also}
        return [
            {"row": row, "decided": row.number in decided, "clauses": self._policy(row.number)}
            for row in tried(self.sop, self.decision)
        ]

    def _policy(self, number: int) -> tuple[str, ...]:
        return next((row.spec.policy for row in self.sop.rows if row.number == number), ())

    def reasons(self) -> list[str]:
        """Why it is so, but for the row of the table, which is shown with its clauses."""
        reasons = self.decision.reasons if self.decision else ()
        return [one for one in reasons if not _ROW.match(one)]

    def questions(self) -> Mapping[str, str]:
        """The facts that are questions about text, with the question."""
        return {one.name: " ".join((one.spec.question or "").split()) for one in self.sop.questions}

    def writings(self) -> tuple[Writing, ...]:
        """What the parties wrote."""
        return writings(self.sop, self._sight.actions)

    def records(self) -> Mapping[str, Record]:
        """How each action ended."""
        return self._sight.records

    def likenesses(self) -> tuple[Likeness, ...]:
        """Similar closed cases, those that were decided otherwise first."""
        return likenesses(self.decision) if self.decision else ()

    def path(self) -> Path:
        """The way through the state machine."""
        return path_of(self.sop, self.run)

    def timeline(self) -> list[dict[str, Any]]:
        """What happened, newest first."""
        newest = self._sight.events[-SHOWN_EVENTS:]
        return [{"event": event, "told": told(event)} for event in reversed(newest)]

    @property
    def earlier(self) -> int:
        """How many events are not listed."""
        return max(0, len(self._sight.events) - SHOWN_EVENTS)

    def bill(self) -> str:
        """What models cost."""
        decision = self.decision
        return bill(decision.cost, currency_of(decision.calls)) if decision else ""


def stability(decision: Decision) -> str:
    """How many facts carry the outcome, in words."""
    if not decision.stability:
        return "no single change of the known facts changes it"
    if decision.stability == 1:
        return "one fact that is otherwise changes it"
    return f"{decision.stability} facts have to be otherwise to change it"


def opened(run: Run, events: Iterable[Event], viewer: str) -> frozenset[int]:
    """The numbers of the citations of a run that somebody has opened."""
    places = {
        (event.body.get("reference"), event.body.get("pointer"))
        for event in events
        if event.kind is Kind.VIEWED
        and event.run_id == run.run_id
        and event.actor.id == viewer
        and event.body.get("what") == "citation"
    }
    citations = run.decision.citations if run.decision else ()
    return frozenset(
        number
        for number, one in enumerate(citations, start=1)
        if (one.reference, one.pointer) in places
    )

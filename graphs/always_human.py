"""What always waits for a person, whatever an SOP, its gate or the settings say (handbook 12).

This is the one place of that list. Each entry looks at a decision that would pass automatically
and says why a person has to look, or nothing; in doubt it says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from agents.alarms import alarm_in
from casewright.models import Decision, Evidence, Route
from graphs.facts import Facts
from graphs.passages import items_of, passages_of

SANCTIONS: Final = frozenset({"suspend", "file_report"})
"""Write tools that close accounts, extend sanctions or go to an authority."""
SANCTIONING: Final = frozenset(
    {("integrity.linked_accounts", "confirm"), ("identity.kyb", "reject")}
)
"""Outcomes that do so by case type, whatever they write."""
HOLDING: Final = "payout."
"""What types of cases about held settlement start with."""
HOLD_WRITE: Final = "release_hold"
HOLD_LIMIT_CENTS: Final = 500_000
"""In the case's own currency."""
CLAUSE_REST: Final = timedelta(days=14)
"""How long after its first day a clause is applied by people alone."""
APPEAL_REGIONS: Final = frozenset({"EU", "UK"})
"""Where an appeal is never decided by automation alone (DSA Art. 20)."""
SAFETY: Final = "product.safety"
INJURIES: Final = frozenset({"injury", "serious"})


@dataclass(frozen=True)
class Passing:
    """A decision that would pass automatically.

    Attributes:
        facts: The case's facts.
        decision: The routed decision.
        floor: The SOP's floor of stability.
        protected: Ids of employees, relatives and parties named by the press.
    """

    facts: Facts
    decision: Decision
    floor: int
    protected: frozenset[str]

    @property
    def case(self) -> dict[str, Any]:
        """The frozen case's data."""
        return dict(self.facts.case.data or {})

    def evidence_of(self, tool: str) -> Iterator[Evidence]:
        """The evidence that a tool brought."""
        return (item for _, item in items_of(self.facts) if item.tool == tool)


def always_human(passing: Passing) -> tuple[str, ...]:
    """Why a person has to look at this decision; empty where it may pass automatically."""
    return tuple(reason for reason in (check(passing) for check in CHECKS) if reason)


def _regulatory(passing: Passing) -> str:
    return "regulatory channel" if passing.case["channel"] == "regulatory" else ""


def _legal(passing: Passing) -> str:
    return "legal route" if passing.decision.route is Route.LEGAL else ""


def _appeal(passing: Passing) -> str:
    here = passing.case["channel"] == "appeal" and passing.case["region"] in APPEAL_REGIONS
    return f"an appeal in {passing.case['region']}" if here else ""


def _second_appeal(passing: Passing) -> str:
    attempts = [(item.data or {}).get("attempt", 1) for item in passing.evidence_of("get_appeal")]
    return "a second appeal" if any(attempt != 1 for attempt in attempts) else ""


def _own_decision(passing: Passing) -> str:
    return "an appeal against a decision of ours" if passing.case.get("appeal_of") else ""


def _sanction(passing: Passing) -> str:
    outcome = (passing.case["case_type"], passing.decision.outcome)
    writes = {write.do for write in passing.decision.enforcement}
    return "a sanction" if outcome in SANCTIONING or writes & SANCTIONS else ""


def _held_money(passing: Passing) -> str:
    sop = passing.facts.sop
    tools = {step.tool.name for one in sop.consequences.values() for step in one.enforce}
    if HOLD_WRITE not in tools and not passing.case["case_type"].startswith(HOLDING):
        return ""
    amounts = [write.arguments.get("amount_cents", 0) for write in passing.decision.enforcement]
    over = max([passing.case["impact_cents"], *amounts]) > HOLD_LIMIT_CENTS
    return "more than 5,000 held or released" if over else ""


def _injury(passing: Passing) -> str:
    found = list(passing.evidence_of("list_incidents"))
    incidents = [one for item in found for one in (item.data or {}).get("items", [])]
    if any(one.get("severity") in INJURIES for one in incidents):
        return "an injury"
    unknown = passing.case["case_type"] == SAFETY and not found
    return "injuries that nobody could rule out" if unknown else ""


def _alarm(passing: Passing) -> str:
    texts = (passage.text for passage in passages_of(passing.facts))
    return "a threat to life, self-harm or a minor" if any(map(alarm_in, texts)) else ""


def _struck(passing: Passing) -> str:
    return "a struck claim" if any(one.struck for one in passing.decision.claims) else ""


def _unstable(passing: Passing) -> str:
    stability = passing.decision.stability
    below = stability is not None and stability < passing.floor
    return f"a stability of {stability}, under the floor of {passing.floor}" if below else ""


def _flagged(passing: Passing) -> str:
    told = [flag.name for flag in passing.decision.flags if flag.value is not False]
    return ", ".join(told)


def _fresh_clause(passing: Passing) -> str:
    facts, decision = passing.facts, passing.decision
    today = facts.case.as_of.date()
    deciding = {decision.row, *decision.also}
    rows = (row for row in facts.sop.rows if row.number in deciding)
    named = {clause_id for row in rows for clause_id in row.spec.policy}
    for clause in facts.sop.policy.clauses:
        if clause.clause_id in named and today - CLAUSE_REST < clause.start <= today:
            return f"clause {clause.clause_id}, changed in the last 14 days"
    return ""


def _protected(passing: Passing) -> str:
    case = passing.case
    parties = {case["seller_id"], *case["linked_seller_ids"], *case.get("party_ids", ())}
    named = parties.union(case["subject"].values()) & passing.protected
    return "a protected party" if named else ""


def _unready(passing: Passing) -> str:
    """No plan passes that a person would have to complete, and no decision that rests on less."""
    decision = passing.decision
    if any(not one.usable for one in decision.parameters):
        return "an unknown parameter"
    return "a write that lacks something" if any(w.lacks for w in decision.enforcement) else ""


CHECKS: Final[tuple[Callable[[Passing], str], ...]] = (
    _regulatory,
    _legal,
    _appeal,
    _second_appeal,
    _own_decision,
    _sanction,
    _held_money,
    _injury,
    _alarm,
    _struck,
    _unstable,
    _flagged,
    _fresh_clause,
    _protected,
    _unready,
)

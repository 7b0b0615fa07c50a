"""From factors to a decision: the table, what is missing, and the claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from casewright.cost import by_factor
from casewright.models import (
    ESCALATE,
    REQUEST_INFORMATION,
    Claim,
    Cost,
    Decision,
    Evidence,
    Factor,
    MissingInformation,
    ModelCall,
    Precedent,
    Route,
    Value,
)
from graphs.assess import NOT_SUPPLIED
from graphs.claims import precedent_claim, rationale
from graphs.facts import Facts
from graphs.flags import flag_claims, flags
from graphs.gather import STALE
from graphs.notes import note_claims, uses
from graphs.sop import Row
from graphs.stance import taken_apart
from graphs.sums import Values
from graphs.table import Match, match, stability
from graphs.vote import vote


@dataclass(frozen=True)
class Given:
    """Everything a decision rests on, besides the facts.

    Attributes:
        factors: All factors, in the SOP's order.
        recalled: The frozen retrieval of precedents, or None.
        cost: What the run used so far.
        version: The graph version that decides.
        calls: The model calls behind the factors.
        notes: Frozen notes of experts that the case is about; the factors heed them already.
    """

    factors: Sequence[Factor]
    recalled: Evidence | None
    cost: Cost
    version: str
    calls: Sequence[ModelCall] = ()
    notes: Sequence[Evidence] = ()


def decide(facts: Facts, given: Given) -> Decision:
    """Decide the case, or say what is missing.

    A required action without data leads to ``request_information`` whatever the table could say
    without it, and so does an unknown factor that blocks the table; where no party can supply
    what is missing, a person has to look: ``escalate``.
    """
    by_name = {factor.name: factor for factor in given.factors}
    values = {name: factor.value for name, factor in by_name.items()}
    found = table_says(facts, values)
    missing = _missing(facts, by_name, found)
    if missing:
        found = replace(found, row=None, undecided=(), also=())
    outcome = _outcome(found, missing)
    flagged = flags(facts)
    told = _claims(facts, by_name, found, given.recalled, outcome)
    precedents = _precedents(given.recalled, "items")
    contrast = _precedents(given.recalled, "contrast")
    notes = uses(given.notes)
    claims = taken_apart(facts.sop, values, found, told)
    return Decision(
        outcome=outcome,
        options=found.row.spec.then if found.row and found.row.spec.discretion else (),
        row=found.row.number if found.row else 0,
        also=tuple(row.number for row in found.also),
        factors=tuple(given.factors),
        flags=flagged,
        claims=(*claims, *note_claims(notes), *flag_claims(flagged)),
        precedents=precedents,
        contrast=contrast,
        notes=notes,
        vote=vote(precedents, contrast, outcome, _since(given.factors)),
        missing=missing,
        stability=_stability(facts, values, found),
        route=_row_route(found),
        reasons=_told(found, missing),
        cost=given.cost,
        calls=tuple(given.calls),
        cost_by_factor=by_factor(given.calls),
        graph_version=given.version,
    )


def table_says(facts: Facts, values: Values) -> Match:
    """What the table makes of these values, with the rows in force on the case's day."""
    return match(facts.sop, values, applies=lambda row: _applies(facts, row))


def _row_route(found: Match) -> Route:
    """The deciding row's route, or a stricter one of a row that matches, or may, as well."""
    if found.row is None:
        return Route.REVIEW
    rows = (found.row, *found.also, *found.undecided)
    return max((row.spec.route for row in rows), key=lambda route: route.rank)


def _applies(facts: Facts, row: Row) -> bool:
    return all(facts.in_force(clause) for clause in row.spec.policy)


def _missing(
    facts: Facts, factors: Mapping[str, Factor], found: Match
) -> tuple[MissingInformation, ...]:
    required = [
        _missing_action(facts, name)
        for name in _without_data(facts)
        if not _asked_in_vain(facts, factors, name)
    ]
    if required:
        return tuple({one.question: one for one in required}.values())
    return tuple(_missing_factor(facts, factors[name]) for name in found.blocked)


def _asked_in_vain(facts: Facts, factors: Mapping[str, Factor], action: str) -> bool:
    """Whether the party who was asked in place of the action let its window close."""
    asked = factors.get(facts.sop.actions[action].spec.ask or "")
    return asked is not None and asked.known and asked.reason.startswith(NOT_SUPPLIED)


def _without_data(facts: Facts) -> list[str]:
    """Required actions that found nothing, or could not be run for a reason of their own."""
    lacking = {
        name
        for name, action in facts.sop.actions.items()
        if action.spec.required and facts.records[name].status in ("no_data", "not_run")
    }
    # What was not run because another required action brought nothing would only repeat it.
    return [
        name
        for name, action in facts.sop.actions.items()
        if name in lacking
        and (facts.records[name].status == "no_data" or lacking.isdisjoint(action.needs))
    ]


def _missing_action(facts: Facts, name: str) -> MissingInformation:
    spec = facts.sop.actions[name].spec
    if spec.ask:
        return _ask(facts, spec.ask, (name,))
    record = facts.records[name]
    found = "found nothing" if record.status == "no_data" else "could not be run"
    own = record.status == "not_run" or record.reason.startswith(STALE)
    meaning = record.reason if own else spec.no_data or record.reason
    return MissingInformation(
        factor="", actions=(name,), party="reviewer", question=f"{name} {found}: {meaning}."
    )


def _missing_factor(facts: Facts, factor: Factor) -> MissingInformation:
    waiting = tuple(name for name in factor.waits_for if name in facts.sop.actions)
    spec = facts.sop.factors[factor.name].spec
    if spec.question and not waiting and factor.by == "rule":
        # The text is there and nobody has read it: no party can mend that.
        return MissingInformation(
            factor=factor.name, actions=(), party="reviewer", question=spec.question
        )
    return _ask(facts, factor.name, waiting)


def _ask(facts: Facts, factor: str, actions: tuple[str, ...]) -> MissingInformation:
    spec = facts.sop.factors[factor].spec
    if spec.burden is None:
        question = spec.question or f"Establish the factor {factor}: {spec.told}"
        return MissingInformation(
            factor=factor, actions=actions, party="reviewer", question=question
        )
    language = str((facts.case.data or {}).get("language", "en"))
    wording = spec.ask.get(language) or spec.ask.get("en") or next(iter(spec.ask.values()))
    return MissingInformation(
        factor=factor,
        actions=actions,
        party=spec.burden,
        question=wording,
        answer_days=spec.answer_days,
    )


def _outcome(found: Match, missing: tuple[MissingInformation, ...]) -> str:
    if found.row is not None:
        return found.row.spec.outcome
    someone = any(one.party != "reviewer" for one in missing)
    return REQUEST_INFORMATION if someone else ESCALATE


def _claims(
    facts: Facts,
    factors: Mapping[str, Factor],
    found: Match,
    recalled: Evidence | None,
    outcome: str,
) -> tuple[Claim, ...]:
    claims = rationale(facts, factors, found)
    similar = precedent_claim(recalled, outcome) if recalled else None
    return (*claims, similar) if similar else claims


def _precedents(recalled: Evidence | None, kind: str) -> tuple[Precedent, ...]:
    items = (recalled.data or {}).get(kind, []) if recalled else []
    return tuple(Precedent.model_validate(item) for item in items)


def _since(factors: Sequence[Factor]) -> dict[str, Value]:
    """What readers and people established: precedents were found before."""
    return {one.name: one.value for one in factors if one.value is not None and one.by != "rule"}


def _stability(facts: Facts, values: Values, found: Match) -> int | None:
    if found.row is None:
        return None
    return stability(facts.sop, values, applies=lambda row: _applies(facts, row))


def _told(found: Match, missing: tuple[MissingInformation, ...]) -> tuple[str, ...]:
    if found.row is not None:
        same = ", ".join(str(row.number) for row in found.undecided)
        doubt = (f"row {same} is open, and cannot change the outcome",) if same else ()
        also = (f"row {r.number} matches as well: {' or '.join(r.spec.then)}" for r in found.also)
        return (f"row {found.row.number} of the table: {found.row.condition.text}", *also, *doubt)
    if missing:
        named = dict.fromkeys(one.factor or ", ".join(one.actions) for one in missing)
        return (f"undecided for want of {', '.join(named)}",)
    if found.clashing:
        numbers = " and ".join(str(row.number) for row in found.clashing)
        return (f"rows {numbers} match together, and the table allows one",)
    return ("no row of the table covers this case",)

"""Judges a case again on frozen evidence: no source is asked, and nothing but the store is written.

A shadow version stands beside the one in use: what it would have proposed is kept for
``eval collect``. It waits for nobody and nobody waits for it, it enforces nothing, and where it
fails that stays in its own record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from agents.ledger import ledger
from agents.reading import Reader
from casewright.cost import total
from casewright.models import Cost, Decision, Evidence, Factor, ModelCall, ReviewAct, Run
from casewright.store import Store
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.errand import errand_of
from graphs.facts import Facts
from graphs.lapse import resolved
from graphs.notes import settled
from graphs.plan import planned
from graphs.read import established, open_questions
from graphs.replay import Recording, facts_then
from graphs.route import NONE, Clearance, route
from graphs.sop import Sop
from graphs.state import Services
from graphs.verify import verify
from tools.base import Tool


# No repr: evidence is long.
@dataclass(frozen=True, repr=False)
class Beside:
    """What a run rests on beside what its actions brought.

    Attributes:
        run_id: The run; what is planned bears its id and is never carried out.
        recalled: The frozen finding of past cases, or None.
        notes: The frozen notes of experts.
        asked: Factors that a party was asked for, and when.
        clearance: What may pass without a person.
    """

    run_id: str
    recalled: Evidence | None = None
    notes: tuple[Evidence, ...] = ()
    asked: Mapping[str, datetime] = field(default_factory=dict)
    clearance: Clearance = NONE


@dataclass(frozen=True, repr=False)
class Held:
    """A run's frozen evidence.

    Attributes:
        run: The run.
        recording: Answers with that evidence.
        beside: The rest.
    """

    run: Run
    recording: Recording
    beside: Beside

    def reader(self, services: Services) -> Reader:
        """Who reads a case again: look-ups are answered from the run's evidence alone."""
        return services.reading(self.recording) if services.reading else services.reader


async def held(run: Run, tools: Mapping[str, Tool], services: Services) -> Held:
    """What the store holds of a run.

    Args:
        run: It has a decision.
        tools: Tools by name; none of them is called.
        services: Of the process.

    Raises:
        UsageError: the store lacks some of it.
        VerificationError: it was changed since.
    """
    decision, store = run.decision, services.store
    evidence = await store.evidence_of(await store.linked(run.run_id))
    cited = await _cited(run, store)
    notes = await store.evidence_of(note.digest for note in (decision.notes if decision else ()))
    beside = Beside(
        run_id=run.run_id,
        recalled=next((one for one in cited.values() if one.tool == "recall"), None),
        notes=tuple(notes[one.digest] for one in (decision.notes if decision else ())),
        asked=run.asked,
        clearance=services.clearance,
    )
    answers = {**evidence, **{key: one for key, one in cited.items() if one.tool in tools}}
    return Held(run, Recording(tools, answers.values()), beside)


async def _cited(run: Run, store: Store) -> dict[str, Evidence]:
    """What the decision cites: look-ups of the reader and past cases are linked by that alone."""
    cited = run.decision.citations if run.decision else ()
    return await store.intact_evidence({one.reference for one in cited if one.kind != "policy"})


async def judged_by(
    sop: Sop, version: str, kept: Held, services: Services
) -> tuple[Decision, tuple[str, ...]]:
    """What a version proposes on a run's frozen evidence, and its actions that have none of it.

    Raises:
        CasewrightError: the evidence cannot be judged by it.
    """
    facts = await facts_then(sop, kept.run, kept.recording)
    decision = await judged(facts, version, kept.beside, kept.reader(services))
    lacks = (name for name, record in facts.records.items() if record.status == "not_run")
    return decision, tuple(lacks)


async def judged(facts: Facts, version: str, beside: Beside, reader: Reader) -> Decision:
    """The proposal that a version makes of facts: factors, reading, table, verifier and route.

    Args:
        facts: The case under the version's procedure.
        version: The version, as the decision is to name it.
        beside: What the case rests on beside them.
        reader: Answers the open questions.

    Raises:
        CasewrightError: a rule or the source of a look-up is at fault.
    """
    factors = settled(assess(facts), beside.notes)
    factors, calls, looked_up, used = await _read(facts, factors, reader)
    factors = resolved(factors, beside.asked, facts.case.as_of, facts.sop.factors)
    given = Given(factors, beside.recalled, used, version, calls, beside.notes)
    proposal = planned(facts, decide(facts, given), beside.run_id)
    recalled = () if beside.recalled is None else (beside.recalled,)
    others = (facts.case, *beside.notes, *recalled, *looked_up)
    evidence = {**facts.evidence, **{one.digest: one for one in others}}
    checked = verify(proposal, evidence, facts.sop.policy)
    return route(facts, checked, floor=checked.route, clearance=beside.clearance)


async def _read(
    facts: Facts, factors: tuple[Factor, ...], reader: Reader
) -> tuple[tuple[Factor, ...], Sequence[ModelCall], tuple[Evidence, ...], Cost]:
    """The factors as a reader leaves them, its calls, what it looked up and what it used."""
    questions = open_questions(facts, factors)
    if not questions:
        return factors, (), (), Cost()
    with ledger() as calls:
        reading = await reader.read(questions, errand_of(facts))
    used = reading.cost if reading.cost.model_calls else reading.cost + total(calls)
    told = established(factors, reading, questions, facts.sop.factors)
    return told, calls, tuple(reading.evidence), used


def changed_by_people(run: Run) -> bool:
    """Whether the run's decision is no longer what its version proposed."""
    return any(one.act is ReviewAct.EDIT for one in run.standing)

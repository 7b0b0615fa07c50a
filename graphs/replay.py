"""Decides past cases again, by another version and on the evidence they had."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from casewright.clock import utc_now
from casewright.errors import SourceUnavailable
from casewright.models import Cost, Decision, Evidence, Factor, Model, Run, RunStatus
from casewright.store import Store
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.facts import Facts, freeze_case
from graphs.gather import Gathering
from graphs.plan import planned
from graphs.sop import Sop
from tools.base import Answer, Query, Tool, ToolInputError
from tools.toolbox import Question, Toolbox


class PastFlip(Model):
    """A past case that the newer version decides otherwise on the evidence it had.

    Attributes:
        case_id: The case.
        before: What the older version decides.
        after: What the newer one does.
        settled: How the case was closed, or empty where it is not.
        lacks: Actions of the newer version that the run has no evidence of.
    """

    case_id: str
    before: str
    after: str
    settled: str = ""
    lacks: tuple[str, ...] = ()


class _Nowhere:
    """No source: what was not asked then is not asked now."""

    async def get(self, path: str, query: Query, *, as_of: datetime, paged: bool = False) -> Answer:
        raise SourceUnavailable(f"A replay does not ask for {path}.")


class Recording(Toolbox):
    """Answers with a run's own evidence, whatever an action is called now.

    Args:
        tools: Tools by name.
        evidence: What the run was answered.
        remedy: What to do about a question that was never asked, or empty.

    Attributes:
        refused: How many questions it could not answer.
    """

    def __init__(
        self, tools: Mapping[str, Tool], evidence: Iterable[Evidence], *, remedy: str = ""
    ) -> None:
        super().__init__(tools, _Nowhere(), utc_now)
        self._answers = {_key(item): item for item in evidence}
        self._remedy = remedy
        self.refused = 0

    async def ask(self, question: Question) -> Evidence:
        """The answer of then.

        Raises:
            ToolInputError: the run never asked this.
        """
        if question.key not in self._answers:
            self.refused += 1
            told = f"The run never asked {question.tool.name} this."
            raise ToolInputError(f"{told} {self._remedy}".rstrip())
        return self._answers[question.key]


def _key(item: Evidence) -> tuple[str, str, datetime]:
    return item.tool, json.dumps(item.request, sort_keys=True), item.as_of


async def past_flips(
    old: Sop, new: Sop, runs: Sequence[Run], store: Store, tools: Mapping[str, Tool]
) -> tuple[PastFlip, ...]:
    """The runs that one version decides otherwise than another, on the same frozen evidence.

    Args:
        old: The version before.
        new: The version after.
        runs: Past runs with a decision.
        store: Holds their evidence.
        tools: Tools by name; none of them is called.

    Raises:
        VerificationError: evidence was changed since.
        ExpressionError: a rule compares what cannot be compared.
    """
    found = [await _flip(old, new, run, store, tools) for run in runs]
    return tuple(flip for flip in found if flip is not None)


async def facts_then(sop: Sop, run: Run, recording: Recording) -> Facts:
    """What a run's own evidence says under a procedure; no source is asked.

    Raises:
        ExpressionError: an argument's expression compares what cannot be compared.
    """
    case = freeze_case(run.case, as_of=run.as_of, at=run.started_at)
    return await Gathering(sop, case, recording, run.as_of).run()


async def _flip(
    old: Sop, new: Sop, run: Run, store: Store, tools: Mapping[str, Tool]
) -> PastFlip | None:
    evidence = await store.evidence_of(await store.linked(run.run_id))
    recording = Recording(tools, evidence.values())
    before, _ = await _decided(old, run, recording)
    after, lacks = await _decided(new, run, recording)
    if before.outcome == after.outcome:
        return None
    done = run.decision if run.status is RunStatus.DONE else None
    return PastFlip(
        case_id=run.case.case_id,
        before=before.outcome,
        after=after.outcome,
        settled=done.outcome if done else "",
        lacks=lacks,
    )


async def _decided(sop: Sop, run: Run, recording: Recording) -> tuple[Decision, tuple[str, ...]]:
    facts = await facts_then(sop, run, recording)
    given = Given(_as_established(assess(facts), run), None, Cost(), run.graph_version)
    decision = planned(facts, decide(facts, given), run.run_id)
    lacks = (name for name, record in facts.records.items() if record.status == "not_run")
    return decision, tuple(lacks)


def _as_established(factors: Iterable[Factor], run: Run) -> tuple[Factor, ...]:
    """What a reader or a person established then stays; rules are applied anew."""
    known = run.decision.factors if run.decision else ()
    then = {one.name: one for one in known if one.by == "human" or (one.known and one.by != "rule")}
    return tuple(then.get(factor.name, factor) for factor in factors)

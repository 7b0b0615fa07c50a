"""What versions proposed on real cases, beside what people decided: for ``eval compare``.

A shadow is set beside the run's own version on the same case. A canary decides cases of its own,
so the version in production is run again on their frozen evidence: that gives pairs as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from casewright.cost import currency_of
from casewright.errors import UsageError
from casewright.models import Decision, GoldCase, ReviewAct, Run, RunStatus
from casewright.release import Release, Standing
from casewright.shadow import ShadowRun
from casewright.store import Store
from evals.scored import Scored
from evals.suite import score
from graphs.run import Investigator

Stage = Literal["shadow", "canary"]

MOST = 1_000_000
"""Runs looked through; a store holds fewer."""

ANCHORED = {
    "shadow": "Reviewers saw the champion's proposal: what they let pass leans towards it.",
    "canary": "Reviewers saw the challenger's proposal: what they let pass leans towards it.",
}
"""Whose proposal stood before the eyes of those whose decisions count as right here."""


@dataclass(frozen=True)
class Collected:
    """Both sides, case by case.

    Attributes:
        champion: What the version in production proposes.
        challenger: What the shadow or canary does.
        left_out: Cases that are not among them, by why.
    """

    champion: tuple[Scored, ...]
    challenger: tuple[Scored, ...]
    left_out: Counter[str]


async def collect(
    investigator: Investigator,
    sop: str,
    stage: Stage,
    *,
    since: datetime | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Collected:
    """Collect the closed cases that people decided.

    Args:
        investigator: Opened over the store; its reader runs only where a canary's cases are judged
            by the version in production.
        sop: Name of the SOP.
        stage: Whether its shadow or its canary is the challenger.
        since: Only cases that entered from then on; None: from when that was promoted.
        progress: Called with how many are done, and of how many.

    Raises:
        UsageError: nothing stands there, or a canary has no version in production beside it that
            runs under these settings.
    """
    standing = await investigator.store.releases.standing(sop)
    challenger = _challenger(standing, sop, stage)
    closed = await _closed(investigator.store, sop, since or challenger.at)
    champion = standing.production
    if stage == "canary" and champion is None:
        raise UsageError(
            f"No version of {sop} is in production beside its canary.",
            remedy="Promote one: `casewright sop promote`.",
        )
    if stage == "canary" and champion is not None:
        await investigator.released(champion)  # its faults are not to count against it
    found: list[tuple[Scored, Scored]] = []
    left_out: Counter[str] = Counter()
    for done, run in enumerate(closed, start=1):
        if why := _unfit(run, stage, champion, challenger):
            left_out[why] += 1
        else:
            pair = await _pair(investigator, run, stage, champion, challenger)
            if isinstance(pair, str):
                left_out[pair] += 1
            else:
                found.append(pair)
        progress(done, len(closed))
    return Collected(tuple(one for one, _ in found), tuple(other for _, other in found), left_out)


def _challenger(standing: Standing, sop: str, stage: Stage) -> Release:
    found = standing.at(stage)
    if found is None:
        raise UsageError(
            f"No version of {sop} stands in {stage}.",
            remedy=f"Promote one: `casewright sop promote {sop} --to {stage}`.",
        )
    return found


async def _closed(store: Store, sop: str, since: datetime) -> Sequence[Run]:
    """The newest closed run of each case, oldest first."""
    runs = await store.runs(RunStatus.DONE, limit=MOST)
    mine = (run for run in runs if run.sop == sop and run.started_at >= since)
    return tuple({run.case.case_id: run for run in mine}.values())


def _unfit(run: Run, stage: Stage, champion: Release | None, challenger: Release) -> str:
    """Why a run cannot be set beside another version, or empty."""
    if not run.reviews or run.reviews[-1].act not in (ReviewAct.APPROVE, ReviewAct.EDIT):
        return "no person decided it"
    if stage == "canary":
        return "" if run.graph_version == challenger.version else "the canary did not decide it"
    if run.graph_version == challenger.version:
        return "the shadow's own version decided it"
    if champion is not None and run.graph_version != champion.version:
        return "another version than the one in production decided it"
    return ""


async def _pair(
    investigator: Investigator,
    run: Run,
    stage: Stage,
    champion: Release | None,
    challenger: Release,
) -> tuple[Scored, Scored] | str:
    """What champion and challenger propose, or why the case cannot be used."""
    gold = gold_of_run(run)
    if stage == "canary" and champion is not None:
        again = await investigator.shadows.judge_again(run, champion)
        if again.decision is None:
            return "the version in production could not judge it again"
        own = _own(gold, run, again)
        return own if isinstance(own, str) else (_beside(gold, run, again), own)
    shadow = await investigator.store.shadows.get(run.run_id, challenger.version)
    if shadow is None:
        return "the shadow has not judged it: `casewright investigate` has it try again"
    own = _own(gold, run, shadow)
    return own if isinstance(own, str) else (own, _beside(gold, run, shadow))


def gold_of_run(run: Run) -> GoldCase:
    """The run's case as a gold case: right is what people finally decided."""
    return GoldCase(
        case_id=run.case.case_id,
        case_type=run.case.case_type,
        outcome=run.decision.outcome if run.decision else "",
        as_of=run.as_of,
        seller_id=run.case.seller_id,
        region=run.case.region,
        channel=run.case.channel,
        language=run.case.language,
        truth="review",
    )


def _own(gold: GoldCase, run: Run, beside: ShadowRun) -> Scored | str:
    """What the run's own version proposed, before people changed it."""
    proposal = beside.proposal or (run.decision if not _edited(run) else None)
    if proposal is None:
        return "what was proposed before it was edited cannot be told"
    return _scored(gold, run, run.graph_version, proposal)


def _edited(run: Run) -> bool:
    return any(one.act is ReviewAct.EDIT for one in run.standing)


def _beside(gold: GoldCase, run: Run, beside: ShadowRun) -> Scored:
    """What the other version proposes; where it failed, an error."""
    if beside.decision is None:
        return Scored(
            gold=gold,
            outcome="",
            status=RunStatus.FAILED,
            reason=beside.error,
            graph_version=beside.version,
        )
    return _scored(gold, run, beside.version, beside.decision)


def _scored(gold: GoldCase, run: Run, version: str, decision: Decision) -> Scored:
    other = {"decision": decision, "graph_version": version, "status": RunStatus.WAITING}
    spent = {"cost": decision.cost, "currency": currency_of(decision.calls)}
    return score(gold, run.model_copy(update=other)).model_copy(update=spent)

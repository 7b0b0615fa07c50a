"""Reviewed proposals: from results files, and from the closed reviews of a home folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from casewright.errors import UsageError
from casewright.models import Run
from casewright.second_look import SecondLook, settled_by
from casewright.store import Store
from evals.calibrate_fit import Reviewed
from evals.results import key_of
from evals.scored import Scored

AGAIN = "Judge the gold cases again with `casewright eval run --out FILE`."


def one_version(scored: Iterable[Scored], sop: str = "") -> str:
    """The graph version that judged them, or those of one SOP.

    Raises:
        UsageError: none did, or several.
    """
    found = sorted({one.graph_version for one in scored if _of(one.graph_version, sop)})
    if len(found) == 1:
        return found[0]
    if not found:
        of = f" of {sop}" if sop else ""
        raise UsageError(f"No graph version{of} judged these cases.", remedy=AGAIN)
    names = {one.partition("@")[0] for one in found}
    remedy = "Name one with --sop." if len(names) > 1 else AGAIN
    told = f"The cases were judged by {len(found)} graph versions: {', '.join(found)}."
    raise UsageError(told, remedy=remedy)


def _of(version: str, sop: str) -> bool:
    return bool(version) and (not sop or version.partition("@")[0] == sop)


def from_results(scored: Iterable[Scored], version: str) -> tuple[Reviewed, ...]:
    """What scored cases of a version teach; a case that stands twice counts once.

    A request for a record that had been withheld is right: a reviewer would have asked as well.

    Raises:
        UsageError: a case was judged without a look at how the decision came about.
    """
    mine = {key_of(one.gold): one for one in scored if one.graph_version == version}
    decided = [one for one in mine.values() if one.outcome]
    for one in decided:
        if one.traits is None or not one.traits.profile.outcome:
            told = f"{one.gold.case_id} was judged without its profile."
            raise UsageError(told, remedy=AGAIN)
    return tuple(_reviewed(one) for one in decided)


def _reviewed(one: Scored) -> Reviewed:
    gold, traits = one.gold, one.traits
    if traits is None:
        raise UsageError(f"{gold.case_id} was judged without its profile.", remedy=AGAIN)
    simulated = "simulation" if gold.seed is not None else ""
    return Reviewed(
        profile=traits.profile,
        right=one.right or one.asked_rightly,
        party=f"{gold.seed}/{gold.seller_id}",
        truth=gold.truth or simulated,
    )


async def from_store(store: Store, version: str) -> tuple[Reviewed, ...]:
    """What people made of a version's own proposals: closed reviews, and second looks."""
    looks = await store.second_looks.all()
    runs = await store.second_looks.closed(version)
    found = (_settled(run, looks.get(run.run_id, ())) for run in runs)
    return tuple(one for one in found if one is not None)


def _settled(run: Run, looks: Sequence[SecondLook]) -> Reviewed | None:
    if run.proposed is None or run.decision is None or not (run.reviews or looks):
        return None
    return Reviewed(
        profile=run.proposed.profile,
        right=settled_by(looks, run.decision.outcome) == run.proposed.outcome,
        party=run.case.seller_id,
        truth="second look" if looks else "review",
    )

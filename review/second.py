"""Second looks: what a second reader is shown, and what comes of their verdict.

The reader sees the case and its evidence; neither the decision nor how sure the graph was, nor
whether a person was asked (handbook 12, double-blind sampling).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from casewright.base import Model, Moment, Money
from casewright.calibration import SwitchedOff
from casewright.errors import UnknownName, UsageError
from casewright.models import ALWAYS_OUTCOMES, Citation, Run, RunStatus
from casewright.second_look import SecondLook, disputed
from casewright.store import Store
from casewright.team import Permission
from graphs.watch import switch_off


class Blind(Model):
    """A case as it is shown without its decision: to a second reader, or to be read first.

    Attributes:
        case_id: The case.
        sop: Name of its SOP.
        region: Its region.
        channel: How it came in.
        impact: What it is about.
        text: What the party wrote.
        opened_at: When it was opened.
        outcomes: What it can end in.
        evidence: Names and values (JSON) of what was found, in alphabetical order; empty in a
            list of cases.
    """

    case_id: str
    sop: str
    region: str
    channel: str
    impact: Money
    text: str
    opened_at: Moment
    outcomes: tuple[str, ...] = ()
    evidence: tuple[tuple[str, Any], ...] = ()


class Disputed(Model):
    """A case on which a second reader differs, for a senior to settle.

    Attributes:
        case_id: The case.
        sop: Name of its SOP.
        decided: How it was closed.
        automatic: Whether it passed without a person.
        looks: The looks, oldest first.
    """

    case_id: str
    sop: str
    decided: str
    automatic: bool
    looks: tuple[SecondLook, ...]


class Verdict(Model):
    """A second look that was written down.

    Attributes:
        case_id: The case.
        look: The look.
        decided: How the case was closed.
        agrees: Whether the reader decided the same.
        arbitrated: Whether it settled what two readers differed about.
        switched_off: What the looks so far switched off.
    """

    case_id: str
    look: SecondLook
    decided: str
    agrees: bool
    arbitrated: bool
    switched_off: tuple[SwitchedOff, ...] = ()


def blind(run: Run, outcomes: Sequence[str] = (), citations: Sequence[Citation] = ()) -> Blind:
    """A closed run without its decision.

    Args:
        run: The run.
        outcomes: What its SOP's cases can end in.
        citations: What its claims cite; of them the evidence is shown, without the claims.
    """
    cited = ((one.label, one.quote) for one in citations if one.kind == "evidence")
    facts = {json.dumps(one, default=str): one for one in cited}
    return Blind(
        case_id=run.case.case_id,
        sop=run.sop,
        region=run.case.region,
        channel=run.case.channel,
        impact=run.case.impact,
        text=run.case.text,
        opened_at=run.case.opened_at,
        outcomes=tuple(outcomes),
        evidence=tuple(facts[key] for key in sorted(facts)),
    )


def disputes(looked: Iterable[tuple[Run, Sequence[SecondLook]]]) -> tuple[Disputed, ...]:
    """Those of closed runs on which a second reader differs and nobody has arbitrated."""
    return tuple(
        Disputed(
            case_id=run.case.case_id,
            sop=run.sop,
            decided=_decided(run),
            automatic=run.automatic,
            looks=tuple(looks),
        )
        for run, looks in looked
        if disputed(looks, _decided(run))
    )


async def write_down(
    store: Store,
    run: Run,
    look: SecondLook,
    outcomes: Sequence[str],
    *,
    may: Callable[[Permission], None],
) -> Verdict:
    """Write a second look down, and switch off what it shows to be broken.

    Args:
        store: Where it is written.
        run: The run that was drawn.
        look: The look.
        outcomes: What its SOP's cases can end in.
        may: Refuses who may not, with Forbidden: reading a second time is one thing, settling
            what readers differ about another.

    Raises:
        UnknownName: the SOP has no such outcome.
        UsageError: the run was not drawn, or the reader has had to do with it, or all is settled.
    """
    if look.outcome not in (known := {*outcomes, *ALWAYS_OUTCOMES}):
        raise UnknownName.among("outcome", look.outcome, known)
    require_drawn(run)
    before = await store.second_looks.of(run.run_id)
    arbitrates = disputed(before, _decided(run))
    may(Permission.ARBITRATE if arbitrates else Permission.SECOND_LOOK)
    _require_other(run, before, look.reviewer)
    if before and not arbitrates:
        raise UsageError(f"Case {run.case.case_id!r} was looked at again, and nothing is open.")
    await store.second_looks.put(look)
    off = await switch_off(store, run.graph_version, look.at) if run.automatic else ()
    return Verdict(
        case_id=run.case.case_id,
        look=look,
        decided=_decided(run),
        agrees=look.outcome == _decided(run),
        arbitrated=arbitrates,
        switched_off=off,
    )


def require_drawn(run: Run) -> None:
    """Refuse a run that nobody drew: who chooses what to look at measures their choice.

    Raises:
        UsageError: it is not closed, or was not drawn.
    """
    if run.status is not RunStatus.DONE or not run.second_look:
        raise UsageError(
            f"Case {run.case.case_id!r} was not drawn for a second look.",
            remedy="`casewright review list --second-look` shows what was.",
        )


async def require_looked(store: Store, run: Run, reviewer: str) -> None:
    """Refuse to show how a drawn run was decided to a second reader who has not looked at it.

    Raises:
        UsageError: they are to look at it first.
    """
    if run.status is not RunStatus.DONE or not run.second_look or had_part(run, reviewer):
        return
    looks = await store.second_looks.of(run.run_id)
    if not looks:
        raise UsageError(
            f"Case {run.case.case_id!r} was drawn, and nobody has looked at it again yet.",
            remedy=f"Look at it without its decision: casewright review second {run.case.case_id}",
        )


def had_part(run: Run, reviewer: str) -> bool:
    """Whether somebody reviewed a run, and so knows what it says."""
    return any(one.reviewer == reviewer for one in run.reviews)


def _require_other(run: Run, looks: Sequence[SecondLook], reviewer: str) -> None:
    known = {one.reviewer for one in run.reviews} | {one.reviewer for one in looks}
    if reviewer in known:
        raise UsageError(
            f"{reviewer} has decided this case before.", remedy="Somebody else has to look."
        )


def _decided(run: Run) -> str:
    return run.decision.outcome if run.decision else ""

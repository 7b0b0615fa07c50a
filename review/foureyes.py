"""Four eyes: who may not decide a case, for what they did before.

The handbook (12, Roles): "Nobody decides a case of a party they handled before at a lower level,
nor both appeals of one violation"; APL-1.2: "the second is decided by someone else". It is read so:

- *handled* is any act of a review, also sending a case back or handing it on;
- *a case of a party* is the same matter of that party: the case itself, or one about the same
  violation, appeal, notice, claim or hold. Cases of one seller that have nothing else in common
  are no reason; an SOP that wants them to be says ``four_eyes: party``;
- *a lower level* is a route below the one that the case is on now, or a level that handed it on:
  who escalates a case does not decide it afterwards, nor does who acted on it before that;
- *an appeal* is a case of the channel ``appeal`` or of a type ``appeal.…``. Who acted on what is
  appealed against, or on another appeal about it, does not decide it.

A second appeal of another case therefore goes to somebody else, and so does an appeal against
one's own decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from casewright.errors import Forbidden
from casewright.models import ReviewAct, Route, Run
from casewright.store import Store
from casewright.store.matters import Before
from graphs.gate import FourEyes

APPEALS: Final = "appeal."
"""What types of cases that are appeals start with."""


async def require_other_eyes(store: Store, run: Run, reviewer: str, asked: FourEyes) -> None:
    """Refuse who may not decide a run for what they did before.

    Args:
        store: Holds what was decided before.
        run: The run that waits.
        reviewer: Who would decide it.
        asked: What its SOP asks for.

    Raises:
        Forbidden: it says what they did.
    """
    why = handed_on(run, reviewer) or await _earlier(store, run, reviewer, asked)
    if why:
        raise Forbidden(f"{reviewer} {why}.", remedy="Somebody else has to decide this one.")


def handed_on(run: Run, reviewer: str) -> str:
    """What a reviewer did to a run before it was last escalated, or nothing."""
    acts = [one.act for one in run.reviews]
    if ReviewAct.ESCALATE not in acts:
        return ""
    last = len(acts) - acts[::-1].index(ReviewAct.ESCALATE)
    mine = [one.act for one in run.reviews[:last] if one.reviewer == reviewer]
    if ReviewAct.ESCALATE in mine:
        return f"escalated case {run.case.case_id!r} themselves"
    return f"acted on case {run.case.case_id!r} before it was escalated" if mine else ""


async def _earlier(store: Store, run: Run, reviewer: str, asked: FourEyes) -> str:
    before = await store.matters.acted_on(reviewer, run)
    if not before:
        return ""
    return next(objections(run, await store.matters.of(run), before, asked), "")


def objections(
    run: Run, matter: frozenset[str], before: Sequence[Before], asked: FourEyes
) -> Iterator[str]:
    """Why somebody may not decide a run, for each earlier run that they acted on.

    Args:
        run: The run that waits.
        matter: What it is about.
        before: What they acted on.
        asked: What its SOP asks for.
    """
    route = run.decision.route if run.decision else Route.REVIEW
    for one in before:
        same_case = one.case_id == run.case.case_id
        if matter & one.matter:
            if one.route is not None and one.route.rank < route.rank:
                yield f"handled {_named(one, run)} at a lower level"
            elif not same_case and (asked != "appeals" or appeals(run)):
                yield f"acted on {_named(one, run)}"
        elif asked == "party" and one.seller_id == run.case.seller_id:
            yield f"acted on case {one.case_id!r} of the same seller"


def appeals(run: Run) -> bool:
    """Whether a case is an appeal."""
    return run.case.channel == "appeal" or run.case.case_type.startswith(APPEALS)


def _named(one: Before, run: Run) -> str:
    if one.case_id == run.case.case_id:
        return "this case"
    return f"case {one.case_id!r} about the same matter"

"""What changes between two versions of an SOP: in words, by proof, and on past cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pydantic import Field

from casewright.models import Model, Run, Value
from graphs.encode import Encoding, Formula, both_hold, smallest
from graphs.schema import SopSpec
from graphs.sop import Sop
from graphs.table import match


class Flip(Model):
    """That some cases go from one outcome to another.

    ``example`` is the smallest combination of factor values for which they do; factors that are
    not named do not matter. ``undecided`` stands for cases that no row covers.
    """

    before: str
    after: str
    example: dict[str, Value] = Field(default_factory=dict)


class PastFlip(Model):
    """A past case that the newer table would decide otherwise, with the facts it had."""

    case_id: str
    before: str
    after: str


class Difference(Model):
    """What changes from one version to another.

    Attributes:
        changed: Parts that were added, removed or changed, such as ``factors.in_window``.
        flips: Changes of outcome, proved over every combination of factor values.
        past: Recorded cases whose outcome would change.
        compared: How many recorded cases were looked at.
    """

    changed: tuple[str, ...]
    flips: tuple[Flip, ...]
    past: tuple[PastFlip, ...]
    compared: int


UNDECIDED = "undecided"


def differ(old: Sop, new: Sop, runs: Iterable[Run] = ()) -> Difference:
    """Compare two SOPs.

    The proof compares the tables over the same factor values. A factor of the same name whose rule
    changed may take other values on the same evidence: it is listed under ``changed``, and its
    effect shows on past cases only when they are investigated again.

    Args:
        old: The version before.
        new: The version after.
        runs: Past runs that the old version decided.
    """
    recorded = [run for run in runs if run.decision is not None]
    return Difference(
        changed=tuple(_changed(old, new)),
        flips=tuple(_flips(old, new)),
        past=tuple(_past(new, recorded)),
        compared=len(recorded),
    )


def _changed(old: Sop, new: Sop) -> Iterator[str]:
    before = old.spec.model_dump(mode="json", by_alias=True)
    after = new.spec.model_dump(mode="json", by_alias=True)
    for part in SopSpec.model_fields:
        one, other = before[part], after[part]
        if isinstance(one, dict):
            keys = sorted(
                key for key in one.keys() | other.keys() if one.get(key) != other.get(key)
            )
            yield from (f"{part}.{key}" for key in keys)
        elif one != other:
            yield part
    if old.policy != new.policy:
        yield "policy"


def _flips(old: Sop, new: Sop) -> Iterator[Flip]:
    before, after = Encoding(old), Encoding(new)
    variables = list({**before.variables, **after.variables}.values())
    for one, first in _decisions(old, before).items():
        for other, second in _decisions(new, after).items():
            if one == other:
                continue
            example = smallest(both_hold(first, second), variables)
            if example is not None:
                yield Flip(before=one, after=other, example=dict(example))


def _decisions(sop: Sop, encoding: Encoding) -> Mapping[str, Formula]:
    outcomes = dict.fromkeys(row.spec.outcome for row in sop.rows)
    decided = {outcome: encoding.decides(outcome) for outcome in outcomes}
    return {**decided, UNDECIDED: encoding.uncovered}


def _past(new: Sop, runs: Iterable[Run]) -> Iterator[PastFlip]:
    for run in runs:
        decision = run.decision
        if decision is None or not decision.row:
            continue
        values = {factor.name: factor.value for factor in decision.factors}
        row = match(new, values).row
        after = row.spec.outcome if row else UNDECIDED
        if after != decision.outcome:
            yield PastFlip(case_id=run.case.case_id, before=decision.outcome, after=after)

"""What changes between two versions of an SOP: in words, by proof, and on past cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import Field

from casewright.models import Model, Value
from graphs.encode import Encoding, Formula, both_hold, smallest
from graphs.replay import PastFlip
from graphs.schema import SopSpec
from graphs.sop import Sop


class Flip(Model):
    """That some cases go from one outcome to another.

    ``example`` is the smallest combination of factor values for which they do; factors that are
    not named do not matter. ``undecided`` stands for cases that no row covers.
    """

    before: str
    after: str
    example: dict[str, Value] = Field(default_factory=dict)


class Difference(Model):
    """What changes from one version to another.

    Attributes:
        changed: Parts that were added, removed or changed, such as ``factors.in_window``.
        flips: Changes of outcome, proved over every combination of factor values.
        past: Recorded cases whose outcome would change, on the evidence they had.
        compared: How many recorded cases were looked at.
    """

    changed: tuple[str, ...]
    flips: tuple[Flip, ...]
    past: tuple[PastFlip, ...]
    compared: int


UNDECIDED = "undecided"


def differ(old: Sop, new: Sop, past: Sequence[PastFlip] = (), *, compared: int = 0) -> Difference:
    """Compare two SOPs.

    The proof compares the tables over the same factor values. A factor of the same name whose rule
    changed may take other values on the same evidence: it is listed under ``changed``, and its
    effect shows on past cases.

    Args:
        old: The version before.
        new: The version after.
        past: Past cases that they decide differently; see :func:`graphs.replay.past_flips`.
        compared: How many past cases were looked at.
    """
    return Difference(
        changed=tuple(_changed(old, new)),
        flips=tuple(_flips(old, new)),
        past=tuple(past),
        compared=compared,
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

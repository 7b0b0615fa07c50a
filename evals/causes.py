"""What can be wrong with a gold case, who can mend it, and wrong cases grouped by that."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from casewright.models import Model, Moment, Money, Value

Kind = Literal[
    "source data",
    "tool failure",
    "rule",
    "statistic",
    "phrase",
    "classifier",
    "model reading",
    "nobody read it",
    "note",
    "policy gap",
    "label",
    "unattributed",
]
"""Where a wrong value came from, or what is at fault where no value is."""

OWNERS: Mapping[Kind, str] = {
    "source data": "tool",
    "tool failure": "tool",
    "rule": "SOP",
    "statistic": "SOP",
    "phrase": "SOP",
    "classifier": "training data",
    "model reading": "prompt",
    "nobody read it": "prompt",
    "note": "policy",
    "policy gap": "policy",
    "label": "label",
    "unattributed": "label",
}
"""Who can mend it: a suggestion, by kind."""

EXAMPLES = 3
"""Cases that are named for each cause."""


class Origin(Model):
    """A kind of fault, and what it lies in.

    Attributes:
        kind: The kind.
        factor: The factor; for a policy gap or a label the row that leads elsewhere; the actions
            where no factor stands for them; or empty.
    """

    kind: Kind
    factor: str = ""


class Part(Origin):
    """One thing that was wrong in one case.

    Attributes:
        was: The value that the run had; None for unknown, or where no factor is at fault.
        right: The gold case's.
        told: How it came about, in plain words.
    """

    was: Value | None = None
    right: Value | None = None
    told: str = ""


class Attribution(Model):
    """Why one gold case came out wrong.

    Attributes:
        case_id: The case.
        seed: Its simulated world, or None.
        as_of: The moment it was judged at.
        home: The home folder of its world, or empty for the usual one.
        sop: The procedure, or the case type where none ran.
        gold: The right outcome.
        said: What the run said instead.
        parts: What was wrong; together they are one cause.
        others: How many other sets of as few factors would have led to the gold outcome as well.
        stake: The case's impact, or None where the case never entered.
        lost: What the wrong end costs by the SOP's ``costs:``, or None where that is not known.
    """

    case_id: str
    seed: int | None = None
    as_of: Moment
    home: str = ""
    sop: str
    gold: str
    said: str
    parts: tuple[Part, ...]
    others: int = 0
    stake: Money | None = None
    lost: Money | None = None

    @property
    def origins(self) -> tuple[Origin, ...]:
        """What it is grouped by."""
        return tuple(Origin(kind=part.kind, factor=part.factor) for part in self.parts)

    @property
    def disputed(self) -> bool:
        """Whether the label is suspected."""
        return any(part.kind == "label" for part in self.parts)


class Cause(Model):
    """Wrong cases that share what was wrong.

    Attributes:
        sop: The procedure.
        origins: What was wrong.
        n: How many cases.
        share: Of all wrong cases, 0 to 1.
        stakes: The impact of the cases, by currency.
        losses: What they cost as they ended, by currency.
        owners: Who can mend it: a suggestion.
        examples: Ids of up to three of the cases.
    """

    sop: str
    origins: tuple[Origin, ...]
    n: int
    share: float
    stakes: tuple[Money, ...]
    owners: tuple[str, ...]
    examples: tuple[str, ...]
    losses: tuple[Money, ...] = ()


class Errors(Model):
    """Why gold cases came out wrong.

    Attributes:
        n: Gold cases that were judged.
        wrong: Those that came out wrong, cases that rightly asked for a record not among them.
        kinds: In how many of these each kind has a part; a case of two kinds counts for both.
        causes: What was wrong, the most frequent first; every wrong case has one cause.
        stakes: The impact of all wrong cases, by currency.
        losses: What they cost as they ended, by currency.
        cases: Every wrong case, in the order of the gold cases.
    """

    n: int
    wrong: int
    kinds: dict[Kind, int]
    causes: tuple[Cause, ...]
    stakes: tuple[Money, ...]
    cases: tuple[Attribution, ...]
    losses: tuple[Money, ...] = ()


def grouped(cases: Sequence[Attribution], judged: int) -> Errors:
    """Group wrong cases into causes.

    Args:
        cases: The wrong cases.
        judged: How many cases were judged, the right ones included.
    """
    groups: dict[tuple[str, tuple[Origin, ...]], list[Attribution]] = defaultdict(list)
    for one in cases:
        groups[one.sop, one.origins].append(one)
    causes = [_cause(sop, parts, some, len(cases)) for (sop, parts), some in groups.items()]
    kinds: Counter[Kind] = Counter()
    for one in cases:
        kinds.update({part.kind for part in one.parts})
    return Errors(
        n=judged,
        wrong=len(cases),
        kinds={kind: kinds[kind] for kind in sorted(kinds, key=lambda kind: (-kinds[kind], kind))},
        causes=tuple(sorted(causes, key=lambda cause: -cause.n)),
        stakes=_summed(case.stake for case in cases),
        cases=tuple(cases),
        losses=_summed(case.lost for case in cases),
    )


def _cause(
    sop: str, origins: tuple[Origin, ...], cases: Sequence[Attribution], errors: int
) -> Cause:
    return Cause(
        sop=sop,
        origins=origins,
        n=len(cases),
        share=len(cases) / errors,
        stakes=_summed(case.stake for case in cases),
        losses=_summed(case.lost for case in cases),
        owners=tuple(dict.fromkeys(OWNERS[one.kind] for one in origins)),
        examples=tuple(case.case_id for case in cases[:EXAMPLES]),
    )


def _summed(amounts: Iterable[Money | None]) -> tuple[Money, ...]:
    cents: Counter[str] = Counter()
    for amount in amounts:
        if amount is not None:
            cents[amount.currency] += amount.cents
    return tuple(Money(cents=cents[currency], currency=currency) for currency in sorted(cents))

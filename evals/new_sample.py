"""Draws a stratified sample: how many of each stratum, which ones, and how much each stands for.

Every stratum gets a minimum, the rest goes by size (proportional allocation: Cochran 1977, sections
5.5 and 5.9; largest remainders are rounded up first). A case weighs the size of its stratum over
what was drawn of it, so that weighted sums estimate those of all closed cases without bias (Horvitz
and Thompson 1952). Strata that are too small for the minimum, or too many for the sample, are
joined with their like by their last dimensions (collapsed strata: Cochran 1977, section 5A.12).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from casewright.errors import UsageError
from casewright.models import GoldCase, Model
from evals.new import Closed

ANY: Final = "*"
"""Stands in a stratum's name for a dimension along which small strata were joined."""

DIMENSIONS: Final[Mapping[str, Callable[[GoldCase], str]]] = {
    "outcome": lambda gold: gold.outcome,
    "region": lambda gold: gold.region,
    "channel": lambda gold: gold.channel,
    "language": lambda gold: gold.language,
    "month": lambda gold: f"{gold.as_of:%Y-%m}",
}
"""What closed cases can be divided by."""

BY: Final = ("outcome", "region", "channel")
"""What they are divided by where nobody says; the first dimension is never joined."""

Name = tuple[str, ...]
Strata = Mapping[Name, Sequence[Closed]]


class Stratum(Model):
    """A part of the closed cases, and what was drawn of it.

    Attributes:
        name: Its value in each dimension; ``*`` where small strata were joined.
        overridden: Whether it holds the cases in which a reviewer changed the decision; None where
            these were not drawn by themselves.
        cases: Closed cases in it.
        drawn: How many were drawn.
        weight: How many closed cases each of those stands for.
    """

    name: Name
    overridden: bool | None = None
    cases: int
    drawn: int
    weight: float


class Sample(Model):
    """A stratified sample: its gold cases by world and id, and its strata by name."""

    gold: tuple[GoldCase, ...]
    strata: tuple[Stratum, ...]


@dataclass(frozen=True)
class Wish:
    """What is to be drawn.

    Attributes:
        cases: How many.
        by: Dimensions, the most important one first.
        minimum: Fewest cases of each stratum.
        overrides: Share of the sample for cases in which a reviewer changed the decision; None: as
            they come.
        seed: Draws another sample of the same size.
    """

    cases: int
    by: Sequence[str] = BY
    minimum: int = 2
    overrides: float | None = None
    seed: int = 0


def draw(closed: Sequence[Closed], wish: Wish) -> Sample:
    """Draw a sample; the same closed cases give the same one, whatever their order.

    Raises:
        UsageError: a dimension is unknown, or the cases are too few for the strata.
    """
    unknown = [name for name in wish.by if name not in DIMENSIONS]
    if unknown or not wish.by:
        raise UsageError(
            f"Closed cases cannot be divided by {', '.join(unknown) or 'nothing'}.",
            remedy=f"Known: {', '.join(DIMENSIONS)}.",
        )
    if wish.overrides is None:
        return _of(_drawn(closed, wish, wish.cases))
    changed = [one for one in closed if one.overridden]
    rest = [one for one in closed if not one.overridden]
    share = min(len(changed), round(wish.overrides * wish.cases))
    parts = (
        *_drawn(changed, wish, max(share, wish.cases - len(rest)), overridden=True),
        *_drawn(rest, wish, wish.cases - share, overridden=False),
    )
    return _of(parts)


def allocate(sizes: Mapping[Name, int], cases: int, minimum: int) -> dict[Name, int]:
    """How many to draw of each stratum: the minimum, and the rest by size.

    Args:
        sizes: Cases in each stratum.
        cases: How many to draw in all; no more than there are.
        minimum: Fewest of each, or all of a smaller one.

    Returns:
        Counts whose sum is ``cases``, as long as the minimum leaves room.
    """
    drawn = {name: min(minimum, size) for name, size in sizes.items()}
    while (left := min(cases, sum(sizes.values())) - sum(drawn.values())) > 0:
        open_ = {name: size for name, size in sizes.items() if drawn[name] < size}
        for name, more in _by_size(open_, left).items():
            drawn[name] = min(sizes[name], drawn[name] + more)
    return drawn


def _by_size(sizes: Mapping[Name, int], cases: int) -> dict[Name, int]:
    """Shares in proportion, rounded so that they sum up: the largest remainders go up."""
    total = sum(sizes.values())
    shares = {name: divmod(size * cases, total) for name, size in sizes.items()}
    over = cases - sum(whole for whole, _ in shares.values())
    order = sorted(shares, key=lambda name: (-shares[name][1], name))
    return {name: shares[name][0] + (name in order[:over]) for name in shares}


def collapsed(strata: Strata, cases: int, minimum: int) -> dict[Name, list[Closed]]:
    """The strata with those joined that are too small, and then as many as it takes.

    Args:
        strata: By name; names differ in length no more than dimensions do.
        cases: How many are to be drawn.
        minimum: Fewest of each stratum.
    """
    found = {name: list(some) for name, some in strata.items()}
    while joinable := [name for name in found if len(name) > 1 and name[1] != ANY]:
        smallest = min(joinable, key=lambda name: (len(found[name]), name))
        due = sum(min(minimum, len(some)) for some in found.values())
        if len(found[smallest]) >= minimum and due <= cases:
            break
        found.setdefault(_wider(smallest), []).extend(found.pop(smallest))
    return found


def _wider(name: Name) -> Name:
    """The name without the last dimension that it still has."""
    known = [part for part in name if part != ANY]
    return (*known[:-1], *[ANY] * (len(name) - len(known) + 1))


def _drawn(
    closed: Sequence[Closed], wish: Wish, cases: int, *, overridden: bool | None = None
) -> list[tuple[Stratum, list[GoldCase]]]:
    by_name: defaultdict[Name, list[Closed]] = defaultdict(list)
    for one in sorted(closed, key=lambda one: _order(one.gold, wish.seed)):
        by_name[tuple(DIMENSIONS[name](one.gold) for name in wish.by)].append(one)
    strata = collapsed(by_name, cases, wish.minimum)
    sizes = {name: len(some) for name, some in sorted(strata.items())}
    counts = allocate(sizes, cases, wish.minimum)
    if sum(counts.values()) > max(0, cases):
        raise UsageError(
            f"{cases} cases are too few for {len(sizes)} strata of at least {wish.minimum}.",
            remedy=f"Draw {sum(counts.values())} or more, or give a smaller --minimum.",
        )
    made = []
    for name, size in sizes.items():
        some = sorted(strata[name], key=lambda one: _order(one.gold, wish.seed))[: counts[name]]
        weight = size / len(some) if some else 0.0
        stratum = Stratum(
            name=name, overridden=overridden, cases=size, drawn=len(some), weight=weight
        )
        made.append((stratum, [one.gold.model_copy(update={"weight": weight}) for one in some]))
    return made


def _of(parts: Iterable[tuple[Stratum, Sequence[GoldCase]]]) -> Sample:
    held = list(parts)
    gold = [one for _, some in held for one in some]
    gold.sort(key=lambda one: (one.seed or 0, one.case_id))
    return Sample(gold=tuple(gold), strata=tuple(stratum for stratum, _ in held))


def _order(gold: GoldCase, seed: int) -> str:
    return hashlib.sha256(f"{seed}/{gold.seed}/{gold.case_id}".encode()).hexdigest()

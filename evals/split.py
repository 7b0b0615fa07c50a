"""Splits gold cases into a dev and a test side by party and by time.

Cases that share a party are one group, also where others link them: the connected components of
cases and parties. A group is never torn apart, so that what is learned on one side says nothing of
anybody on the other. The later groups are for the test, as a version is always tried on what came
after what it was made from (Hyndman and Athanasopoulos 2021, section 5.10). Groups reach over any
border in time, so some cases go against time; they are counted and not hidden.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from casewright.models import GoldCase, Model
from evals.results import Key, key_of

Parties = Mapping[Key, Collection[str]]
"""Ids that cases of one matter share, by the key of a case; see ``Case.involved``."""


class Split(Model):
    """Two sides of a gold set, each in the order of the file.

    Attributes:
        dev: Cases to work with.
        test: Cases to measure with, later in time as far as parties allow.
        groups: Groups of cases that share parties, and the largest of them.
        largest: Cases in the largest group.
        against_time: Cases of the test side that time alone would have put on the dev side; as many
            of the dev side went the other way for them.
        test_from: The first as-of time of the test side; None where it is empty.
        dev_to: The last as-of time of the dev side; None where it is empty.
        alone: Cases of which the gold file alone told the parties: their seller.
    """

    dev: tuple[GoldCase, ...]
    test: tuple[GoldCase, ...]
    groups: int
    largest: int
    against_time: tuple[str, ...]
    test_from: datetime | None
    dev_to: datetime | None
    alone: int


def split(gold: Sequence[GoldCase], parties: Parties, share: float) -> Split:
    """Split gold cases.

    Groups are taken for the test from the one whose last case is latest; one that would not bring
    the test side nearer to its share is passed over.

    Args:
        gold: The cases; the same ones give the same sides, whatever their order.
        parties: Who is involved in each case; one that is missing has its seller alone.
        share: Share of the cases for the test side, 0 to 1 exclusive.
    """
    groups = _groups(gold, parties)
    wanted, taken = share * len(gold), set[Key]()
    for group in sorted(groups, key=_lateness, reverse=True):
        if abs(len(taken) + len(group) - wanted) < abs(len(taken) - wanted):
            taken |= {key_of(one) for one in group}
    test = tuple(one for one in gold if key_of(one) in taken)
    dev = tuple(one for one in gold if key_of(one) not in taken)
    latest = {key_of(one) for one in sorted(gold, key=_moment)[len(dev) :]}
    return Split(
        dev=dev,
        test=test,
        groups=len(groups),
        largest=max(map(len, groups), default=0),
        against_time=tuple(one.case_id for one in test if key_of(one) not in latest),
        test_from=min((one.as_of for one in test), default=None),
        dev_to=max((one.as_of for one in dev), default=None),
        alone=sum(key_of(one) not in parties for one in gold),
    )


def involved(gold: GoldCase, parties: Parties) -> frozenset[tuple[int | None, str]]:
    """The parties of a case, with its world: every simulated world numbers its own from one."""
    return frozenset((gold.seed, one) for one in (gold.seller_id, *parties.get(key_of(gold), ())))


def _groups(gold: Sequence[GoldCase], parties: Parties) -> list[list[GoldCase]]:
    """The cases by connected component of the graph of cases and parties."""
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    numbers: dict[tuple[int | None, str], int] = {}
    edges = [
        (case, numbers.setdefault(party, len(numbers)))
        for case, one in enumerate(gold)
        for party in involved(one, parties)
    ]
    size = len(gold) + len(numbers)
    rows, columns = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows)), (rows, columns + len(gold))), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    groups: defaultdict[int, list[GoldCase]] = defaultdict(list)
    for one, label in zip(gold, labels.tolist(), strict=False):
        groups[label].append(one)
    return list(groups.values())


def _lateness(group: Sequence[GoldCase]) -> tuple[datetime, str]:
    return max(map(_moment, group))


def _moment(one: GoldCase) -> tuple[datetime, str]:
    return one.as_of, f"{one.seed} {one.case_id}"

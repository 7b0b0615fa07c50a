"""Several rankings as one, by reciprocal rank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

RRF_K = 60


@dataclass(frozen=True)
class Fused:
    """A case id and its fused score; higher is nearer."""

    case_id: str
    score: float


def fuse(rankings: Iterable[Sequence[str]]) -> tuple[Fused, ...]:
    """Fuse rankings by reciprocal rank: the sum of 1 / (60 + rank), ranks from 1.

    Source: Cormack, Clarke and Büttcher (2009), who settle on 60.

    Args:
        rankings: Case ids, best first, each id at most once in a ranking.

    Returns:
        All ids by falling score, ties by id.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, case_id in enumerate(ranking, start=1):
            scores[case_id] += 1 / (RRF_K + rank)
    fused = (Fused(case_id, score) for case_id, score in scores.items())
    return tuple(sorted(fused, key=lambda one: (-one.score, one.case_id)))

"""What a team without a procedure would have: the commonest outcome, a learner, a vote.

All learn from past cases as they were settled, which is what a team knows; the simulation's right
outcome only judges them.

- ``majority``: the commonest outcome of the case type in that world.
- ``boosted``: gradient boosting of trees (scikit-learn's HistGradientBoostingClassifier, as it
  comes, untuned) on the raw fields of the evidence, learned from that world's past cases.
- ``pooled``: the same, learned from the past cases of other worlds, some twenty times as many.
- ``pooled, read``: likewise, and it is also told what casewright's reader made of the texts.
- ``vote``: the outcome that leads among the case's precedents; the commonest where it has none.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from fields import Columns, Fields
from judged import Judged

from evals.results import Key
from sandbox.timeline import DRIFT_ONE

RIVALS = ("majority", "boosted", "pooled", "pooled, read", "vote")

Predicted = dict[Key, str]
Learn = Callable[[Sequence[Judged], Sequence[Judged]], Predicted]
"""Learns from settled cases, and predicts others."""

FIRST_CHANGE = datetime.fromtimestamp(DRIFT_ONE, UTC)
IN_FORCE = datetime(2025, 11, 1, tzinfo=UTC)
"""From then on the built-in policies stand as they do today, but for two clauses of 2026-03-01.

Earlier cases are decided by the clauses of their day, of which the simulation's truth knows
nothing: judged by it, the tables would answer for the dates of their clauses.
"""


@dataclass(frozen=True)
class Split:
    """Which cases are learned from, and which are predicted."""

    name: str
    learned: Callable[[Judged], bool]
    asked: Callable[[Judged], bool]


def _closed_by_then(one: Judged) -> bool:
    return one.part == "past" and one.closed_at is not None and one.closed_at < IN_FORCE


def _before_the_change(one: Judged) -> bool:
    return one.part == "past" and IN_FORCE <= one.opened_at < FIRST_CHANGE


SPLITS = (
    Split(
        "Gold cases, opened after the parties changed twice; learned from all past cases",
        lambda one: one.part == "past",
        lambda one: one.part == "gold",
    ),
    Split(
        "Past cases of the quarter before the first change; learned from those closed before",
        _closed_by_then,
        _before_the_change,
    ),
)


def predictions(judged: Sequence[Judged], split: Split, folds: int) -> dict[str, Predicted]:
    """What each rival says of the cases that are asked.

    Args:
        judged: Cases of all worlds.
        split: Which are learned from, and which asked.
        folds: Groups of worlds; the pooled learners never see the group that they are asked about.
    """
    found: dict[str, Predicted] = {name: {} for name in RIVALS}
    for case_type in sorted({one.case_type for one in judged}):
        mine = [one for one in judged if one.case_type == case_type]
        learned, asked = list(filter(split.learned, mine)), list(filter(split.asked, mine))
        print(f"{case_type}: {len(learned)} to learn from, {len(asked)} asked", file=sys.stderr)
        apart = partial(_apart, learned, asked)
        found["majority"] |= apart(majority)
        found["vote"] |= apart(vote)
        found["boosted"] |= apart(boosted)
        found["pooled"] |= _pooled(learned, asked, boosted, folds)
        found["pooled, read"] |= _pooled(learned, asked, boosted_with_readings, folds)
    return found


def _apart(learned: Sequence[Judged], asked: Sequence[Judged], learn: Learn) -> Predicted:
    """World by world."""
    found: Predicted = {}
    for world in {one.world for one in asked}:
        mine = [one for one in learned if one.world == world]
        found |= learn(mine, [one for one in asked if one.world == world])
    return found


def _pooled(
    learned: Sequence[Judged], asked: Sequence[Judged], learn: Learn, folds: int
) -> Predicted:
    """Group of worlds by group, from the worlds of all other groups; nothing of a lone group."""
    worlds = sorted({one.world for one in asked})
    found: Predicted = {}
    for fold in range(min(folds, len(worlds))):
        held = set(worlds[fold::folds])
        others = [one for one in learned if one.world not in held]
        found |= learn(others, [one for one in asked if one.world in held])
    return found


def majority(learned: Sequence[Judged], asked: Sequence[Judged]) -> Predicted:
    """The commonest outcome for all; nothing where none is known."""
    seen = Counter(one.settled for one in learned)
    commonest = min(seen, key=lambda word: (-seen[word], word), default="")
    return {one.key: commonest for one in asked}


def vote(learned: Sequence[Judged], asked: Sequence[Judged]) -> Predicted:
    """What leads among a case's precedents."""
    return majority(learned, asked) | {one.key: one.vote for one in asked if one.vote}


def boosted(learned: Sequence[Judged], asked: Sequence[Judged]) -> Predicted:
    """Gradient boosting on the raw fields."""
    return _boosted(learned, asked, lambda one: one.fields)


def boosted_with_readings(learned: Sequence[Judged], asked: Sequence[Judged]) -> Predicted:
    """Gradient boosting on the raw fields and on what was read."""
    return _boosted(learned, asked, lambda one: one.fields_and_readings)


def _boosted(
    learned: Sequence[Judged], asked: Sequence[Judged], fields: Callable[[Judged], Fields]
) -> Predicted:
    from sklearn.ensemble import HistGradientBoostingClassifier

    settled = [one.settled for one in learned]
    if not asked or len(set(settled)) < 2:
        return majority(learned, asked)
    rows = [fields(one) for one in learned]
    columns = Columns.of(rows)
    model = HistGradientBoostingClassifier(categorical_features=columns.worded, random_state=0)
    model.fit(columns.matrix(rows), settled)
    said = model.predict(columns.matrix([fields(one) for one in asked]))
    return {one.key: str(word) for one, word in zip(asked, said, strict=True)}


def hits(one: Judged, predicted: Mapping[Key, str]) -> bool:
    """Whether a rival's outcome is right."""
    said = predicted.get(one.key, "")
    return said == one.scored.gold.outcome or said in one.scored.gold.accept

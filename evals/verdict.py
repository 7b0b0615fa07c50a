"""From differences to words: better, worse or undecided, on all cases and in a slice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from evals.comparison import Difference, Pairs, PartCompared, Verdict
from evals.metrics import SLICE_MINIMUM

ALPHA = 0.05


def named_of(pairs: Pairs, difference: Difference, p: float) -> Literal["worse", "not shown", ""]:
    """What a slice is named for, where it is; ``p`` is adjusted for looking at many slices."""
    if pairs.not_inferior:
        return ""
    if _direction(difference, p) < 0:
        return "worse"
    return "not shown" if pairs.n >= SLICE_MINIMUM else ""


def _direction(difference: Difference, p: float) -> int:
    """1 or -1 where the difference is significant by test and interval, else 0."""
    low, high = difference.low, difference.high
    if p > ALPHA or low is None or high is None:
        return 0
    return (low > 0) - (high < 0)


def verdict_of(pairs: Pairs, first_look: Difference) -> Verdict:
    """The verdict on all cases; see :mod:`evals.compare`."""
    direction = _direction(first_look, pairs.p)
    if direction > 0:
        return "better"
    if pairs.not_inferior:
        return "not worse"
    return "worse" if direction < 0 else "undecided"


def reason_of(
    verdict: Verdict, pairs: Pairs, first_look: Difference, parts: Sequence[PartCompared]
) -> str:
    """Why the verdict is so, and what speaks against it, in words."""
    worse = [part.name for part in parts if part.named == "worse"]
    return f"{_overall(verdict, pairs, first_look)} {_in_parts(worse)}".rstrip()


def _overall(verdict: Verdict, pairs: Pairs, first_look: Difference) -> str:
    if not pairs.lost + pairs.won:
        seen = f"Nothing changed: in {pairs.n} cases no first look got better or worse."
    else:
        seen = (
            f"Of {pairs.n} cases {pairs.won} were won and {pairs.lost} lost at the first look:"
            f" {points(first_look.value)} points ({points(first_look.low)} to"
            f" {points(first_look.high)}; p = {pairs.p:.2g})."
        )
    bound = f"at worst {points(pairs.low)} points, the margin being {points(-pairs.margin)}"
    return (
        f"{seen} "
        + {
            "better": "That is more than chance.",
            "worse": f"That is more than chance, and not shown to be within the margin: {bound}.",
            "not worse": f"It is shown not to be worse by more than the margin: {bound}.",
            "undecided": f"Neither a gain nor a loss nor non-inferiority is shown: {bound}.",
        }[verdict]
    )


def _in_parts(worse: Sequence[str]) -> str:
    return f"But it got worse in {', '.join(worse)}: it is refused." if worse else ""


def points(difference: float | None) -> str:
    """A difference in percentage points with its sign, such as ``+1.5``."""
    return "unknown" if difference is None else f"{round(100 * difference, 1) + 0.0:+.1f}"

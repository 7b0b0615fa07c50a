"""The way that a case took through its state machine, as its record tells it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from casewright.models import Review, ReviewAct, Run, RunStatus
from graphs.act import closes
from graphs.diagrams.nodes import nodes_of
from graphs.sop import Sop

STYLE: Final = """
.reached { stroke-width: 3 } .left { fill: none; stroke-dasharray: 3 3 }
.taken { stroke: #0969da; stroke-width: 3 }
@media (prefers-color-scheme: dark) { .taken { stroke: #4493f8 } }
"""
"""How a way is marked: by thick and broken lines and by a tick, not by colour alone."""

TO_DECISION: Final = ("intake", "gather", "assess", "recall", "read", "decide", "verify", "route")
"""The nodes that every decision has passed."""


@dataclass(frozen=True)
class Path:
    """The way of a case.

    Attributes:
        reached: The nodes that it came to, in the graph's order.
        left: Those that it did not come to.
        back: The edges that lead back and were taken.
    """

    reached: tuple[str, ...]
    left: tuple[str, ...]
    back: frozenset[tuple[str, str]]

    def node(self, name: str) -> tuple[str, str]:
        """A node's label and style."""
        if name in self.reached:
            return f"✓ {name}", "node reached"
        return name, "node left"


def path_of(sop: Sop, run: Run) -> Path:
    """The way that a run took through its graph."""
    reached = set(_reached(sop, run))
    nodes = nodes_of(sop)
    return Path(
        reached=tuple(name for name in nodes if name in reached),
        left=tuple(name for name in nodes if name not in reached),
        back=frozenset(way for review in run.reviews if (way := _back(review))),
    )


def _reached(sop: Sop, run: Run) -> Iterator[str]:
    if run.decision is None:
        yield "intake"
        return
    yield from TO_DECISION
    if run.decision.narrative:
        yield "narrate"
    waited = run.status is RunStatus.WAITING or bool(run.reviews)
    if waited:
        yield from ("interim", "gate") if sop.measures else ("gate",)
    if run.status is RunStatus.DONE or any(map(closes, run.reviews)):
        yield "record"
    if any(one.status != "planned" and one.write.purpose != "interim" for one in run.enforced):
        yield "enforce"


def _back(review: Review) -> tuple[str, str] | None:
    if review.act is ReviewAct.REJECT:
        return "gate", "gather"
    if review.act is ReviewAct.ESCALATE:
        return "gate", "route"
    return ("gate", "decide") if review.factors else None

"""What a test of a gold case says: passed, a known miss, or what came out and why."""

from __future__ import annotations

from collections.abc import Iterator

from casewright.models import GoldCase
from evals.scored import Scored
from graphs.sentence import spell


class GoldMiss(AssertionError):
    """A gold case was not decided as gold says."""


def verdict(scored: Scored) -> str:
    """Hold a scored case against its gold, as ``sop test`` does.

    Asking for a record that was withheld is right. A miss that the gold file writes down is known;
    one that is written down and no longer made has to be struck from the file.

    Returns:
        Why a miss was to be expected; empty where the case is right.

    Raises:
        GoldMiss: neither; the message says what was decided, what gold says, and why.
    """
    gold, predicted = scored.gold, scored.predicted
    if scored.right or scored.asked_rightly:
        if gold.decided:
            raise GoldMiss(f"decided {predicted}, rightly: it is no longer a known miss")
        return ""
    if predicted == gold.decided:
        return f"known to be decided {predicted}; right is {gold.outcome}"
    raise GoldMiss("\n".join(_told(scored)))


def _told(scored: Scored) -> Iterator[str]:
    gold, traits = scored.gold, scored.traits
    row = f" by row {traits.row}" if traits is not None and traits.row else ""
    right = " or ".join((gold.outcome, *gold.accept))
    known = f"; known was {gold.decided}" if gold.decided else ""
    yield f"{_named(gold)}: decided {scored.predicted}{row}; gold says {right}{known}"
    if scored.reason:
        yield f"  {scored.reason}"
    if scored.asked:
        yield f"  it asked for {', '.join(scored.asked)}"
    for name, value in gold.facts.items() if traits is not None else ():
        found = traits.factors.get(name) if traits is not None else None
        if traits is not None and name in traits.factors and found != value:
            came = "unknown" if found is None else spell(found)
            yield f"  {name} came out {came}; gold says {spell(value)}"
    if scored.graph_version:
        yield f"  through {scored.graph_version}"


def _named(gold: GoldCase) -> str:
    return gold.case_id if gold.seed is None else f"{gold.case_id} of seed {gold.seed}"

"""An SOP as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator

from graphs.sop import Sop
from graphs.table import factors_of


def mermaid(sop: Sop) -> str:
    """The flowchart of an SOP: actions feed actions and factors, factors feed rows, rows outcomes.

    Names are those of the SOP; an action that is required has a thick border.
    """
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(sop))])


def _lines(sop: Sop) -> Iterator[str]:
    for action in sop.actions.values():
        yield f"a_{action.name}[({action.name})]" + (":::required" if action.spec.required else "")
        yield from (f"a_{need} --> a_{action.name}" for need in sorted(action.needs))
    for factor in sop.factors.values():
        shape = "{{%s}}" if factor.spec.question else "(%s)"
        yield f"f_{factor.name}{shape % factor.name}"
        yield from (f"a_{need} --> f_{factor.name}" for need in sorted(factor.needs))
    for row in sop.rows:
        yield f"r_{row.number}[row {row.number}]"
        yield from (f"r_{row.number} --> o_{one}([{one}])" for one in row.spec.then)
        yield from (f"f_{name} --> r_{row.number}" for name in factors_of(sop, row))
    yield "classDef required stroke-width:3px"

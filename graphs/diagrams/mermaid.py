"""An SOP as Mermaid flowcharts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphs.diagrams.nodes import BACK, edges_of, nodes_of, rules_of
from graphs.sop import FactorRule, Sop
from graphs.table import factors_of


def machine_mermaid(sop: Sop) -> str:
    """The state machine: its nodes, with the actions in ``gather`` and the factors in their node.

    Names are those of the SOP; an action that is required has a thick border.
    """
    return "\n".join(["flowchart TD", *(f"  {line}" for line in _machine(sop)), ""])


def table_mermaid(sop: Sop) -> str:
    """The decision table: factors feed rows, rows outcomes."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _table(sop)), ""])


def _machine(sop: Sop) -> Iterator[str]:
    within = {
        "gather": tuple(_actions(sop)),
        "assess": tuple(_factors(rules_of(sop))),
        "read": tuple(_factors(sop.questions)),
    }
    for node in nodes_of(sop):
        if lines := within.get(node):
            yield f"subgraph {node}"
            yield from (f"  {line}" for line in lines)
            yield "end"
        else:
            yield node
    for source, target in edges_of(sop):
        told = BACK.get((source, target))
        yield f"{source} -->|{told}| {target}" if told else f"{source} --> {target}"
    for factor in sop.factors.values():
        yield from (f"a_{need} -.-> f_{factor.name}" for need in sorted(factor.needs))
    yield "classDef required stroke-width:3px"


def _actions(sop: Sop) -> Iterator[str]:
    for action in sop.actions.values():
        required = ":::required" if action.spec.required else ""
        yield f'a_{action.name}[("{action.name}")]{required}'
        yield from (f"a_{need} --> a_{action.name}" for need in sorted(action.needs))


def _factors(factors: Iterable[FactorRule]) -> Iterator[str]:
    for factor in factors:
        shape = '{{"%s"}}' if factor.spec.question else '("%s")'
        yield f"f_{factor.name}{shape % factor.name}"


def _table(sop: Sop) -> Iterator[str]:
    yield from _factors(sop.factors.values())
    for row in sop.rows:
        yield f'r_{row.number}["row {row.number}"]'
        yield from (f"f_{name} --> r_{row.number}" for name in factors_of(sop, row))
        yield from (f'r_{row.number} --> o_{one}(["{one}"])' for one in row.spec.then)

"""The nodes of a compiled graph, and what of the SOP each of them carries out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from graphlib import TopologicalSorter

from graphs.compile import compile_sop
from graphs.sop import FactorRule, Sop

BACK = {
    ("gate", "decide"): "a corrected fact",
    ("gate", "gather"): "reject",
    ("gate", "route"): "escalate",
}
"""The edges that lead back, and what the reviewer does to take them."""

STATIC = ("__start__", "__end__")


def nodes_of(sop: Sop) -> tuple[str, ...]:
    """The nodes in the order in which a case meets them."""
    graph: dict[str, set[str]] = {}
    for source, target in edges_of(sop):
        graph.setdefault(source, set())
        if (source, target) not in BACK:
            graph.setdefault(target, set()).add(source)
    return tuple(TopologicalSorter(graph).static_order())


def edges_of(sop: Sop) -> tuple[tuple[str, str], ...]:
    """The edges of the compiled graph, those that lead back last."""
    return _edges(_Same(sop, frozenset(sop.files.items())))


@dataclass(frozen=True)
class _Same:
    """An SOP that equals another with the same files: it is compiled to the same graph."""

    sop: Sop = field(compare=False)
    files: frozenset[tuple[str, str]]


@lru_cache(maxsize=64)  # a page of the console draws it each time, and compiling takes 20 ms
def _edges(one: _Same) -> tuple[tuple[str, str], ...]:
    drawn = compile_sop(one.sop, None).get_graph()
    edges = {(e.source, e.target) for e in drawn.edges if not {e.source, e.target} & {*STATIC}}
    return tuple(sorted(edges, key=lambda edge: (edge in BACK, edge)))


def rules_of(sop: Sop) -> tuple[FactorRule, ...]:
    """The factors that need no reader."""
    return tuple(factor for factor in sop.factors.values() if not factor.spec.question)


def layers(needs: Mapping[str, frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """Names by how many steps they wait: the first layer waits for nothing."""
    depth: dict[str, int] = {}
    for name in TopologicalSorter(needs).static_order():
        depth[name] = 1 + max((depth[need] for need in needs.get(name, ())), default=-1)
    found = [[name for name in needs if depth[name] == level] for level in range(len(needs))]
    return tuple(tuple(names) for names in found if names)

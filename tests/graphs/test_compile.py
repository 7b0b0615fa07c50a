"""The state machine that an SOP compiles to."""

from __future__ import annotations

from itertools import pairwise

from graphs.compile import compile_sop
from graphs.sop import Sop

PATH = [
    "intake", "gather", "assess", "recall", "read", "decide", "verify", "route", "narrate",
    "interim", "gate",
]  # fmt: skip


def test_nodes_lead_where_their_signatures_say(small: Sop) -> None:
    drawn = compile_sop(small, None).get_graph()
    edges = {(edge.source, edge.target) for edge in drawn.edges}
    along = set(pairwise(PATH))
    ways = {("gate", "decide"), ("gate", "gather"), ("gate", "route"), ("gate", "record")}
    ways |= {("route", "interim"), ("route", "gate"), ("narrate", "gate")}
    ways |= {("route", "record"), ("record", "enforce")}
    ends = {("__start__", "intake"), ("record", "__end__"), ("enforce", "__end__")}
    assert edges == along | ways | ends


def test_a_graph_is_called_as_its_sop(small: Sop) -> None:
    assert compile_sop(small, None).name == "small"

"""Compiles an SOP to a LangGraph state machine."""

from __future__ import annotations

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import RetryPolicy
from sqlalchemy.exc import OperationalError

from graphs.nodes import Nodes
from graphs.sop import Sop
from graphs.state import Services, State

# Sources, models and writes are retried where they are called, by tenacity: those nodes have no
# policy here. The others only ever wait for a locked database.
UNGUARDED = ("gather", "read", "narrate", "interim", "gate", "enforce")
GUARDED = ("intake", "assess", "recall", "decide", "verify", "route", "record")
LOCKED = RetryPolicy(max_attempts=3, retry_on=OperationalError)

Graph = CompiledStateGraph[State, Services, State, State]


def compile_sop(sop: Sop, checkpointer: BaseCheckpointSaver[str] | None) -> Graph:
    """The state machine of one SOP version.

    Args:
        sop: The procedure.
        checkpointer: Keeps runs that wait or were interrupted; None for runs that never wait.

    Returns:
        A graph over :class:`State` with :class:`Services` as its context.
    """
    nodes = Nodes(sop)
    builder = StateGraph(State, context_schema=Services)
    builder.add_edge(START, "intake")
    for name in UNGUARDED:
        builder.add_node(name, getattr(nodes, name))
    for name in GUARDED:
        builder.add_node(name, getattr(nodes, name), retry_policy=LOCKED)
    return builder.compile(checkpointer=checkpointer, name=sop.name)

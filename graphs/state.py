"""What a run carries between nodes, and what nodes are given to work with.

State holds references and small facts only: evidence bodies live once, in the store, and the
decision lives in the run's record. So checkpoints stay small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NotRequired, TypedDict

from agents.narrator import Narrator
from agents.reading import Reader
from casewright.clock import Clock
from casewright.models import Evidence
from casewright.store import Store
from graphs.route import NONE, Clearance
from graphs.shelf import Shelf
from knowledge_base.precedents import Precedents
from tools.enforcer import Enforcer
from tools.toolbox import Toolbox

Json = dict[str, Any]

Recalled = Callable[[], Evidence | None]
"""Gives a retrieval of precedents that was frozen before, or None where there was none."""


class State(TypedDict):
    """The channels of the graph, all JSON.

    Attributes:
        run_id: The run, also LangGraph's thread id.
        version: The graph version the run is pinned to.
        as_of: RFC 3339; every read asks for what was known then.
        case: Digest of the frozen case.
        actions: ActionRecord by action name.
        factors: Factor by name, in the SOP's order.
        notes: Digests of the frozen notes of experts that the case is about.
        recalled: Digest of the frozen retrieval of precedents, or empty.
        cost: Cost so far.
        calls: The model calls so far.
        floor: The least strict route allowed.
        kept: What reviewers corrected before an answer came, see ``graphs.inquiry.corrections``.
        gated: Whether the run was at its gate before.
    """

    run_id: str
    version: str
    as_of: str
    case: str
    actions: dict[str, Json]
    factors: dict[str, Json]
    notes: list[str]
    recalled: str
    cost: Json
    calls: list[Json]
    floor: str
    kept: NotRequired[dict[str, Json]]
    gated: NotRequired[bool]


@dataclass(frozen=True)
class Services:
    """What nodes work with; the same for all cases of a process.

    Attributes:
        store: Records and evidence.
        toolbox: Read-only tools.
        precedents: Closed cases; None where there is no knowledge base.
        reader: Answers questions about text.
        clock: The present moment.
        precedent_count: How many precedents a decision shows.
        shelf: Facts that need not be read again.
        clearance: What may pass without a person.
        sampling_key: What the draw for a second look is keyed with.
        enforcer: Carries out writes; None where enforcement is off.
        undo: How long a decision's writes wait before they are sent, so that it can be undone.
        narrator: Tells the rationale to the reviewer; None where nobody does.
        recalled: A frozen retrieval in place of a new one; None: the closed cases are searched.
        reading: Makes a reader whose look-ups go to another toolbox, such as a recording; None:
            ``reader`` looks nothing up.
    """

    store: Store
    toolbox: Toolbox
    precedents: Precedents | None
    reader: Reader
    clock: Clock
    precedent_count: int
    shelf: Shelf = field(default_factory=Shelf)
    clearance: Clearance = NONE
    sampling_key: bytes = b""
    enforcer: Enforcer | None = None
    undo: timedelta = timedelta(0)
    narrator: Narrator | None = None
    recalled: Recalled | None = None
    reading: Callable[[Toolbox], Reader] | None = None

"""The loop in which a model answers and looks things up, as a LangGraph state machine.

    ask ──► judge ──► look_up ──► ask
     │        ├─────────────────► ask      something is open
     ▼        ▼
    end      end                           why, in ``ended``

``ask`` lets the model say its next. ``judge`` verifies the answers in it. ``look_up`` makes the
look-ups in it, in parallel. The model's last turn is one without look-ups: it comes where the turns
or the budget allow no other, or where nothing new has come for a while.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, TypedDict, get_args

from langchain_core.messages import BaseMessage, HumanMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agents.allowance import Allowance, Spent
from agents.answers import ANSWERING, FUNCTION, AnswerBook
from agents.ledger import asking
from agents.lookups import Lookups
from agents.prompts import prompt
from agents.talk import Talk, Turn
from casewright.errors import EnvironmentFault, ModelError

SPARE_TURNS: Final = 4
"""Turns beyond one for each look-up: to answer, to correct answers, and to be reminded."""

IDLE_TURNS: Final = 2
"""Turns in a row that bring neither an answer nor evidence, before the last one."""

SILENT: Final = "the model gave no answer"

Ended = Literal["settled", "silent", "exhausted", "spent", "failed"]
"""Why a conversation is over: all questions are settled; the model says nothing, even reminded;
it has had its last turn; the budget is spent; the endpoint failed."""


@dataclass(frozen=True)
class Desk:
    """What one conversation works with.

    Attributes:
        talk: The model.
        book: Takes the answers.
        lookups: Makes the look-ups.
        allowance: The budget.
    """

    talk: Talk
    book: AnswerBook
    lookups: Lookups
    allowance: Allowance

    @property
    def functions(self) -> tuple[Mapping[str, Any], ...]:
        """What the model may call, the function for answers first."""
        return (ANSWERING, *self.lookups.functions())

    @property
    def open(self) -> str:
        """The factors that can still be answered, for the model."""
        return ", ".join(self.book.open)

    @property
    def gained(self) -> int:
        """How much has come: answers taken and evidence fetched."""
        return len(self.book.answers) + len(self.lookups.evidence)


class Conversation(TypedDict):
    """Where a conversation stands.

    Attributes:
        messages: What was said.
        turns: Turns left.
        idle: Turns in a row that brought nothing new.
        gained: :attr:`Desk.gained` when the model was asked last.
        reminded: Reminders given, by prompt; each is given once.
        turn: What the model said last.
        last: Whether that was its last turn.
        why: Why what is open then stays so.
        ended: Why it is over; empty while it is not.
    """

    messages: Annotated[list[BaseMessage], operator.add]
    turns: int
    idle: int
    gained: int
    reminded: Annotated[tuple[str, ...], operator.add]
    turn: Turn | None
    last: bool
    why: str
    ended: Ended | Literal[""]


Loop = CompiledStateGraph[Conversation, Desk, Conversation, Conversation]
Update = dict[str, Any]


def compile_loop() -> Loop:
    """The state machine; one serves any number of conversations at once."""
    over: dict[Hashable, str] = dict.fromkeys(get_args(Ended), END)
    builder = StateGraph(Conversation, context_schema=Desk)
    builder.add_node("ask", ask)
    builder.add_node("judge", judge)
    builder.add_node("look_up", look_up)
    builder.add_edge(START, "ask")
    builder.add_conditional_edges("ask", _after_ask, {"said": "judge", **over})
    builder.add_conditional_edges(
        "judge", _after_judge, {"look-ups": "look_up", "open": "ask", **over}
    )
    builder.add_conditional_edges("look_up", _after_look_up, {"open": "ask", **over})
    # Never that of a graph around it: no conversation is taken up again in its middle.
    return builder.compile(checkpointer=False, name="reader")


async def converse(loop: Loop, opening: Sequence[BaseMessage], desk: Desk) -> None:
    """Hold one conversation to its end; what came of it is in the desk's book and look-ups.

    Raises:
        ModelError: the endpoint failed before it had said anything.
        SourceRefused: a data source refuses us.
    """
    turns = desk.lookups.left + SPARE_TURNS
    start = Conversation(
        messages=list(opening),
        turns=turns,
        idle=0,
        gained=0,
        reminded=() if desk.lookups.left else ("answer_now",),
        turn=None,
        last=False,
        why=SILENT,
        ended="",
    )
    end = await loop.ainvoke(start, {"recursion_limit": 3 * turns + 3}, context=desk)
    desk.book.close(end["why"])


async def ask(state: Conversation, runtime: Runtime[Desk]) -> Update:
    """Let the model say its next, within what is left."""
    desk, functions = runtime.context, runtime.context.functions
    idle = _idle(state, desk)
    short = desk.allowance.short_of(state["messages"], functions, turns=2)
    last = state["turns"] == 1 or idle == IDLE_TURNS or bool(short)
    names = _reminders(state, desk, last=last)
    reminders = [HumanMessage(prompt(one).render({"open": desk.open})) for one in names]
    said = await _said_next(
        desk, [*state["messages"], *reminders], functions[:1] if last else functions, state["turn"]
    )
    update = {"turns": state["turns"] - 1, "idle": idle, "gained": desk.gained, "last": last}
    why = {"why": _spent(short) if short else SILENT, "reminded": names}
    return update | why | said | {"messages": [*reminders, *said.get("messages", ())]}


async def judge(state: Conversation, runtime: Runtime[Desk]) -> Update:
    """Verify the answers of a turn, and see whether there is to be another one."""
    turn, book = _turn(state), runtime.context.book
    told = [call.reply(book.offer(call.arguments)) for call in turn.calls if call.name == FUNCTION]
    ended: Ended | Literal[""] = ""
    if not book.open:
        ended = "settled"
    elif state["last"]:
        ended = "exhausted"
    elif not turn.calls and "use_function" in state["reminded"]:
        ended = "silent"
    return {"messages": told, "ended": ended}


async def look_up(state: Conversation, runtime: Runtime[Desk]) -> Update:
    """Make the look-ups of a turn, as far as they and the time go."""
    desk = runtime.context
    wanted = [call for call in _turn(state).calls if call.name != FUNCTION]
    try:
        async with desk.allowance.in_time():
            told = await desk.lookups.run(wanted)
    except Spent as spent:
        return {"ended": "spent", "why": _spent(str(spent))}
    return {"messages": [call.reply(text) for call, text in zip(wanted, told, strict=True)]}


async def _said_next(
    desk: Desk,
    messages: Sequence[BaseMessage],
    functions: Sequence[Mapping[str, Any]],
    before: Turn | None,
) -> Update:
    try:
        with asking(desk.book.open):
            turn = await desk.allowance.turn(desk.talk, messages, functions)
    except Spent as spent:
        return {"ended": "spent", "why": _spent(str(spent))}
    except ModelError as error:
        if before is None:
            raise
        # What was taken before was proven then, and stays so.
        return {"ended": "failed", "why": f"the model failed: {error.message}"}
    return {"messages": [turn.message], "turn": turn}


def _after_ask(state: Conversation) -> str:
    return state["ended"] or "said"


def _after_judge(state: Conversation) -> str:
    wanted = any(call.name != FUNCTION for call in _turn(state).calls)
    return state["ended"] or ("look-ups" if wanted else "open")


def _after_look_up(state: Conversation) -> str:
    return state["ended"] or "open"


def _turn(state: Conversation) -> Turn:
    """What the model said last; it has said something wherever this is asked."""
    if state["turn"] is None:
        raise EnvironmentFault("The reader's loop went on before the model had said anything.")
    return state["turn"]


def _idle(state: Conversation, desk: Desk) -> int:
    if state["turn"] is None or desk.gained > state["gained"]:
        return 0
    return state["idle"] + 1


def _reminders(state: Conversation, desk: Desk, *, last: bool) -> tuple[str, ...]:
    """What the model is told once: to use the function, or to end its look-ups."""
    if state["turn"] is None:
        return ()
    if not state["turn"].calls:
        return ("use_function",)
    due = last or not desk.lookups.left
    return ("answer_now",) if due and "answer_now" not in state["reminded"] else ()


def _spent(bound: str) -> str:
    return f"the budget of {bound} was spent"

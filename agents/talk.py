"""What talking with a chat model comes to: turns, the calls in them, and what they cost.

Whatever stands between a reader and an endpoint (hiding personal data, counting, recording) is a
:class:`Talk` around another one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from agents.reading import Errand
from casewright.models import Cost


@dataclass(frozen=True)
class Call:
    """One function call of a model.

    Attributes:
        call_id: Unique within its turn.
        name: The function's name, as the model wrote it.
        arguments: Its arguments; None where they are not a JSON object.
    """

    call_id: str
    name: str
    arguments: dict[str, Any] | None

    def reply(self, text: str) -> ToolMessage:
        """The message that answers this call."""
        return ToolMessage(text, tool_call_id=self.call_id)


@dataclass(frozen=True)
class Turn:
    """What a model said: its message, fit to be sent back, and the calls in it."""

    message: AIMessage
    calls: tuple[Call, ...]


class Talk(Protocol):
    """A conversation with one model."""

    @property
    def cost(self) -> Cost:
        """Model calls, tokens and money of the turns so far."""
        ...

    async def turn(
        self, messages: Sequence[BaseMessage], functions: Sequence[Mapping[str, Any]]
    ) -> Turn:
        """Let the model say its next.

        Args:
            messages: The conversation so far.
            functions: Name, description and parameters (JSON schema) of what it may call.

        Raises:
            ModelError: the endpoint is unreachable, refuses, fails, or answers in another shape.
        """
        ...


Talks = Callable[[Errand], Talk]
"""Opens a conversation for an errand."""

"""A chat-completions request as the simulated reader takes it: what is asked, shown and offered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sandbox.model.exhibits import Block, Shown, blocks, without_blocks

ANSWER_FIELDS: Final = {"factor", "answer"}
"""A function with these arguments is the one that takes answers."""

UNCLEAR: Final = "unclear"
_ASKED: Final = re.compile(
    r"^\s*[-*\d.)]*\s*(?:factor\s+)?[`\"](\w+)[`\"]\s*[:\u2013\u2014-]\s*(.+)$"
)
_ANSWERS: Final = re.compile(r"answers?:\s*([^.\n]+)", re.IGNORECASE)
_READS: Final = re.compile(r"reads?:\s*([^\n]+)", re.IGNORECASE)
_OPEN: Final = re.compile(r"\bopen:\s*([^.\n]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """One question: the factor it is about, its words, its answers, and what it reads."""

    factor: str
    text: str
    answers: tuple[str, ...]
    reads: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Called:
    """A function call that the model made earlier."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Conversation:
    """One request.

    Attributes:
        body: The request as it came.
        known: Factors that a question may be about without saying that it is one.
    """

    body: Mapping[str, Any]
    known: frozenset[str] = frozenset()

    @cached_property
    def messages(self) -> list[tuple[str, str]]:
        """Role and text of each message."""
        given = self.body.get("messages") or []
        return [(str(one.get("role", "")), _text(one.get("content"))) for one in given]

    @cached_property
    def blocks(self) -> list[Block]:
        """All data that was shown."""
        return [
            block for role, text in self.messages if role != "assistant" for block in blocks(text)
        ]

    @cached_property
    def prose(self) -> str:
        """What was said outside data, by anybody but the model."""
        return "\n".join(
            without_blocks(text) for role, text in self.messages if role != "assistant"
        )

    @cached_property
    def tools(self) -> dict[str, Mapping[str, Any]]:
        """Parameters (JSON schema) of the functions offered, by name."""
        offered = (tool.get("function", {}) for tool in self.body.get("tools") or [])
        found: dict[str, Mapping[str, Any]] = {
            str(one.get("name", "")): one.get("parameters") or {} for one in offered
        }
        return found or dict(_in_schema(self.schema))

    @property
    def form(self) -> str:
        """How the reply is to look: ``tools``, ``calls`` (a JSON object), ``schema``, ``text``."""
        if self.body.get("tools"):
            return "tools"
        kind = (self.body.get("response_format") or {}).get("type", "text")
        if kind == "json_schema" and set(self.schema.get("properties") or {}) != {"calls"}:
            return "schema"
        return "text" if kind == "text" else "calls"

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON schema that the reply has to keep to, if any."""
        named = (self.body.get("response_format") or {}).get("json_schema") or {}
        return named.get("schema") or {}

    @cached_property
    def answering(self) -> str:
        """The function that takes answers; empty where there is none."""
        for name, schema in self.tools.items():
            if set(schema.get("properties") or {}) >= ANSWER_FIELDS:
                return name
        return "answer" if self.form == "calls" and "`answer`" in self.prose else ""

    @cached_property
    def questions(self) -> list[Question]:
        """What is asked, in the order of the prompt."""
        found: dict[str, Question] = {}
        listed = self._enum("factor")
        for line in self.prose.splitlines():
            match = _ASKED.match(line)
            if match and (_ANSWERS.search(line) or match[1] in {*listed, *self.known}):
                found.setdefault(match[1], self._question(match[1], match[2]))
        rest = (name for name in listed if name not in found)
        return [*found.values(), *(self._question(name, "") for name in rest)]

    @cached_property
    def calls(self) -> list[Called]:
        """What the model called in earlier turns."""
        return [call for one in self.body.get("messages") or [] for call in _called(one)]

    @cached_property
    def open(self) -> list[Question]:
        """What was not answered yet, or is said to be open still."""
        answered = {
            str(call.arguments.get("factor")) for call in self.calls if call.name == self.answering
        }
        last = self.messages[-1][1] if self.messages and answered else ""
        named = {name.strip(" `") for names in _OPEN.findall(last) for name in names.split(",")}
        return [one for one in self.questions if one.factor not in answered or one.factor in named]

    def shown_to(self, question: Question) -> list[Shown]:
        """The texts that a question reads; all that were shown where it does not say."""
        own = [one for one in self.blocks if (one.action, one.pointer) in question.reads]
        return [shown for block in own or self.blocks for shown in block.texts()]

    def _question(self, factor: str, line: str) -> Question:
        answers = _ANSWERS.search(line)
        listed = tuple(one.strip(' `"') for one in answers[1].split(",")) if answers else ()
        reads = _READS.search(line)
        return Question(
            factor,
            _ANSWERS.split(line)[0].strip(),
            listed or self._enum("answer") or ("yes", "no", UNCLEAR),
            tuple(_places(reads[1])) if reads else (),
        )

    def _enum(self, name: str) -> tuple[str, ...]:
        properties = self.tools.get(self.answering, {}).get("properties") or {}
        return tuple((properties.get(name) or {}).get("enum") or ())


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _in_schema(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The functions of a schema whose ``calls`` are objects with ``name`` and ``arguments``."""
    items = ((schema.get("properties") or {}).get("calls") or {}).get("items") or {}
    for option in items.get("anyOf") or [items]:
        properties = option.get("properties") or {}
        for name in (properties.get("name") or {}).get("enum") or ():
            yield name, properties.get("arguments") or {}


def _called(message: Mapping[str, Any]) -> Iterator[Called]:
    if message.get("role") != "assistant":
        return
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        yield Called(str(function.get("name")), _object(function.get("arguments")))
    written = _object(_text(message.get("content"))).get("calls")
    for call in written if isinstance(written, list) else []:
        if isinstance(call, dict) and isinstance(call.get("arguments"), dict):
            yield Called(str(call.get("name")), call["arguments"])


def _object(text: object) -> dict[str, Any]:
    try:
        value = json.loads(str(text))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _places(listed: str) -> Iterator[tuple[str, str]]:
    for place in listed.strip(" .").split(","):
        action, _, pointer = place.strip(" `").partition(" ")
        yield action, "" if pointer.startswith("(") else pointer

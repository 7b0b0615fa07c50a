"""The tools of one run: a name and arguments in, frozen Evidence out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from jsonpointer import JsonPointerException, resolve_pointer
from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json
from rfc8785 import CanonicalizationError

from casewright import spans
from casewright.clock import Clock
from casewright.errors import SourceError, SourceMalformed, SourceRefused, UnknownName
from casewright.journal import journal_here
from casewright.models import Evidence, EvidenceStatus
from tools.base import Answer, Source, Tool, ToolInputError, party_pointers
from tools.endpoint import json_of


@dataclass(frozen=True)
class Question:
    """A tool, arguments that fit it, and the moment whose knowledge is asked for."""

    tool: Tool
    given: BaseModel
    as_of: datetime

    @property
    def key(self) -> tuple[str, str, datetime]:
        """Equal for questions that ask the same, however their arguments were written."""
        request = json.dumps(json_of(self.given), sort_keys=True)
        return self.tool.name, request, self.as_of

    @property
    def digest(self) -> str:
        """The same as one short text."""
        name, request, as_of = self.key
        return sha256(f"{name} {request} {as_of.isoformat()}".encode()).hexdigest()


class Toolbox:
    """Calls tools by name. Safe to share between cases: it keeps nothing between calls.

    Args:
        tools: Tools by name.
        source: Where they read.
        clock: For ``retrieved_at``.
    """

    def __init__(self, tools: Mapping[str, Tool], source: Source, clock: Clock) -> None:
        self._tools = dict(tools)
        self._source = source
        self._clock = clock

    def names(self) -> tuple[str, ...]:
        """Names of all tools, sorted."""
        return tuple(sorted(self._tools))

    def tool(self, name: str) -> Tool:
        """The tool of that name.

        Raises:
            ToolInputError: there is none; the message suggests the nearest.
        """
        if name not in self._tools:
            unknown = UnknownName.among("tool", name, self._tools)
            raise ToolInputError(unknown.message, remedy=unknown.remedy)
        return self._tools[name]

    def for_case(self) -> CaseTools:
        """A view for one case, which asks the same question once."""
        return CaseTools(self)

    async def call(self, name: str, arguments: Mapping[str, Any], *, as_of: datetime) -> Evidence:
        """Call a tool as of a moment and freeze what it answers.

        Args:
            name: The tool.
            arguments: Its arguments; timestamps as aware datetimes or RFC 3339 text.
            as_of: The moment whose knowledge is asked for; aware.

        Returns:
            Evidence with status ``ok``, ``no_data`` or, where the source failed, ``error``.

        Raises:
            ToolInputError: unknown tool or malformed arguments; the message says what to mend.
            SourceRefused: the source refuses us, whatever the arguments; nothing can be gathered.
        """
        return await self.ask(self.question(name, arguments, as_of=as_of))

    def question(self, name: str, arguments: Mapping[str, Any], *, as_of: datetime) -> Question:
        """A call that fits its tool. Raises ToolInputError as :meth:`call` does."""
        tool = self.tool(name)
        return Question(tool, _validated(tool, arguments), as_of)

    async def ask(self, question: Question) -> Evidence:
        """Call a tool with arguments that fit. Raises SourceRefused as :meth:`call` does.

        What the run has asked before is not asked again, see ``casewright.journal``.
        """
        journal = journal_here()
        if journal is None:
            return await self._asked(question)
        async with journal.entry(question.digest) as entry:
            if (held := await entry.fetched()) is not None:
                return held
            evidence = await self._asked(question)
            if evidence.status is not EvidenceStatus.ERROR:
                await entry.keep_fetched(evidence)
            return evidence

    async def _asked(self, question: Question) -> Evidence:
        name = question.tool.name
        known = {
            spans.OPERATION: "execute_tool",
            spans.TOOL_NAME: name,
            spans.TOOL_TYPE: "function",
        }
        with spans.span(f"execute_tool {name}", known) as opened:
            evidence = await self._evidence(question)
            opened.set_attribute("casewright.evidence.status", evidence.status.value)
            opened.set_attribute("casewright.evidence.digest", evidence.digest)
            if evidence.status is EvidenceStatus.ERROR:
                spans.failed(opened, evidence.reason)
        return evidence

    async def _evidence(self, question: Question) -> Evidence:
        tool, given, as_of = question.tool, question.given, question.as_of
        try:
            answer = _typed(tool, await tool.fetch(self._source, given, as_of))
            return self._frozen(tool, given, answer, as_of)
        except SourceRefused:
            raise
        except SourceError as error:
            return self._frozen(tool, given, _failed(error), as_of)

    def _frozen(self, tool: Tool, given: BaseModel, answer: Answer, as_of: datetime) -> Evidence:
        try:
            return Evidence.freeze(
                tool=tool.name,
                request=dict(json_of(given)),
                status=answer.status,
                data=answer.data,
                reason=answer.reason,
                complete=answer.complete,
                untrusted=answer.untrusted,
                source=answer.source,
                through=answer.through,
                as_of=as_of,
                retrieved_at=self._clock(),
            )
        except CanonicalizationError as error:
            raise SourceMalformed(
                f"The answer of {tool.name} holds a number that JSON cannot carry exactly.",
                code="number_out_of_range",
            ) from error


class CaseTools:
    """The toolbox for the length of one case: whoever asks the same gets the same Evidence.

    Build it with :meth:`Toolbox.for_case`. A question that is being asked is waited for; one whose
    call was cancelled or refused is asked anew.
    """

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._asked: dict[tuple[str, str, datetime], Evidence] = {}
        self._asking: dict[tuple[str, str, datetime], asyncio.Lock] = {}

    def names(self) -> tuple[str, ...]:
        """Names of all tools, sorted."""
        return self._toolbox.names()

    def tool(self, name: str) -> Tool:
        """The tool of that name. Raises ToolInputError where there is none."""
        return self._toolbox.tool(name)

    async def call(self, name: str, arguments: Mapping[str, Any], *, as_of: datetime) -> Evidence:
        """As :meth:`Toolbox.call`, once for each question."""
        question = self._toolbox.question(name, arguments, as_of=as_of)
        key = question.key
        async with self._asking.setdefault(key, asyncio.Lock()):
            if key not in self._asked:
                self._asked[key] = await self._toolbox.ask(question)
        return self._asked[key]


def _validated(tool: Tool, arguments: Mapping[str, Any]) -> BaseModel:
    try:
        return tool.arguments.model_validate_json(to_json(dict(arguments)))
    except ValidationError as error:
        raise ToolInputError(
            f"{tool.name}: {_explained(error)}.", remedy=f"Its arguments: {_signature(tool)}."
        ) from error
    except PydanticSerializationError as error:
        raise ToolInputError(f"{tool.name}: the arguments are not JSON.") from error


def _typed(tool: Tool, answer: Answer) -> Answer:
    if answer.status is not EvidenceStatus.OK:
        return replace(answer, data=None, untrusted=())
    try:
        record = tool.result.model_validate_json(to_json(answer.data))
    except ValidationError as error:
        where = "/".join(str(part) for part in error.errors()[0]["loc"])
        raise SourceMalformed(
            f"The answer of {tool.name} does not fit its type: {_explained(error)}.",
            code=f"unexpected_shape:/{where}",
        ) from error
    data = dict(json_of(record))
    stated = (pointer for pointer in answer.untrusted if _resolves(data, pointer))
    untrusted = tuple(sorted({*stated, *party_pointers(record)}))
    return replace(answer, data=data, untrusted=untrusted)


def _failed(error: SourceError) -> Answer:
    return Answer(EvidenceStatus.ERROR, reason=error.code or "source_failed", complete=False)


def _resolves(data: dict[str, Any], pointer: str) -> bool:
    # What the result model dropped needs no mark.
    try:
        resolve_pointer(data, pointer)
    except JsonPointerException:
        return False
    return True


def _explained(error: ValidationError) -> str:
    # The value itself may be a party's text, so it is left out.
    return "; ".join(
        f"{'.'.join(str(part) for part in one['loc']) or 'arguments'}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False)[:5]
    )


def _signature(tool: Tool) -> str:
    return ", ".join(
        f"{field.alias or name}{'' if field.is_required() else ' (optional)'}"
        for name, field in tool.arguments.model_fields.items()
    )

"""The contract of a tool: what it takes, what it answers, and how it may fail.

A tool fails in one of two ways. ``ToolInputError`` is told to the model, which can call again with
better arguments. ``SourceRefused`` is fatal: no argument could mend it. Everything else a source
does wrong becomes Evidence of status ``error``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Protocol, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from casewright.errors import UsageError
from casewright.models import EvidenceStatus
from casewright.pointer import pointer_step

Query = Mapping[str, str | int | float | bool | list[str]]
"""Query parameters by name; a list repeats its name."""


class ToolInputError(UsageError):
    """The tool is unknown or its arguments do not fit; the message says how to call it right."""


@dataclass(frozen=True)
class WrittenByParty:
    """Marks a field whose text a seller, a buyer or another party wrote: data, never orders."""


PartyText = Annotated[str, WrittenByParty()]
"""Text that a party wrote."""


@dataclass(frozen=True)
class Answer:
    """What a source said, before the tool's result model has looked at it.

    Attributes:
        status: ``ok``, or ``no_data`` with the reason. Failures are raised, not answered.
        data: The record or the list body; None unless ``status`` is ``ok``.
        reason: Why there is no data, or why the data is a part only, as a short code.
        complete: False where the source covers only a part of what was asked.
        untrusted: JSON Pointers into ``data`` of what a party wrote.
        source: Which system answered; empty where it did not say.
        through: Until when its data reaches; None where it did not say.
    """

    status: EvidenceStatus
    data: dict[str, Any] | None = None
    reason: str = ""
    complete: bool = True
    untrusted: tuple[str, ...] = ()
    source: str = ""
    through: datetime | None = None


class Source(Protocol):
    """Where tools read: a path and a query in, one answer out."""

    async def get(self, path: str, query: Query, *, as_of: datetime, paged: bool = False) -> Answer:
        """Read ``path`` as it was known at ``as_of``; ``paged`` follows cursors to the end."""
        ...


Fetch = Callable[[Source, Any, datetime], Awaitable[Answer]]
"""Reads a source with validated arguments as of a moment."""


@dataclass(frozen=True)
class Tool:
    """One typed, read-only question that an action or an agent may ask.

    Attributes:
        name: Unique name, such as ``get_order``.
        description: What it answers and when to use it, for people and models.
        arguments: Model of the arguments; its JSON schema is what a model is shown.
        result: Model that the source's data must fit; what it does not name is dropped.
        fetch: Reads the source. Raises SourceError where the source fails.
        declared_in: The workspace's file that declares it; empty for a tool in code.
        digest: sha-256 over that declaration, or empty.
    """

    name: str
    description: str
    arguments: type[BaseModel]
    result: type[BaseModel]
    fetch: Fetch
    declared_in: str = ""
    digest: str = ""


def party_pointers(record: BaseModel) -> tuple[str, ...]:
    """JSON Pointers (RFC 6901) of the ``PartyText`` fields that are present in ``record``."""
    return tuple(_pointers(record, ""))


def _pointers(value: object, at: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        yield from _pointers_of_fields(value, at)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _pointers(item, f"{at}/{index}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _pointers(item, at + pointer_step(str(key)))


def _pointers_of_fields(record: BaseModel, at: str) -> Iterator[str]:
    for name, step, written_by_party in _fields(type(record)):
        value = getattr(record, name)
        if value is None or name not in record.model_fields_set:
            continue
        if written_by_party:
            yield at + step
        elif not isinstance(value, str):
            yield from _pointers(value, at + step)


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, str, bool], ...]:
    """The model's fields: the name, its step in a pointer, and whether a party writes it."""
    return tuple(
        (name, pointer_step(field.serialization_alias or name), _written_by_party(field))
        for name, field in model.model_fields.items()
    )


def _written_by_party(field: FieldInfo) -> bool:
    return _marks(field.metadata) or _marked_within(field.annotation)


def _marked_within(annotation: object) -> bool:
    # `PartyText | None` and `tuple[PartyText, ...]` carry the mark inside their arguments.
    return _marks(getattr(annotation, "__metadata__", ())) or any(
        _marked_within(part) for part in get_args(annotation)
    )


def _marks(metadata: object) -> bool:
    return isinstance(metadata, list | tuple) and any(
        isinstance(mark, WrittenByParty) for mark in metadata
    )

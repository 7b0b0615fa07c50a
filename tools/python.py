"""Tools written in Python: one typed function, offered by a package behind an entry point."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, create_model

from casewright.errors import SourceMalformed, UsageError
from casewright.models import EvidenceStatus
from tools.base import Answer, Source, Tool
from tools.record import Arguments

AS_OF = "as_of"
"""Parameter that a function may have for the moment whose knowledge is asked for."""

FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a faulty function raises: it costs the case this evidence, and not the run its process."""

Function = Callable[..., Awaitable[BaseModel | None] | BaseModel | None]


def tool(*, name: str, description: str) -> Callable[[Function], Tool]:
    """Make a tool of a function.

    The function's parameters become the tool's arguments, with their annotations and defaults, and
    its return annotation, a pydantic model, the tool's result. A parameter ``as_of`` is no
    argument: it receives the moment whose knowledge is asked for. None says that there is no data.
    A plain function runs in a thread. Text that a party wrote is annotated ``PartyText``.

    Args:
        name: The tool's name.
        description: What it answers, for people and models.

    Returns:
        A decorator that puts the :class:`~tools.base.Tool` in the function's place.

    Raises:
        UsageError: a parameter or the result is not annotated as it must be.
    """

    def made(function: Function) -> Tool:
        signature = _Signature.of(name, function)
        return Tool(name, description, signature.arguments, signature.result, signature.fetch)

    return made


@dataclass(frozen=True)
class _Signature:
    name: str
    function: Function
    arguments: type[BaseModel]
    result: type[BaseModel]
    wants_as_of: bool

    @classmethod
    def of(cls, name: str, function: Function) -> _Signature:
        hints = get_type_hints(function, include_extras=True)
        result = _model_of(name, hints.pop("return", None))
        given = inspect.signature(function).parameters
        fields: dict[str, Any] = {
            one.name: _field(name, one, hints) for one in given.values() if one.name != AS_OF
        }
        arguments = create_model(f"{function.__name__}_arguments", __base__=Arguments, **fields)
        return cls(name, function, arguments, result, AS_OF in given)

    async def fetch(self, _: Source, given: BaseModel, as_of: datetime) -> Answer:
        values = {name: getattr(given, name) for name in type(given).model_fields}
        try:
            found = await self._call(values | ({AS_OF: as_of} if self.wants_as_of else {}))
        except FAILURES as error:
            raise SourceMalformed(
                f"The tool {self.name} failed: {type(error).__name__}.", code="tool_failed"
            ) from error
        if found is None:
            return Answer(EvidenceStatus.NO_DATA, reason="none_found", complete=False)
        data = found.model_dump(mode="json", by_alias=True, exclude_none=True)
        return Answer(EvidenceStatus.OK, data, source=self.function.__module__)

    async def _call(self, values: dict[str, Any]) -> BaseModel | None:
        if inspect.iscoroutinefunction(self.function):
            found = await self.function(**values)
        else:
            found = await asyncio.to_thread(self.function, **values)
        if found is not None and not isinstance(found, self.result):
            raise TypeError(f"{self.name} returned a {type(found).__name__}")
        return found


def _field(name: str, parameter: inspect.Parameter, hints: dict[str, Any]) -> tuple[Any, Any]:
    if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
        raise UsageError(f"The tool {name!r} cannot take {parameter}: name each argument.")
    if parameter.name not in hints:
        raise UsageError(f"The argument {parameter.name!r} of the tool {name!r} has no type.")
    default = ... if parameter.default is inspect.Parameter.empty else parameter.default
    return hints[parameter.name], default


def _model_of(name: str, annotation: Any) -> type[BaseModel]:
    """The model in ``Model`` or ``Model | None``."""
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    models = [part for part in parts if part is not NoneType]
    if len(models) != 1 or not (isinstance(models[0], type) and issubclass(models[0], BaseModel)):
        raise UsageError(
            f"The tool {name!r} does not say what it answers.",
            remedy="Annotate its result with a pydantic model, or with `Model | None`.",
        )
    return models[0]

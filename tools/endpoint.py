"""A tool as a declaration: one HTTP GET with a path template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from string import Formatter
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from casewright.errors import UsageError
from tools.base import Answer, Query, Source, Tool, ToolInputError


def endpoint(
    name: str,
    path_template: str | tuple[str, ...],
    arguments: type[BaseModel],
    result: type[BaseModel],
    description: str,
    paged: bool = False,
) -> Tool:
    """Declare a tool that reads one path.

    Args:
        name: The tool's name.
        path_template: Path with arguments in braces, such as ``/v1/orders/{order_id}``. Of several,
            the first whose arguments are all given is read.
        arguments: Model of the arguments; those not in the path become the query.
        result: Model of the answer's data.
        description: What it answers, for people and models.
        paged: Whether the answer is a list with a cursor to follow.

    Returns:
        The tool.

    Raises:
        UsageError: a template names an argument that ``arguments`` lacks.
    """
    templates = (path_template,) if isinstance(path_template, str) else path_template
    for template in templates:
        _check(name, template, arguments)

    async def fetch(source: Source, given: BaseModel, as_of: datetime) -> Answer:
        values = json_of(given)
        template = _first_filled(templates, values)
        inside = parameters(template)
        query = {key: value for key, value in values.items() if key not in inside}
        return await source.get(fill(template, values), query, as_of=as_of, paged=paged)

    return Tool(name, description, arguments, result, fetch)


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The path with every parameter percent-encoded as one segment.

    Raises:
        ToolInputError: a value is empty or would climb the path (``.`` and ``..``, which RFC 3986
            resolves even where they are encoded), or is missing.
    """
    return template.format_map({name: _segment(name, values) for name in parameters(template)})


@cache  # one for each declared endpoint
def parameters(template: str) -> tuple[str, ...]:
    """Names in braces, in order."""
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name)


def json_of(model: BaseModel) -> Query:
    """The fields that were given, by their names in the API, as JSON values; nulls left out."""
    given: Query = model.model_dump(
        mode="json", by_alias=True, exclude_unset=True, exclude_none=True
    )
    return given


def _segment(name: str, values: Mapping[str, Any]) -> str:
    value = str(values.get(name, ""))
    if value in {"", ".", ".."}:
        raise ToolInputError(f"{name} cannot be {value!r}.", remedy="Give the id in full.")
    return quote(value, safe="")


def _first_filled(templates: tuple[str, ...], values: Mapping[str, Any]) -> str:
    complete = (one for one in templates if all(name in values for name in parameters(one)))
    return next(complete, templates[0])


def _check(name: str, template: str, arguments: type[BaseModel]) -> None:
    known = {field.alias or key for key, field in arguments.model_fields.items()}
    if missing := [one for one in parameters(template) if one not in known]:
        raise UsageError(
            f"The path of tool {name!r} needs {missing[0]!r}, which is none of its arguments.",
            remedy=f"Its arguments are {', '.join(sorted(known))}.",
        )

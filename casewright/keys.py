"""Which keys may stand at a place of a file, by the model of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel


def keys_at(model: type[BaseModel], where: Iterable[str | int]) -> tuple[str, ...]:
    """The keys that may stand at a place, as a file writes them; none where no record does.

    Args:
        model: The model of the whole file.
        where: Keys and indices that lead to the place.
    """
    found: Any = model
    for step in where:
        found = _below(found, step)
    record = _model_in(found)
    return tuple(_fields(record)) if record else ()


def _below(kind: Any, step: str | int) -> Any:
    record = _model_in(kind)
    if record is None:
        return None
    fields = _fields(record)
    # Below a mapping or a list, the next step is a key or an index of it: the model stays.
    return fields.get(str(step), record)


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _model_in(kind: Any) -> type[BaseModel] | None:
    """The one model that an annotation speaks of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for part in get_args(kind) if (found := _model_in(part))), None)

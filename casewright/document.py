"""YAML with positions: every complaint about a file points at its file, line and column."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from casewright.errors import SopError, UnknownName
from casewright.keys import keys_at

Where = tuple[str | int, ...]
"""Keys and indices that lead to a place in a document."""


class Place(NamedTuple):
    """Where something is written: a file, and line and column from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class Document:
    """A parsed YAML document that knows where each of its parts stands; it is never changed."""

    value: Any
    file: str
    first_line: int = 1

    def position(self, where: Sequence[str | int]) -> tuple[int, int]:
        """Line and column, from 1, of the deepest part of the path that exists."""
        node, line, column = self.value, self.first_line, 1
        for step in where:
            try:
                place = node.lc.item(step) if isinstance(step, int) else node.lc.key(step)
                node = node[step]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
            line, column = place[0] + self.first_line, place[1] + 1
        return line, column

    def place(self, where: Sequence[str | int]) -> Place:
        """File, line and column of the deepest part of the path that exists."""
        return Place(self.file, *self.position(where))

    def keys_of(self, where: Sequence[str | int]) -> tuple[str | int, ...]:
        """The path without the steps that only name an alternative of the model, not a key."""
        node, kept = self.value, []
        for step in where[:-1]:
            try:
                node = node[step]
            except (KeyError, IndexError, TypeError):
                continue
            kept.append(step)
        return (*kept, *where[-1:])

    def error(self, message: str, where: Sequence[str | int], *, remedy: str = "") -> SopError:
        """An SopError at the place of that path."""
        file, line, column = self.place(where)
        return SopError(message, file=file, line=line, column=column, remedy=remedy)


@lru_cache(maxsize=128)  # shared fragments, and SOPs that are asked for again, are parsed once
def parse_yaml(text: str, *, file: str, first_line: int = 1) -> Document:
    """Parse YAML 1.2 without constructing anything but plain data.

    Args:
        text: The YAML text.
        file: Its name, for messages.
        first_line: The file's line on which the text starts.

    Raises:
        SopError: it is not YAML, or holds a key twice.
    """
    try:
        value = _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        raise SopError(
            # Without the values of a key that is there twice, which may be long.
            f"not valid YAML: {str(error.problem or error.context).split(' with value ')[0]}",
            file=file,
            line=line + first_line,
            column=column + 1,
        ) from error
    except YAMLError as error:
        raise SopError(f"not valid YAML: {error}", file=file) from error
    except RecursionError as error:
        raise SopError("nested too deeply to be read", file=file) from error
    return Document(value, file, first_line)


class _Plain(RoundTripConstructor):
    """Leaves dates as they are written: a day that no calendar has is told with its place."""


_Plain.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _Plain
    return yaml


def raise_invalid(error: ValidationError, document: Document, model: type[BaseModel]) -> NoReturn:
    """Turn pydantic's first complaint into an SopError at its place.

    A key that does not exist goes first, with the nearest that does: where it is misspelt, the
    right one is missing as well.

    Args:
        error: What pydantic says.
        document: The document that was validated.
        model: The model of the whole document.
    """
    told = error.errors(include_url=False)
    first = next((one for one in told if one["type"] == "extra_forbidden"), told[0])
    where = document.keys_of(first["loc"])
    named = ".".join(str(step) for step in where)
    message, remedy = _plain(first["msg"]), ""
    if first["type"] == "extra_forbidden":
        *above, key = where
        message = "there is no such key."
        remedy = UnknownName.among("key", str(key), keys_at(model, above)).remedy
    message = f"{named or 'the document'}: {message}"
    raise document.error(message, where, remedy=remedy) from error


def unknown_name(
    document: Document, where: Sequence[str | int], kind: str, name: str, valid: Collection[str]
) -> SopError:
    """An SopError for a name that does not exist, suggesting the nearest valid one."""
    told = UnknownName.among(kind, name, valid)
    return document.error(told.message, where, remedy=told.remedy)


def _plain(message: str) -> str:
    told = message.removeprefix("Value error, ")
    return "this key is required" if told == "Field required" else told[:1].lower() + told[1:]

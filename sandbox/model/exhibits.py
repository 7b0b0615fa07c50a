"""What a prompt shows: the data in it, under the names by which it may be cited."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_BLOCK: Final = re.compile(r"([^\n]*)\n+BEGIN DATA (\S+)[^\n]*\n(.*?)\n?END DATA \2", re.DOTALL)
_PLACE: Final = re.compile(r"action\s+`?([^\s,`]+)`?,\s*pointer\s+`?(\(the whole\)|[^\s,:`]*)")
_LABEL: Final = re.compile(r"name the action `?([^\s.`]+)`?")
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True)
class Shown:
    """A text that was shown, and where it stands."""

    action: str
    pointer: str
    text: str


@dataclass(frozen=True)
class Block:
    """One fenced piece of data, named by the line before it.

    Attributes:
        action: Whose data it is; empty where the heading does not say.
        pointer: JSON Pointer of the whole; empty for all of it.
        raw: What stands between the markers.
    """

    action: str
    pointer: str
    raw: str

    def texts(self) -> Iterator[Shown]:
        """The texts in it: of JSON all strings, as far as it was not cut off."""
        value = _value(self.raw)
        for pointer, text in _strings(self.raw if value is None else value, self.pointer):
            yield Shown(self.action, pointer, text)


def blocks(text: str) -> list[Block]:
    """The fenced pieces of a message, in their order."""
    return [_block(match) for match in _BLOCK.finditer(text)]


def without_blocks(text: str) -> str:
    """The message without its fenced pieces and their headings."""
    return _BLOCK.sub("", text)


def _block(match: re.Match[str]) -> Block:
    heading = match[1]
    if (place := _PLACE.search(heading)) is not None:
        pointer = "" if place[2].startswith("(") else place[2]
        return Block(place[1], pointer, match[3])
    label = _LABEL.search(heading)
    return Block(label[1] if label else "", "", match[3])


def _value(raw: str) -> Any:
    """The JSON value that the text is, of a list that was cut off what is whole; else None."""
    if raw[:1] not in "[{":
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return list(_items(raw)) if raw.startswith("[") else _first_list(raw)


def _first_list(raw: str) -> Any:
    """Of an object that was cut off, its first list of objects."""
    match = re.search(r'"(\w+)":\s*\[', raw)
    return {match[1]: list(_items(raw[match.end() - 1 :]))} if match else None


def _items(raw: str) -> Iterator[Any]:
    at = 1
    while (start := re.compile(r"[\s,]*").match(raw, at)) is not None and start.end() < len(raw):
        try:
            item, at = _DECODER.raw_decode(raw, start.end())
        except ValueError:
            return
        yield item


def _strings(value: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            yield from _strings(inner, f"{pointer}/{step}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _strings(inner, f"{pointer}/{number}")

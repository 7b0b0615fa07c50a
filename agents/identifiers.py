"""Identifiers: which ones the platform's own records hold, so that no text can name another one.

Whoever writes a text may write anybody's id into it. A look-up of it would show the reader, and
through the evidence the reviewer, an account that has nothing to do with the case. So a look-up may
use an id only where a record of the platform holds it outside what parties wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from pydantic import JsonValue

from agents.exhibits import texts
from casewright.models import Evidence

IDENTIFIER: Final = re.compile(r"([A-Za-z]{2,12}[_-])[0-9]{3,}")
"""An identifier as marketplaces write it: a kind and a number."""

_ID_FIELD: Final = re.compile(r"(^|_)ids?$")
_NUMBER_FIELD: Final = re.compile(r"(^|_)(ids?|no|number|code|sku)$")


class Identifiers:
    """The ids that records of the platform hold.

    Args:
        records: The case and its evidence; what they mark as untrusted does not count.
        subject: Ids of what the case is about.
    """

    def __init__(self, records: Iterable[Evidence], subject: Iterable[str] = ()) -> None:
        self._unread = list(records)
        self._held = {one.casefold() for one in subject}

    def add(self, record: Evidence) -> None:
        """Take in one more record."""
        self._unread.append(record)

    def foreign(self, arguments: Mapping[str, JsonValue]) -> tuple[str, ...]:
        """Names of the arguments that give an id which no record holds.

        Args:
            arguments: Of a look-up, by name. Those called ``id`` or ``ids``, or ending so, give
                ids, and so does every text that is written like one.
        """
        given = ((name, at, text) for name in arguments for at, text in texts(arguments[name]))
        return tuple(
            name
            for name, at, text in given
            if (holds_id(f"/{name}{at}") or IDENTIFIER.fullmatch(text)) and not self._holds(text)
        )

    def _holds(self, text: str) -> bool:
        # Most readings look nothing up, so records are read at the first question only.
        while self._unread:
            self._held.update(_platform_texts(self._unread.pop()))
        return text.casefold() in self._held


def holds_id(pointer: str) -> bool:
    """Whether the field at a JSON Pointer, or the list that it stands in, is one for ids."""
    return _ID_FIELD.search(field_at(pointer)) is not None


def numbers(records: Iterable[Evidence]) -> Iterator[str]:
    """Ids and order, tracking and other numbers that tell one record from another."""
    for record in records:
        for pointer, text in _by_platform(record):
            if _NUMBER_FIELD.search(field_at(pointer)):
                yield text


def field_at(pointer: str) -> str:
    """The name of the field at a JSON Pointer, or of the list that it stands in."""
    while pointer:
        pointer, _, step = pointer.rpartition("/")
        if not step.isdigit():
            return step
    return ""


def _platform_texts(record: Evidence) -> Iterator[str]:
    return (text.casefold() for _, text in _by_platform(record))


def _by_platform(record: Evidence) -> Iterator[tuple[str, str]]:
    for pointer, text in texts(record.data):
        if not any(f"{pointer}/".startswith(f"{root}/") for root in record.untrusted):
            yield pointer, text

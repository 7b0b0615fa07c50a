"""The texts in a case's evidence that parties wrote, with the places where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jsonpointer import JsonPointerException, resolve_pointer

from casewright.models import Citation, Evidence
from casewright.pointer import pointer_step
from graphs.facts import Facts
from graphs.sop import CASE


@dataclass(frozen=True)
class Passage:
    """A text that a party wrote, and where it stands."""

    label: str
    digest: str
    pointer: str
    text: str

    def cite(self, quote: str) -> Citation:
        """The citation of words that stand in it."""
        return Citation(
            kind="evidence",
            reference=self.digest,
            pointer=self.pointer,
            quote=quote,
            excerpt=True,
            label=f"{self.label}{self.pointer}",
        )


def passages_of(facts: Facts) -> Iterator[Passage]:
    """Every text of the case that a party wrote, the case's own first."""
    for label, item in items_of(facts):
        for pointer in item.untrusted:
            for at, text in texts_below(_value(item.data, pointer), pointer):
                yield Passage(label, item.digest, at, text)


def items_of(facts: Facts) -> Iterator[tuple[str, Evidence]]:
    """The case and the evidence of its actions, each with its name."""
    yield CASE, facts.case
    for name, record in facts.records.items():
        if record.status == "ok":
            yield name, facts.evidence[record.digest]


def _value(data: Any, pointer: str) -> Any:
    try:
        return resolve_pointer(data, pointer)
    except JsonPointerException:
        return None


def texts_below(value: Any, pointer: str) -> list[tuple[str, str]]:
    """The texts at a place and below it, with their pointers."""
    found: list[tuple[str, str]] = []
    _collect(value, pointer, found)
    return found


def _collect(value: Any, pointer: str, found: list[tuple[str, str]]) -> None:
    # Into one list: a record has hundreds of texts, and generators hand each up level by level.
    if isinstance(value, str):
        found.append((pointer, value))
    elif isinstance(value, dict):
        for key, one in value.items():
            _collect(one, pointer + pointer_step(str(key)), found)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            _collect(one, f"{pointer}/{index}", found)

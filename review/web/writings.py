"""What the parties wrote in the evidence of a case, with the questions that are about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from jsonpointer import resolve_pointer

from casewright.models import Evidence
from graphs.sop import Sop
from review.layout import spelled

PROSE: Final = 3
"""From how many words on a text is more than a value that a party filled in."""


@dataclass(frozen=True)
class Writing:
    """A text that a party wrote.

    Attributes:
        label: Where it stands, such as ``appeal/statement``.
        text: The text.
        questions: The facts that are questions about texts of the same action, by name.
    """

    label: str
    text: str
    questions: tuple[str, ...]

    @property
    def first(self) -> bool:
        """Whether it is to be read first: prose that a question is about."""
        return bool(self.questions) and len(self.text.split()) >= PROSE


def writings(sop: Sop, actions: Mapping[str, Evidence]) -> tuple[Writing, ...]:
    """The texts, those that are to be read first at the front.

    Args:
        sop: The procedure.
        actions: The evidence of each action, by its name.
    """
    found = [one for name, item in actions.items() for one in _of(sop, name, item)]
    return tuple(sorted(found, key=lambda one: not one.first))


def _of(sop: Sop, action: str, item: Evidence) -> Iterator[Writing]:
    questions = tuple(one.name for one in sop.questions if action in one.needs)
    for pointer in item.untrusted:
        value = resolve_pointer(item.data, pointer, None)
        if value not in (None, "", [], {}):
            yield Writing(f"{action}{pointer}", spelled(value), questions)

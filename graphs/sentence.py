"""Sentences with holes: how a factor is told to people, each value in it backed by a citation.

Only fields of evidence can fill a hole; nothing a party wrote is ever filled in, because the
loader refuses holes over party-written fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from string import Formatter
from typing import Any

from graphs.logic import Name
from graphs.scope import Path, Read, Result, Scope, reads_of

OWN: Path = ("value",)
"""The hole for the factor's own value."""


@dataclass(frozen=True)
class Sentence:
    """Text pieces and the paths between them; ``pieces`` has one more element than ``holes``."""

    pieces: tuple[str, ...]
    holes: tuple[Path, ...]

    @classmethod
    def parse(cls, text: str) -> Sentence:
        """Split a text with ``{action.field}`` holes.

        Raises:
            ValueError: braces that do not match.
        """
        pieces, holes = [""], []
        for literal, name, _, _ in Formatter().parse(text):
            pieces[-1] += literal
            if name is not None:
                holes.append(tuple(name.split(".")))
                pieces.append("")
        return cls(tuple(pieces), tuple(holes))

    def fill(self, scope: Scope, value: Any = None) -> tuple[str, tuple[Read, ...]] | None:
        """The sentence and what it read, or None where a field is absent.

        Args:
            scope: What the holes are filled from.
            value: What fills the hole ``{value}``: the factor's own, which has its citations.
        """
        own = Result(value)
        results = [own if hole == OWN else Name(hole).evaluate(scope) for hole in self.holes]
        if not all(result.known for result in results):
            return None
        told = [spell(result.value) for result in results]
        text = self.pieces[0] + "".join(
            value + piece for value, piece in zip(told, self.pieces[1:], strict=True)
        )
        return text, reads_of(results)


def spell(value: Any) -> str:
    """A value as people read it: times to the minute in UTC."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)

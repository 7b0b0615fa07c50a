"""Which classes and tiers a condition asks for: ``tiers.risk == "high"``, ``… in ["high", "low"]``.

These are the only comparisons that a row's condition may hold, because their values are closed: so
every one of them can be checked for misspellings and be proved about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphs.logic import Atom, Choice, Junction, Node, Not
from graphs.scope import Path

EQUALS = re.compile(r'\s*\w+\s*(?P<sign>==|!=)\s*"(?P<value>\w*)"\s*')
AMONG = re.compile(r'\s*\w+\s*in\s*\[(?P<values>[\w\s",]*)\]\s*')


@dataclass(frozen=True)
class Comparison:
    """That what lies at a path is one of some texts, or none of them."""

    path: Path
    values: tuple[str, ...]
    negated: bool = False


def comparison(atom: Atom) -> Comparison | None:
    """The comparison an atom makes, or None where it does something else."""
    if len(atom.holes) != 1:
        return None
    if match := EQUALS.fullmatch(atom.text):
        return Comparison(atom.holes[0], (match["value"],), match["sign"] == "!=")
    if match := AMONG.fullmatch(atom.text):
        return Comparison(atom.holes[0], tuple(re.findall(r'"(\w*)"', match["values"])))
    return None


def compared(node: Node) -> Iterator[Comparison]:
    """All comparisons in a condition."""
    match node:
        case Atom():
            found = comparison(node)
            yield from (found,) if found else ()
        case Not(part):
            yield from compared(part)
        case Junction(parts, _):
            yield from (found for part in parts for found in compared(part))
        case Choice(test, then, otherwise):
            yield from (f for part in (test, then, otherwise) for f in compared(part))

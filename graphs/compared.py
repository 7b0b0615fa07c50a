"""The comparisons a row's condition may hold: ``tiers.risk == "high"``, ``days_late > 3``.

Classes, tiers and enums are compared with words, numbers with numbers. There are no others, so
every one can be checked for misspellings and be proved about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphs.logic import HOLE, Atom, Choice, Junction, Node, Not
from graphs.scope import Path

QUOTED = r"""(?:"([^"'\\]*)"|'([^"'\\]*)')"""
"""A text as CEL writes it, in either kind of quotation marks; texts hold neither kind."""

EQUALS = re.compile(rf"\s*\w+\s*(?P<sign>==|!=)\s*{QUOTED}\s*")
AMONG = re.compile(rf"\s*\w+\s*in\s*\[\s*(?P<words>(?:{QUOTED}\s*,?\s*)*)\]\s*")
NUMBER = r"-?[0-9]+(?:\.[0-9]+)?"
MEASURED = re.compile(
    rf"\s*(?:(?P<left>{NUMBER})|{HOLE}\d+)\s*(?P<sign><=|>=|<|>|==|!=)"
    rf"\s*(?:(?P<right>{NUMBER})|{HOLE}\d+)\s*"
)
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True)
class Comparison:
    """That what lies at a path is one of some texts, or none of them."""

    path: Path
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Measure:
    """That a number lies on one side of another one: ``days_late > 3``, ``claimed >= paid``.

    Either ``number`` or ``other`` stands on the right side.
    """

    path: Path
    sign: str
    number: float | None = None
    other: Path | None = None


def comparison(atom: Atom) -> Comparison | None:
    """The comparison an atom makes, or None where it does something else."""
    if len(atom.holes) != 1:
        return None
    if match := EQUALS.fullmatch(atom.text):
        return Comparison(atom.holes[0], tuple(_texts(match[0])), match["sign"] == "!=")
    if match := AMONG.fullmatch(atom.text):
        return Comparison(atom.holes[0], tuple(_texts(match["words"])))
    return None


def compared(node: Node) -> Iterator[Comparison]:
    """All comparisons with words in a condition."""
    for atom in _atoms(node):
        if found := comparison(atom):
            yield found


def _atoms(node: Node) -> Iterator[Atom]:
    match node:
        case Atom():
            yield node
        case Not(part):
            yield from _atoms(part)
        case Junction(parts, _):
            yield from (atom for part in parts for atom in _atoms(part))
        case Choice(test, then, otherwise):
            yield from (atom for part in (test, then, otherwise) for atom in _atoms(part))


def _texts(text: str) -> Iterator[str]:
    yield from (one or other for one, other in re.findall(QUOTED, text))


def measure(atom: Atom) -> Measure | None:
    """The comparison of numbers that an atom makes, or None where it does something else."""
    match = MEASURED.fullmatch(atom.text)
    if match is None or not atom.holes:
        return None
    sign, left, right = match["sign"], match["left"], match["right"]
    if left is None and right is None:
        return Measure(atom.holes[0], sign, other=atom.holes[-1])
    if left is None:
        return Measure(atom.holes[0], sign, number=float(right))
    return Measure(atom.holes[0], TURNED[sign], number=float(left)) if right is None else None


def measured(node: Node) -> Iterator[Measure]:
    """All comparisons of numbers in a condition."""
    for atom in _atoms(node):
        if found := measure(atom):
            yield found

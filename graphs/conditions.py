"""Types the conditions of rows and tiers: what is true or false, what is a number, what a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphs.compared import comparison, measure
from graphs.kinds import Domain
from graphs.logic import Atom, Choice, Junction, Name, Node, Not
from graphs.scope import Path, spelled

LITERALS = ("true", "false")
ALLOWED = (
    "a condition may hold factors, scores, classes, tiers, logic, and comparisons of a number "
    "with a number or of a word with words"
)


def condition_problems(node: Node, factors: Mapping[str, Domain]) -> Iterator[str]:
    """What is wrong with the types of a condition, each in one sentence.

    Args:
        node: The condition; every name in it exists.
        factors: What values each factor can have; what is no factor is a score, class or tier.
    """
    match node:
        case Name(path):
            yield from _bare(path, factors)
        case Not(part):
            yield from condition_problems(part, factors)
        case Junction(parts, _):
            yield from (told for part in parts for told in condition_problems(part, factors))
        case Choice(test, then, otherwise):
            sides = (test, then, otherwise)
            yield from (told for part in sides for told in condition_problems(part, factors))
        case Atom():
            yield from _atom(node, factors)
        case _:
            yield ALLOWED


def _bare(path: Path, factors: Mapping[str, Domain]) -> Iterator[str]:
    domain = factors.get(str(path[0]))
    if domain and domain.kind != "bool":
        yield f"{path[0]} is {domain.told}; compare it with something"


def _atom(atom: Atom, factors: Mapping[str, Domain]) -> Iterator[str]:
    if words := comparison(atom):
        domain = factors.get(str(words.path[0]))
        if domain and domain.kind != "enum":
            yield f"{words.path[0]} is {domain.told}, and is compared with a word"
    elif numbers := measure(atom):
        paths = (numbers.path, *((numbers.other,) if numbers.other else ()))
        yield from (told for path in paths for told in _number(path, factors))
        yield from _outside(numbers.path, numbers.number, factors)
    elif atom.text not in LITERALS:
        yield ALLOWED


def _number(path: Path, factors: Mapping[str, Domain]) -> Iterator[str]:
    domain = factors.get(str(path[0]))
    if domain is None:
        yield f"{spelled(path)} is no number"
    elif not domain.numeric:
        yield f"{path[0]} is {domain.told}, and is compared with a number"


def _outside(path: Path, number: float | None, factors: Mapping[str, Domain]) -> Iterator[str]:
    domain = factors.get(str(path[0]))
    if domain and domain.numeric and number is not None and not domain.holds(number):
        yield f"{path[0]} is {domain.told}; {number:g} lies outside"

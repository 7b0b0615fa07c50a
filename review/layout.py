"""A decision and its evidence as people read them: what dossiers and the console have in common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from casewright.models import Citation, Claim, Decision, Evidence, FactorValue
from casewright.visible import visible


@dataclass(frozen=True)
class Field:
    """One value of a record, to be laid out.

    Attributes:
        text: The value, where it holds no others.
        fields: The values in it with their names, or None.
        party: Whether a party wrote it.
        anchor: Its place in the page, where it is cited.
    """

    text: str = ""
    fields: tuple[tuple[str, Field], ...] | None = None
    party: bool = False
    anchor: str = ""


@dataclass(frozen=True)
class Layout:
    """Lays one record out: what a party wrote is marked, what is cited can be jumped to.

    Attributes:
        item: The record.
        anchors: The anchor of each cited field, by JSON Pointer.
    """

    item: Evidence
    anchors: Mapping[str, str] = field(default_factory=dict)

    def whole(self) -> Field:
        """The whole record."""
        return self.field(self.item.data, "")

    def field(self, value: Any, pointer: str) -> Field:
        """The value at a pointer."""
        inner: tuple[tuple[str, Field], ...] | None = None
        if isinstance(value, dict | list):
            named = value.items() if isinstance(value, dict) else enumerate(value)
            inner = tuple(
                (seen(str(name)), self.field(one, f"{pointer}/{_step(name)}"))
                for name, one in named
            )
        shown = "" if inner is not None else spelled(value)
        written, anchor = pointer in self.item.untrusted, self.anchors.get(pointer, "")
        return Field(shown, inner, party=written, anchor=anchor)


class Sides(NamedTuple):
    """The claims of a decision by how they stand to it; struck ones stay in their place."""

    ground: list[Claim]
    against: list[Claim]
    beside: list[Claim]


def sides(claims: Iterable[Claim]) -> Sides:
    """What the decision rests on, what speaks against it, and what tells neither way."""
    found = Sides([], [], [])
    for claim in claims:
        if claim.stance == "contradicts":
            found.against.append(claim)
        else:
            (found.ground if claim.rests else found.beside).append(claim)
    return found


def key(citation: Citation) -> str:
    """What tells one citation from another."""
    return citation.model_dump_json()


def numbered(citations: Iterable[Citation]) -> dict[str, int]:
    """The number of each citation, from 1, by its key."""
    return {key(one): number for number, one in enumerate(citations, start=1)}


def numbers(citations: Sequence[Citation], of: Mapping[str, int]) -> list[int]:
    """The numbers of those of the citations that have one, in order."""
    return sorted({of[key(one)] for one in citations if key(one) in of})


def all_citations(decision: Decision) -> tuple[Citation, ...]:
    """Those of claims that stand, as people number them, and then those of factors alone."""
    found = {key(one): one for one in decision.citations}
    for factor in (*decision.factors, *decision.flags):
        for one in factor.citations:
            found.setdefault(key(one), one)
    return tuple(found.values())


def by_party(item: Evidence | None, pointer: str) -> bool:
    """Whether a party wrote what stands at a pointer, or something in it."""
    roots = item.untrusted if item else ()
    return any(
        f"{pointer}/".startswith(f"{root}/") or f"{root}/".startswith(f"{pointer}/")
        for root in roots
    )


def worded(value: FactorValue) -> str:
    """A factor's value in words."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def spelled(value: Any) -> str:
    """A value of a record: a text with its lines kept, or JSON."""
    return lines(value) if isinstance(value, str) else as_json(value)


def seen(value: Any) -> str:
    """A text on one line, with what cannot be seen spelled out."""
    return visible(str(value))


def lines(text: str) -> str:
    """A text with its lines kept, and everything else that cannot be seen spelled out."""
    return "\n".join(visible(line) for line in text.replace("\r\n", "\n").split("\n"))


def as_json(value: Any) -> str:
    """A value as JSON on one line."""
    return visible(json.dumps(value, ensure_ascii=False, sort_keys=True))


def _step(name: str | int) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")

"""The policy pack of an SOP: numbered clauses and the values that differ by date and region.

A pack is one Markdown file. Its front matter (YAML) names the pack and its values; each clause is
a heading of the form ``## CLAUSE-ID · from YYYY-MM-DD`` (and, where it does not hold everywhere,
``· regions EU, UK``) with its text below. A newer heading of the same id replaces the older one
from its date on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import Field, ValidationError

from casewright.clause import Clause
from casewright.document import Document, parse_yaml, raise_invalid
from casewright.errors import SopError
from casewright.models import Model

HEADING = re.compile(
    r"^## (?P<id>[A-Z]+-\d+(?:\.\d+)*) · from (?P<start>\d{4}-\d{2}-\d{2})"
    r"(?: · regions (?P<regions>[A-Z, ]+))?\s*$"
)
DURATION = re.compile(r"^(\d+)(h|d)$")
CLAUSES = "clauses"


class ValueVersion(Model):
    """A policy value from one day on: ``default``, or another by region."""

    start: date = Field(alias="from")
    default: bool | int | float | str
    by_region: dict[str, bool | int | float | str] = Field(default_factory=dict)


class PolicyValue(Model):
    """A named value that expressions read as ``policy.<name>``, and the clause it stands in."""

    clause: str
    versions: tuple[ValueVersion, ...] = Field(min_length=1)

    def present(self) -> Iterator[Any]:
        """What it is, or was, anywhere: a text such as ``30d`` as a length of time."""
        for version in self.versions:
            yield from map(_duration, (version.default, *version.by_region.values()))


class FrontMatter(Model):
    """What stands above the clauses.

    Attributes:
        policy: The pack's name: the SOP's, or the fragment's.
        use: Fragments whose clauses and values hold here as well; what this file gives goes first.
        values: Values by name.
    """

    policy: str
    use: tuple[str, ...] = ()
    values: dict[str, PolicyValue] = Field(default_factory=dict)


class Policy(Model):
    """All clauses and values of one pack."""

    name: str
    clauses: tuple[Clause, ...]
    values: dict[str, PolicyValue]

    @property
    def clause_ids(self) -> frozenset[str]:
        """The ids of all clauses, whenever they are in force."""
        return frozenset(clause.clause_id for clause in self.clauses)

    def in_force(self, clause_id: str, *, on: datetime, region: str) -> Clause | None:
        """The version of a clause that holds on that day in that region, or None."""
        held = [
            clause
            for clause in self.clauses
            if clause.clause_id == clause_id
            and clause.start <= on.astimezone(UTC).date()
            and (not clause.regions or region in clause.regions)
        ]
        return max(held, key=lambda clause: clause.start, default=None)

    def clause(self, reference: str) -> Clause | None:
        """The clause version of that reference, or None."""
        return next((clause for clause in self.clauses if clause.reference == reference), None)

    def value(self, name: str, *, on: datetime, region: str) -> Any:
        """A value as it holds that day in that region; None before its first day.

        A text such as ``720h`` or ``30d`` is a duration.
        """
        held = [v for v in self.values[name].versions if v.start <= on.astimezone(UTC).date()]
        if not held:
            return None
        newest = max(held, key=lambda version: version.start)
        return _duration(newest.by_region.get(region, newest.default))


def _duration(value: bool | int | float | str) -> Any:
    match = DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        return value
    return timedelta(**{"h": {"hours": int(match[1])}, "d": {"days": int(match[1])}}[match[2]])


def parse_policy(text: str, *, file: str) -> Policy:
    """Read a policy pack that stands in one file.

    Args:
        text: The Markdown file.
        file: Its name, for messages.

    Raises:
        SopError: the front matter or a heading is wrong, with file and line.
    """
    return policy_of(read_pack(text, file=file))


@dataclass(frozen=True, kw_only=True)
class Pack(Document):
    """A pack as a document: its front matter, and below ``clauses`` each clause by reference.

    ``headings`` holds the line of each clause's heading.
    """

    headings: Mapping[str, int]
    front: Document

    def position(self, where: Sequence[str | int]) -> tuple[int, int]:
        """Line and column of the deepest part of the path that exists."""
        if len(where) > 1 and where[0] == CLAUSES:
            return self.headings[str(where[1])], 1
        return self.front.position(where)


def front_matter(text: str, *, file: str) -> Document:
    """What stands above the clauses.

    Raises:
        SopError: there is none, or it is not YAML.
    """
    if not text.startswith("---\n") or "\n---\n" not in text:
        raise SopError(
            "a policy pack starts with front matter between --- lines", file=file, line=1
        )
    return parse_yaml(text[4:].split("\n---\n", 1)[0], file=file, first_line=2)


def read_pack(text: str, *, file: str) -> Document:
    """A pack's file as a document, whose parts are not checked yet.

    Raises:
        SopError: the front matter or a heading is wrong, with file and line.
    """
    front = front_matter(text, file=file)
    if not isinstance(front.value, dict):
        return front
    head, body = text[4:].split("\n---\n", 1)
    clauses = list(_clauses(body, file=file, first_line=head.count("\n") + 4))
    content = {one.reference: one.model_dump() for one, _ in clauses}
    return Pack(
        {**front.value, CLAUSES: content},
        file,
        front.first_line,
        headings={one.reference: line for one, line in clauses},
        front=front,
    )


def policy_of(document: Document) -> Policy:
    """The policy that a document holds, of one pack or merged from several.

    Raises:
        SopError: the front matter is wrong, with file, line and column.
    """
    value = document.value if isinstance(document.value, dict) else {}
    shown = {key: one for key, one in value.items() if key != CLAUSES}
    try:
        front = FrontMatter.model_validate(shown if value else document.value)
    except ValidationError as error:
        raise_invalid(error, document, FrontMatter)
    clauses = tuple(Clause.model_validate(one) for one in value.get(CLAUSES, {}).values())
    policy = Policy(name=front.policy, clauses=clauses, values=front.values)
    for name, one in front.values.items():
        if one.clause not in policy.clause_ids:
            told = f"the value {name!r} names clause {one.clause!r}, which the pack does not hold"
            raise document.error(told, ("values", name, "clause"))
    return policy


def _clauses(body: str, *, file: str, first_line: int) -> Iterator[tuple[Clause, int]]:
    """The clauses with the lines of their headings."""
    heading: re.Match[str] | None = None
    begun = first_line
    lines: list[str] = []
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate([*body.splitlines(), "## "], start=first_line):
        if not line.startswith("## "):
            lines.append(line)
            continue
        if heading:
            yield _clause(heading, lines), begun
        heading, lines, begun = HEADING.match(line), [], number
        if line != "## " and (heading is None or not _is_day(heading["start"])):
            raise SopError(
                "a clause heading reads `## CLAUSE-1.2 · from YYYY-MM-DD`, with"
                " ` · regions EU, UK` where it does not hold everywhere",
                file=file,
                line=number,
            )
        if heading is None:
            continue
        version = (heading["id"], heading["start"])
        if version in seen:
            raise SopError(f"a second {' from '.join(version)}", file=file, line=number)
        seen.add(version)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _clause(heading: re.Match[str], lines: list[str]) -> Clause:
    return Clause(
        clause_id=heading["id"],
        start=date.fromisoformat(heading["start"]),
        regions=tuple(region.strip() for region in (heading["regions"] or "").split(",") if region),
        text=" ".join(" ".join(lines).split()),
    )

"""What of the queue is wanted, as the address says it, and the links that say it otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from casewright.store.queue import Facet
from casewright.waiting import Group, Wanted

Named = Annotated[str, StringConstraints(max_length=200)]

LABELS: Final[Mapping[Facet, str]] = {
    "route": "Route",
    "sop": "Procedure",
    "region": "Region",
    "language": "Language",
    "channel": "Came in by",
}
PAGE_SIZE: Final = 50


class Asked(BaseModel):
    """The query of the queue's address; what is left out wants all."""

    model_config = ConfigDict(frozen=True)

    sop: list[Named] = Field(default_factory=list)
    region: list[Named] = Field(default_factory=list)
    language: list[Named] = Field(default_factory=list)
    route: list[Named] = Field(default_factory=list)
    channel: list[Named] = Field(default_factory=list)
    whose: Literal["", "mine", "free"] = ""
    held: Literal["", "yes", "no"] = ""
    overdue: Literal["", "yes"] = ""
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    after: Named = ""
    """The case that the reader was done with before they came here."""
    nothing: Literal["", "free"] = ""
    """What was looked for and not found."""

    def wanted(self) -> Wanted:
        """As the desk is asked for it."""
        return self.loose().model_copy(
            update={
                "sops": tuple(self.sop),
                "regions": tuple(self.region),
                "languages": tuple(self.language),
                "routes": tuple(self.route),
                "channels": tuple(self.channel),
            }
        )

    def loose(self) -> Wanted:
        """The same, whatever the facets: what the counts beside them are taken from."""
        held = {"": None, "yes": True, "no": False}[self.held]
        return Wanted(whose=self.whose, held=held, overdue=bool(self.overdue))

    def chosen(self, facet: Facet) -> list[str]:
        """The values of a facet that are wanted; none: all."""
        found: list[str] = getattr(self, facet)
        return found

    def query(self, **changed: object) -> str:
        """The query that asks for the same but for what is changed; its page is the first."""
        kept = self.model_dump(exclude={"page", "after", "nothing"}) | changed
        return urlencode({name: value for name, value in kept.items() if value}, doseq=True)


@dataclass(frozen=True)
class Option:
    """One value that can be filtered by.

    Attributes:
        value: The value.
        count: How many wait with it, under all other filters.
        on: Whether it is filtered by.
        query: The query that turns it on, or off.
    """

    value: str
    count: int
    on: bool
    query: str


@dataclass(frozen=True)
class Filter:
    """A facet with the values that wait."""

    name: str
    label: str
    options: tuple[Option, ...]

    @property
    def on(self) -> int:
        """How many of its values are filtered by."""
        return sum(option.on for option in self.options)


def filters(asked: Asked, groups: Sequence[Group]) -> tuple[Filter, ...]:
    """The facets with their counts.

    Args:
        asked: What is wanted.
        groups: How many wait, whatever the facets.
    """
    return tuple(
        Filter(facet, label, tuple(_options(asked, facet, groups)))
        for facet, label in LABELS.items()
    )


def total(asked: Asked, groups: Iterable[Group]) -> int:
    """How many wait under all filters."""
    return sum(group.count for group in groups if _fits(asked, group))


def _options(asked: Asked, facet: Facet, groups: Iterable[Group]) -> Iterator[Option]:
    chosen = asked.chosen(facet)
    counts = Counter(dict.fromkeys(chosen, 0))
    for group in groups:
        if _fits(asked, group, beside=facet):
            counts[getattr(group, facet)] += group.count
    for value, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        on = value in chosen
        others = [one for one in chosen if one != value]
        query = asked.query(**{facet: others if on else [*chosen, value]})
        yield Option(value, count, on, query)


def _fits(asked: Asked, group: Group, *, beside: str = "") -> bool:
    return all(
        not asked.chosen(facet) or getattr(group, facet) in asked.chosen(facet)
        for facet in LABELS
        if facet != beside
    )

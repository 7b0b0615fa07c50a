"""Exhibits: every text that a model was shown, under the name by which it may cite it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from agents.fence import Markers, fence
from agents.reading import Passage, Question
from agents.visible import VisibleText
from agents.withheld import as_shown
from casewright.models import Evidence

PASSAGE_LIMIT = 20_000
"""Most characters shown of one passage."""

PASSAGES_LIMIT = 80_000
"""Most characters shown of all passages together; they share it evenly."""

REASON_LIMIT = 200
"""Most characters shown of a source's own words on why there is nothing."""

RESULT_LIMIT = 8_000
"""Most characters shown of one look-up's result."""


@dataclass(frozen=True)
class Exhibit:
    """One text that can be quoted.

    Attributes:
        digest: The evidence it stands in.
        pointer: JSON Pointer into that evidence's data.
        text: The text.
        factors: The factors whose questions read it; None where any may, since the reader
            fetched it.
    """

    digest: str
    pointer: str
    text: VisibleText
    factors: frozenset[str] | None


class Exhibits:
    """What was shown in one reading.

    Args:
        questions: Whose passages to show.
        markers: Where the fences' markers come from.
    """

    def __init__(self, questions: Sequence[Question], markers: Markers) -> None:
        self._markers = markers
        self._digests: dict[str, str] = {}
        self._exhibits: dict[tuple[str, str], Exhibit] = {}
        self._evidence: dict[str, Evidence] = {}
        self._passages = _by_place(questions)
        self._cut: set[str] = set()
        self.text = "\n\n".join(self._shown_passage(place) for place in self._passages)
        """All passages as the model is shown them."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the reader fetched, oldest first."""
        return tuple(self._evidence.values())

    @property
    def quotable(self) -> bool:
        """Whether there is a text to quote."""
        return bool(self._exhibits)

    def copied(self) -> Exhibits:
        """The same exhibits; what is fetched for either of the two is not shown in the other."""
        twin = copy.copy(self)
        twin._digests, twin._exhibits = dict(self._digests), dict(self._exhibits)
        twin._evidence = dict(self._evidence)
        return twin

    def find(self, label: str, pointer: str) -> Exhibit | None:
        """The text shown under ``label`` at ``pointer``, if there is one."""
        return self._exhibits.get((label, pointer))

    def cut_for(self, factor: str) -> bool:
        """Whether a passage that the factor's question reads was shown in part only."""
        return factor in self._cut

    def names(self, question: Question) -> str:
        """The passages of a question, as the model may cite them."""
        places = (
            f"{self._label(passage.action, passage.digest)} {passage.pointer}".rstrip()
            for passage in question.passages
        )
        return ", ".join(places) or "none given"

    def fetched(self, evidence: Evidence) -> str:
        """Add a look-up's result, and render it for the model."""
        self._evidence.setdefault(evidence.digest, evidence)
        label = self._label(evidence.tool, evidence.digest)
        heading = f"{label}: status {evidence.status.value}"
        if evidence.data is None:
            return f"{heading}, {_line(evidence.reason) or 'no reason given'}. Nothing to quote."
        self._expose(label, evidence.digest, "", evidence.data, None)
        coverage = "" if evidence.complete else ", incomplete"
        text, cut = _shown(evidence.data, RESULT_LIMIT)
        enclosed = fence(text, self._markers)
        return f"{heading}{coverage}{cut}. To quote it, name the action {label}.\n{enclosed}"

    def _shown_passage(self, place: tuple[str, str]) -> str:
        passage, factors = self._passages[place]
        label = self._label(passage.action, passage.digest)
        self._expose(label, passage.digest, passage.pointer, passage.value, factors)
        limit = min(PASSAGE_LIMIT, PASSAGES_LIMIT // len(self._passages))
        text, cut = _shown(passage.value, limit)
        self._cut |= factors if cut else set()
        author = "a party" if passage.untrusted else "the platform"
        heading = f"action {label}, pointer {passage.pointer or '(the whole)'}, written by {author}"
        return f"{heading}{cut}:\n{fence(text, self._markers)}"

    def _label(self, action: str, digest: str) -> str:
        """The action's name, numbered where an action has more than one evidence."""
        label, number = action, 1
        while self._digests.setdefault(label, digest) != digest:
            number += 1
            label = f"{action}#{number}"
        return label

    def _expose(
        self,
        label: str,
        digest: str,
        pointer: str,
        value: JsonValue,
        factors: frozenset[str] | None,
    ) -> None:
        for at, text in texts(value, pointer):
            known = self._exhibits.get((label, at))
            readers = factors | known.factors if known and known.factors and factors else factors
            self._exhibits[label, at] = Exhibit(digest, at, as_shown(text), readers)


def texts(value: JsonValue, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value, with its JSON Pointer (RFC 6901) behind ``pointer``."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{pointer}/{index}")


def _by_place(
    questions: Iterable[Question],
) -> dict[tuple[str, str], tuple[Passage, frozenset[str]]]:
    """Each passage once, with the factors whose questions read it."""
    places: dict[tuple[str, str], tuple[Passage, frozenset[str]]] = {}
    for question in questions:
        for passage in question.passages:
            place = (passage.digest, passage.pointer)
            first, factors = places.get(place, (passage, frozenset[str]()))
            places[place] = (first, factors | {question.factor})
    return places


def _shown(value: JsonValue, limit: int) -> tuple[str, str]:
    """The value as shown, and a remark where it was cut."""
    text = as_shown(value).shown if isinstance(value, str) else _json(value)
    if len(text) <= limit:
        return text, ""
    return text[:limit], f", the first {limit} of {len(text)} characters"


def _json(value: JsonValue) -> str:
    """JSON keeps a text inside its quotation marks, whatever the text holds."""
    # Without spaces it takes a fifth fewer tokens.
    return json.dumps(_with_visible_texts(value), ensure_ascii=False, separators=(",", ":"))


def _with_visible_texts(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return as_shown(value).shown
    if isinstance(value, dict):
        return {_plain(key): _with_visible_texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_visible_texts(inner) for inner in value]
    return value


def _line(text: str) -> str:
    """A source's words in one line, since they stand outside of a fence."""
    return " ".join(as_shown(text).shown.split())[:REASON_LIMIT]


def _plain(text: str) -> str:
    return VisibleText(text).shown

"""What is personal in the records of one case, and the tokens that stand for it.

What is found anywhere is hidden everywhere, so that a quote stays the same as what it quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from agents.identifiers import IDENTIFIER, numbers
from agents.personal import (
    PERSONAL_FIELD,
    Span,
    kept,
    kind_of,
    known,
    patterned,
    plain,
    worth_hiding,
)
from agents.tokens import TOKEN, Tokens, united
from casewright.models import Evidence

if TYPE_CHECKING:
    from agents.recognizers import Kind

_BARE: Final = re.compile(r"[0-9a-f]{64}|\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?")
"""Digests and moments."""

_SMALL: Final = re.compile(r"(?:\D*\d){0,6}\D*")
_WORD: Final = re.compile(r"[a-z0-9_.:/-]{1,24}")
"""Small words with fewer digits than a phone has: nobody is known by them, but by records."""

_PRIVATE_NUMBER: Final = re.compile(
    r"(?:phone|mobile|fax|tax|vat|account|bank|card|passport|licen[cs]e|ssn|national|identity)"
    r"_?(?:no|number|code)$|(?:national|identity|passport)_id$"
)
"""Fields whose numbers tell persons apart, not records."""

Change = Callable[[str, bool], str]
"""What becomes of a text, told whether it stands in a personal field."""


class Mask:
    """The tokens of one case.

    Args:
        records: Its evidence.
        texts: All texts of its runs that may say something personal.
        ids: Ids of whom and what it is about; they stay.
        shapes: Whether shapes and words around them tell what is personal, which takes Presidio.
            Without, every text of the evidence that is more than a small word is hidden as a whole.
        secrets: Texts that are hidden as a whole then, wherever they are repeated.
    """

    def __init__(
        self,
        records: Collection[Evidence],
        texts: Iterable[str],
        ids: Iterable[str],
        *,
        shapes: bool = True,
        secrets: Iterable[str] = (),
    ) -> None:
        self._patterns = shapes
        self._tokens = Tokens()
        self._kinds: dict[str, Kind] = {}
        self._seen: dict[str, str] = {}
        held = [leaf for one in records for leaf in _leaves_of(one)]
        words = {text for text, personal in held if personal and worth_hiding(text)}
        self._words = sorted(words, key=lambda word: (-len(word), word))
        tells = {plain(one) for one in self._words}
        self._kept = frozenset(plain(one) for one in (*ids, *numbers(records))) - tells
        self._found = dict[str, None]()
        for text in dict.fromkeys((*(text for text, _ in held), *texts)):
            self._learn(text)
        whole = {text for text, _ in held} | {*secrets} if not shapes else set[str]()
        hidden = (text for text in whole if text.strip() and not _technical(text))
        self._secrets = sorted(hidden, key=lambda text: (-len(text), text))

    def _learn(self, text: str) -> None:
        """Note what is personal in a text: it may stand elsewhere in words that do not tell."""
        self._found |= dict.fromkeys(text[one.start : one.end] for one in self._shapes(text))

    def note(self, text: str) -> None:
        """Hide this text as well, wherever it stands."""
        if worth_hiding(text):
            self._found[text] = None

    def hide(self, text: str, personal: bool = False) -> str:
        """The text with tokens.

        Args:
            text: Any text.
            personal: Whether it stands in a personal field, and is hidden as a whole.
        """
        return self.hide_whole(text, personal) if self._whole(text, personal) else self.told(text)

    def told(self, text: str) -> str:
        """A text that is no evidence, such as a sentence of a claim, with tokens."""
        if text not in self._seen:
            self._seen[text] = self._tokens.hide(text, self._spans(text))
        return self._seen[text]

    def hide_whole(self, text: str, personal: bool = False) -> str:
        """One token for all of a text; ids of records stay as they are."""
        if not text.strip() or (IDENTIFIER.fullmatch(text) and plain(text) in self._kept):
            return text
        kind: Kind = kind_of(text) if personal else "TEXT"
        return self._tokens.hide(text, self._alike(text, [Span(0, len(text), kind)]))

    def hide_part(self, text: str, start: int, end: int, personal: bool = False) -> str:
        """A part of a text as it stands in the text with tokens: no token is cut in two."""
        if self._whole(text, personal):
            return self.hide_whole(text, personal)
        written = (Span(one.start(), one.end(), "TEXT") for one in TOKEN.finditer(text))
        spans = united((*self._spans(text), *written))
        met = [one for one in spans if one.start < end and start < one.end]
        start = min([start, *(one.start for one in met)])
        end = max([end, *(one.end for one in met)])
        moved = (Span(one.start - start, one.end - start, one.kind) for one in met)
        return self._tokens.hide(text[start:end], moved)

    def cut(self, text: str, start: int, end: int) -> Iterator[str]:
        """The pieces of personal data that a part of a text begins or ends with."""
        for one in self._spans(text):
            if one.start < start < one.end or one.start < end < one.end:
                yield text[max(start, one.start) : min(end, one.end)]

    def _whole(self, text: str, personal: bool) -> bool:
        return personal or not (self._patterns or _technical(text))

    def _spans(self, text: str) -> tuple[Span, ...]:
        recorded = known(text, self._words)
        again = known(text, self._found, exactly=True)
        spans = (*self._shapes(text), *recorded, *again)
        found = [span for span in spans if not kept(text, span, self._kept)]
        return self._alike(text, [*found, *self._secret(text)])

    def _secret(self, text: str) -> Iterator[Span]:
        for secret in self._secrets:
            at = text.find(secret)
            while at >= 0:
                yield Span(at, at + len(secret), "TEXT")
                at = text.find(secret, at + len(secret))

    def _alike(self, text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
        """The spans with one kind for one value, so that one token stands for it."""
        return tuple(
            Span(one.start, one.end, self._kinds.setdefault(_value(text, one), one.kind))
            for one in united(spans)
        )

    def _shapes(self, text: str) -> tuple[Span, ...]:
        if not self._patterns or _technical(text):
            return ()
        return tuple(span for span in patterned(text) if not kept(text, span, self._kept))


def changed(value: Any, change: Change, personal: bool = False) -> Any:
    """A JSON value of evidence with each text changed, and what is personal besides.

    Args:
        value: The value.
        change: What becomes of a text.
        personal: Whether it stands in a personal field.
    """
    if isinstance(value, dict):
        return {key: changed(one, change, personal or tells(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [changed(one, change, personal) for one in value]
    if isinstance(value, str):
        return change(value, personal)
    number = personal and isinstance(value, int | float) and not isinstance(value, bool)
    return change(str(value), True) if number else value


def tells(field: str) -> bool:
    """Whether a field of that name tells who somebody is, or where."""
    return bool(PERSONAL_FIELD.search(field) or _PRIVATE_NUMBER.search(field))


def _leaves_of(record: Evidence) -> list[tuple[str, bool]]:
    found: list[tuple[str, bool]] = []

    def take(text: str, personal: bool) -> str:
        found.append((text, personal))
        return text

    changed([record.request, record.data, record.reason], take)
    return found


def _technical(text: str) -> bool:
    if _BARE.fullmatch(text):
        return True
    return _WORD.fullmatch(text) is not None and _SMALL.fullmatch(text) is not None


def _value(text: str, span: Span) -> str:
    found = text[span.start : span.end]
    return plain(found) or found

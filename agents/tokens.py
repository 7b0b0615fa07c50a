"""Tokens that stand for personal data: ``[PERSON_1]``, the same for the same value all case long.

The mapping can be undone exactly: ``restore(hide(text)) == text`` whatever the text holds. A text
that writes a token itself is no exception, since what looks like a token is hidden behind one of
its own. A value in another spelling (``J. SMITH``, ``j. smith``) has the same number and a letter
behind it, ``[PERSON_1b]``, so that quotes come back as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from agents.personal import Span, plain

if TYPE_CHECKING:
    from agents.recognizers import Kind

TOKEN: Final = re.compile(r"\[(?:PERSON|EMAIL|PHONE|ADDRESS|BANK|TAX|CARD|ID|TEXT)_\d+[a-z]*\]")
"""A token, whoever wrote it."""


class Tokens:
    """The tokens of one case, numbered by kind in the order in which values are first met."""

    def __init__(self) -> None:
        self._tokens: dict[tuple[Kind, str], str] = {}
        self._texts: dict[str, str] = {}
        self._numbers: dict[tuple[Kind, str], int] = {}
        self._spellings: dict[tuple[Kind, int], int] = {}
        self._last: dict[Kind, int] = {}

    def hide(self, text: str, spans: Iterable[Span]) -> str:
        """The text with a token in place of every span, and of every token written in it.

        Args:
            text: Any text.
            spans: What to hide; those that overlap are hidden as one.
        """
        written = (Span(one.start(), one.end(), "TEXT") for one in TOKEN.finditer(text))
        pieces, at = list[str](), 0
        for span in united((*spans, *written)):
            pieces += [text[at : span.start], self._token(span.kind, text[span.start : span.end])]
            at = span.end
        return "".join((*pieces, text[at:]))

    def restore(self, text: str) -> str:
        """The text with every token of this case replaced by what it stands for."""
        return TOKEN.sub(lambda match: self._texts.get(match[0], match[0]), text)

    def _token(self, kind: Kind, text: str) -> str:
        if (kind, text) not in self._tokens:
            number = self._number(kind, plain(text) or text)
            spelling = self._spellings.get((kind, number), 0)
            self._spellings[kind, number] = spelling + 1
            token = f"[{kind}_{number}{_letters(spelling)}]"
            self._tokens[kind, text], self._texts[token] = token, text
        return self._tokens[kind, text]

    def _number(self, kind: Kind, value: str) -> int:
        if (kind, value) not in self._numbers:
            self._last[kind] = self._numbers[kind, value] = self._last.get(kind, 0) + 1
        return self._numbers[kind, value]


def united(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in their order, those that overlap as one, of the kind of the longest."""
    found: list[Span] = []
    longest = 0
    for span in sorted(spans):
        length = span.end - span.start
        if found and span.start < found[-1].end:
            kind = span.kind if length > longest else found[-1].kind
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end), kind)
            longest = max(longest, length)
        elif length:
            found.append(span)
            longest = length
    return tuple(found)


def _letters(spelling: int) -> str:
    """Nothing for the first spelling, then ``b``, ``c`` and on to ``z``, ``zb``."""
    return "z" * (spelling // 25) + ("" if spelling % 25 == 0 else chr(ord("a") + spelling % 25))

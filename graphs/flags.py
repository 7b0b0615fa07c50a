"""The two factors that every SOP has: they raise the route and never change an outcome.

``addresses_reviewer``: a submitted text instructs whoever, or whatever, decides the case.
``ids_in_text_foreign``: a submitted text names an identifier that no record of the case holds
(handbook 0.4). What they find is quoted; a party that tries is not thereby guilty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from agents.addressing import instruction_in
from agents.identifiers import IDENTIFIER, holds_id
from casewright.models import Claim, Factor
from graphs.facts import Facts
from graphs.passages import Passage, items_of, passages_of, texts_below
from graphs.sop import ADDRESSES, FOREIGN

SENTENCES: Final = {
    ADDRESSES: "A submitted text addresses whoever decides the case.",
    FOREIGN: "A submitted text names an identifier that no record of the case holds.",
}
"""How each is told; the party's own words stand in the citation alone."""

_LIMIT: Final = 5
"""Most quotes of one factor."""


def flags(facts: Facts) -> tuple[Factor, ...]:
    """Both factors, each with the first quotes that make it true."""
    passages = tuple(passages_of(facts))
    known = _Known(facts)
    return (
        _flag(ADDRESSES, passages, instruction_in),
        _flag(FOREIGN, passages, known.first_foreign),
    )


def flag_claims(found: tuple[Factor, ...]) -> Iterator[Claim]:
    """A sentence for each factor that is true; nothing rests on it."""
    for factor in found:
        if factor.value:
            sentence = SENTENCES[factor.name]
            yield Claim(sentence=sentence, citations=factor.citations, rests=False)


def _flag(name: str, passages: tuple[Passage, ...], find: Callable[[str], str | None]) -> Factor:
    found = ((one, find(one.text)) for one in passages)
    cited = tuple(passage.cite(quote) for passage, quote in found if quote)
    return Factor(name=name, value=bool(cited), citations=cited[:_LIMIT])


@dataclass(frozen=True)
class _Known:
    """The identifiers that the case's records hold, and the kinds they are of."""

    facts: Facts

    @cached_property
    def _texts(self) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
        """All texts of the records, with their pointers and what parties wrote of the record."""
        return tuple(
            (pointer, text, item.untrusted)
            for _, item in items_of(self.facts)
            for pointer, text in texts_below(item.data, "")
        )

    @cached_property
    def _ids(self) -> frozenset[str]:
        return frozenset(
            text.casefold()
            for pointer, text, untrusted in self._texts
            if not _within_any(pointer, untrusted)
        )

    @cached_property
    def _kinds(self) -> frozenset[str]:
        """Such as ``ord_``: the kinds of the identifiers that stand in fields for them."""
        return frozenset(
            match[1].casefold()
            for pointer, text, _ in self._texts
            if (match := IDENTIFIER.fullmatch(text)) and holds_id(pointer)
        )

    def first_foreign(self, text: str) -> str | None:
        """The first identifier of a known kind that no record holds."""
        for match in IDENTIFIER.finditer(text):
            if match[1].casefold() in self._kinds and match[0].casefold() not in self._ids:
                return match[0]
        return None


def _within_any(pointer: str, roots: tuple[str, ...]) -> bool:
    return any(f"{pointer}/".startswith(f"{root}/") for root in roots)

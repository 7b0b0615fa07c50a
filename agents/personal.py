"""Finds personal data in a text: by Presidio's recognizers, by patterns, by the case's own records.

No language model is at work. Names are found where the case's records hold them or the words
around them announce them; all else is found by its shape and, where there is one, its checksum.
What the case's records use to tell orders, parcels and parties apart is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from casewright.errors import EnvironmentFault

if TYPE_CHECKING:
    from agents.recognizers import Kind

PERSONAL_FIELD: Final = re.compile(
    r"(?:^|_)(?:display|legal|trading|party|issuer|full|first|last|holder|owner|contact|"
    r"recipient|buyer|seller|person|given|family)_?name$"
    r"|(?:^|_)(?:address|street|e?mail|phone|iban|account_no|tax_(?:id|no|number)|holder)$"
)
"""Fields whose texts tell who somebody is, or where."""

_FIELD_IN_JSON: Final = re.compile(r'"(\w+)": ?"((?:[^"\\]|\\.)*)"')
_IDENTIFIER: Final = re.compile(r"[A-Za-z]{2,12}[_-]\d{3,}")
_HAN_NAME: Final = re.compile(r"[\u4e00-\u9fff]{2,4}")
_MAILBOX: Final = re.compile(r"[!-~]+@.*", re.DOTALL)
"""Chinese is written without blanks, so that words before a mailbox would be taken for its name."""
_SHORTEST: Final = 3
"""Fewest letters of a word of the records that is hidden; in Chinese two."""

_CONTEXT: Final = 40
_WITHOUT_DIGITS: Final = ("PERSON", "EMAIL", "ADDRESS", "BANK")
"""Kinds of which some need no digits; all others are found where there are four."""
_NUMBERED: Final = re.compile(r"(?:\d\D{0,6}){4}")
_PHONE_WORDS: Final = re.compile(
    r"phone|tel\b|tel[.:]|call|mobile|cell|whatsapp|fax|sms|contact|reach|text me|m[oó]vil|"
    r"tel[eé]fono|celular|ll[aá]m|n[uú]mero|handy|rufen|anrufen|appel|电话|手机|微信|联系",
    re.IGNORECASE,
)
_NO_CARD_WORDS: Final = re.compile(
    r"track|order|parcel|waybill|shipment|label|imei|serial|ean\b|gu[ií]a|rastreo|pedido|单号|订单|运单|快递",
    re.IGNORECASE,
)
_GROUPED: Final = re.compile(r"\d{2,4}(?:[ .-]\d{2,4}){2,4}|0\d{2,5} \d{5,7}")
_DATED: Final = re.compile(r"(?:19|20)\d{2}[ .-]\d|\d{1,2}[ .-]\d{1,2}[ .-](?:19|20)\d{2}")


@dataclass(frozen=True, order=True)
class Span:
    """Where personal data stands in a text: characters ``start`` to ``end``, and what it is."""

    start: int
    end: int
    kind: Kind


def require_presidio() -> None:
    """Check that personal data can be found at all.

    Raises:
        EnvironmentFault: the extra is not installed.
    """
    if find_spec("presidio_analyzer") is None:
        raise EnvironmentFault(
            "Personal data cannot be hidden from the model: Presidio is not installed.",
            remedy="Install casewright[privacy], or set CASEWRIGHT_MODEL_PRIVACY=off for an "
            "endpoint inside the house.",
        )


def patterned(text: str) -> tuple[Span, ...]:
    """What shape and checksum tell; the first call loads Presidio, which takes seconds.

    Args:
        text: Any text.
    """
    from agents.recognizers import recognizers

    nothing: Any = None  # no recognizer here looks at what a language model would say
    numbered = _NUMBERED.search(text) is not None
    found = (
        _trimmed(text, Span(one.start, one.end, kind))
        for kind, recognizer in recognizers()
        if kind in _WITHOUT_DIGITS or numbered
        for one in recognizer.analyze(text, [], nothing) or ()
    )
    return tuple(span for span in found if _credible(text, span))


def known(text: str, words: Iterable[str], *, exactly: bool = False) -> Iterator[Span]:
    """Where words of the case's records stand, whatever blanks are between their parts.

    Args:
        text: Any text.
        words: What to look for.
        exactly: Whether capital letters count; for one word alone they always do, since it may
            be a common word as well.
    """
    for word in words:
        for match in _known_pattern(word, exactly=exactly).finditer(text):
            yield Span(match.start(), match.end(), kind_of(word))


def named(text: str, spans: Iterable[Span]) -> Iterator[str]:
    """The names among what was found that are full enough to be known again elsewhere."""
    for span in spans:
        name = text[span.start : span.end]
        if span.kind == "PERSON" and (" " in name or _HAN_NAME.fullmatch(name)):
            yield name


def in_fields(text: str) -> Iterator[str]:
    """The texts of personal fields in JSON that stands in a text, longest first."""
    found = {
        match[2]
        for match in _FIELD_IN_JSON.finditer(text)
        if PERSONAL_FIELD.search(match[1]) and worth_hiding(match[2])
    }
    yield from sorted(found, key=lambda word: (-len(word), word))


def worth_hiding(word: str) -> bool:
    """Whether a text of a personal field is more than an initial, a small word or an identifier."""
    letters = sum(character.isalnum() for character in word)
    shortest = _SHORTEST if word.isascii() else _SHORTEST - 1
    common = word.isascii() and word.isalpha() and word.islower()
    return letters >= shortest and not common and _IDENTIFIER.fullmatch(word) is None


def kept(text: str, span: Span, identifiers: Collection[str]) -> bool:
    """Whether a span is, or lies within, an identifier of the case's records.

    Args:
        text: The text.
        span: What looks like personal data.
        identifiers: Such identifiers, as :func:`plain` spells them.
    """
    start, end = span.start, span.end
    while start > 0 and _joins(text[start - 1]):
        start -= 1
    while end < len(text) and _joins(text[end]):
        end += 1
    whole = text[start:end]
    return bool(_IDENTIFIER.search(whole)) or bool(
        {plain(whole), plain(text[span.start : span.end])} & set(identifiers)
    )


def plain(word: str) -> str:
    """A word's letters and digits alone, in small letters: equal for spellings of one value."""
    return "".join(character for character in word.casefold() if character.isalnum())


def _joins(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "_-")


def kind_of(word: str) -> Kind:
    """What a text of a personal field most likely is."""
    if "@" in word:
        return "EMAIL"
    digits = sum(character.isdigit() for character in word)
    if not digits:
        return "PERSON"
    return "ADDRESS" if any(c.isspace() for c in word) and digits < len(word) / 2 else "ID"


@lru_cache(maxsize=4096)
def _known_pattern(word: str, *, exactly: bool) -> re.Pattern[str]:
    parts = r"(?:\s|\\n)+".join(re.escape(part) for part in word.split())
    before = r"(?<!\w)" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?!\w)" if word[-1].isascii() and word[-1].isalnum() else ""
    alone = len(word.split()) == 1
    return re.compile(f"{before}{parts}{after}", 0 if exactly or alone else re.IGNORECASE)


def _trimmed(text: str, span: Span) -> Span:
    """The span without blanks at its ends, and an address of e-mail without letters before it."""
    found = text[span.start : span.end]
    lead = len(found) - len(found.lstrip())
    if span.kind == "EMAIL" and (written := _MAILBOX.search(found)):
        lead = written.start()
    return Span(span.start + lead, span.start + len(found.rstrip()), span.kind)


def _credible(text: str, span: Span) -> bool:
    """Bare digits count as a phone or a card only where the words before do not speak against."""
    before = text[max(0, span.start - _CONTEXT) : span.start]
    if span.kind == "PHONE":
        return _PHONE_WORDS.search(before) is not None or _dialled(text[span.start : span.end])
    if span.kind == "CARD":
        return _NO_CARD_WORDS.search(before) is None
    return True


def _dialled(number: str) -> bool:
    """Whether a number is written as phones are and dates and ids are not."""
    if number.startswith(("+", "(")):
        return True
    return bool(_GROUPED.fullmatch(number)) and not _DATED.match(number)

"""Tells whether a sentence says more than its proof: numbers, dates, ids and quotes, one by one.

Plain code over characters. What it cannot see is a change of meaning without such a value: a
negation dropped, a cause invented. So a narrator's sentence never stands alone: the claim it tells,
in the SOP's own wording, stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

_NUMBER: Final = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})*(?:[.,]\d+)?")
_ID: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9_-]*\d[A-Za-z0-9_-]*")
_DATE: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
)
_CLOCK: Final = re.compile(r"(?<![\d:])\d\d?:\d\d(?!\d)")
_QUOTES: Final = re.compile(
    r"“([^”]*)”|\"([^\"]*)\"|«([^»]*)»|\u2018([^\u2019]*)\u2019|「([^」]*)」|『([^』]*)』"
)

_MONTHS: Final = re.compile(
    r"\b(?:january|february|march|april|june|july|august|september|october|november|december|"
    r"enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b"
    r"|\b(?:in|of|since|by|until|\d\d?) may\b|\bmay \d|\d\s*[年月日号]",
    re.IGNORECASE,
)
_WORDS: Final = {
    word: Decimal(number)
    for number, words in {
        2: "two twice both dos ambos 两 二",
        3: "three tres 三",
        4: "four cuatro 四",
        5: "five cinco 五",
        6: "six seis 六",
        7: "seven siete 七",
        8: "eight ocho 八",
        9: "nine nueve 九",
        10: "ten diez 十",
        11: "eleven 十一",
        12: "twelve dozen doce docena 十二",
        20: "twenty veinte 二十",
        30: "thirty treinta 三十",
        100: "hundred cien cientos 百",
        1000: "thousand mil miles 千",
        10_000: "万",
        1_000_000: "million millones 百万",
    }.items()
    for word in words.split()
}
_WORD: Final = re.compile(r"[^\W\d_]+")


def overreach(sentence: str, proof: Iterable[str]) -> str:
    """Why a sentence says more than its proof, or an empty string if no value in it does.

    Args:
        sentence: What was written, in English, Spanish or Chinese.
        proof: The texts that prove it: the claims' own sentences and the values that they cite.

    Returns:
        A reason in plain words. Dates have to be written as in the proof (``2026-05-23``), since
        a month's name would have to be understood; numbers may be grouped as people do.
    """
    proven = "\n".join(proof)
    for check in (_foreign_quote, _foreign_date, _foreign_id, _foreign_number, _foreign_word):
        if found := check(sentence, proven):
            return found
    return ""


def _foreign_quote(sentence: str, proven: str) -> str:
    for match in _QUOTES.finditer(sentence):
        quoted = next(one for one in match.groups() if one is not None)
        if quoted.strip() and quoted not in proven:
            return "a quote in it stands in no proof"
    return ""


def _foreign_date(sentence: str, proven: str) -> str:
    if _MONTHS.search(sentence):
        return "a date in it is not written as in the proof"
    known = set(_moments(proven))
    if any(not _same_moment(one, known) for one in _moments(sentence)):
        return "a date in it stands in no proof"
    clocks = set(_CLOCK.findall(proven))
    if any(clock not in clocks for clock in _CLOCK.findall(sentence)):
        return "a time in it stands in no proof"
    return ""


def _moments(text: str) -> Iterator[str]:
    for match in _DATE.finditer(text):
        try:
            datetime.fromisoformat(match[0])
        except ValueError:
            continue
        yield match[0].replace("T", " ")[:16]


def _same_moment(moment: str, known: set[str]) -> bool:
    """A day is proven by any moment on it; a minute by the same minute only."""
    return any(one.startswith(moment) for one in known)


def _foreign_id(sentence: str, proven: str) -> str:
    known = set(_ids(proven))
    if any(one not in known for one in _ids(sentence)):
        return "an identifier in it stands in no proof"
    return ""


def _ids(text: str) -> Iterator[str]:
    return (one.casefold() for one in _ID.findall(_DATE.sub(" ", text)))


def _foreign_number(sentence: str, proven: str) -> str:
    known = set(_numbers(proven))
    if any(one not in known for one in _numbers(sentence)):
        return "a number in it stands in no proof"
    return ""


def _foreign_word(sentence: str, proven: str) -> str:
    known = {*_numbers(proven), *_spelled(proven)}
    if any(one not in known for one in _spelled(sentence)):
        return "a number in it, in words, stands in no proof"
    return ""


def _numbers(text: str) -> Iterator[Decimal]:
    """Every number, without what belongs to a date, a time or an identifier."""
    bare = _ID.sub(" ", _CLOCK.sub(" ", _DATE.sub(" ", text)))
    for match in _NUMBER.finditer(bare):
        yield _read(match[0])


def _read(number: str) -> Decimal:
    """A number as people group it: the last mark is the decimal one unless three digits follow."""
    digits = re.sub(r"[\u00a0\u202f ]", "", number)
    whole, mark, rest = digits.rpartition("." if digits.rfind(".") > digits.rfind(",") else ",")
    if not mark or (len(rest) == 3 and whole.lstrip("0")):
        return Decimal(re.sub(r"[.,]", "", digits)).normalize()
    return Decimal(f"{re.sub(r'[.,]', '', whole)}.{rest}").normalize()


def _spelled(text: str) -> Iterator[Decimal]:
    for word in _WORD.findall(text.casefold()):
        if word in _WORDS:
            yield _WORDS[word]
        elif not word.isascii():
            yield from (_WORDS[one] for one in word if one in _WORDS)

"""A case's frozen evidence as a flat row of fields: what a learner without a procedure gets to see.

Every number, yes or no, word and time that an action brought is a field, under the action's name
and the place in its answer; of a list its length, the mean, least and greatest of what its entries
say, and how often each word stands in them. Times are hours before the moment of judging. Ids,
tokens and hashes are left out, and of free text the length is kept. Nothing that a reader made of a
text is there, and nothing of the decision table.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from graphs.facts import Facts
from graphs.passages import items_of

Fields = Mapping[str, float | str]
"""Fields by name: numbers, or words."""

HOUR = 3600.0
WORDS_KEPT = 30
"""Most words that are told apart in one field; the learner takes at most 255."""
LEAST_SEEN = 3
"""How many training cases a word stands in before it is told apart."""

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
_WORD = re.compile(r"[A-Za-z][\w.&/-]{0,39}")
_ID_NAME = re.compile(r"(^|_)(id|ids|token|tokens|hash|hashes|sha256|number|numbers|no|cursor)$")
_ID_VALUE = re.compile(r"[A-Za-z]{2,6}[_-]?\d{3,}|[0-9a-f]{12,}")
_SKIPPED = frozenset({"case_id", "as_of", "subject", "linked_seller_ids", "party_ids", "seller_id"})


@dataclass(frozen=True)
class Leaf:
    """One value below an answer: where, whether within a list, and what."""

    path: str
    many: bool
    value: float | str


def fields_of(facts: Facts, as_of: datetime) -> dict[str, float | str]:
    """The fields of a case.

    Args:
        facts: Its frozen evidence.
        as_of: The moment at which it was judged; times count from it.
    """
    found: dict[str, float | str] = {
        f"{name}:status": record.status for name, record in facts.records.items()
    }
    for name, item in items_of(facts):
        data = {k: v for k, v in (item.data or {}).items() if name != "case" or k not in _SKIPPED}
        found |= _gathered(_leaves(data, name, as_of, many=False))
    return found


def _leaves(value: Any, path: str, as_of: datetime, *, many: bool) -> Iterator[Leaf]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{path}.{key}", as_of, many=many)
    elif isinstance(value, list):
        yield Leaf(f"{path}#", many, float(len(value)))
        for one in value:
            yield from _leaves(one, path, as_of, many=True)
    elif isinstance(value, bool | int | float):
        yield Leaf(path, many, float(value))
    elif isinstance(value, str) and not _names_something(path, value):
        yield _text(path, value, as_of, many)


def _text(path: str, value: str, as_of: datetime, many: bool) -> Leaf:
    if _TIME.fullmatch(value):
        return Leaf(path, many, _hours(value, as_of))
    if _WORD.fullmatch(value):
        return Leaf(path, many, value)
    return Leaf(f"{path}~", many, float(len(value)))


def _hours(value: str, as_of: datetime) -> float:
    at = datetime.fromisoformat(value)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return round((as_of - at).total_seconds() / HOUR, 3)


def _names_something(path: str, value: str) -> bool:
    """Whether a value is an id or a token: it names one thing, and says nothing of it."""
    return bool(_ID_NAME.search(path.rpartition(".")[2]) or _ID_VALUE.fullmatch(value))


def _gathered(leaves: Iterator[Leaf]) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    numbers: defaultdict[str, list[float]] = defaultdict(list)
    words: Counter[str] = Counter()
    for leaf in leaves:
        if not leaf.many:
            found[leaf.path] = leaf.value
        elif isinstance(leaf.value, str):
            words[f"{leaf.path}={leaf.value}"] += 1
        else:
            numbers[leaf.path].append(leaf.value)
    for path, values in numbers.items():
        spread = {"mean": sum(values) / len(values), "min": min(values), "max": max(values)}
        found |= {f"{path}:{name}": round(value, 4) for name, value in spread.items()}
    return found | {name: float(count) for name, count in words.items()}


@dataclass(frozen=True)
class Columns:
    """The fields that training cases have, as columns of a matrix.

    Attributes:
        numbers: Names of the number fields, in order.
        words: Codes of the words of the word fields, by name; they follow the numbers.
    """

    numbers: tuple[str, ...]
    words: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, rows: Sequence[Fields]) -> Self:
        """The columns that tell some of these cases from others."""
        numbers: defaultdict[str, set[float]] = defaultdict(set)
        seen: defaultdict[str, int] = defaultdict(int)
        words: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for row in rows:
            for name, value in row.items():
                if isinstance(value, str):
                    words[name][value] += 1
                else:
                    numbers[name].add(value)
                    seen[name] += 1
        telling = (n for n, held in numbers.items() if len(held) > 1 or seen[n] < len(rows))
        return cls(tuple(sorted(telling)), {n: _codes(words[n]) for n in sorted(words)})

    @property
    def worded(self) -> list[bool]:
        """Which columns hold codes of words."""
        return [False] * len(self.numbers) + [True] * len(self.words)

    def matrix(self, rows: Sequence[Fields]) -> npt.NDArray[np.float64]:
        """The cases as rows; NaN where a field is not there, or its word was hardly ever seen."""
        held = np.full((len(rows), len(self.numbers) + len(self.words)), np.nan)
        for at, row in enumerate(rows):
            for column, name in enumerate(self.numbers):
                value = row.get(name)
                if isinstance(value, float | int):
                    held[at, column] = value
            for column, (name, codes) in enumerate(self.words.items(), start=len(self.numbers)):
                held[at, column] = codes.get(str(row.get(name)), np.nan)
        return held


def _codes(words: Counter[str]) -> dict[str, int]:
    kept = [word for word, n in words.most_common(WORDS_KEPT) if n >= LEAST_SEEN]
    return {word: code for code, word in enumerate(kept)}

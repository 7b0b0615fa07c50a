"""How well texts support a sentence, without a model: weighted words, names and numbers.

A score to rank by, for whoever audits sentences that a model wrote: it sees what the texts do not
mention. It does not see what they deny: negation, the wrong one of two people in the text, an
order of events turned around, arithmetic. ``benchmarks/claims.py`` measures both.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")
_NUMBER: Final = re.compile(r"\d(?:[\d.,]*\d)?")
_NAME: Final = re.compile(r"(?<=\s)[A-Z]\w+")
_ENDINGS: Final = ("edly", "ings", "ing", "ies", "ed", "es", "ly", "s")
_FUNCTION_WORDS: Final = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be been being but by did do does for from had has have he her his in "
        "into is it its no not of on or she that the their then they this to was were which who "
        "will with when where while after before during",
    )
)


class SupportScorer:
    """Scores sentences against texts.

    Args:
        background: Texts of the kind that is scored, from which rare words are told from common
            ones: a word weighs log(1 + n / (1 + texts with it)), its inverse document frequency.
    """

    def __init__(self, background: Iterable[str]) -> None:
        self._seen: Counter[str] = Counter()
        self._texts = 0
        for text in background:
            self._seen.update(_words(text))
            self._texts += 1

    def score(self, sentence: str, texts: Sequence[str]) -> float:
        """How much of a sentence the texts mention, 0 to 1.

        The mean of two weighted recalls of its words, in all texts together and in the best single
        one, times one minus half the share of its names that no text holds, times the same for its
        numbers. The halves are chosen, not fitted.

        Args:
            sentence: What is claimed.
            texts: What is to support it, a sentence or a field each.
        """
        words = _words(sentence)
        if not words or not texts:
            return 0.0
        found = [_words(text) for text in texts]
        together = frozenset().union(*found)
        recall = (self._share(words, together) + max(self._share(words, f) for f in found)) / 2
        return recall * _kept(_NAME, sentence, texts) * _kept(_NUMBER, sentence, texts)

    def _share(self, words: frozenset[str], found: frozenset[str]) -> float:
        return self._weight(words & found) / self._weight(words)

    def _weight(self, words: frozenset[str]) -> float:
        return sum(math.log(1 + (self._texts + 1) / (1 + self._seen[word])) for word in words)


def _kept(kind: re.Pattern[str], sentence: str, texts: Sequence[str]) -> float:
    said = {one.casefold() for one in kind.findall(sentence)}
    there = {one.casefold() for text in texts for one in kind.findall(f" {text}")}
    return 1 - 0.5 * len(said - there) / len(said) if said else 1.0


def _words(text: str) -> frozenset[str]:
    found = _WORD.findall(text.casefold())
    return frozenset(_stem(word) for word in found if word not in _FUNCTION_WORDS)


def _stem(word: str) -> str:
    """The word without a common English ending, where three letters stay."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word

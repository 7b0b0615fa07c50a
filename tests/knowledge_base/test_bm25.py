from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base import bm25
from knowledge_base.bm25 import Bm25

words = st.lists(st.integers(0, 9), max_size=8).map(lambda ns: np.array(sorted(ns), np.uint32))


def _plain(texts: list[list[int]], query: set[int]) -> list[float]:
    """BM25 written out, one text and one word at a time."""
    mean = max(1.0, sum(map(len, texts)) / len(texts))
    scores = []
    for text in texts:
        score = 0.0
        for word in query:
            held, count = sum(word in one for one in texts), text.count(word)
            weight = log(1 + (len(texts) - held + 0.5) / (held + 0.5))
            score += weight * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * len(text) / mean))
        scores.append(score)
    return scores


@given(st.lists(words, min_size=1, max_size=6), words)
def test_scores_are_those_of_the_formula(texts, query) -> None:
    expected = _plain([text.tolist() for text in texts], set(query.tolist()))
    assert Bm25(texts).scores(query).tolist() == pytest.approx(expected, rel=1e-5)


def test_nothing_scores_nothing() -> None:
    empty = np.array([], np.uint32)
    assert Bm25([]).scores(empty).tolist() == []
    assert Bm25([empty]).scores(np.array([3], np.uint32)).tolist() == [0]


def test_beyond_the_budget_the_commonest_words_are_left_out(monkeypatch) -> None:
    monkeypatch.setattr(bm25, "BUDGET", 2)
    texts = [np.array(text, np.uint32) for text in ([1, 2], [1], [1])]
    assert np.flatnonzero(Bm25(texts).scores(np.array([1, 2], np.uint32))).tolist() == [0]
    assert np.flatnonzero(Bm25(texts).scores(np.array([1], np.uint32))).tolist() == [0, 1, 2]

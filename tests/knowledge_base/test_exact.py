"""Distances measured one by one, against brute force in double precision."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge_base.exact import BLOCK, Measured

DIMENSION = 48
SIZE = 2 * BLOCK + 37


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    unit = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(unit, dtype=np.float32)


class Fetched:
    """Vectors by name, and which of them were asked for."""

    def __init__(self, vectors: dict[str, NDArray[np.float32]]) -> None:
        self.vectors = vectors
        self.asked: list[str] = []

    def __call__(self, names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        self.asked += names
        return {name: self.vectors[name] for name in reversed(names) if name in self.vectors}


RNG = np.random.default_rng(7)
VECTORS = _unit(RNG.normal(size=(SIZE, DIMENSION)))
NAMES = [f"v{number:04}" for number in RNG.permutation(SIZE)]
MEASURED = Measured(NAMES, Fetched(dict(zip(NAMES, VECTORS, strict=True))))


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=SIZE), st.integers(min_value=0, max_value=2**32 - 1))
def test_all_that_count_come_in_the_order_of_brute_force(count: int, seed: int) -> None:
    vector = _unit(np.random.default_rng(seed).normal(size=DIMENSION))
    found = list(MEASURED.near(count, vector))
    assert sorted(name for _, name in found) == sorted(NAMES[:count])
    expected = 1 - VECTORS[:count].astype(np.float64) @ vector.astype(np.float64)
    by_name = dict(zip(NAMES, expected.tolist(), strict=False))
    assert [distance for distance, _ in found] == pytest.approx(sorted(expected), abs=1e-6)
    assert all(distance == pytest.approx(by_name[name], abs=1e-6) for distance, name in found)
    assert found == sorted(found)


def test_equal_vectors_tie_by_name_wherever_they_stand() -> None:
    equal = _unit(RNG.normal(size=DIMENSION))
    measured = Measured(NAMES, Fetched(dict.fromkeys(NAMES, equal)))
    for count in (3, BLOCK, BLOCK + 1, SIZE):
        found = list(measured.near(count, VECTORS[0]))
        assert len({distance for distance, _ in found}) == 1
        assert [name for _, name in found] == sorted(NAMES[:count])


def test_what_is_not_there_is_left_out() -> None:
    there = dict(zip(NAMES[1::2], VECTORS[1::2], strict=True))
    measured = Measured(NAMES, Fetched(there))
    assert {name for _, name in measured.near(BLOCK + 9, VECTORS[0])} == set(
        NAMES[1 : BLOCK + 9 : 2]
    )
    assert not list(Measured(NAMES, Fetched({})).near(5, VECTORS[0]))


def test_each_vector_is_fetched_once_and_no_earlier_than_its_block() -> None:
    fetched = Fetched(dict(zip(NAMES, VECTORS, strict=True)))
    measured = Measured(NAMES, fetched)
    for count, wanted in (
        (0, 0),
        (1, BLOCK),
        (BLOCK, BLOCK),
        (BLOCK + 1, 2 * BLOCK),
        (2, 2 * BLOCK),
    ):
        assert len(list(itertools.islice(measured.near(count, VECTORS[0]), 3))) == min(3, count)
        assert fetched.asked == NAMES[:wanted]

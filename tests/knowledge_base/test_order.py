import itertools
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.order import rising

keys = st.lists(st.integers(min_value=-3, max_value=3), max_size=2000)


@given(keys, st.randoms())
def test_all_places_come_by_key_and_then_by_name(drawn: list[int], random: Random) -> None:
    names = [f"c{i:04}" for i in range(len(drawn))]
    random.shuffle(names)
    expected = sorted(range(len(drawn)), key=lambda place: (drawn[place], names[place]))
    found = rising(np.array(drawn, dtype=np.float32), names.__getitem__)
    assert list(found) == expected


def test_names_are_asked_as_far_as_is_read() -> None:
    asked: list[int] = []

    def name(place: int) -> str:
        asked.append(place)
        return str(place)

    keys = np.arange(100_000, dtype=np.float32)[::-1]
    assert list(itertools.islice(rising(keys, name), 3)) == [99_999, 99_998, 99_997]
    assert len(asked) < 1000

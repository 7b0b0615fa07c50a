"""The fence holds whatever text it is put around."""

import random

from hypothesis import given
from hypothesis import strategies as st

from agents.fence import Markers, fence


class Drawn(random.Random):
    """Draws what the test says."""

    def __init__(self, *bits: int) -> None:
        super().__init__()
        self._bits = list(bits)

    def getrandbits(self, k: int, /) -> int:
        return self._bits.pop(0)


def test_the_marker_is_drawn_again_while_the_text_holds_it():
    text = f"{1:016x} {2:016x}"
    assert fence(text, Markers(Drawn(1, 2, 3))) == f"BEGIN DATA {3:016x}\n{text}\nEND DATA {3:016x}"


@given(st.text(), st.integers())
def test_the_marker_closes_once_and_at_the_end(text, seed):
    enclosed = fence(text, Markers(random.Random(seed)))
    opening, _, rest = enclosed.partition("\n")
    marker = opening.removeprefix("BEGIN DATA ")
    assert len(marker) == 16
    assert enclosed.count(marker) == 2
    assert rest == f"{text}\nEND DATA {marker}"


def test_markers_differ():
    assert len({fence("", Markers()) for _ in range(100)}) == 100

"""Distances measured one by one, for where few vectors count: no graph of neighbours is walked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from knowledge_base.order import rising

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Near = tuple[float, str]
"""Cosine distance (0 same direction, 2 opposite) and the vector's name."""

BLOCK = 1024
"""How many vectors are fetched at once."""


class Beginning(NamedTuple):
    """The names of a family's vectors in a fixed order, and how many of the first ones count."""

    names: Sequence[str]
    length: int


class Measured:
    """Vectors of one family in a fixed order, fetched as far as they were asked for, and kept.

    They take four bytes a dimension: 1.5 KB a vector of 384 dimensions.

    Args:
        names: Names of the family's vectors; what is asked for are always the first of them.
        fetch: Gives the vectors of those names that are there.
    """

    def __init__(
        self,
        names: Sequence[str],
        fetch: Callable[[Sequence[str]], Mapping[str, NDArray[np.float32]]],
    ) -> None:
        self.names = names
        self._fetch = fetch
        self._blocks: list[NDArray[np.float32]] = []

    def near(self, count: int, vector: NDArray[np.float32]) -> Generator[Near]:
        """The first ``count`` names, of those that are there, by rising distance to a unit vector.

        Vectors that are equal are equally far, and ties go by name.
        """
        import numpy as np

        blocks = -(-count // BLOCK)
        while len(self._blocks) < blocks:
            self._blocks.append(self._block(len(self._blocks) * BLOCK, len(vector)))
        # One product at a time: that of a whole matrix differs with the row by the last bit.
        products = [np.vecdot(block, vector) for block in self._blocks[:blocks]]
        distances = np.float32(1) - np.concatenate([np.empty(0, np.float32), *products])[:count]
        there = np.flatnonzero(~np.isnan(distances)).tolist()
        held = distances[there]

        def name(place: int) -> str:
            return self.names[there[place]]

        return ((float(held[place]), name(place)) for place in rising(held, name))

    def _block(self, start: int, dimension: int) -> NDArray[np.float32]:
        """The vectors from that name on, of shape (up to a block, dimension); NaN where none is."""
        import numpy as np

        names = self.names[start : start + BLOCK]
        found = self._fetch(names)
        nothing = np.full(dimension, np.nan, dtype=np.float32)
        return np.stack([found.get(name, nothing) for name in names])

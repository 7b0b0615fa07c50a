"""Distances measured one by one, for where few vectors count: no graph of neighbours is walked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Near = tuple[float, str]
"""Cosine distance (0 same direction, 2 opposite) and the vector's name."""


class Measured:
    """Vectors of one family, fetched when first asked for and kept since.

    Args:
        fetch: Gives the vectors of those names that are there.
    """

    def __init__(self, fetch: Callable[[Sequence[str]], Mapping[str, NDArray[np.float32]]]) -> None:
        self._fetch = fetch
        self._rows: dict[str, int] = {}
        self._vectors: NDArray[np.float32] | None = None

    def near(self, names: Sequence[str], vector: NDArray[np.float32]) -> Iterator[Near]:
        """Those names that are there, by rising distance to a unit vector."""
        import numpy as np

        self._keep([name for name in names if name not in self._rows])
        there = sorted(name for name in names if name in self._rows)
        if self._vectors is None or not there:
            return iter(())
        rows = [self._rows[name] for name in there]
        distances = np.float32(1) - self._vectors[rows] @ vector
        order = np.argsort(distances, kind="stable").tolist()
        return ((float(distances[one]), there[one]) for one in order)

    def _keep(self, names: Sequence[str]) -> None:
        import numpy as np

        found = self._fetch(names)
        if not found:
            return
        known = () if self._vectors is None else (self._vectors,)
        self._rows |= {name: len(self._rows) + n for n, name in enumerate(found)}
        self._vectors = np.concatenate([*known, np.stack(list(found.values()))])

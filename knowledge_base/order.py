"""Order that is made as far as it is read: of many thousand, mostly a hundred are."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIRST = 128
_TIMES = 8


def rising(keys: NDArray[np.floating[Any]], name: Callable[[int], str]) -> Generator[int]:
    """Yield the places of all keys, the least key first, ties by name.

    Args:
        keys: Of shape (places,), none of them NaN.
        name: The name at a place.
    """
    done, limit = 0, _FIRST
    while done < len(keys):
        for place in _least(keys, limit, name)[done:]:
            done += 1
            yield place
        limit *= _TIMES


def _least(keys: NDArray[np.floating[Any]], limit: int, name: Callable[[int], str]) -> list[int]:
    """At least ``limit`` places of the least keys, in order, and who ties with the last."""
    import numpy as np

    places = np.arange(len(keys))
    if limit < len(keys):
        places = np.flatnonzero(keys <= np.partition(keys, limit - 1)[limit - 1])
    named = zip(keys[places].tolist(), map(name, places.tolist()), places.tolist(), strict=True)
    return [place for _, _, place in sorted(named)]

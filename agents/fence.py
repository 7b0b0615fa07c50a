"""The fence around data: random markers that a text cannot close, because it cannot know them."""

from __future__ import annotations

import random
import re

_MARKER_BITS = 64

_MARKED = re.compile(rf"(BEGIN|END) DATA [0-9a-f]{{{_MARKER_BITS // 4}}}\b")


class Markers:
    """Where the markers of fences come from: a fresh one for every fence.

    Args:
        randomness: Where they come from; None for the system's, which nobody can predict.
    """

    def __init__(self, randomness: random.Random | None = None) -> None:
        self._randomness = randomness or random.SystemRandom()

    def draw(self) -> str:
        """The next marker: 16 hex digits."""
        return f"{self._randomness.getrandbits(_MARKER_BITS):0{_MARKER_BITS // 4}x}"


def fence(text: str, markers: Markers) -> str:
    """Put ``text`` between a ``BEGIN DATA`` and an ``END DATA`` line with one marker.

    Args:
        text: What to enclose, in the form in which it is shown.
        markers: Where the marker comes from.

    Returns:
        The enclosed text. Its marker does not occur in ``text``: where a draw hits a text that
        holds it, another one is drawn.
    """
    while (marker := markers.draw()) in text:
        pass
    return f"BEGIN DATA {marker}\n{text}\nEND DATA {marker}"


def unmarked(prompt: str) -> str:
    """The prompt without the markers of its fences, so that two of them can be compared."""
    return _MARKED.sub(r"\1 DATA", prompt)

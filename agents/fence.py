"""The fence around data: random markers that a text cannot close, because it cannot know them."""

from __future__ import annotations

import hmac
import random
import re
from typing import Protocol

_MARKER_BITS = 64

_MARKED = re.compile(rf"(BEGIN|END) DATA [0-9a-f]{{{_MARKER_BITS // 4}}}\b")


class Markers(Protocol):
    """Where the markers of fences come from."""

    def draw(self, text: str, tries: int) -> str:
        """A marker of 16 hex digits for ``text``; another one for each number of ``tries``."""
        ...


class RandomMarkers:
    """A fresh marker for every fence.

    Args:
        randomness: Where they come from; None for the system's, which nobody can predict.
    """

    def __init__(self, randomness: random.Random | None = None) -> None:
        self._randomness = randomness or random.SystemRandom()

    def draw(self, text: str, tries: int) -> str:
        """The next marker; see :meth:`Markers.draw`."""
        return f"{self._randomness.getrandbits(_MARKER_BITS):0{_MARKER_BITS // 4}x}"


class KeyedMarkers:
    """The same marker for the same text, so that a recorded conversation can be replayed.

    A marker is the HMAC-SHA-256 of the text that it encloses: to write it into that text, a party
    would need the key, even after it has seen the markers of other texts.

    Args:
        key: Kept from parties.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def draw(self, text: str, tries: int) -> str:
        """The text's marker; see :meth:`Markers.draw`."""
        told = f"{tries}\n{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, told, "sha256").hex()[: _MARKER_BITS // 4]


def fence(text: str, markers: Markers) -> str:
    """Put ``text`` between a ``BEGIN DATA`` and an ``END DATA`` line with one marker.

    Args:
        text: What to enclose, in the form in which it is shown.
        markers: Where the marker comes from.

    Returns:
        The enclosed text. Its marker does not occur in ``text``: where a draw hits a text that
        holds it, another one is drawn.
    """
    tries = 0
    while (marker := markers.draw(text, tries)) in text:
        tries += 1
    return f"BEGIN DATA {marker}\n{text}\nEND DATA {marker}"


def unmarked(prompt: str) -> str:
    """The prompt without the markers of its fences, so that two of them can be compared."""
    return _MARKED.sub(r"\1 DATA", prompt)

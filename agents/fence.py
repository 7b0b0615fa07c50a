"""The fence around data: random markers that a text cannot close, because it cannot know them."""

from __future__ import annotations

import random

_MARKER_BITS = 64


def fence(text: str, randomness: random.Random) -> str:
    """Put ``text`` between a ``BEGIN DATA`` and an ``END DATA`` line with one fresh marker.

    Args:
        text: What to enclose, in the form in which it is shown.
        randomness: Where markers come from; unpredictable outside tests.

    Returns:
        The enclosed text. Its marker, 16 hex digits, does not occur in ``text``: where a draw
        hits a text that holds it, another one is drawn.
    """
    marker = _marker(randomness)
    while marker in text:
        marker = _marker(randomness)
    return f"BEGIN DATA {marker}\n{text}\nEND DATA {marker}"


def _marker(randomness: random.Random) -> str:
    return f"{randomness.getrandbits(_MARKER_BITS):0{_MARKER_BITS // 4}x}"

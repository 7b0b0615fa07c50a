"""Typing noise: the slips of people in a hurry."""

from __future__ import annotations

import numpy as np


def mistype(text: str, rate: float, rng: np.random.Generator) -> str:
    """Drop or swap letters of lower-case words in ``text``.

    Words with digits, capitals or underscores stay, so ids, names and dates survive.

    Args:
        text: Any text.
        rate: Share of words that get one slip.
        rng: Source of randomness.
    """
    words = text.split(" ")
    slips = rng.random(len(words)) < rate
    return " ".join(
        _slip(word, rng) if slip and len(word) > 3 and word.isalpha() and word.islower() else word
        for word, slip in zip(words, slips.tolist(), strict=True)
    )


def _slip(word: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(1, len(word) - 1))
    if rng.random() < 0.5:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

"""What a language must supply for claims; slots are ``{part}``, ``{state}`` and ``{date}``."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.text.phrases import Manner


@dataclass(frozen=True, kw_only=True)
class Phrases(Manner):
    """Sentences of one language by what they do.

    ``absent`` and ``hollow`` say that nothing came, or nothing was inside. ``fault`` and ``other``
    show a fault, or another item, that was there on arrival; ``later`` tells of one that came with
    use, ``dislike`` of none, and ``vague`` leaves it open. ``dates`` tell when the parcel came.
    ``unscanned`` deny a delivery that the scans show, ``scanned`` tell of one they do not show.
    ``arrived`` and ``pleased`` are messages sent after delivery that a later claim contradicts.
    """

    absent: tuple[str, ...]
    hollow: tuple[str, ...]
    fault: tuple[str, ...]
    other: tuple[str, ...]
    later: tuple[str, ...]
    dislike: tuple[str, ...]
    vague: tuple[str, ...]
    parts: tuple[str, ...]
    states: tuple[str, ...]
    dates: tuple[str, ...]
    unscanned: tuple[str, ...]
    scanned: tuple[str, ...]
    arrived: tuple[str, ...]
    pleased: tuple[str, ...]
    small_talk: tuple[str, ...]
    answers: tuple[str, ...]
    replies: tuple[str, ...]
    came_back_other: tuple[str, ...]

"""What a language must supply for statements; slots are ``{order}``, ``{carrier}``, ``{date}``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrases:
    """Sentences of one language by what they do.

    ``blame`` say that the carrier caused the delay. ``own`` give another reason; about half of
    them mention the carrier without blaming it, so that single words do not tell the two apart.
    ``scan_dates`` assert when the first scan took place, ``hand_dates`` when the parcel was
    handed over.
    """

    openings: tuple[str, ...]
    blame: tuple[str, ...]
    own: tuple[str, ...]
    scan_dates: tuple[str, ...]
    hand_dates: tuple[str, ...]
    policy: tuple[str, ...]
    pleas: tuple[str, ...]
    fillers: tuple[str, ...]
    closings: tuple[str, ...]
    neat: tuple[str, ...]
    joiner: str = " "

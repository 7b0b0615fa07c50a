"""What a language must supply for party text; slots such as ``{order}`` are filled by the case."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Manner:
    """Sentences of one language that say nothing of the matter itself."""

    openings: tuple[str, ...]
    policy: tuple[str, ...]
    pleas: tuple[str, ...]
    fillers: tuple[str, ...]
    closings: tuple[str, ...]
    neat: tuple[str, ...]
    joiner: str = " "


@dataclass(frozen=True, kw_only=True)
class Phrases(Manner):
    """Sentences about late orders, by what they do; slots ``{order}``, ``{carrier}``, ``{date}``.

    ``blame`` say that the carrier caused the delay. ``own`` give another reason; about half of
    them mention the carrier without blaming it, so that single words do not tell the two apart.
    ``scan_dates`` assert when the first scan took place, ``hand_dates`` when the parcel was
    handed over.
    """

    blame: tuple[str, ...]
    own: tuple[str, ...]
    scan_dates: tuple[str, ...]
    hand_dates: tuple[str, ...]

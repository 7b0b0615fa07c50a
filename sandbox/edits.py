"""Edits of listings: the everyday ones."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.streams import Floats, Ints, pick, stream
from sandbox.timeline import BACKGROUND_END, HISTORY_START
from sandbox.writer import WorldWriter

FIELDS: Final = ("title", "description", "images", "brand", "model_no")
_A_LISTING: Final = 1.7
"""Edits of a listing over the world's time, about 20 a seller (handbook 11.1)."""
_MAJOR: Final = 0.01


def make_edits(writer: WorldWriter, sellers: Sellers, seed: int) -> None:
    """Write the edits of the everyday listings; one in a hundred changes nearly all."""
    rng = stream(seed, "edits")
    last = int(sellers.first_listing[-1] + sellers.n_listings[-1])
    listing = np.repeat(np.arange(1, last), rng.poisson(_A_LISTING, last - 1))
    count = len(listing)
    small = np.clip(rng.beta(14, 1.5, count), 0.55, 1.0)
    similarity = np.where(rng.random(count) < _MAJOR, rng.uniform(0.05, 0.45, count), small)
    at = rng.integers(HISTORY_START, BACKGROUND_END, count)
    write_edits(writer, listing, at, pick(rng, FIELDS, (30, 40, 20, 5, 5), count), similarity)


def write_edits(
    writer: WorldWriter, listing: Ints, at: Ints, field: list[str], similarity: Floats
) -> None:
    """Write edits, one a listing number; ``similarity`` runs from 0 to 1, ``at`` in seconds."""
    writer.add(
        "listing_edits",
        {
            "listing_no": listing,
            "at": at,
            "field": field,
            "similarity": np.round(similarity, 3),
        },
    )

"""What planted listings sold by week, and claims about their goods."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.streams import Ints
from sandbox.timeline import DAY, HOUR
from sandbox.writer import WorldWriter

SALES_SPAN: Final = 300 * DAY
"""Shorter than a year, so that the sum of a year stays the same a while after the last sale."""

WEEK: Final = 7 * DAY


def write_weeks(
    writer: WorldWriter,
    listing: Ints,
    units: Ints,
    price_cents: Ints,
    until: Ints,
    rng: np.random.Generator,
) -> None:
    """Spread the units that each listing sold over the weeks before ``until``.

    Args:
        writer: The world file.
        listing: Listing numbers.
        units: Units each sold in all.
        price_cents: Price of a unit, in the seller's currency.
        until: Epoch second after the last sale of each.
        rng: Source of randomness.
    """
    weeks = SALES_SPAN // WEEK
    share = rng.dirichlet(np.full(weeks, 2.0), len(listing))
    spread = np.array(
        [rng.multinomial(n, p) for n, p in zip(units.tolist(), share, strict=True)]
    ).reshape(len(listing), weeks)
    row, week = np.nonzero(spread)
    sold = spread[row, week]
    writer.add(
        "listing_weeks",
        {
            "listing_no": listing[row],
            "at": until[row] - HOUR - week * WEEK,
            "units": sold,
            "gmv_cents": sold * price_cents[row],
        },
    )


def write_claims(writer: WorldWriter, listing: Ints, kind: str, at: Ints) -> None:
    """Write claims of ``kind`` (``authenticity``, ``safety``), one a listing number."""
    writer.add(
        "listing_claims",
        {"listing_no": listing, "kind": [kind] * len(listing), "at": at, "recorded_at": at},
    )

"""The tables of a world file. Times are epoch seconds; ``recorded_at`` is when the platform knew.

Tables whose names begin with ``hidden_`` hold what only the generator knows. The server never
reads them. A further family is a module with ``TABLES`` and ``INDEXES``, and one entry below.
"""

from __future__ import annotations

from typing import Final

from sandbox.tables import (
    aftersales,
    campaigns,
    catalogues,
    complaints,
    core,
    holds,
    identity,
    notices,
    reviews,
    safety,
    sales,
    tracking,
)

FAMILIES: Final = (
    core,
    notices,
    complaints,
    sales,
    safety,
    identity,
    reviews,
    aftersales,
    tracking,
    catalogues,
    holds,
    campaigns,
)  # fmt: skip
TABLES: Final = "".join(family.TABLES for family in FAMILIES)
INDEXES: Final = "".join(family.INDEXES for family in FAMILIES)

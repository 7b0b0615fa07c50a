"""Pictures that stand in more than one listing."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE shared_images (listing_no INTEGER NOT NULL, image TEXT NOT NULL,
  PRIMARY KEY (listing_no, image)) WITHOUT ROWID;
"""

INDEXES: Final = ""

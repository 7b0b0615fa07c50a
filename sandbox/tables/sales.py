"""What listings sold by week, and the complaints about the goods."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE listing_weeks (
  listing_no INTEGER NOT NULL, at INTEGER NOT NULL, units INTEGER NOT NULL,
  gmv_cents INTEGER NOT NULL);
CREATE TABLE listing_claims (
  listing_no INTEGER NOT NULL, kind TEXT NOT NULL, at INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX listing_weeks_listing ON listing_weeks (listing_no, at);
CREATE INDEX listing_claims_listing ON listing_claims (listing_no, at);
"""

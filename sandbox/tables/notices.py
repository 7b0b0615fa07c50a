"""Notices to sellers, with what they answered."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE notices (
  notice_no INTEGER PRIMARY KEY, seller_no INTEGER NOT NULL, listing_no INTEGER,
  kind TEXT NOT NULL, issued_at INTEGER NOT NULL, window_from INTEGER NOT NULL,
  window_to INTEGER NOT NULL, respond_by INTEGER NOT NULL, responded_at INTEGER,
  language TEXT, statement TEXT);
"""

INDEXES: Final = """
CREATE INDEX notices_seller ON notices (seller_no, issued_at);
"""

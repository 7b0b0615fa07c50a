"""Reviews of listings, programmes they may stem from, staff who review, and edits of listings.

``delivered_at`` of a review is when the reviewed item arrived, where that is known. ``script_no``
is the cluster of near-same texts that the platform's similarity job put it into, ``topic`` the
product word that its text is about. ``similarity`` of an edit runs from 0 (another text or
picture altogether) to 1.
"""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE reviews (
  review_no INTEGER PRIMARY KEY, listing_no INTEGER NOT NULL, buyer_no INTEGER NOT NULL,
  order_no INTEGER, stars INTEGER NOT NULL, posted_at INTEGER NOT NULL, delivered_at INTEGER,
  verified INTEGER NOT NULL, programme_no INTEGER, script_no INTEGER, topic TEXT NOT NULL,
  language TEXT NOT NULL, text TEXT NOT NULL, deleted_at INTEGER);
CREATE TABLE hidden_reviews (review_no INTEGER PRIMARY KEY, bought INTEGER NOT NULL);
CREATE TABLE programmes (
  programme_no INTEGER PRIMARY KEY, listing_no INTEGER NOT NULL, kind TEXT NOT NULL,
  from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL);
CREATE TABLE staff_accounts (
  seller_no INTEGER NOT NULL, buyer_no INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
  PRIMARY KEY (seller_no, buyer_no)) WITHOUT ROWID;
CREATE TABLE listing_edits (
  listing_no INTEGER NOT NULL, at INTEGER NOT NULL, field TEXT NOT NULL,
  similarity REAL NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX reviews_listing ON reviews (listing_no, posted_at);
CREATE INDEX reviews_buyer ON reviews (buyer_no, listing_no);
CREATE INDEX programmes_listing ON programmes (listing_no, from_at);
CREATE INDEX listing_edits_listing ON listing_edits (listing_no, at);
"""

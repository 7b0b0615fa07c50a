"""What follows a sale: replies to claims, returns, inspections, photos, devices buyers share."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE claim_replies (claim_no INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE merged_claims (claim_no INTEGER PRIMARY KEY, survivor_no INTEGER NOT NULL);
CREATE TABLE return_scans (
  claim_no INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  weight_g INTEGER, recorded_at INTEGER NOT NULL, PRIMARY KEY (claim_no, seq)) WITHOUT ROWID;
CREATE TABLE inspections (
  claim_no INTEGER PRIMARY KEY, by TEXT NOT NULL, condition TEXT NOT NULL, serial_match INTEGER,
  recorded_at INTEGER NOT NULL);
CREATE TABLE claim_photos (
  claim_no INTEGER NOT NULL, seq INTEGER NOT NULL, seen_before INTEGER NOT NULL,
  synthetic_score REAL NOT NULL, recorded_at INTEGER NOT NULL,
  PRIMARY KEY (claim_no, seq)) WITHOUT ROWID;
CREATE TABLE shared_devices (token TEXT NOT NULL, buyer_no INTEGER NOT NULL,
  PRIMARY KEY (token, buyer_no)) WITHOUT ROWID;
"""

INDEXES: Final = """
CREATE INDEX claims_order ON claims (order_no);
CREATE INDEX claims_buyer ON claims (buyer_no, opened_at);
CREATE INDEX orders_buyer ON orders (buyer_no, paid_at);
CREATE INDEX shared_devices_buyer ON shared_devices (buyer_no);
"""

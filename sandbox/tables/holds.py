"""Held money: the holds, what courts ordered, and who logged in to the accounts."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE holds (
  hold_no INTEGER PRIMARY KEY, seller_no INTEGER NOT NULL, placed_at INTEGER NOT NULL,
  reason TEXT NOT NULL, amount_cents INTEGER NOT NULL, currency TEXT NOT NULL,
  review_due_at INTEGER NOT NULL, cleared_at INTEGER, requested_at INTEGER NOT NULL,
  request TEXT NOT NULL);
CREATE TABLE legal_orders (
  order_ref TEXT PRIMARY KEY, seller_no INTEGER NOT NULL, kind TEXT NOT NULL, court TEXT NOT NULL,
  scope_cents INTEGER, issued_at INTEGER NOT NULL, expires_at INTEGER,
  recorded_at INTEGER NOT NULL);
CREATE TABLE logins (
  seller_no INTEGER NOT NULL, at INTEGER NOT NULL, device_token TEXT NOT NULL,
  country TEXT NOT NULL, recovery INTEGER NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX legal_seller ON legal_orders (seller_no);
CREATE INDEX logins_seller ON logins (seller_no, at);
"""

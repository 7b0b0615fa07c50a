"""Tracking numbers put right later, and how orders were found and paid."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE tracking_changes (
  order_no INTEGER NOT NULL, at INTEGER NOT NULL, tracking_no TEXT NOT NULL,
  recorded_at INTEGER NOT NULL);
CREATE TABLE order_traces (
  order_no INTEGER PRIMARY KEY, payment_token TEXT NOT NULL, traffic TEXT NOT NULL,
  campaign_no INTEGER, commission_cents INTEGER NOT NULL, coupon_cents INTEGER NOT NULL,
  coupon_funder TEXT NOT NULL, refunded_outside INTEGER NOT NULL, recorded_at INTEGER NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX tracking_changes_order ON tracking_changes (order_no, at);
CREATE INDEX parcels_tracking ON parcels (tracking_no);
"""

"""Campaigns of sellers: shows, coupons, creators, advertisements and the press."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE campaigns (
  campaign_no INTEGER PRIMARY KEY, seller_no INTEGER NOT NULL, kind TEXT NOT NULL,
  from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX campaigns_seller ON campaigns (seller_no, from_at);
CREATE INDEX order_traces_campaign ON order_traces (campaign_no);
"""

"""Who a seller says it is, and what registers and providers say of that."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE kyb_requests (
  request_no INTEGER PRIMARY KEY, seller_no INTEGER NOT NULL, threshold_met_at INTEGER,
  requested_at INTEGER NOT NULL, due_at INTEGER NOT NULL, submitted_at INTEGER,
  verdict TEXT, decided_at INTEGER, certified_at INTEGER, sales_12m INTEGER NOT NULL,
  gross_12m_cents INTEGER NOT NULL, legal_name TEXT NOT NULL, trading_name TEXT NOT NULL,
  address TEXT NOT NULL, explanation TEXT NOT NULL, email_verified INTEGER NOT NULL,
  phone_verified INTEGER NOT NULL, has_bank INTEGER NOT NULL, has_tax_id INTEGER NOT NULL,
  has_address INTEGER NOT NULL, has_document INTEGER NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX kyb_seller ON kyb_requests (seller_no, requested_at);
"""

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
CREATE TABLE kyb_checks (
  request_no INTEGER PRIMARY KEY, found INTEGER NOT NULL, active INTEGER NOT NULL,
  name_score REAL NOT NULL, formed_at INTEGER, agent_address INTEGER NOT NULL,
  tax_matched INTEGER NOT NULL, deliverable INTEGER NOT NULL, address_kind TEXT NOT NULL,
  n_sellers_here INTEGER NOT NULL, document_ok INTEGER NOT NULL, liveness TEXT,
  face_match REAL NOT NULL, injected_video INTEGER NOT NULL, n_hits INTEGER NOT NULL,
  n_confirmed INTEGER NOT NULL);
CREATE TABLE bank_accounts (
  seller_no INTEGER NOT NULL, bank_token TEXT NOT NULL, name_match TEXT NOT NULL,
  changed_at INTEGER NOT NULL, country TEXT NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX kyb_seller ON kyb_requests (seller_no, requested_at);
CREATE INDEX bank_seller ON bank_accounts (seller_no, changed_at);
"""

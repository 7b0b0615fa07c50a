"""Complaints of rights owners, and what was asked of suppliers and brands."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE complaints (
  complaint_no INTEGER PRIMARY KEY, violation_no INTEGER, owner_no INTEGER NOT NULL,
  kind TEXT NOT NULL, filed_at INTEGER NOT NULL, withdrawn_at INTEGER,
  registration_no TEXT NOT NULL, registration_status TEXT NOT NULL, territories TEXT NOT NULL,
  test_buy TEXT NOT NULL, test_buy_seller_no INTEGER, court_order INTEGER NOT NULL,
  counter_notice_at INTEGER, suit_filed_at INTEGER, statement TEXT NOT NULL);
CREATE TABLE suppliers (
  supplier_no INTEGER PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL);
CREATE TABLE supplier_calls (
  ref TEXT PRIMARY KEY, supplier_no INTEGER, call_back TEXT NOT NULL,
  called_at INTEGER NOT NULL, recorded_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE brands (brand TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE brand_answers (
  brand TEXT NOT NULL, seller_no INTEGER NOT NULL, authorised INTEGER NOT NULL,
  replied INTEGER NOT NULL, recorded_at INTEGER NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX complaints_violation ON complaints (violation_no);
CREATE INDEX complaints_owner ON complaints (owner_no, filed_at);
CREATE INDEX brand_answers_seller ON brand_answers (seller_no, brand, recorded_at);
"""

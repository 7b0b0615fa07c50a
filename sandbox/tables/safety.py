"""Recalls, safety incidents, screening results and certificates.

``batch`` is the month in which goods were made, such as ``2025-11``; a recall without batches
covers all of its model. ``reporter_no`` is shared by reporters who belong together.
"""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE recalls (
  recall_no INTEGER PRIMARY KEY, agency TEXT NOT NULL, published_at INTEGER NOT NULL,
  brand TEXT NOT NULL, model_pattern TEXT NOT NULL, gtin TEXT, batch_from TEXT, batch_to TEXT,
  image_token TEXT, hazard TEXT NOT NULL, units INTEGER NOT NULL, recorded_at INTEGER NOT NULL);
CREATE TABLE listing_goods (
  listing_no INTEGER PRIMARY KEY, batch TEXT, image_token TEXT);
CREATE TABLE safety_incidents (
  incident_no INTEGER PRIMARY KEY, listing_no INTEGER NOT NULL, at INTEGER NOT NULL,
  kind TEXT NOT NULL, severity TEXT NOT NULL, source TEXT NOT NULL,
  order_verified INTEGER NOT NULL, reporter_no INTEGER NOT NULL, text TEXT NOT NULL,
  recorded_at INTEGER NOT NULL);
CREATE TABLE screenings (
  listing_no INTEGER PRIMARY KEY, policy_class TEXT NOT NULL, class_score REAL NOT NULL,
  certificate_kinds TEXT NOT NULL, recorded_at INTEGER NOT NULL);
CREATE TABLE certificates (
  listing_no INTEGER PRIMARY KEY, model_no TEXT NOT NULL, lab_accredited INTEGER NOT NULL,
  lab_confirms INTEGER NOT NULL, asked_at INTEGER NOT NULL, replied_at INTEGER NOT NULL,
  valid_until INTEGER NOT NULL);
"""

INDEXES: Final = """
CREATE INDEX recalls_brand ON recalls (brand, published_at);
CREATE INDEX recalls_image ON recalls (image_token);
CREATE INDEX safety_incidents_listing ON safety_incidents (listing_no, at);
"""

"""Accounts, orders, parcels, violations, appeals, papers, money, links and the cases."""

from __future__ import annotations

from typing import Final

TABLES: Final = """
CREATE TABLE sellers (
  seller_no INTEGER PRIMARY KEY, region TEXT NOT NULL, entity_type TEXT NOT NULL,
  home_country TEXT NOT NULL, registered_at INTEGER NOT NULL, base_status TEXT NOT NULL,
  sanctioned_at INTEGER, tier TEXT NOT NULL, multi_account_approved INTEGER NOT NULL,
  main_category TEXT NOT NULL, display_name TEXT NOT NULL, email TEXT NOT NULL,
  phone_token TEXT NOT NULL, device_tokens TEXT NOT NULL, tax_token TEXT NOT NULL,
  bank_token TEXT NOT NULL, owner_token TEXT NOT NULL, postcode TEXT NOT NULL,
  currency TEXT NOT NULL, recorded_at INTEGER NOT NULL);
CREATE TABLE hidden_sellers (seller_no INTEGER PRIMARY KEY, operator_id TEXT NOT NULL);
CREATE TABLE buyers (
  buyer_no INTEGER PRIMARY KEY, created_at INTEGER NOT NULL, device_tokens TEXT NOT NULL,
  address_tokens TEXT NOT NULL, postcode TEXT NOT NULL);
CREATE TABLE hidden_buyers (buyer_no INTEGER PRIMARY KEY, honest INTEGER NOT NULL);
CREATE TABLE listings (
  listing_no INTEGER PRIMARY KEY, seller_no INTEGER NOT NULL, region TEXT NOT NULL,
  title TEXT NOT NULL, description TEXT NOT NULL, brand TEXT NOT NULL, model_no TEXT, gtin TEXT,
  category TEXT NOT NULL, price_cents INTEGER NOT NULL, created_at INTEGER NOT NULL,
  age_grade_months INTEGER, has_battery INTEGER, status TEXT NOT NULL,
  n_identical_images INTEGER NOT NULL, weight_g INTEGER NOT NULL);
CREATE TABLE orders (
  order_no INTEGER PRIMARY KEY, seller_no INTEGER NOT NULL, buyer_no INTEGER NOT NULL,
  listing_no INTEGER NOT NULL, order_type TEXT NOT NULL, fulfilment TEXT NOT NULL,
  placed_at INTEGER NOT NULL, paid_at INTEGER NOT NULL, ship_by INTEGER NOT NULL,
  deliver_by INTEGER NOT NULL, cancelled_at INTEGER, carrier TEXT NOT NULL,
  quantity INTEGER NOT NULL, item_cents INTEGER NOT NULL, total_cents INTEGER NOT NULL,
  currency TEXT NOT NULL, declared_weight_g INTEGER NOT NULL, ship_from_postcode TEXT NOT NULL,
  ship_to_postcode TEXT NOT NULL, buyer_note TEXT NOT NULL);
CREATE TABLE parcels (
  order_no INTEGER PRIMARY KEY, tracking_no TEXT NOT NULL, first_at INTEGER,
  first_recorded_at INTEGER, delivered_at INTEGER, delivered_recorded_at INTEGER,
  geo_match INTEGER);
CREATE TABLE scans (
  order_no INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
  postcode TEXT NOT NULL, weight_g INTEGER, source TEXT NOT NULL, recorded_at INTEGER NOT NULL,
  PRIMARY KEY (order_no, seq)) WITHOUT ROWID;
CREATE TABLE carriers (carrier TEXT PRIMARY KEY, connected INTEGER NOT NULL);
CREATE TABLE feed_gaps (
  carrier TEXT NOT NULL, from_at INTEGER NOT NULL, to_at INTEGER NOT NULL);
CREATE TABLE alerts (
  alert_no INTEGER PRIMARY KEY, carrier TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL,
  from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, postcodes TEXT NOT NULL,
  recorded_at INTEGER NOT NULL);
CREATE TABLE incidents (
  incident_no INTEGER PRIMARY KEY, region TEXT NOT NULL, kind TEXT NOT NULL,
  from_at INTEGER NOT NULL, to_at INTEGER NOT NULL, seller_nos TEXT NOT NULL,
  recorded_at INTEGER NOT NULL);
CREATE TABLE order_changes (
  order_no INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, kind TEXT NOT NULL,
  recorded_at INTEGER NOT NULL);
CREATE TABLE manifests (
  order_no INTEGER PRIMARY KEY, signed INTEGER NOT NULL, handed_over_at INTEGER,
  parcels INTEGER NOT NULL, origin TEXT NOT NULL, recorded_at INTEGER NOT NULL);
CREATE TABLE withheld (ref TEXT NOT NULL, action TEXT NOT NULL, PRIMARY KEY (ref, action))
  WITHOUT ROWID;
CREATE TABLE violations (
  violation_no INTEGER PRIMARY KEY, seller_no INTEGER NOT NULL, kind TEXT NOT NULL,
  severity TEXT NOT NULL, points INTEGER NOT NULL, clause_id TEXT NOT NULL,
  issued_at INTEGER NOT NULL, overturned_at INTEGER);
CREATE TABLE violation_orders (violation_no INTEGER NOT NULL, order_no INTEGER NOT NULL,
  PRIMARY KEY (violation_no, order_no)) WITHOUT ROWID;
CREATE TABLE violation_listings (violation_no INTEGER NOT NULL, listing_no INTEGER NOT NULL,
  PRIMARY KEY (violation_no, listing_no)) WITHOUT ROWID;
CREATE TABLE appeals (
  appeal_no INTEGER PRIMARY KEY, violation_no INTEGER NOT NULL, seller_no INTEGER NOT NULL,
  order_no INTEGER, listing_no INTEGER, kind TEXT NOT NULL, filed_at INTEGER NOT NULL,
  attempt INTEGER NOT NULL, prior_decided_at INTEGER, language TEXT NOT NULL,
  statement TEXT NOT NULL, outcome TEXT, decided_at INTEGER);
CREATE TABLE documents (
  document_no INTEGER PRIMARY KEY, ref TEXT NOT NULL, kind TEXT NOT NULL, issued_on INTEGER,
  issuer_name TEXT NOT NULL, party_name TEXT NOT NULL, quantity_total INTEGER,
  total_cents INTEGER, text TEXT NOT NULL, edited_after_issue INTEGER,
  reused_by_sellers INTEGER NOT NULL, synthetic_score REAL, sha256 TEXT NOT NULL,
  recorded_at INTEGER NOT NULL);
CREATE TABLE hidden_documents (document_no INTEGER PRIMARY KEY, true_origin TEXT NOT NULL);
CREATE TABLE messages (
  message_no INTEGER PRIMARY KEY, thread_no INTEGER NOT NULL, order_no INTEGER NOT NULL,
  seller_no INTEGER NOT NULL, from_party TEXT NOT NULL, sent_at INTEGER NOT NULL,
  language TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE claims (
  claim_no INTEGER PRIMARY KEY, order_no INTEGER NOT NULL, seller_no INTEGER NOT NULL,
  buyer_no INTEGER NOT NULL, kind TEXT NOT NULL, opened_at INTEGER NOT NULL,
  closed_at INTEGER, refunded INTEGER NOT NULL, amount_cents INTEGER NOT NULL,
  statement TEXT NOT NULL, recorded_at INTEGER NOT NULL);
CREATE TABLE ledger (
  seller_no INTEGER NOT NULL, booked_at INTEGER NOT NULL, entry_kind TEXT NOT NULL,
  amount_cents INTEGER NOT NULL);
CREATE TABLE links (
  a_no INTEGER NOT NULL, b_no INTEGER NOT NULL, kind TEXT NOT NULL, exclusivity TEXT NOT NULL,
  holders INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL);
CREATE TABLE cases (
  case_no INTEGER PRIMARY KEY, case_type TEXT NOT NULL, status TEXT NOT NULL,
  listed INTEGER NOT NULL, subject TEXT NOT NULL, seller_no INTEGER NOT NULL,
  region TEXT NOT NULL, channel TEXT NOT NULL, language TEXT NOT NULL,
  opened_at INTEGER NOT NULL, impact_cents INTEGER NOT NULL, currency TEXT NOT NULL,
  text TEXT NOT NULL, closed_at INTEGER, outcome TEXT, decided_by TEXT, situation TEXT,
  facts TEXT, overturned_at INTEGER);
"""

INDEXES: Final = """
CREATE INDEX listings_seller ON listings (seller_no);
CREATE INDEX orders_seller ON orders (seller_no, ship_by);
CREATE INDEX alerts_window ON alerts (carrier, region, from_at);
CREATE INDEX incidents_window ON incidents (region, from_at);
CREATE INDEX changes_order ON order_changes (order_no, at);
CREATE INDEX violations_seller ON violations (seller_no, issued_at);
CREATE INDEX appeals_seller ON appeals (seller_no, filed_at);
CREATE INDEX documents_ref ON documents (ref);
CREATE INDEX messages_order ON messages (order_no, sent_at);
CREATE INDEX messages_seller ON messages (seller_no, sent_at);
CREATE INDEX claims_seller ON claims (seller_no, opened_at);
CREATE INDEX ledger_seller ON ledger (seller_no, booked_at);
CREATE INDEX links_a ON links (a_no, b_no);
CREATE INDEX links_b ON links (b_no, a_no);
CREATE INDEX cases_status ON cases (listed, status, case_type, case_no);
"""

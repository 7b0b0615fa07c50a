"""What only the generator knows must not leave the server, in any answer or file it serves."""

from __future__ import annotations

import json
import re

import pytest

from sandbox.casetypes import CASE_TYPES

HIDDEN_FIELDS = (
    "operator_id", "true_origin", "honest", "bought", "cause", "gold", "listed", "near",
    "late_filed", "injected", "fair", "rest_ok", "lag_hours", "blames_carrier", "right",
)  # fmt: skip
CAUSES = sorted({cause.name for each in CASE_TYPES for cause in each.table.causes})
FACTS = {name for each in CASE_TYPES for name in each.table.flags()}
PLAIN = ("platform", "disruption", "absent", "forged", "court", "takeover")
"""Cause names that are everyday words; as a whole JSON value only "platform" names a party."""


SELLER_PARTS = (
    "", "/metrics", "/violations", "/appeals", "/messages", "/claims", "/balance", "/kyb",
    "/bank-account", "/legal-orders", "/login-signals",
)  # fmt: skip


@pytest.fixture(scope="module")
def bodies(world, client):
    """The text of an answer from every path, for many ids."""
    late = "as_of=2026-07-01T00:00:00Z"
    numbers = {"sellers": range(1, 15), "orders": range(1, 20_000, 3_000), "listings": (1, 50, 900)}
    paths = [f"/v1/listings/lst_{no:06d}" for no in numbers["listings"]]
    for no in numbers["sellers"]:
        for part in SELLER_PARTS:
            paths.append(f"/v1/sellers/sel_{no:05d}{part}")
        paths.append(f"/v1/analytics/links?seller_id=sel_{no:05d}")
    planted = [no for (no,) in world.rows("SELECT order_no FROM manifests LIMIT 8")]
    for no in [*numbers["orders"], *planted]:
        for part in ("", "/scans", "/changes", "/manifest", "/messages"):
            paths.append(f"/v1/orders/ord_{no:07d}{part}")
    for (no,) in world.rows("SELECT violation_no FROM violation_orders GROUP BY 1 LIMIT 8"):
        paths += [f"/v1/violations/vio_{no:06d}", f"/v1/violations/vio_{no:06d}/dispatch-summary"]
    for (ref,) in world.rows("SELECT DISTINCT ref FROM documents LIMIT 8"):
        paths += [f"/v1/documents?ref_id={ref}", f"/v1/appeals/{ref}"]
    for (subject,) in world.rows(
        "SELECT subject FROM cases WHERE case_type = 'integrity.linked_accounts' LIMIT 8"
    ):
        ids = json.loads(subject)
        pair = f"seller_id={ids['seller_id']}&peer_id={ids['peer_id']}"
        paths += [f"/v1/analytics/links?{pair}", f"/v1/analytics/catalogue-overlap?{pair}"]
        paths += [f"/v1/notices/{ids['notice_id']}", f"/v1/documents?ref_id={ids['notice_id']}"]
    for (no,) in world.rows("SELECT claim_no FROM return_scans GROUP BY 1 LIMIT 8"):
        for part in ("", "/return-scans", "/inspection", "/photo-check"):
            paths.append(f"/v1/claims/clm_{no:06d}{part}")
    for (no,) in world.rows("SELECT DISTINCT buyer_no FROM shared_devices LIMIT 8"):
        paths.append(f"/v1/buyers/buy_{no:06d}")
    for appeal, violation, listing in world.rows(
        "SELECT appeal_no, violation_no, listing_no FROM appeals WHERE listing_no NOT NULL LIMIT 8"
    ):
        paths += [
            f"/v1/violations/vio_{violation:06d}/complaint",
            f"/v1/listings/lst_{listing:06d}",
        ]
        paths.append(f"/v1/listings/lst_{listing:06d}/sales")
        paths.append(f"/v1/checks/supplier?ref_id=app_{appeal:06d}")
    for (listing,) in world.rows("SELECT listing_no FROM listing_goods LIMIT 8"):
        for part in ("", "/recalls", "/incidents", "/screening", "/certificate-check"):
            paths.append(f"/v1/listings/lst_{listing:06d}{part}")
    for (notice,) in world.rows("SELECT notice_no FROM notices WHERE kind = 'safety' LIMIT 8"):
        paths += [f"/v1/notices/ntc_{notice:06d}", f"/v1/documents?ref_id=ntc_{notice:06d}"]
    paths += [f"/v1/checks/brand?brand=Veltran&seller_id=sel_{no:05d}" for no in range(1, 9)]
    paths += [f"/v1/cases/{line['case_id']}" for line in world.causes[::8]]
    for hold, seller in world.rows("SELECT hold_no, seller_no FROM holds LIMIT 20"):
        paths += [f"/v1/holds/hld_{hold:06d}"]
        paths += [f"/v1/sellers/sel_{seller:05d}{part}" for part in SELLER_PARTS]
    asked = "SELECT seller_no, request_no FROM kyb_requests LIMIT 20 OFFSET 120"
    for seller, request in world.rows(asked):
        paths += [f"/v1/checks/tax-id?ref_id=sel_{seller:05d}"]
        paths += [f"/v1/checks/identity?ref_id=kyb_{request:06d}"]
        paths += [f"/v1/documents?ref_id=kyb_{request:06d}"]
    paths += [f"/v1/cases?status=closed&case_type={each.name}&limit=100" for each in CASE_TYPES]
    paths += ["/v1/cases?limit=100", "/v1/platform/incidents?limit=100", "/openapi.json"]
    paths += ["/v1/carriers/kestrel/alerts?limit=100", "/_sandbox/clock", "/_sandbox/faults"]
    return {path: client.get(f"{path}{'&' if '?' in path else '?'}{late}").text for path in paths}


def test_the_sweep_reaches_real_answers(bodies):
    assert len(bodies) > 200
    assert sum('"data"' in text for text in bodies.values()) > 180


@pytest.mark.parametrize("name", HIDDEN_FIELDS)
def test_hidden_fields_are_never_served(bodies, name):
    assert [path for path, text in bodies.items() if f'"{name}"' in text] == []


@pytest.mark.parametrize("name", [name for name in CAUSES if name not in PLAIN])
def test_cause_names_are_never_served(bodies, name):
    # A factor may be called what a cause is called; then it stands as a fact's name alone.
    word = re.compile(rf'\b{name}\b(?!":(true|false))' if name in FACTS else rf"\b{name}\b")
    assert [path for path, text in bodies.items() if word.search(text)] == []


def test_everyday_cause_names_appear_as_nothing_but_a_party(bodies):
    for text in bodies.values():
        assert not any(f':"{word}"' in text for word in PLAIN if word != "platform")
        for found in re.finditer(r'"(\w+)":"platform"', text):
            assert found[1] in ("by", "from_party")


def test_gold_cases_look_like_open_ones_and_are_not_listed(world, client):
    listed = client.get("/v1/cases", params={"status": "open", "limit": 100}).json()["data"][
        "items"
    ]
    assert len(listed) == world.summary.counts["open_cases"]
    gold = {line["case_id"] for line in world.gold}
    names = {record["case_type"]: set(record) for record in listed}
    assert not gold & {item["case_id"] for item in listed}
    for case_id in sorted(gold):
        record = client.get(f"/v1/cases/{case_id}").json()["data"]
        assert record["status"] == "open"
        assert set(record) == names[record["case_type"]]


def test_statements_do_not_name_causes(world):
    words = [re.compile(rf"\b{name.replace('_', '[ _-]')}\b", re.IGNORECASE) for name in CAUSES]
    for (statement,) in world.rows(
        "SELECT statement FROM appeals UNION SELECT statement FROM claims"
    ):
        assert not any(word.search(statement) for word in words)

"""Recalls, incidents, screening and certificates, as a marketplace answers them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from casewright.models import EvidenceStatus

AS_OF = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
RECALL = {
    "recall_id": "R-1",
    "agency": "CPSC",
    "published_at": "2026-05-02T08:00:00Z",
    "match": "model",
    "hazard": "fire",
    "units": 12_000,
}
INCIDENT = {
    "incident_id": "I-1",
    "at": "2026-05-20T08:00:00Z",
    "kind": "fire",
    "severity": "serious",
    "source": "buyer",
    "order_verified": True,
    "text": "It burst.",
}
SCREENING = {
    "policy_class": "ok",
    "class_score": 0.31,
    "needs_certificate": True,
    "certificate_kinds": ["UL 2056"],
    "coded_terms": [],
}
CERTIFICATE = {
    "present": True,
    "lab_accredited": True,
    "lab_confirms": "no",
    "product_match": True,
    "in_date": False,
}


async def asked(wire, toolbox, tool, answer):
    wire.plays(answer)
    return await toolbox.call(tool, {"listing_id": "L-1"}, as_of=AS_OF)


async def test_recalls_are_counted_over_all_pages(wire, toolbox):
    body = {"items": [RECALL], "next_cursor": None, "n_exact": 0, "n_near": 1}
    evidence = await asked(wire, toolbox, "match_recalls", wire.ok(body))
    assert evidence.data == {"items": [RECALL], "n_exact": 0, "n_near": 1}
    assert evidence.untrusted == ()
    assert wire.requests[0].path == "/v1/listings/L-1/recalls"


async def test_what_people_report_is_marked(wire, toolbox):
    body = {
        "items": [INCIDENT],
        "next_cursor": None,
        "n_serious": 1,
        "n_unrelated_reporters": 1,
    }
    evidence = await asked(wire, toolbox, "list_incidents", wire.ok(body))
    assert evidence.data["items"] == [INCIDENT]
    assert evidence.untrusted == ("/items/0/text",)


async def test_screening_is_read_with_the_certificates_it_names(wire, toolbox):
    evidence = await asked(wire, toolbox, "classify_listing", wire.ok(SCREENING))
    assert evidence.data == SCREENING


@pytest.mark.parametrize("body", [CERTIFICATE, {"present": False}])
async def test_a_certificate_is_there_with_its_findings_or_is_absent(wire, toolbox, body):
    evidence = await asked(wire, toolbox, "check_certificate", wire.ok(body))
    assert evidence.status is EvidenceStatus.OK
    assert evidence.data == body


async def test_a_silent_laboratory_is_no_data(wire, toolbox, slept):
    silent = wire.problem(202, "laboratory_pending", retryable=True, retry_after="86400")
    evidence = await asked(wire, toolbox, "check_certificate", silent)
    assert evidence.status is EvidenceStatus.NO_DATA
    assert slept == []


@pytest.mark.parametrize(
    ("tool", "body"),
    [
        ("classify_listing", {**SCREENING, "policy_class": "odd"}),
        ("check_certificate", {**CERTIFICATE, "lab_confirms": "maybe"}),
        ("match_recalls", {"items": [{**RECALL, "match": "name"}], "n_exact": 0, "n_near": 0}),
    ],
)
async def test_words_that_nobody_agreed_on_are_malformed(wire, toolbox, tool, body):
    evidence = await asked(wire, toolbox, tool, wire.ok({**body, "next_cursor": None}))
    assert evidence.status is EvidenceStatus.ERROR

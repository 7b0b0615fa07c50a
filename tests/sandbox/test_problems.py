from __future__ import annotations

import pytest

UNKNOWN = {
    "/v1/sellers/sel_99999": "unknown_seller",
    "/v1/sellers/sel_99999/metrics": "unknown_seller",
    "/v1/sellers/1%20OR%201=1": "unknown_seller",
    "/v1/sellers/sel_1": "unknown_seller",
    "/v1/sellers/sel_00001%0A": "unknown_seller",
    "/v1/orders/ord_9999999": "unknown_order",
    "/v1/orders/ord_9999999/scans": "unknown_order",
    "/v1/orders/ord_999999999999999999999": "unknown_order",
    "/v1/violations/vio_999999": "unknown_violation",
    "/v1/violations/vio_999999/dispatch-summary": "unknown_violation",
    "/v1/appeals/app_999999": "unknown_appeal",
    "/v1/listings/lst_999999": "unknown_listing",
    "/v1/cases/case_999999": "unknown_case",
    "/v1/carriers/pigeon/alerts": "unknown_carrier",
    "/v1/analytics/links?seller_id=sel_99999": "unknown_seller",
    "/v1/analytics/links?seller_id=sel_00001&peer_id=x": "unknown_seller",
    "/v1/nothing": "unknown_path",
}


@pytest.mark.parametrize("path", UNKNOWN)
def test_what_is_not_there_is_a_problem_document(client, path):
    answer = client.get(path)
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["code"]) == (404, UNKNOWN[path])
    assert set(body) == {"type", "title", "status", "detail", "code", "retryable"}
    assert body["status"] == 404
    assert body["retryable"] is False


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/documents", "missing_parameter"),
        ("/v1/analytics/links", "missing_parameter"),
        ("/v1/platform/incidents?region=MOON", "bad_parameter"),
        ("/v1/cases?status=gold", "bad_parameter"),
    ],
)
def test_requests_that_cannot_be_served_say_why(client, path, code):
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_other_methods_are_refused(client):
    answer = client.post("/v1/sellers/sel_00001")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")

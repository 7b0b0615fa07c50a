from __future__ import annotations

from collections import Counter

import pytest

from sandbox.api.limits import LIMITS, TokenBuckets

SELLER = "/v1/sellers/sel_00001"


def test_a_burst_is_let_through_and_then_throttled(open_client, stopwatch):
    client = open_client(monotonic=stopwatch)
    answers = Counter(client.get(SELLER).status_code for _ in range(102))
    assert answers == {200: 100, 429: 2}
    refused = client.get(SELLER)
    assert refused.json()["code"] == "rate_limited"
    assert refused.json()["retryable"] is True
    stopwatch.now += int(refused.headers["Retry-After"])
    assert client.get(SELLER).status_code == 200


def test_families_have_buckets_of_their_own(open_client, stopwatch):
    client = open_client(monotonic=stopwatch)
    links = "/v1/analytics/links?seller_id=sel_00001"
    assert [client.get(links).status_code for _ in range(11)][-1] == 429
    assert client.get(SELLER).status_code == 200


def test_limits_can_be_off(open_client, stopwatch):
    client = open_client(monotonic=stopwatch, rate_limits=False)
    links = "/v1/analytics/links?seller_id=sel_00001"
    assert {client.get(links).status_code for _ in range(15)} == {200}


@pytest.mark.parametrize("family", sorted(LIMITS))
def test_over_time_the_rate_holds(stopwatch, family):
    rate, burst = LIMITS[family]
    buckets = TokenBuckets(stopwatch)
    passed = 0
    for _ in range(2_000):
        passed += buckets.wait("caller", family) == 0
        stopwatch.now += 0.005
    assert passed == pytest.approx(min(2_000, burst + rate * 10), abs=1)
    assert buckets.wait("another", family) == 0

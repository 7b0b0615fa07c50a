from __future__ import annotations

import json
from collections import Counter

import httpx
import numpy as np
import pytest

from sandbox.api.faults import FaultLayer, FaultSwitch
from sandbox.server import running

SELLER = "/v1/sellers/sel_00001"


def draws(seed, count=30_000):
    switch = FaultSwitch(True, seed)
    return [switch.draw(f"/v1/x?{n % 100}") for n in range(count)]


def test_faults_come_at_their_rates_and_delays():
    drawn = draws(1)
    kinds = Counter(fault.kind for fault in drawn)
    assert kinds["error"] / len(drawn) == pytest.approx(0.005, abs=0.002)
    assert kinds["drop"] / len(drawn) == pytest.approx(0.003, abs=0.0015)
    assert kinds["cut"] / len(drawn) == pytest.approx(0.0005, abs=0.0005)
    delays = [fault.delay for fault in drawn]
    assert np.quantile(delays, 0.5) == pytest.approx(0.040, rel=0.1)
    assert np.quantile(delays, 0.99) == pytest.approx(0.900, rel=0.2)


def test_faults_follow_the_seed_whatever_else_is_asked():
    assert draws(1, 500) == draws(1, 500) != draws(2, 500)
    alone, mixed = FaultSwitch(True, 1), FaultSwitch(True, 1)
    lonely = [alone.draw("/v1/a") for _ in range(50)]
    for n in range(50):
        mixed.draw(f"/v1/b{n}")
        assert mixed.draw("/v1/a") == lonely[n]


def test_without_faults_nothing_happens():
    switch = FaultSwitch(False, 1)
    assert {switch.draw("/v1/a") for _ in range(1_000)} == {FaultSwitch(False, 2).draw("/v1/b")}


def target_of(kind, seed):
    """Return a path whose first request meets ``kind``."""
    for n in range(1, 100_000):
        path = f"{SELLER}?as_of=2026-05-01T00:{n // 60 % 60:02d}:{n % 60:02d}.{n}Z"
        if FaultSwitch(True, seed).draw(path).kind == kind:
            return path
    raise AssertionError(kind)


def test_each_fault_is_felt_over_http_and_passes(world):
    with running(world.folder, faults=True, fault_seed=3, rate_limits=False) as endpoint:
        headers = {"Authorization": f"Bearer {endpoint.read_token}"}
        with httpx.Client(base_url=endpoint.base_url, headers=headers, timeout=10) as client:
            failed = client.get(target_of("error", 3))
            assert (failed.status_code, failed.json()["retryable"]) == (503, True)
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(target_of("drop", 3))
            cut = client.get(target_of("cut", 3))
            assert cut.status_code == 200
            with pytest.raises(json.JSONDecodeError):
                cut.json()
            assert client.get(target_of("none", 3)).json()["data"]["seller_id"] == "sel_00001"


async def test_the_layer_leaves_the_switches_alone():
    asked = []

    async def app(scope, receive, send):
        asked.append(scope["path"])

    switch = FaultSwitch(True, 1)
    for _ in range(2_000):
        scope = {"type": "http", "path": "/_sandbox/clock", "query_string": b""}
        await FaultLayer(app, switch)(scope, None, None)
    assert len(asked) == 2_000

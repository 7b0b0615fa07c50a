"""Builders of whole records, so that a test names only what it is about."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casewright.models import Case, Evidence, EvidenceStatus, Money, Run, RunStatus

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def noon() -> datetime:
    return NOON


@pytest.fixture(scope="session")
def make_case() -> Callable[..., Case]:
    def make(**changes: Any) -> Case:
        content: dict[str, Any] = {
            "case_id": "CASE-1",
            "case_type": "appeal.late_dispatch",
            "subject": {"appeal_id": "AP-1"},
            "seller_id": "S-1",
            "region": "DE",
            "channel": "appeal",
            "opened_at": NOON,
            "impact": Money(cents=123_456, currency="EUR"),
        }
        return Case(**(content | changes))

    return make


@pytest.fixture(scope="session")
def make_evidence() -> Callable[..., Evidence]:
    def make(retrieved_at: datetime = NOON, **changes: Any) -> Evidence:
        content: dict[str, Any] = {
            "tool": "get_order",
            "request": {"order_id": "O-1"},
            "status": EvidenceStatus.OK,
            "data": {"order_id": "O-1", "ship_by": "2026-06-01T00:00:00Z"},
            "as_of": NOON,
        }
        return Evidence.freeze(retrieved_at=retrieved_at, **(content | changes))

    return make


@pytest.fixture(scope="session")
def make_run(make_case: Callable[..., Case]) -> Callable[..., Run]:
    def make(run_id: str = "run-1", *, minute: int = 0, **changes: Any) -> Run:
        started = NOON + timedelta(minutes=minute)
        content: dict[str, Any] = {
            "run_id": run_id,
            "case": make_case(),
            "sop": "late_shipment_appeal",
            "graph_version": "late_shipment_appeal@2+0f",
            "as_of": NOON,
            "status": RunStatus.RUNNING,
            "started_at": started,
            "updated_at": started,
        }
        return Run(**(content | changes))

    return make


@pytest.fixture
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting comes from the environment of whoever runs the tests."""
    for name in os.environ:
        if name.upper().startswith("CASEWRIGHT_"):
            monkeypatch.delenv(name)

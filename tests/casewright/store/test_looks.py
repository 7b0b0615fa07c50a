"""Second looks and calibrations in the store: what is written stays, and is told back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casewright.calibration import Calibration, SwitchedOff
from casewright.errors import UsageError
from casewright.models import Case, Money, Run, RunStatus
from casewright.second_look import SecondLook
from casewright.store import Store

NOON = datetime(2026, 6, 10, 12, tzinfo=UTC)


def run_of(name: str, **changes: Any) -> Run:
    case = Case(
        case_id=name,
        case_type="x",
        subject={},
        seller_id="sel_1",
        region="US",
        channel="batch",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
    )
    plain: dict[str, Any] = {
        "run_id": name,
        "case": case,
        "sop": "x",
        "graph_version": "x@1+0",
        "as_of": NOON,
        "status": RunStatus.DONE,
        "automatic": True,
        "started_at": NOON,
        "updated_at": NOON,
    }
    return Run(**{**plain, **changes})


def look(run_id: str, reviewer: str = "bo", minutes: int = 0) -> SecondLook:
    at = NOON + timedelta(minutes=minutes)
    return SecondLook(run_id=run_id, reviewer=reviewer, outcome="uphold", at=at)


def calibration(version: str, **changes: Any) -> Calibration:
    plain: dict[str, Any] = {
        "version": version,
        "made_at": NOON,
        "expires_at": NOON,
        "author": "qa",
        "target": 0.02,
        "confidence": 0.9,
        "fitted": 1,
        "tested": 1,
        "truths": {},
        "intercept": 0.1,
        "terms": {"vote": 0.3},
        "slices": (),
    }
    return Calibration(**{**plain, **changes})


async def test_looks_are_told_oldest_first_and_once_a_reader(store: Store) -> None:
    await store.save_run(run_of("a"))
    await store.second_looks.put(look("a", "cy", minutes=5))
    await store.second_looks.put(look("a", "bo"))
    found = (await store.second_looks.all())["a"]
    assert [one.reviewer for one in found] == ["bo", "cy"]
    with pytest.raises(UsageError, match="bo has looked"):
        await store.second_looks.put(look("a", "bo", minutes=9))
    ((run, looks),) = await store.second_looks.looked_at("x@1+0")
    assert (run.run_id, looks) == ("a", found)
    assert await store.second_looks.looked_at("x@2+0") == ()


async def test_automatic_runs_of_a_version_are_counted_beside_one(store: Store) -> None:
    for name in ("a", "b", "c"):
        await store.save_run(run_of(name))
    await store.save_run(run_of("reviewed", automatic=False))
    await store.save_run(run_of("other", graph_version="x@2+0"))
    count = store.second_looks.automatic
    assert await count("x@1+0", beside="c", at_most=200) == 2
    assert await count("x@1+0", beside="new", at_most=2) == 2
    assert await count("x@3+0", beside="new", at_most=200) == 0


async def test_what_stands_is_the_last_word_on_a_version(store: Store) -> None:
    calibrations = store.calibrations
    assert await calibrations.standing("x@1+0") is None
    first = calibration("x@1+0")
    await calibrations.put(first)
    await calibrations.put(calibration("x@2+0"))
    off = SwitchedOff(
        version="x@1+0", calibration=first.digest, at=NOON, looked=9, errors=4, evidence=30, why="4"
    )
    await calibrations.switch_off(off)
    standing = await calibrations.standing("x@1+0")
    assert standing is not None
    assert (standing.calibration, standing.off) == (first, (off,))
    assert standing.calibration.digest == first.digest
    other = await calibrations.standing("x@2+0")
    assert other is not None
    assert other.off == ()
    assert await calibrations.versions() == ("x@1+0", "x@2+0")
    await calibrations.put(calibration("x@1+0", author="bo"))
    standing = await calibrations.standing("x@1+0")
    assert standing is not None
    assert (standing.calibration.author, standing.off) == ("bo", (off,))
    await calibrations.put(calibration("x@1+0", reopened=True))
    standing = await calibrations.standing("x@1+0")
    assert standing is not None
    assert standing.off == ()

"""Search: what is found by which words, only among a member's own cases, whatever is typed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from casewright.hits import Sought
from casewright.models import Case, Money, Run, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Member, Membership, Role
from sandbox.server import Endpoint

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def run_of(number: int, **changed: Any) -> Run:
    case = Case(
        case_id=changed.pop("case_id", f"case_{number:06d}"),
        case_type="appeal.late_dispatch",
        subject={"appeal_id": f"app_{number:06d}", "order_id": f"ord_{number:06d}"},
        seller_id=changed.pop("seller_id", f"sel_{number % 3:05d}"),
        region=changed.pop("region", "DE" if number % 2 else "US"),
        channel="appeal",
        opened_at=NOON,
        impact=Money(cents=100, currency="USD"),
        text="My friend Maria can tell you",
        party_ids=(f"buy_{number:06d}",),
    )
    known = {
        "run_id": f"{number:032x}",
        "case": case,
        "sop": "late_shipment_appeal",
        "graph_version": "late_shipment_appeal@1+ab",
        "as_of": NOON,
        "status": RunStatus.FAILED,
        "started_at": NOON + timedelta(seconds=number),
        "updated_at": NOON + timedelta(seconds=number),
    }
    return Run.model_validate(known | changed)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(tmp_path) as opened:
        for number in range(1, 61):
            await opened.save_run(run_of(number))
        yield opened


async def found(store: Store, text: str = "", **sought: Any) -> list[str]:
    hits = await store.search.find(Sought(text=text, **sought))
    return [hit.case_id for hit in hits.items]


@pytest.mark.parametrize(
    ("text", "cases"),
    [
        ("case_000042", ["case_000042"]),
        ("case_00005", [f"case_{n:06d}" for n in range(59, 49, -1)]),
        (f"{7:032x}", ["case_000007"]),
        ("app_000009", ["case_000009"]),
        ("ord_000010", ["case_000010"]),
        ("buy_000011", ["case_000011"]),
        ("sel_00002", [f"case_{n:06d}" for n in range(59, 0, -3)]),
        ("app_00000", []),
        ("Maria", []),
        ("case_%", []),
        ("case_00004_", []),
        ("' OR 1=1 --", []),
    ],
)
async def test_what_is_found_by_which_words(store: Store, text: str, cases: list[str]) -> None:
    assert await found(store, text) == cases


async def test_filters_and_pages(store: Store) -> None:
    first = await store.search.find(Sought(regions=("DE",)), limit=20)
    second = await store.search.find(Sought(regions=("DE",)), limit=20, offset=20)
    assert (first.total, len(first.items), len(second.items)) == (30, 20, 10)
    assert {hit.region for hit in (*first.items, *second.items)} == {"DE"}
    assert await found(store, statuses=("waiting",)) == []
    assert await found(store, outcomes=("uphold",)) == []


async def test_the_newest_run_of_a_case_stands_for_it(store: Store) -> None:
    again = run_of(99, case_id="case_000005")
    await store.save_run(again)
    hits = (await store.search.find(Sought(text="case_000005"))).items
    assert [hit.run_id for hit in hits] == [again.run_id]
    by_id = (await store.search.find(Sought(text=f"{5:032x}"))).items
    assert [(hit.run_id, hit.newest) for hit in by_id] == [(f"{5:032x}", False)]
    every = (await store.search.find(Sought(text="case_000005", earlier=True))).items
    assert len(every) == 2


async def test_it_says_what_the_record_says(store: Store) -> None:
    changed = run_of(5, status=RunStatus.RUNNING, updated_at=NOON + timedelta(hours=1))
    await store.save_run(changed)
    (hit,) = (await store.search.find(Sought(text="case_000005"))).items
    assert (hit.status, hit.updated_at) == ("running", changed.updated_at)
    pace = await store.search.pace(Sought(), NOON + timedelta(seconds=90))
    assert pace.by_status == {"running": 1, "waiting": 0, "done": 0, "failed": 59}
    assert pace.ended == 31  # those of the last minute, without the one that runs


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=30), other=st.text(max_size=10))
async def test_whatever_is_typed_nobody_sees_others_cases(
    store: Store, text: str, other: str
) -> None:
    member = Member("ana", frozenset({Role.REVIEWER}), frozenset({"US"}))
    sought = Sought(text=text, regions=(other,) if other else ()).within(member)
    hits = await store.search.find(sought)
    assert all(hit.region == "US" for hit in hits.items)
    assert all(text in (hit.case_id + hit.run_id) for hit in hits.items) or text[:4] in (
        "sel_",
        "app_",
        "ord_",
        "buy_",
    )


@pytest.fixture
def settings_of(tmp_path: Path, marketplace: Endpoint) -> Settings:
    team = {
        "here": Membership(roles=(Role.REVIEWER,), regions=("US",)),
        "all": Membership(roles=(Role.ANALYST,)),
        "qa": Membership(roles=(Role.QA,)),
    }
    return Settings(
        home=tmp_path,
        team=team,
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
    )


async def test_the_page(store: Store, settings_of: Settings, serve: Callable[..., Any]) -> None:
    async with serve(settings_of) as client:
        async with client("all") as http:
            page = (await http.get("/search", params={"q": "case_"})).text
            assert "60 found, page 1 of 2" in page
            assert 'href="/search?q=case_&amp;page=2"' in page
            second = (await http.get("/search", params={"q": "case_", "page": "2"})).text
            assert "case_000010" in second
            assert 'rel="prev"' in second
            hostile = (await http.get("/search", params={"q": '"><script>x</script>'})).text
            assert "<script>x" not in hostile
            assert (await http.get("/search", params={"page": "9" * 30})).status_code == 422
            assert (await http.get("/search", params={"q": "x" * 500})).status_code == 422
        async with client("here") as http:
            page = (await http.get("/search", params={"q": "case_000005"})).text
            assert "Nothing found" in page
            assert "30 found" in (await http.get("/search")).text
        async with client("qa") as http:
            assert (await http.get("/search")).status_code == 403


@given(
    text=st.sampled_from(
        ["", "case_0000", "case_000007", "sel_00001", "ord_000007", "0" * 31, "%"]
    ),
    wanted=st.fixed_dictionaries(
        {},
        optional={
            "case_id": st.sampled_from(["case_000007", "case_00000", "%"]),
            "statuses": st.sampled_from([("failed",), ("waiting",)]),
            "regions": st.sampled_from([("DE",), ("US", "DE"), ("",)]),
            "outcomes": st.sampled_from([("uphold",)]),
            "sops": st.sampled_from([("late_shipment_appeal",), ("other",)]),
            "languages": st.sampled_from([("en",), ("de",)]),
        },
    ),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_run_fits_what_is_sought_where_the_store_finds_it(
    store: Store, text: str, wanted: dict[str, Any]
) -> None:
    sought = Sought(text=text, **wanted)
    hits = await store.search.find(sought, limit=100)
    fitting = [run.run_id for run in await store.runs() if sought.fits(run)]
    assert sorted(one.run_id for one in hits.items) == sorted(fitting)

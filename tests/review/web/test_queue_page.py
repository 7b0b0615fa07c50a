"""The page of what waits: filters in its address, whose a case is, and the next one to take."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.models import Case, Decision, Money, Route, Run, RunStatus
from casewright.registry import load_plugins
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.queue import FACETS
from casewright.team import Membership, Role
from casewright.waiting import Group, Wanted
from graphs.catalog import Catalog
from review.web.filters import Asked, filters, total
from tools.base import Tool

NOW = datetime.now(UTC).replace(microsecond=0)
TEAM = {
    "ana": Membership(roles=(Role.REVIEWER,)),
    "bo": Membership(roles=(Role.REVIEWER,)),
    "uk": Membership(roles=(Role.REVIEWER,), regions=("UK",)),
    "lead": Membership(roles=(Role.LEAD,)),
    "admin": Membership(roles=(Role.ADMIN,)),
}
CASES: tuple[tuple[str, float, dict[str, Any]], ...] = (
    ("one", -2, {}),
    ("two", 1, {"region": "UK", "sop": "fake_shipping"}),
    ("three", 2, {"route": Route.SENIOR}),
    ("four", 30, {"language": "zh", "channel": "appeal"}),
    ("five", 40, {"region": "UK", "sop": "fake_shipping"}),
)


def run_of(name: str, hours: float, changed: dict[str, Any]) -> Run:
    case = Case(
        case_id=name,
        case_type="appeal.late_dispatch",
        subject={},
        seller_id="sel_1",
        region=changed.get("region", "US"),
        channel=changed.get("channel", "batch"),
        opened_at=NOW,
        impact=Money(cents=123456, currency="USD"),
        language=changed.get("language", "en"),
    )
    decision = Decision(
        outcome="uphold",
        row=1,
        factors=(),
        claims=(),
        route=changed.get("route", Route.REVIEW),
        graph_version="x@1+ab",
    )
    return Run(
        run_id=name,
        case=case,
        sop=changed.get("sop", "late_shipment_appeal"),
        graph_version="x@1+ab",
        as_of=NOW,
        status=RunStatus.WAITING,
        decision=decision,
        due_at=NOW + timedelta(hours=hours, minutes=5),
        stake_cents=4200,
        started_at=NOW,
        updated_at=NOW,
    )


@pytest.fixture
def filled(sourced: Settings, tmp_path: Path) -> Settings:
    async def fill() -> None:
        sop = Catalog(load_plugins().all("tool", Tool), None).load("late_shipment_appeal")
        async with Store.open(tmp_path) as store:
            await store.put_version("x@1+ab", sop.name, sop.files, at=NOW)
            for case in CASES:
                await store.save_run(run_of(*case))

    asyncio.run(fill())
    return sourced.model_copy(update={"home": tmp_path, "team": TEAM})


Open = Callable[..., Any]


def listed(page: Any) -> list[str]:
    return [link.text for link in page.all("a", class_="case")]


def counts(page: Any) -> dict[str, int]:
    texts = (one.text.split() for one in page.all("a") if one["href"].startswith("?"))
    return {" ".join(words[:-1]): int(words[-1]) for words in texts if words[-1].isdigit()}


async def test_it_lists_the_most_urgent_first_with_what_a_reviewer_needs(
    filled: Settings, serve: Open, parsed: Open
) -> None:
    async with serve(filled) as client, client("ana") as ana:
        page = parsed((await ana.get("/queue")).text)
    assert listed(page) == ["one", "two", "three", "four", "five"]
    assert re.search(r"overdue by 1 h \d\d min", page.text)
    assert "1,234.56 USD" in page.text
    due = run_of(*CASES[0]).due_at
    assert due
    assert page.all("time")[0]["datetime"] == due.isoformat()


async def test_filters_stand_in_the_address_and_count_what_they_would_leave(
    filled: Settings, serve: Open, parsed: Open
) -> None:
    async with serve(filled) as client, client("ana") as ana:
        page = parsed((await ana.get("/queue", params={"region": "UK"})).text)
        both = parsed((await ana.get("/queue?region=UK&region=US&route=senior")).text)
        late = parsed((await ana.get("/queue?overdue=yes")).text)
    assert listed(page) == ["two", "five"]
    assert counts(page) == {"review": 2, "fake shipping": 2, "US": 3, "UK": 2, "en": 2, "batch": 2}
    assert [one["href"] for one in page.all("a", aria_current="true") if "UK" in one.text] == ["?"]
    assert listed(both) == ["three"]
    assert listed(late) == ["one"]


@pytest.mark.parametrize(
    "query", ["whose=all", "page=0", "page=x", "held=maybe", "route=" + "r" * 201]
)
async def test_an_address_that_says_nonsense_is_told_so(
    filled: Settings, serve: Open, query: str
) -> None:
    async with serve(filled) as client, client("ana") as ana:
        assert (await ana.get(f"/queue?{query}")).status_code == 422


async def test_hostile_filters_find_nothing_and_stay_text(
    filled: Settings, serve: Open, parsed: Open
) -> None:
    hostile = "' OR 1=1 --\"><script>alert(1)</script>"
    async with serve(filled) as client, client("ana") as ana:
        page = parsed((await ana.get("/queue", params={"region": hostile, "sop": hostile})).text)
    assert listed(page) == []
    assert len(page.all("script")) == 2


async def test_a_member_sees_their_own_regions_and_counts_of_them(
    filled: Settings, serve: Open, parsed: Open
) -> None:
    async with serve(filled) as client, client("uk") as member:
        page = parsed((await member.get("/queue")).text)
        other = parsed((await member.get("/queue?region=US")).text)
    assert listed(page) == ["two", "five"]
    assert "US" not in counts(page)
    assert listed(other) == []


async def test_claiming_goes_to_the_case_and_who_comes_second_is_told(
    filled: Settings, serve: Open, parsed: Open
) -> None:
    async with serve(filled) as client, client("ana") as ana, client("bo") as bo:
        answer = await ana.post("/cases/two/claim")
        assert (answer.status_code, answer.headers["location"]) == (303, "/cases/two")
        mine = parsed((await ana.get("/queue?whose=mine")).text)
        free = parsed((await bo.get("/queue?whose=free")).text)
        others = parsed((await bo.get("/queue")).text)
        rows = [one.text for one in others.all("tr") if "two" in one.text]
    assert listed(mine) == ["two"]
    assert listed(free) == ["one", "three", "four", "five"]
    assert "ana, until" in rows[0]
    assert "Claim" not in rows[0]


async def test_the_next_one_is_the_most_urgent_that_is_free_and_may_be_decided(
    filled: Settings, serve: Open
) -> None:
    async with serve(filled) as client, client("ana") as ana, client("bo") as bo:
        taken = [(await one.post("/queue/next")).headers["location"] for one in (ana, bo, bo)]
        last = await bo.post("/queue/next?region=US&channel=appeal")
        none = await ana.post("/queue/next?route=senior")
    assert taken == ["/cases/one", "/cases/two", "/cases/two"]
    assert last.headers["location"] == "/cases/four"
    assert none.headers["location"] == "/queue?route=senior&nothing=free"


async def test_the_next_one_passes_over_what_was_just_taken(filled: Settings, serve: Open) -> None:
    async with serve(filled) as client, client("ana") as ana, client("bo") as bo:
        answers = await asyncio.gather(*(one.post("/queue/next") for one in (ana, bo)))
    assert {one.headers["location"] for one in answers} == {"/cases/one", "/cases/two"}


async def test_a_lead_reads_the_queue_and_takes_nothing(
    filled: Settings, serve: Open, parsed: Open
) -> None:
    async with serve(filled) as client, client("lead") as lead:
        page = parsed((await lead.get("/queue")).text)
        assert (await lead.post("/queue/next")).status_code == 403
    assert [one["action"] for one in page.all("form", method="post")] == ["/sign-out"]


async def test_home_leads_to_the_queue_or_says_what_one_may_do(
    filled: Settings, serve: Open, parsed: Open
) -> None:
    async with serve(filled) as client, client("ana") as ana, client("admin") as admin:
        assert (await ana.get("/")).headers["location"] == "/queue"
        page = parsed((await admin.get("/")).text)
        assert (await admin.get("/queue")).status_code == 403
    assert "administer" in page.text
    assert "Queue" not in page.text


async def test_pages_of_the_queue_lead_to_each_other(
    filled: Settings, serve: Open, parsed: Open
) -> None:
    async with Store.open(filled.home) as store:
        for number in range(60):
            await store.save_run(run_of(f"more_{number}", 100 + number, {"region": "EU"}))
    async with serve(filled) as client, client("ana") as ana:
        first = parsed((await ana.get("/queue?region=EU")).text)
        second = parsed((await ana.get("/queue" + first.one("a", rel="next")["href"])).text)
        past = parsed((await ana.get("/queue?region=EU&page=9")).text)
    assert (len(listed(first)), len(listed(second))) == (50, 10)
    assert not set(listed(first)) & set(listed(second))
    assert second.all("a", rel="prev")
    assert not second.all("a", rel="next")
    assert "past the end" in past.text


async def test_groups_of_the_store_add_up_to_what_is_listed(filled: Settings) -> None:
    async with Store.open(filled.home) as store:
        for wanted in (Wanted(), Wanted(overdue=True), Wanted(whose="free", me="ana", held=False)):
            groups = await store.queue.groups(wanted, NOW)
            listed = (await store.queue.page(wanted, NOW)).items
            for facet in FACETS:
                added: Counter[str] = Counter()
                for group in groups:
                    added[getattr(group, facet)] += group.count
                assert added == Counter(getattr(one, facet) for one in listed)


words = st.sampled_from(["a", "b", "c"])
groups_of = st.lists(
    st.builds(
        Group, sop=words, region=words, language=words, route=words, channel=words,
        count=st.integers(1, 9),
    )
)  # fmt: skip
asked_of = st.builds(Asked, sop=st.lists(words, unique=True), region=st.lists(words, unique=True))


@given(asked_of, groups_of)
def test_counts_tell_what_each_filter_would_leave(asked: Asked, groups: list[Group]) -> None:
    for one in filters(asked, groups):
        for option in one.options:
            alone = asked.model_copy(update={one.name: [option.value]})
            assert option.count == total(alone, groups)
        if not one.on:
            assert sum(option.count for option in one.options) == total(asked, groups)

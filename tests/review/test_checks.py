"""Seeded checks: like any other case from outside, and no case at all inside."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonpointer import resolve_pointer
from pydantic import SecretStr
from typer.testing import CliRunner

from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.errors import CasewrightError, Forbidden, UsageError
from casewright.first_read import FirstRead
from casewright.models import ReviewAct, Run, RunStatus
from casewright.second_look import SecondLook
from casewright.settings import Settings
from casewright.store.opening import FILE
from casewright.team import Membership, Role, Team
from casewright.waiting import Waiting
from cli import app
from graphs.run import Investigator, open_investigator
from review.checks import Overlay, Planted, suits
from review.desk import Desk
from sandbox.server import Endpoint

OWN = {"seeded_checks", "check_queue", "audit_events", "audit_head"}
"""Tables that a check may change: its own, and the log."""

TEAM = Team.of(
    {
        **{name: Membership(roles=(Role.SENIOR,)) for name in ("ana", "bo", "cy")},
        "qa": Membership(roles=(Role.QA,)),
        "lea": Membership(roles=(Role.LEAD,)),
    }
)


@pytest.fixture(scope="module")
def prepared(
    tmp_path_factory: pytest.TempPathFactory, marketplace: Endpoint, plain_case: str
) -> Settings:
    """The plain case, approved by ana, and confirmed by qa without having seen that."""
    settings = Settings(
        home=tmp_path_factory.mktemp("prepared"),
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        source_timeout_s=60,
        sampling_key=SecretStr("k"),
    )

    async def work() -> None:
        async with open_investigator(settings) as opened:
            waited = await opened.investigate(plain_case)
            assert waited.decision is not None
            assert waited.decision.outcome in {"uphold", "overturn", "partial"}
            ana = Desk(opened, "ana", utc_now, team=TEAM)
            run = await ana.act(plain_case, ReviewAct.APPROVE, ["A1"])
            await opened.store.save_run(run.model_copy(update={"second_look": True}))
            said = waited.decision.outcome
            look = SecondLook(run_id=run.run_id, reviewer="qa", outcome=said, at=utc_now())
            await opened.store.second_looks.put(look)

    asyncio.run(work())
    return settings


@pytest.fixture
def fresh(prepared: Settings, tmp_path: Path) -> Settings:
    """A copy of that home folder."""
    home = shutil.copytree(prepared.home, tmp_path / "home")
    return prepared.model_copy(update={"home": home})


@pytest.fixture
async def house(fresh: Settings) -> AsyncIterator[Investigator]:
    async with open_investigator(fresh) as opened:
        yield opened


@pytest.fixture
def desk(house: Investigator) -> Callable[[str], Desk]:
    return lambda who: Desk(house, who, utc_now, team=TEAM)


def dump(home: Path) -> dict[str, list[Any]]:
    """Every row of every table that a check must not touch."""
    with closing(sqlite3.connect(home / FILE)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [name for (name,) in tables if name not in OWN]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names
        }


async def planted(desk: Callable[[str], Desk]) -> Planted:
    found = await desk("lea").plant(1)
    assert len(found) == 1, "a closed case whose outcome is known can be turned"
    return found[0]


def shape(value: Any) -> Any:
    """What of a value can be seen without reading it: which fields are there, and filled."""
    if isinstance(value, dict):
        return {name: bool(one) for name, one in value.items()}
    return type(value)


async def test_a_check_is_like_a_case_that_waits(
    house: Investigator, desk: Callable[[str], Desk], plain_case: str
) -> None:
    one = await planted(desk)
    pattern = re.sub(r"\d+", lambda digits: rf"\d{{{len(digits[0])}}}", plain_case)
    assert re.fullmatch(pattern, one.case_id)
    assert one.case_id != plain_case
    assert one.wrong != one.right
    bo = desk("bo")
    listed = (await bo.queue()).items
    assert [row.case_id for row in listed] == [one.case_id]
    assert listed[0].outcome == one.wrong
    assert listed[0].due_at > utc_now()
    assert sum(one.count for one in await bo.groups()) == 1
    shown = await bo.view(one.case_id)
    source = await house.store.latest_run(plain_case)
    assert source is not None
    waited = source.model_copy(
        update={"status": RunStatus.WAITING, "reviews": (), "second_look": False}
    )
    assert shape(shown.model_dump()) == shape(waited.model_dump())
    assert shown.decision is not None
    assert source.decision is not None
    ours, theirs = shown.decision.model_dump(), source.decision.model_dump()
    rows = {"enforcement", "parameters", "stability", "reasons"}
    assert {k: v for k, v in shape(ours).items() if k not in rows} == {
        k: v for k, v in shape(theirs).items() if k not in rows
    }
    assert plain_case not in shown.model_dump_json()


async def test_the_citation_of_the_turned_fact_shows_what_is_true(
    desk: Callable[[str], Desk], plain_case: str
) -> None:
    one = await planted(desk)
    bo = desk("bo")
    run = await bo.show(one.case_id)
    assert run.decision is not None
    claim = next(claim for claim in run.decision.claims if claim.factor == one.factor)
    cited = [run.decision.citations.index(citation) + 1 for citation in claim.citations]
    for number in range(1, len(run.decision.citations) + 1):
        citation, evidence = await bo.follow(one.case_id, number)
        if evidence is not None:
            assert plain_case not in evidence.model_dump_json()
        if number in cited and evidence is not None:
            assert resolve_pointer(evidence.data, citation.pointer) == citation.quote


@pytest.mark.parametrize(
    ("act", "codes", "given", "caught"),
    [
        (ReviewAct.APPROVE, ["A1"], {}, False),
        (ReviewAct.REJECT, ["R3"], {}, True),
        (ReviewAct.ESCALATE, ["X1"], {}, True),
        (ReviewAct.EDIT, ["E3"], {"outcome": "right"}, True),
        (ReviewAct.EDIT, ["E4"], {"factors": "true"}, True),
    ],
)
async def test_every_act_ends_it_and_nothing_else_changes(
    house: Investigator,
    desk: Callable[[str], Desk],
    fresh: Settings,
    act: ReviewAct,
    codes: list[str],
    given: dict[str, str],
    caught: bool,
) -> None:
    before = dump(fresh.home)
    one = await planted(desk)
    bo = desk("bo")
    await bo.claim(one.case_id)
    await bo.renew(one.case_id)
    await bo.release(one.case_id, reason="lunch")
    await desk("lea").assign(one.case_id, "bo")
    await bo.hold(one.case_id, utc_now() + timedelta(hours=1), "asks a colleague")
    await bo.resume(one.case_id)
    await bo.view(one.case_id)
    await bo.follow(one.case_id, 1)
    check = await house.store.checks.of(one.case_id, "bo")
    assert check is not None
    how: dict[str, Any] = {}
    if "outcome" in given:
        how = {"outcome": one.right}
    elif "factors" in given:
        how = {"factors": {one.factor: check.true}}
    run = await bo.act(one.case_id, act, codes, **how)
    assert run.status is RunStatus.DONE
    assert run.decision is not None
    assert run.decision.outcome == one.right
    ended = "caught" if caught else "missed"
    assert run.decision.reasons[0].startswith(f"a check, {ended}: {one.wrong} was recommended")
    assert dump(fresh.home) == before
    last = (await house.store.log.of(one.case_id))[-1]
    assert (last.kind, last.actor.id, last.body["caught"]) == (Kind.CHECKED, "bo", caught)
    assert not (await house.store.audited()).faults
    assert (await bo.queue()).items == ()
    with pytest.raises(UsageError):
        await bo.act(one.case_id, act, codes, **how)
    figures = (await desk("lea").figures()).reviewers
    mine = next(found for found in figures if found.reviewer == "bo")
    assert (mine.missed.hits, mine.missed.n) == (int(not caught), 1)
    assert mine.cases == 0
    assert (await bo.show(one.case_id)).decision == run.decision
    with pytest.raises(UsageError, match="never investigated"):
        await desk("cy").show(one.case_id)


async def test_one_has_it_and_the_other_is_told_as_with_any_case(
    desk: Callable[[str], Desk],
) -> None:
    one = await planted(desk)
    await desk("bo").claim(one.case_id)
    with pytest.raises(CasewrightError, match=f"bo has case '{one.case_id}', until"):
        await desk("cy").act(one.case_id, ReviewAct.APPROVE, ["A1"])
    with pytest.raises(UsageError, match="needs a reason code"):
        await desk("bo").act(one.case_id, ReviewAct.APPROVE, [])


async def test_who_knows_the_case_is_not_shown_its_check(
    desk: Callable[[str], Desk], plain_case: str
) -> None:
    one = await planted(desk)
    for who in ("ana", "qa"):
        with pytest.raises(UsageError, match="never investigated"):
            await desk(who).show(one.case_id)
    assert (await desk("ana").queue()).items == ()
    assert (await desk("bo").queue()).total == 1


async def test_leads_alone_plant_and_each_case_once(desk: Callable[[str], Desk]) -> None:
    with pytest.raises(Forbidden):
        await desk("bo").plant(1)
    would = await desk("lea").plant(1, dry_run=True)
    assert await desk("bo").queue() == await desk("ana").queue()
    assert await desk("lea").plant(1, sop="other") == []
    assert await planted(desk) == would[0]
    assert await desk("lea").plant(5) == []


async def test_claims_keep_the_share(
    house: Investigator, fresh: Settings, world: Path, plain_case: str
) -> None:
    settings = fresh.model_copy(update={"seeded_checks": 0.5})
    async with open_investigator(settings) as other:
        with closing(sqlite3.connect(world / "world.sqlite")) as connection:
            rows = connection.execute(
                "SELECT case_no FROM cases WHERE case_type = 'appeal.late_dispatch' "
                "AND status = 'open' LIMIT 3"
            )
            cases = [f"case_{number:06d}" for (number,) in rows]
        case = next(one for one in cases if one != plain_case)
        await other.investigate(case)
        await Desk(other, "bo", utc_now, team=TEAM).claim(case)
        assert (await other.store.checks.counts())[0] == 1
        await Desk(other, "cy", utc_now, team=TEAM).queue()
        assert (await other.store.checks.counts())[0] == 1


async def test_where_every_case_is_read_first_none_is_planted(
    house: Investigator, fresh: Settings
) -> None:
    settings = fresh.model_copy(update={"blind_first": 1.0})
    async with open_investigator(settings) as other:
        assert await Desk(other, "lea", utc_now, team=TEAM).plant(1) == []


async def test_the_log_beside_a_check_begins_as_that_of_a_case(
    desk: Callable[[str], Desk], plain_case: str
) -> None:
    one = await planted(desk)
    await desk("bo").view(one.case_id)
    events = await desk("bo").events(one.case_id)
    assert events[0].kind is Kind.ENTERED
    assert [event.kind for event in events][-2:] == [Kind.WAITING, Kind.VIEWED]
    proposed = next(event for event in events if event.kind is Kind.PROPOSED)
    assert proposed.body["outcome"] == one.wrong
    assert {event.case_id for event in events} == {one.case_id}


async def test_erasing_the_case_takes_its_check_along(
    house: Investigator, desk: Callable[[str], Desk], plain_case: str, fresh: Settings
) -> None:
    from casewright.audit import reviewer

    one = await planted(desk)
    await house.store.erase(plain_case, actor=reviewer("adm"), at=utc_now())
    assert (await desk("bo").queue()).total == 0
    with pytest.raises(UsageError):
        await desk("bo").show(one.case_id)
    with closing(sqlite3.connect(fresh.home / FILE)) as connection:
        rows = connection.execute("SELECT status, body FROM seeded_checks").fetchall()
    assert rows == [("withdrawn", "")]


async def test_pages_put_checks_in_their_places(house: Investigator) -> None:
    """Whatever the page, the merged queue is the sorted one of both tables."""
    rng_due = [7, 3, 11, 5, 2, 13, 8, 1]
    source = (await house.store.runs(RunStatus.DONE))[0]
    now = utc_now()

    def waiting(number: int, hours: int) -> Run:
        case = source.case.model_copy(update={"case_id": f"case_9{number:05d}"})
        return source.model_copy(
            update={
                "run_id": f"{number:032x}",
                "case": case,
                "status": RunStatus.WAITING,
                "reviews": (),
                "due_at": now + timedelta(hours=hours),
                "stake_cents": 100,
            }
        )

    for number, hours in enumerate(rng_due):
        await house.store.save_run(waiting(number, hours))
    overlay = Overlay(house, "bo", lambda: now)
    checks = await overlay.plant(1)
    assert len(checks) == 1
    from casewright.waiting import Wanted

    every = (await overlay.page(Wanted(me="bo"), limit=50, offset=0)).items

    def ids(rows: tuple[Waiting, ...]) -> list[str]:
        return [one.case_id for one in rows]

    assert len(every) == 9
    assert checks[0].case_id in ids(every)
    for limit in (1, 2, 4):
        pages = [
            (await overlay.page(Wanted(me="bo"), limit=limit, offset=offset)).items
            for offset in range(0, 9, limit)
        ]
        assert [one for rows in pages for one in ids(rows)] == ids(every)


def test_the_command(house: Investigator, fresh: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"CASEWRIGHT_HOME": str(fresh.home), "CASEWRIGHT_SAMPLING_KEY": "k"}
    runner = CliRunner()
    found = runner.invoke(
        app, ["review", "plant", "--dry-run", "--as", "lea"], env={**environment, "COLUMNS": "200"}
    )
    assert found.exit_code == 0
    assert "recommends" in found.stdout


async def test_what_is_known_to_be_right(
    house: Investigator, desk: Callable[[str], Desk], plain_case: str
) -> None:
    run = await house.store.latest_run(plain_case)
    assert run is not None
    assert run.decision is not None
    assert suits(run)
    edited = run.reviews[0].model_copy(update={"act": ReviewAct.EDIT})
    assert not suits(run.model_copy(update={"reviews": (edited,)}))
    assert await house.store.checks.known() == (run.run_id,)
    same = run.decision.outcome
    for who, outcome, known in (("cy", same, True), ("zed", "other", False)):
        read = FirstRead(
            run_id=run.run_id, reviewer=who, outcome=outcome, proposed=same, at=utc_now()
        )
        await house.store.first_reads.put(read)
        assert bool(await house.store.checks.known()) == known
    assert await desk("lea").plant(1) == [], "somebody differed"

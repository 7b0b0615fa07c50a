"""The forms of a review: what they bring to a case, and what comes back where they are wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from casewright.audit import Kind
from casewright.models import NOTE_REQUIRED, REASON_CODES, ReviewAct, Run, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role
from graphs.run import Wish, open_investigator

Open = Callable[..., Any]
TEAM = {
    "ana": Membership(roles=(Role.REVIEWER,)),
    "bo": Membership(roles=(Role.REVIEWER,)),
    "lead": Membership(roles=(Role.LEAD,)),
    "qa": Membership(roles=(Role.QA,)),
}


@pytest.fixture
def waiting(sourced: Settings, plain_case: str) -> Settings:
    """The plain case at its gate, in a run of its own."""

    async def work() -> None:
        async with open_investigator(sourced) as investigator:
            await investigator.investigate(plain_case, Wish(again=True))

    asyncio.run(work())
    return sourced.model_copy(update={"team": TEAM})


async def run_of(settings: Settings, case_id: str) -> Run:
    async with Store.open(settings.home) as store:
        run = await store.latest_run(case_id)
    assert run is not None
    return run


async def test_an_approval_needs_its_reason_and_offers_the_next_case(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    path = f"/cases/{plain_case}/review"
    async with serve(waiting) as client, client("ana") as ana:
        wrong = await ana.post(path, data={"act": "approve", "note": "all <b>read</b>"})
        page = parsed(wrong.text)
        assert wrong.status_code == 422
        assert "Tick at least one reason" in page.one("div", role="alert").text
        assert "autofocus" in page.one("div", role="alert").attributes
        assert "open" in page.one("details", id="act-approve").attributes
        assert [one.text for one in page.all("textarea") if one.text] == ["all <b>read</b>"]
        assert (await run_of(waiting, plain_case)).reviews == ()
        done = await ana.post(path, data={"act": "approve", "code": ["A1", "A3"], "note": "fine"})
        assert (done.status_code, done.headers["location"]) == (303, f"/queue?after={plain_case}")
        queue = parsed((await ana.get(done.headers["location"])).text)
        again = await ana.post(path, data={"act": "approve", "code": "A1"})
        closed = parsed((await ana.get(f"/cases/{plain_case}")).text)
    run = await run_of(waiting, plain_case)
    assert (run.status, run.reviews[-1].codes) == (RunStatus.DONE, ("A1", "A3"))
    assert f"{plain_case}: you approved it" in " ".join(queue.text.split())
    assert again.status_code == 409
    assert "it is closed" in closed.text
    assert not closed.all("details", class_="act")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "There is no act"),
        ({"act": "pardon", "code": "A1"}, "There is no act 'pardon'"),
        ({"act": "approve", "code": "E1", "note": "x"}, "E1"),
        ({"act": "approve", "code": "A2"}, "A2 needs a note"),
        ({"act": "edit", "code": "E4"}, "name one"),
        ({"act": "edit", "code": "E4", "outcome": "pardon"}, "pardon"),
        ({"act": "edit", "code": "E4", "factor.dispatched_in_time": "perhaps"}, "yes or no"),
        ({"act": "edit", "code": "E4", "factor.nothing": "yes"}, "nothing"),
        (
            {"act": "edit", "code": "E4", "outcome": "uphold", "factor.carrier_outage": "yes"},
            "name one",
        ),
        ({"act": "approve", "code": "A1", "set.amount": "5"}, "amount"),
    ],
)
async def test_what_is_wrong_is_told_where_it_was_typed(
    waiting: Settings,
    plain_case: str,
    serve: Open,
    parsed: Open,
    form: dict[str, str],
    told: str,
) -> None:
    async with serve(waiting) as client, client("ana") as ana:
        answer = await ana.post(f"/cases/{plain_case}/review", data=form)
    page = parsed(answer.text)
    assert answer.status_code == 422
    assert told in page.one("div", role="alert").text
    assert "--" not in page.one("div", role="alert").text
    if form.get("outcome") == "uphold":
        assert all("selected" in one.attributes for one in page.all("option", value="uphold"))
    assert (await run_of(waiting, plain_case)).reviews == ()


async def test_a_claim_in_other_words_closes_the_case_with_them(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    words = "Dispatched a day late. <script>alert(1)</script>"
    form = {"act": "edit", "code": "E3", "claim.1": words}
    async with serve(waiting) as client, client("ana") as ana:
        answer = await ana.post(f"/cases/{plain_case}/review", data={**form, "claim.99": "no"})
        assert "no claim 99" in parsed(answer.text).one("div", role="alert").text
        assert [one.text for one in parsed(answer.text).all("textarea") if one.text] == [words]
        answer = await ana.post(f"/cases/{plain_case}/review", data={**form, "strike.x": "yes"})
        assert answer.status_code == 422
        done = await ana.post(f"/cases/{plain_case}/review", data=form)
        assert done.status_code == 303
        page = parsed((await ana.get(f"/cases/{plain_case}")).text)
    run = await run_of(waiting, plain_case)
    assert run.decision
    assert (run.status, run.decision.claims[0].sentence) == (RunStatus.DONE, words)
    assert all("src" in one.attributes for one in page.all("script"))
    assert words in page.text


async def test_a_corrected_fact_is_decided_again_and_shown_as_was_and_is(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    before = await run_of(waiting, plain_case)
    assert before.decision
    now = before.decision.factor("dispatched_in_time").value
    form = {"act": "edit", "code": "E4", "factor.dispatched_in_time": "no" if now else "yes"}
    async with serve(waiting) as client, client("ana") as ana:
        answer = await ana.post(f"/cases/{plain_case}/review", data=form)
        assert answer.headers["location"] == f"/cases/{plain_case}#changed"
        page = parsed((await ana.get(f"/cases/{plain_case}")).text)
        change = page.one("section", id="changed").text
        after = await run_of(waiting, plain_case)
        assert after.decision
        assert after.status is RunStatus.WAITING
        assert after.decision.factor("dispatched_in_time").by == "human"
        assert before.decision.outcome in change
        assert after.decision.outcome in change
        assert before.decision.outcome != after.decision.outcome
        assert [one.text for one in page.all("s")][-1:] == ["yes" if now else "no"]
        picture = (await ana.get(f"/cases/{plain_case}/path.svg")).text
        assert "edge taken" in picture
        done = await ana.post(f"/cases/{plain_case}/review", data={"act": "approve", "code": "A1"})
    assert done.status_code == 303
    final = (await run_of(waiting, plain_case)).decision
    assert final
    assert final.outcome == after.decision.outcome


async def test_another_outcome_closes_the_case(
    waiting: Settings, plain_case: str, serve: Open
) -> None:
    before = await run_of(waiting, plain_case)
    assert before.decision
    other = "uphold" if before.decision.outcome != "uphold" else "overturn"
    form = {"act": "edit", "code": "E1", "note": "too harsh", "outcome": other}
    async with serve(waiting) as client, client("ana") as ana:
        answer = await ana.post(f"/cases/{plain_case}/review", data=form)
        queue = (await ana.get(answer.headers["location"])).text
    after = await run_of(waiting, plain_case)
    assert after.decision
    assert after.decision.outcome == other
    assert after.status is RunStatus.DONE
    assert "you changed it" in queue


async def test_a_rejected_case_comes_back_to_its_page(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    async with serve(waiting) as client, client("ana") as ana:
        form = {"act": "reject", "code": "R1"}
        answer = await ana.post(f"/cases/{plain_case}/review", data=form)
        assert answer.headers["location"] == f"/cases/{plain_case}#changed"
        page = parsed((await ana.get(f"/cases/{plain_case}")).text)
    assert "evidence was fetched again" in page.one("section", id="changed").text
    assert "You have it until" in page.text


async def test_an_escalated_case_is_free_for_who_may_decide_it(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    async with serve(waiting) as client, client("ana") as ana:
        form = {"act": "escalate", "code": "X1"}
        answer = await ana.post(f"/cases/{plain_case}/review", data=form)
        assert answer.headers["location"] == f"/queue?after={plain_case}"
        queue = parsed((await ana.get(answer.headers["location"])).text)
        page = parsed((await ana.get(f"/cases/{plain_case}")).text)
    assert "you escalated it; it waits on the senior route" in " ".join(queue.text.split())
    assert "which your roles do not decide" in page.text
    assert "Nobody has it" in page.text
    async with Store.open(waiting.home) as store:
        kinds = [one.kind for one in await store.log.of(plain_case)]
    assert Kind.RELEASED in kinds


async def test_two_reviewers_race_and_the_second_is_told_with_what_they_typed(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    async with serve(waiting) as client, client("ana") as ana, client("bo") as bo:
        await ana.post(f"/cases/{plain_case}/claim")
        form = {"act": "approve", "code": "A2", "note": "mine"}
        answer = await bo.post(f"/cases/{plain_case}/review", data=form)
    assert answer.status_code == 409
    assert "ana has case" in parsed(answer.text).one("div", role="alert").text
    assert (await run_of(waiting, plain_case)).reviews == ()


@pytest.mark.parametrize("member", ["lead", "qa"])
async def test_who_does_not_review_has_no_forms(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open, member: str
) -> None:
    async with serve(waiting) as client, client(member) as http:
        form = {"act": "approve", "code": "A1"}
        assert (await http.post(f"/cases/{plain_case}/review", data=form)).status_code == 403
        page = await http.get(f"/cases/{plain_case}")
    assert page.status_code == (200 if member == "lead" else 403)
    assert not parsed(page.text).all("details", class_="act")


async def test_every_code_is_there_once_with_its_words_and_none_is_ticked(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    async with serve(waiting) as client, client("ana") as ana:
        page = parsed((await ana.get(f"/cases/{plain_case}")).text)
    boxes = page.all("input", name="code")
    codes = [code for act in ReviewAct for code in REASON_CODES[act]]
    assert sorted(one["value"] for one in boxes) == sorted(codes)
    assert not any("checked" in one.attributes for one in boxes)
    labels = [one.text.split()[0] for one in page.all("label") if "(needs a note)" in one.text]
    assert set(labels) == NOTE_REQUIRED
    for form in page.all("form", method="post"):
        assert form["action"].startswith((f"/cases/{plain_case}/", "/sign-out"))
    tokens = page.all("input", name="csrf")
    assert {one["value"] for one in tokens} == {"imitated-token"}
    assert len(tokens) == len(page.all("form", method="post"))

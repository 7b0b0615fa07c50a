"""What else is done at the gate over the API, under the same rules as on the pages."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from casewright.clock import utc_now
from casewright.models import Decision, ReviewAct, Run
from casewright.second_look import SecondLook
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role
from graphs.run import open_investigator
from review.desk import Desk

Serve = Callable[..., Any]
Enter = Callable[..., Any]
Once = Callable[[], dict[str, str]]

V1 = "/api/v1"
SAID = "The depot was closed. <script>alert(1)</script>"
WHOLE = {
    "case_id": "ext-1",
    "case_type": "appeal.late_dispatch",
    "seller_id": "sel_00001",
    "region": "US",
    "channel": "batch",
    "opened_at": "2026-06-01T08:00:00Z",
    "impact_cents": 4200,
    "currency": "USD",
    "text": SAID,
}


async def stored(settings: Settings, case_id: str) -> Run:
    async with Store.open(settings.home) as store:
        run = await store.latest_run(case_id)
    assert run is not None
    assert run.decision is not None
    return run


async def kinds(settings: Settings, case_id: str) -> list[str]:
    async with Store.open(settings.home) as store:
        return [one.kind.value for one in await store.log.of(case_id)]


# Read first


async def test_a_proposal_is_told_nowhere_before_it_is_read_first(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    settings = waiting.model_copy(update={"blind_first": 1.0})
    proposed = (await stored(waiting, plain_case)).decision
    assert proposed is not None
    case = f"{V1}/cases/{plain_case}"
    approval = {"act": "approve", "codes": ["A1"]}
    async with serve(settings) as client, client("senior") as http, client("lead") as lead:
        for path in ("decision", "citations/1", "undo"):
            refused = await http.get(f"{case}/{path}")
            assert refused.status_code == refused.json()["status"] == 409, path
            assert f"GET {case}/first-read" in refused.json()["remedy"]
        refused = await http.post(f"{case}/review", json=approval, headers=once())
        assert refused.status_code == 409
        assert "first-read" in refused.json()["remedy"]

        queue = (await http.get(f"{V1}/queue")).json()
        found = (await http.get(case)).json()
        runs = (await http.get(f"{V1}/runs")).json()
        taken = (await http.post(f"{case}/claim", headers=once())).json()
        for one in (queue["items"][0], found, found["place"], runs["items"][0], taken):
            assert one["outcome"] == ""
        assert (found["status"], found["reviews"]) == ("waiting", [])
        for query in (
            {"outcome": proposed.outcome},
            {"outcome": ["uphold", "overturn", "partial"]},
        ):
            told = (await http.get(f"{V1}/runs", params=query)).json()
            assert (told["items"], told["total"]) == ([], 0)
            query["status"] = "waiting"
            assert (await http.get(f"{V1}/runs", params=query)).json()["total"] == 0
        seen = (await lead.get(f"{V1}/runs", params={"outcome": proposed.outcome})).json()
        assert seen["items"][0]["outcome"] == proposed.outcome

        blind = await http.get(f"{case}/first-read")
        assert proposed.outcome in blind.json()["outcomes"]
        assert blind.json()["evidence"]
        assert all(claim.sentence not in blind.text for claim in proposed.claims)
        wrong = await http.post(f"{case}/first-read", json={"outcome": "nil"}, headers=once())
        assert wrong.status_code == 422
        own = {"outcome": "uphold", "note": "by the scans"}
        said = await http.post(f"{case}/first-read", json=own, headers=once())
        assert (said.json()["outcome"], said.json()["proposed"]) == ("uphold", proposed.outcome)
        assert (await http.post(f"{case}/first-read", json=own, headers=once())).status_code == 422
        assert (await http.get(f"{case}/first-read")).status_code == 422
        assert (await http.get(case)).json()["outcome"] == proposed.outcome
        assert (await http.get(f"{V1}/runs")).json()["items"][0]["outcome"] == proposed.outcome
        assert (await http.get(f"{case}/decision")).json()["outcome"] == proposed.outcome
        done = await http.post(f"{case}/review", json=approval, headers=once())
        assert done.json()["status"] == "done"
    assert "first_read" in await kinds(settings, plain_case)


async def test_the_pages_of_runs_tell_it_no_more_than_the_api(
    waiting: Settings, plain_case: str, serve: Serve
) -> None:
    settings = waiting.model_copy(update={"blind_first": 1.0})
    run = await stored(waiting, plain_case)
    assert run.decision is not None
    async with serve(settings) as client, client("senior") as http:
        refused = await http.get(f"/runs/{run.run_id}")
        assert refused.headers["location"] == f"/cases/{plain_case}/first-read"
        for path in ("/runs", "/search"):
            assert f"<td>{run.decision.outcome}</td>" not in (await http.get(path)).text
        found = await http.get("/search", params={"outcome": run.decision.outcome})
        assert plain_case not in found.text


# Checks


@pytest.fixture
async def seeded(waiting: Settings, plain_case: str) -> Settings:
    """A closed case whose outcome is known, and a team with somebody who knows nothing of it."""
    async with open_investigator(waiting) as house:
        await Desk(house, "ana", utc_now).act(plain_case, ReviewAct.APPROVE, ["A1"])
        run = await house.store.latest_run(plain_case)
        assert run is not None
        assert run.decision is not None
        await house.store.save_run(run.model_copy(update={"second_look": True}))
        said = run.decision.outcome
        look = SecondLook(run_id=run.run_id, reviewer="qa", outcome=said, at=utc_now())
        await house.store.second_looks.put(look)
        planted = await Desk(house, "lea", utc_now).plant(1)
        assert len(planted) == 1
    return waiting


async def test_a_check_is_a_case_like_any_other(
    seeded: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    async with serve(seeded) as client, client("senior") as http, client("legal") as counsel:
        (row,) = (await http.get(f"{V1}/queue")).json()["items"]
        case_id = row["case_id"]
        case = f"{V1}/cases/{case_id}"
        assert case_id != plain_case

        listed = (await http.get(f"{V1}/runs")).json()
        assert [one["case_id"] for one in listed["items"]] == [case_id, plain_case]
        assert (listed["total"], listed["next_offset"]) == (2, None)
        pages = [
            (await http.get(f"{V1}/runs", params={"limit": 1, "offset": n})).json() for n in (0, 1)
        ]
        assert [page["items"][0]["case_id"] for page in pages] == [case_id, plain_case]
        shape = [{name: bool(one[name]) for name in one} for one in listed["items"]]
        assert shape[0] == shape[1]
        for query, total in (
            ({"case_id": case_id}, 1), ({"text": row["run_id"]}, 1), ({"text": case_id}, 1),
            ({"status": "waiting"}, 1), ({"status": "done"}, 1), ({"outcome": row["outcome"]}, 1),
            ({"region": "AQ"}, 0), ({"sop": row["sop"], "newest": True}, 2),
        ):  # fmt: skip
            found = (await http.get(f"{V1}/runs", params=query)).json()
            assert (found["total"], len(found["items"])) == (total, total), query

        standing = (await http.get(case)).json()
        assert (standing["status"], standing["run_id"]) == ("waiting", row["run_id"])
        assert standing["place"]["outcome"] == standing["outcome"] == row["outcome"]
        assert (await http.get(f"/runs/{row['run_id']}")).status_code == 200
        texts = [(await http.get(f"{case}/decision")).text]
        count = len(Decision.model_validate_json(texts[0]).citations)
        texts += [(await http.get(f"{case}/citations/{n}")).text for n in range(1, count + 1)]
        texts.append((await counsel.get(f"{case}/events")).text)
        assert all(plain_case not in text for text in texts)
        assert count
        assert (await http.post(f"{case}/claim", headers=once())).json()["claimed_by"] == "senior"
        assert (await http.post(f"{case}/renew", headers=once())).json()["renewals"] == 1
        for path, status in (("undo", 422), ("appeals", 403), ("answer", 422), ("reveal", 200)):
            bodies = {"undo": {"why": "x"}, "reveal": {"reason": "decide"}}
            answer = await http.post(f"{case}/{path}", json=bodies.get(path), headers=once())
            assert answer.status_code == status, path
        reviewed = {"act": "edit", "codes": ["E4"], "outcome": "uphold"}
        done = await http.post(f"{case}/review", json=reviewed, headers=once())
        assert done.json()["status"] == "done"
        decision = (await http.get(f"{case}/decision")).json()
        assert "check" in decision["reasons"][0]
        undone = await http.post(f"{case}/undo", json={"why": "x"}, headers=once())
        assert undone.status_code == 422
        assert "was a check" in undone.json()["detail"]
        assert (await http.get(f"{V1}/queue")).json()["total"] == 0
        assert (await http.get(f"{V1}/runs")).json()["total"] == 1


async def test_a_check_that_is_submitted_waits_already_and_is_appealed_by_nobody(
    seeded: Settings, serve: Serve, once: Once
) -> None:
    everything = Membership(roles=tuple(Role))
    settings = seeded.model_copy(update={"team": {"bo": everything}})
    async with serve(settings) as client, client("bo") as http:
        (row,) = (await http.get(f"{V1}/queue")).json()["items"]
        body = {"case_id": row["case_id"]}
        again = await http.post(f"{V1}/cases", json=body, headers=once())
        assert (again.status_code, again.json()["run_id"]) == (200, row["run_id"])
        case = f"{V1}/cases/{row['case_id']}"
        appeal = {"by": "seller", "statement": SAID}
        assert (await http.post(f"{case}/appeals", json=appeal, headers=once())).status_code == 422
        review = {"act": "approve", "codes": ["A1"]}
        await http.post(f"{case}/review", json=review, headers=once())
        refused = await http.post(f"{case}/appeals", json=appeal, headers=once())
        assert (refused.status_code, "was a check" in refused.text) == (422, True)


# Words, questions, answers


async def test_an_approval_with_better_words_and_a_claim_that_is_struck_are_written_down(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    case = f"{V1}/cases/{plain_case}"
    async with serve(waiting) as client, client("senior") as http:
        before = (await http.get(f"{case}/decision")).json()
        words = {"number": 1, "sentence": "The label was printed late."}
        body = {"act": "approve", "codes": ["A1"], "claims": [words]}
        for wrong in (
            body,
            {**body, "codes": ["A3"], "claims": [words, words]},
            {**body, "codes": ["A3"], "claims": [{"number": 999, "sentence": ""}]},
            {**body, "codes": ["A3"], "claims": [{"number": 0, "sentence": ""}]},
            {"act": "reject", "codes": ["R1"], "claims": [words]},
            {**body, "codes": ["A3"], "questions": [{"number": 1, "question": "Why?"}]},
        ):
            answer = await http.post(f"{case}/review", json=wrong, headers=once())
            assert answer.status_code == 422, wrong
        body["codes"] = ["A3"]
        done = await http.post(f"{case}/review", json=body, headers=once())
        assert (done.status_code, done.json()["status"]) == (200, "done")
        after = (await http.get(f"{case}/decision")).json()
        assert after["claims"][0]["sentence"] == words["sentence"]
        assert after["claims"][0]["citations"] == before["claims"][0]["citations"]


async def test_a_question_is_put_and_its_answer_has_the_case_go_on(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    case = f"{V1}/cases/{plain_case}"
    asked = {"to": "seller", "question": "Please send the receipt.", "factor": "handover_proved"}
    body = {"act": "request_information", "codes": ["Q1"], "asked": asked}
    async with serve(waiting) as client, client("senior") as http, client("lead") as lead:
        early = await http.post(f"{case}/answer", headers=once())
        assert (early.status_code, "no answer" in early.text) == (422, True)
        for wrong in (
            {**body, "asked": {**asked, "to": "carrier"}},
            {**body, "asked": {**asked, "days": 91}},
            {**body, "asked": {**asked, "factor": "nothing"}},
            {**body, "asked": {**asked, "question": ""}},
            {"act": "request_information", "codes": ["Q1"]},
        ):
            answer = await http.post(f"{case}/review", json=wrong, headers=once())
            assert answer.status_code == 422, wrong
        put = (await http.post(f"{case}/review", json=body, headers=once())).json()
        assert put["reviews"][0]["act"] == "request_information"
        assert put["place"]["held_until"]
        assert (await lead.post(f"{case}/answer", headers=once())).status_code == 403
        words = {"words": SAID}
        gone_on = (await http.post(f"{case}/answer", json=words, headers=once())).json()
        assert (gone_on["status"], gone_on["place"]["held_until"]) == ("waiting", None)
    assert {"asked", "answered"} <= set(await kinds(waiting, plain_case))


# Undo, appeal, submission


async def test_a_decision_is_undone_by_who_made_it_once_they_know_what_it_does(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    case = f"{V1}/cases/{plain_case}"
    async with (
        serve(waiting) as client,
        client("senior") as http,
        client("reviewer") as other,
    ):
        assert (await http.get(f"{case}/undo")).status_code == 422
        approval = {"act": "approve", "codes": ["A1"]}
        await http.post(f"{case}/review", json=approval, headers=once())
        told = (await http.get(f"{case}/undo")).json()
        assert told["sent"] is False
        assert {one["how"] for one in told["effects"]} <= {"withdrawn"}
        assert "arguments" not in str(told)
        assert (await other.get(f"{case}/undo")).status_code == 403
        why = {"why": "The scan is another parcel's."}
        assert (await other.post(f"{case}/undo", json=why, headers=once())).status_code == 403
        for wrong in ({}, {"why": ""}, {"why": "  "}, {"why": "x", "sent": "yes"}):
            answer = await http.post(f"{case}/undo", json=wrong, headers=once())
            assert answer.status_code == 422, wrong
        undone = (await http.post(f"{case}/undo", json=why, headers=once())).json()
        assert (undone["status"], undone["place"]["case_id"]) == ("waiting", plain_case)
    assert (await kinds(waiting, plain_case)).count("reopened") == 1


async def test_an_appeal_is_opened_and_investigated(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    case = f"{V1}/cases/{plain_case}"
    appeal = {"by": "seller", "statement": SAID}
    async with serve(waiting) as client, client("analyst") as http, client("senior") as senior:
        early = await http.post(f"{case}/appeals", json=appeal, headers=once())
        assert early.status_code == 422
        edit = {"act": "edit", "codes": ["E3"], "outcome": "uphold"}
        assert (await senior.post(f"{case}/review", json=edit, headers=once())).status_code == 200
        for wrong in (
            {"by": "carrier", "statement": SAID},
            {"by": "seller", "statement": ""},
            {"by": "seller", "statement": " "},
            {**appeal, "language": "not a language"},
        ):
            answer = await http.post(f"{case}/appeals", json=wrong, headers=once())
            assert answer.status_code == 422, wrong
        opened = await http.post(f"{case}/appeals", json=appeal, headers=once())
        place = opened.headers["location"]
        assert (opened.status_code, place) == (202, f"{case}-appeal-1")
        found = await until_waiting(http, place)
        again = await http.post(f"{case}/appeals", json=appeal, headers=once())
        assert (again.status_code, again.json()["run_id"]) == (200, found["run_id"])
        other = await http.post(f"{case}/appeals", json={**appeal, "by": "buyer"}, headers=once())
        assert other.status_code == 422
    assert "appealed" in await kinds(waiting, plain_case)


async def test_a_whole_case_is_opened_and_investigated(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    subject = (await stored(waiting, plain_case)).case.subject
    whole = {**WHOLE, "subject": subject}
    async with serve(waiting) as client, client("analyst") as http:
        for wrong in (
            {**whole, "more": 1},
            {**whole, "impact_cents": "4200"},
            {**whole, "case_id": "a b"},
            {**whole, "case_id": plain_case},
            {**whole, "case_type": "no.such"},
            {**whole, "opened_at": 1780000000},
            {"case_id": "ext-1", "case_type": "appeal.late_dispatch"},
        ):
            answer = await http.post(f"{V1}/cases", json=wrong, headers=once())
            assert answer.status_code == 422, wrong
        twice = '{"case_id": "ext-2", ' + json.dumps(whole)[1:]
        headers = {**once(), "content-type": "application/json"}
        told = await http.post(f"{V1}/cases", content=twice, headers=headers)
        assert (told.status_code, "twice" in told.text) == (422, True)
        opened = await http.post(f"{V1}/cases", json=whole, headers=once())
        assert (opened.status_code, opened.json()["status"]) == (202, "accepted")
        found = await until_waiting(http, opened.headers["location"])
        assert found["case_id"] == "ext-1"
        again = await http.post(f"{V1}/cases", json=whole, headers=once())
        assert (again.status_code, again.json()["run_id"]) == (200, found["run_id"])
        changed = {**whole, "impact_cents": 1}
        answer = await http.post(f"{V1}/cases", json=changed, headers=once())
        assert (answer.status_code, "Another case" in answer.text) == (422, True)
    assert (await kinds(waiting, "ext-1"))[0] == "opened"


async def until_waiting(http: Any, place: str) -> Any:
    for _ in range(600):
        found = (await http.get(place)).json()
        if found["status"] not in ("accepted", "running"):
            assert found["status"] == "waiting", found
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("it was never investigated")


# Personal data


async def test_personal_data_stands_as_tokens_until_it_is_revealed(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    mail = "jane.q.public@example.org"
    run = await stored(waiting, plain_case)
    assert run.decision is not None
    decision = run.decision.model_copy(update={"reasons": (f"Ask {mail}.",)})
    async with Store.open(waiting.home) as store:
        await store.save_run(run.model_copy(update={"decision": decision, "error": f"No {mail}."}))
    case = f"{V1}/cases/{plain_case}"
    async with serve(waiting) as client, client("senior") as http, client("analyst") as analyst:
        texts = [(await http.get(path)).text for path in (case, f"{case}/decision")]
        assert all(mail not in text for text in texts)
        assert all(re.search(r"\[[A-Z]+_\d+", text) for text in texts)
        hidden = (await http.get(f"{case}/citations/2")).json()
        for wrong in ({"reason": "curious"}, {"reason": "other"}, {}):
            answer = await http.post(f"{case}/reveal", json=wrong, headers=once())
            assert answer.status_code == 422, wrong
        reason = {"reason": "contact"}
        refused = await analyst.post(f"{case}/reveal", json=reason, headers=once())
        assert refused.status_code == 403
        told = (await http.post(f"{case}/reveal", json=reason, headers=once())).json()
        assert (told["member"], told["reason"]) == ("senior", "contact")
        for path in (case, f"{case}/decision"):
            assert mail in (await http.get(path)).text
            assert mail not in (await analyst.get(path)).text
        shown = (await http.get(f"{case}/citations/2")).json()
        assert shown["citation"]["reference"] == hidden["citation"]["reference"]
    assert (await kinds(waiting, plain_case)).count("revealed") == 1


# The real door


async def test_a_real_key_reads_and_writes_as_its_member_and_no_more(
    waiting: Settings, plain_case: str, enter: Enter, once: Once
) -> None:
    settings = waiting.model_copy(update={"api_requests_per_minute": 5})
    case = f"{V1}/cases/{plain_case}"
    async with enter(settings) as door:
        keys, now = door.house.store.api_keys, door.house.clock()
        made = [await keys.new("bi", who, now, timedelta(days=1)) for who in ("senior", "analyst")]
        (_, senior), (_, analyst) = made
        assert senior.startswith("cw_")

        def bearer(key: str) -> dict[str, str]:
            return {"Authorization": f"Bearer {key}", **once()}

        async with door.nobody() as http:
            for headers in ({}, bearer("cw_wrong"), bearer(senior[:-1] + "~"), bearer("")):
                for method, path in (("GET", case), ("POST", f"{case}/claim")):
                    nobody = await http.request(method, path, headers=headers)
                    assert nobody.status_code == nobody.json()["status"] == 401
                    assert nobody.headers["www-authenticate"] == "Bearer"
            found = await http.get(case, headers=bearer(senior))
            assert (found.status_code, found.json()["status"]) == (200, "waiting")
            taken = await http.post(f"{case}/claim", headers=bearer(senior))
            assert (taken.status_code, taken.json()["claimed_by"]) == (200, "senior")
            refused = await http.post(f"{case}/claim", headers=bearer(analyst))
            assert refused.status_code == refused.json()["status"] == 403
            for _ in range(3):
                assert (await http.get(f"{V1}/queue", headers=bearer(senior))).status_code == 200
            much = await http.get(f"{V1}/queue", headers=bearer(senior))
            assert much.status_code == much.json()["status"] == 429
            assert int(much.headers["retry-after"]) > 0
            assert (await http.get(f"{V1}/queue", headers=bearer(analyst))).status_code == 200
    async with Store.open(waiting.home) as store:
        (claimed,) = [one for one in await store.log.of(plain_case) if one.kind.value == "claimed"]
    assert claimed.actor.id == "senior"

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest

from casewright.clock import utc_now
from casewright.models import REASON_CODES
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role
from graphs.run import open_investigator
from review.submitting import Submissions
from review.web.acts import ACTS
from review.web.app import API
from review.web.description import described
from review.web.rights import RIGHTS
from review.web.wire import LARGEST_BODY

Serve = Callable[..., Any]
Once = Callable[[], dict[str, str]]

ROOT = Path(__file__).parents[3]
V1 = "/api/v1"


def is_problem(answer: Any, status: int) -> bool:
    """Whether an answer is a problem document of that status."""
    told = answer.json()
    return (
        answer.status_code == told["status"] == status
        and answer.headers["content-type"] == "application/problem+json"
        and told["type"] == "about:blank"
        and bool(told["detail"])
    )


async def test_a_case_is_taken_from_the_queue_to_its_decision(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    case = f"{V1}/cases/{plain_case}"
    async with serve(waiting) as client, client("senior") as http, client("lead") as lead:
        queue = (await http.get(f"{V1}/queue", params={"whose": "free"})).json()
        assert [one["case_id"] for one in queue["items"]] == [plain_case]
        assert (await http.get(f"{V1}/queue/counts")).json()["sop"] == {"late_shipment_appeal": 1}
        taken = await http.post(f"{V1}/queue/next", headers=once())
        assert taken.json()["claimed_by"] == "senior"
        assert (await http.post(f"{V1}/queue/next", headers=once())).status_code == 204

        found = (await http.get(case)).json()
        assert (found["status"], found["place"]["claimed_by"]) == ("waiting", "senior")
        decision = (await http.get(f"{case}/decision")).json()
        assert decision["outcome"] == found["outcome"]
        clause = (await http.get(f"{case}/citations/1")).json()
        assert (clause["citation"]["kind"], clause["evidence"]) == ("policy", None)
        cited = (await http.get(f"{case}/citations/2")).json()
        assert cited["citation"]["reference"] == cited["evidence"]["digest"]
        assert is_problem(await http.get(f"{case}/citations/999"), 404)

        approval = {"act": "approve", "codes": ["A1"], "note": "two\nlines"}
        done = (await http.post(f"{case}/review", json=approval, headers=once())).json()
        assert (done["status"], done["outcome"]) == ("done", found["outcome"])
        assert done["place"] is None
        assert done["reviews"][0]["reviewer"] == "senior"
        assert is_problem(await http.post(f"{case}/review", json=approval, headers=once()), 409)

        runs = (await http.get(f"{V1}/runs", params={"status": "done"})).json()
        assert [one["run_id"] for one in runs["items"]] == [done["run_id"]]
        assert (runs["total"], runs["next_offset"]) == (1, None)
        for query, total in (
            ({"case_id": plain_case}, 1), ({"case_id": plain_case[:-1]}, 0),
            ({"text": plain_case[:-1]}, 1), ({"text": done["run_id"]}, 1),
            ({"sop": done["sop"], "outcome": done["outcome"], "region": done["region"]}, 1),
            ({"status": ["waiting", "failed"]}, 0), ({"newest": True, "sop": "no such"}, 0),
        ):  # fmt: skip
            found = (await http.get(f"{V1}/runs", params=query)).json()
            assert (len(found["items"]), found["total"]) == (total, total), query
        log = (await lead.get(f"{case}/events")).json()
        kinds = [one["kind"] for one in log["items"]]
        assert kinds[-1] == "closed"
        assert [k for k in kinds if k in ("claimed", "viewed", "reviewed")] == [
            "claimed", "viewed", "viewed", "viewed", "reviewed",
        ]  # fmt: skip
        later = (await lead.get(f"{case}/events", params={"after": log["total"] - 1})).json()
        assert [one["kind"] for one in later["items"]] == ["closed"]


async def test_claims_are_kept_given_back_put_aside_and_assigned(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    async with serve(waiting) as client, client("senior") as http, client("lead") as lead:

        async def post(what: str, by: Any = http, **given: Any) -> Any:
            path = f"{V1}/cases/{plain_case}/{what}"
            return await by.post(path, headers=once(), json=given or None)

        assert (await post("claim")).json()["renewals"] == 0
        assert (await post("renew")).json()["renewals"] == 1
        assert (await post("renew")).json()["renewals"] == 2
        assert is_problem(await post("renew"), 422)
        assert (await post("release", reason="not mine")).json()["claimed_by"] == ""
        assert is_problem(await post("renew"), 409)
        held = (await post("hold", until=_in_days(2), why="the carrier answers")).json()
        assert held["held_for"] == "the carrier answers"
        assert (await post("resume")).json()["held_until"] is None
        for until in (_in_days(31), _in_days(-1), 1e10, "1780000000", "9999-12-31T23:59:59-23:59"):
            assert is_problem(await post("hold", until=until, why="long"), 422)
        assert is_problem(await post("assign", to="senior"), 403)
        assert (await post("assign", lead, to="senior")).json()["assigned_to"] == "senior"
        assert is_problem(await post("assign", lead, to="nobody"), 403)
        assert is_problem(await post("assign", lead, to="qa"), 403)


def _in_days(days: int) -> str:
    from datetime import timedelta

    return (utc_now() + timedelta(days=days)).isoformat()


async def test_an_edited_factor_has_the_sop_decide_again(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    case = f"{V1}/cases/{plain_case}"
    async with serve(waiting) as client, client("senior") as http:
        before = (await http.get(f"{case}/decision")).json()
        factor = next(one for one in before["factors"] if isinstance(one["value"], bool))
        edit = {"act": "edit", "codes": ["E4"], "factors": {factor["name"]: not factor["value"]}}
        after = await http.post(f"{case}/review", json=edit, headers=once())
        assert after.json()["reviews"][0]["factors"] == [factor["name"]]
        decided = (await http.get(f"{case}/decision")).json()
        again = next(one for one in decided["factors"] if one["name"] == factor["name"])
        assert (again["value"], again["by"]) == (not factor["value"], "human")


@pytest.mark.parametrize(
    "edit",
    [
        {"outcome": "no such outcome"},
        {"factors": {"no_such_factor": True}},
        {"parameters": {"no_such_parameter": "1"}},
        {"outcome": "uphold", "factors": {"dispatched_in_time": True}},
        {},
    ],
)
async def test_what_the_sop_does_not_know_is_refused_and_changes_nothing(
    waiting: Settings, plain_case: str, serve: Serve, once: Once, edit: dict[str, Any]
) -> None:
    case = f"{V1}/cases/{plain_case}"
    async with serve(waiting) as client, client("senior") as http:
        body = {"act": "edit", "codes": ["E4"], **edit}
        assert is_problem(await http.post(f"{case}/review", json=body, headers=once()), 422)
        assert (await http.get(case)).json()["reviews"] == []


async def test_who_sees_other_regions_alone_gets_nothing_of_a_case(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    every = Membership(roles=tuple(Role), regions=("AQ",))
    far = waiting.model_copy(update={"team": {"far": every}})
    bodies: dict[str, Any] = {
        "assign": {"to": "far"},
        "hold": {"until": _in_days(1), "why": "x"},
        "review": {"act": "approve", "codes": ["A1"]},
        "appeals": {"by": "seller", "statement": "x"},
        "first-read": {"outcome": "uphold"},
        "reveal": {"reason": "decide"},
        "undo": {"why": "x"},
    }
    of_a_case = sorted(route for route in _routes() if "{case_id}" in route[0])
    async with serve(far) as client, client("far") as http:
        for path, method in of_a_case:
            filled = path.format(case_id=plain_case, number=1)
            body = bodies.get(path.rsplit("/", 1)[1]) if method == "POST" else None
            answer = await http.request(method, filled, json=body, headers=once())
            assert is_problem(answer, 403), path
        answer = await http.post(f"{V1}/cases", json={"case_id": plain_case}, headers=once())
        assert is_problem(answer, 403)
        assert (await http.get(f"{V1}/queue")).json() == {"items": [], "total": 0}
        assert (await http.get(f"{V1}/runs")).json()["items"] == []
        assert (await http.post(f"{V1}/queue/next", headers=once())).status_code == 204
    async with Store.open(waiting.home) as store:
        kinds = {one.kind.value for one in await store.log.of(plain_case)}
    told = {
        "viewed",
        "claimed",
        "resumed",
        "held",
        "reviewed",
        "revealed",
        "first_read",
        "reopened",
    }
    assert not kinds & told


async def test_a_case_of_the_source_is_submitted_and_investigated(
    teamed_home: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    async with serve(teamed_home) as client, client("analyst") as http, client("lead") as lead:
        body = {"case_id": plain_case}
        assert is_problem(await http.get(f"{V1}/cases/{plain_case}"), 404)
        accepted = await http.post(f"{V1}/cases", json=body, headers=once())
        assert accepted.status_code == 202
        place = accepted.headers["location"]
        found = await _until_waiting(http, place)
        assert found["case_id"] == plain_case
        again = await http.post(f"{V1}/cases", json=body, headers=once())
        assert (again.status_code, again.json()["run_id"]) == (200, found["run_id"])
        entered = (await lead.get(f"{place}/events")).json()["items"][0]
        assert entered["actor"] == {"role": "analyst", "id": "analyst"}
        unknown = await http.post(f"{V1}/cases", json={"case_id": "case_none"}, headers=once())
        assert is_problem(unknown, 404)
        assert (await http.get(f"{place}/decision")).status_code == 200


async def _until_waiting(http: Any, place: str) -> Any:
    for _ in range(600):
        found = (await http.get(place)).json()
        if found["status"] not in ("accepted", "running"):
            assert found["status"] == "waiting", found
            return found
        await asyncio.sleep(0.05)
    raise AssertionError("it was never investigated")


async def test_what_was_accepted_survives_a_restart(
    teamed_home: Settings, plain_case: str, serve: Serve
) -> None:
    async with Store.open(teamed_home.home) as store:
        await store.submissions.put(plain_case, "analyst", utc_now())
    async with serve(teamed_home) as client, client("analyst") as http:
        await _until_waiting(http, f"{V1}/cases/{plain_case}")
    async with Store.open(teamed_home.home) as store:
        assert await store.submissions.of(plain_case) is None


async def test_a_case_that_cannot_be_fetched_is_tried_again_and_says_why(
    teamed_home: Settings, serve: Serve
) -> None:
    away = {"source_url": "http://127.0.0.1:9", "source_attempts": 1}
    settings = teamed_home.model_copy(update=away)
    async with open_investigator(settings) as investigator:
        await investigator.store.submissions.put("case_1", "analyst", utc_now())
        work = Submissions(investigator, settings.home, utc_now, at_once=2)
        await _worked(work.keep_draining, rounds=40)
        found = await investigator.store.submissions.of("case_1")
    assert found is not None
    assert (found.failures, found.member) == (1, "analyst")
    assert found.error
    async with serve(settings) as client, client("analyst") as http, client("lead") as lead:
        told = (await http.get(f"{V1}/cases/case_1")).json()
        assert (told["status"], told["error"]) == ("accepted", found.error)
        assert is_problem(await lead.get(f"{V1}/cases/case_1"), 404)


async def _worked(work: Callable[..., Any], *, rounds: int) -> None:
    """Work in the background for so many rounds."""

    class Over(Exception):
        pass

    async def sleep(_: float) -> None:
        nonlocal rounds
        rounds -= 1
        await asyncio.sleep(0.02)
        if not rounds:
            raise Over

    with pytest.raises(Over):
        await work(sleep=sleep)


async def test_a_case_is_investigated_by_one_of_two_servers(
    teamed_home: Settings, plain_case: str
) -> None:
    async with open_investigator(teamed_home) as one, open_investigator(teamed_home) as two:
        await one.store.submissions.put(plain_case, "analyst", utc_now())
        works = (Submissions(each, teamed_home.home, utc_now, at_once=2) for each in (one, two))
        rounds = (_worked(work.keep_draining, rounds=60) for work in works)
        await asyncio.gather(*rounds)
        assert len(await one.store.runs()) == 1
        log = [event.kind.value for event in await one.store.log.of(plain_case)]
    assert log.count("entered") == 1


HOSTILE: list[tuple[str, bytes, int]] = [
    ("no JSON", b"{", 400),
    ("no UTF-8", b'{"case_id": "\xff"}', 400),
    ("nothing", b"", 422),
    ("a list", b"[]", 422),
    ("a number", b'{"case_id": 1}', 422),
    ("an unknown field", b'{"case_id": "a", "more": 1}', 422),
    ("an unknown field that is no text", b'{"case_id": "a", "\\ud800": 1}', 422),
    ("NUL", b'{"case_id": "a\\u0000"}', 422),
    ("a lone surrogate", b'{"case_id": "\\ud800"}', 422),
    ("a path", b'{"case_id": "../../etc/passwd"}', 422),
    ("too long", json.dumps({"case_id": "a" * 201}).encode(), 422),
    ("deep", b"[" * 100_000, 400),
    ("too large", b" " * (LARGEST_BODY + 1), 413),
]


@pytest.mark.parametrize(
    ("body", "status"), [one[1:] for one in HOSTILE], ids=[h[0] for h in HOSTILE]
)
async def test_a_body_that_does_not_fit_is_told_so(
    teamed_home: Settings, serve: Serve, once: Once, body: bytes, status: int
) -> None:
    async with serve(teamed_home) as client, client("analyst") as http:
        headers = {**once(), "content-type": "application/json"}
        assert is_problem(await http.post(f"{V1}/cases", content=body, headers=headers), status)


@pytest.mark.parametrize(
    "factor",
    ["1e999999", "nan", "-inf", "9" * 400, 1e308, 2**53, -(10**400), "\u0000", "yes\r\n", None, []],
)
async def test_no_value_of_a_factor_breaks_anything(
    waiting: Settings, plain_case: str, serve: Serve, once: Once, factor: Any
) -> None:
    async with serve(waiting) as client, client("senior") as http:
        decision = (await http.get(f"{V1}/cases/{plain_case}/decision")).json()
        for one in decision["factors"]:
            body = {"act": "edit", "codes": ["E4"], "factors": {one["name"]: factor}}
            answer = await http.post(f"{V1}/cases/{plain_case}/review", json=body, headers=once())
            assert is_problem(answer, 422), one["name"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"offset": str(10**30)},
        {"offset": "-1"},
        {"whose": "' OR 1=1 --"},
        {"held": "maybe"},
        {"no_such_filter": "1"},
        {"sop": "a\u0000"},
        {"sop": ""},
        {"sop": ["x"] * 51},
    ],
)
async def test_a_filter_that_does_not_fit_is_told_so(
    teamed_home: Settings, serve: Serve, query: dict[str, Any]
) -> None:
    async with serve(teamed_home) as client, client("lead") as http:
        assert is_problem(await http.get(f"{V1}/queue", params=query), 422)


@pytest.mark.parametrize("name", ["sop", "region", "language", "route", "channel"])
async def test_sql_in_a_filter_is_a_word_like_any_other(
    waiting: Settings, serve: Serve, name: str
) -> None:
    async with serve(waiting) as client, client("lead") as http:
        for word in ("' OR 1=1 --", '"; DROP TABLE queue; --', "%", "x') UNION SELECT 1 --"):
            found = await http.get(f"{V1}/queue", params={name: word})
            assert found.json() == {"items": [], "total": 0}
        assert (await http.get(f"{V1}/queue")).json()["total"] == 1
        assert (await http.get(f"{V1}/runs", params={"case_id": "' OR 1=1 --"})).json()[
            "items"
        ] == []


async def test_http_has_its_way(waiting: Settings, plain_case: str, serve: Serve) -> None:
    case = f"{V1}/cases/{plain_case}"
    async with serve(waiting) as client, client("lead") as http:
        for method, path, allowed in (
            ("DELETE", case, {"GET", "HEAD"}),
            ("POST", case, {"GET", "HEAD"}),
            ("GET", f"{case}/claim", {"POST"}),
            ("PUT", f"{case}/undo", {"GET", "HEAD", "POST"}),
            ("PATCH", f"/cases/{plain_case}/undo", {"GET", "HEAD", "POST"}),
            ("OPTIONS", f"{case}/claim", {"POST"}),
            ("HEAD", f"{case}/claim", {"POST"}),
        ):
            answer = await http.request(method, path)
            assert answer.status_code == 405
            assert {one.strip() for one in answer.headers["allow"].split(",")} == allowed
        whole, head = await http.get(case), await http.head(case)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == whole.headers["content-length"]
        assert is_problem(await http.get(f"{V1}/nowhere"), 404)
        assert is_problem(await http.get(f"{case}/"), 404)


async def test_nobody_gets_anything_but_the_description(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    async with serve(waiting) as client, client("") as nobody:
        for path, method in _routes():
            filled = path.format(case_id=plain_case, number=1)
            answer = await nobody.request(method, filled, headers=once())
            if path.endswith("openapi.json"):
                assert answer.json()["openapi"].startswith("3.1")
            else:
                assert is_problem(answer, 401), path


def _routes() -> list[tuple[str, str]]:
    paths = described(API)["paths"]
    return [(path, method.upper()) for path, item in paths.items() for method in item]


def test_every_route_has_its_right_its_words_and_its_failures() -> None:
    paths = described(API)["paths"]
    names = []
    for path, method in _routes():
        assert (method, path) in RIGHTS
        told = paths[path][method.lower()]
        names.append(told["operationId"])
        assert told["tags"]
        assert told["description"]
        assert "405" in told["responses"]
        if method == "POST":
            header = next(one for one in told["parameters"] if one["in"] == "header")
            assert (header["required"], header["name"]) == (True, "Idempotency-Key")
    assert len(set(names)) == len(names)
    assert {key for key in RIGHTS if key[1].startswith(V1)} == {(m, p) for p, m in _routes()}


def test_the_reason_codes_are_those_of_the_handbook() -> None:
    assert {
        act: set(get_args(get_args(shape.model_fields["codes"].annotation)[0]))
        for act, shape in ACTS.items()
    } == {act: set(codes) for act, codes in REASON_CODES.items()}


def test_the_docs_list_every_endpoint_and_what_it_takes() -> None:
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    rows = re.findall(r"^\| `(GET|POST) (/api/v1[^`]*)` \| ([^|]+) \|", page, re.MULTILINE)
    written = {(method, path): needs.strip() for method, path, needs in rows}
    assert written == {key: needs.value for key, needs in RIGHTS.items() if key[1].startswith(V1)}

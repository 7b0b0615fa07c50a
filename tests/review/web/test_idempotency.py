from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casewright.errors import SourceUnavailable
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.idempotency import ABANDONED_S, KEPT_S, Entry, Idempotency
from review.desk import Desk

Serve = Callable[..., Any]
Once = Callable[[], dict[str, str]]

NOW = datetime(2026, 6, 3, 8, tzinfo=UTC)
V1 = "/api/v1"
REPLAYED = "idempotent-replayed"


async def test_the_same_request_is_answered_again_and_not_done_again(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    path, key = f"{V1}/cases/{plain_case}/review", once()
    body = {"act": "approve", "codes": ["A1"]}
    async with serve(waiting) as client, client("senior") as http:
        first = await http.post(path, json=body, headers=key)
        again = await http.post(path, json=body, headers=key)
        anew = await http.post(path, json=body, headers=once())
    assert (first.status_code, REPLAYED in first.headers) == (200, False)
    assert (again.status_code, again.headers[REPLAYED]) == (200, "true")
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert anew.status_code == 409
    async with Store.open(waiting.home) as store:
        kinds = [one.kind.value for one in await store.log.of(plain_case)]
    assert kinds.count("reviewed") == 1


async def test_a_refusal_is_an_answer_too(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    key = once()
    async with serve(waiting) as client, client("senior") as http:
        first = await http.post(f"{V1}/cases/nowhere/claim", headers=key)
        again = await http.post(f"{V1}/cases/nowhere/claim", headers=key)
        assert first.status_code == again.status_code == 404
        assert again.headers[REPLAYED] == "true"
        assert again.headers["content-type"] == "application/problem+json"
        assert again.content == first.content


async def test_a_location_belongs_to_the_answer(
    teamed_home: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    key = once()
    async with serve(teamed_home) as client, client("analyst") as http:
        for _ in range(2):
            answer = await http.post(f"{V1}/cases", json={"case_id": plain_case}, headers=key)
            assert (answer.status_code, answer.headers["location"]) == (
                202,
                f"{V1}/cases/{plain_case}",
            )


async def test_a_key_serves_one_request_of_one_member(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    case, key = f"{V1}/cases/{plain_case}", once()
    async with serve(waiting) as client, client("senior") as http, client("legal") as other:
        assert (await http.post(f"{case}/claim", headers=key)).status_code == 200
        for path, body in ((f"{case}/renew", None), (f"{case}/claim?x=1", None)):
            answer = await http.post(path, json=body, headers=key)
            assert answer.status_code == 422
            assert "another request" in answer.json()["detail"]
        taken = await other.post(f"{case}/claim", headers=key)
        assert (taken.status_code, REPLAYED in taken.headers) == (409, False)


async def test_one_of_many_at_once_does_it_and_the_others_are_told(
    waiting: Settings, plain_case: str, serve: Serve, once: Once
) -> None:
    path, key = f"{V1}/cases/{plain_case}/review", once()
    body = {"act": "approve", "codes": ["A1"]}
    async with serve(waiting) as client, client("senior") as http:
        calls = (http.post(path, json=body, headers=key) for _ in range(8))
        answers = await asyncio.gather(*calls)
    done = [one for one in answers if one.status_code == 200]
    waited = [one for one in answers if one.status_code == 409]
    assert len(done) + len(waited) == 8
    assert len([one for one in done if REPLAYED not in one.headers]) == 1
    assert all(one.headers["retry-after"] for one in waited)
    async with Store.open(waiting.home) as store:
        kinds = [one.kind.value for one in await store.log.of(plain_case)]
    assert kinds.count("reviewed") == 1


@pytest.mark.parametrize(
    "key", ["", "short", "with space", "ünicode-key", "x" * 256, "tab\tinside", "12345678\u007f"]
)
async def test_a_key_that_is_missing_or_wrong_is_told_so(
    waiting: Settings, plain_case: str, serve: Serve, key: str
) -> None:
    async with serve(waiting) as client, client("senior") as http:
        headers = {"Idempotency-Key": key.encode()} if key else {}
        answer = await http.post(f"{V1}/cases/{plain_case}/claim", headers=headers)
        assert answer.status_code == 400
        assert "Idempotency-Key" in answer.json()["detail"]


async def test_what_came_to_nothing_may_be_sent_again_with_its_key(
    waiting: Settings,
    plain_case: str,
    serve: Serve,
    once: Once,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case, key = f"{V1}/cases/{plain_case}", once()
    async with serve(waiting) as client, client("senior") as http:
        wrong = await http.post(f"{case}/hold", json={"until": "tomorrow"}, headers=key)
        assert wrong.status_code == 422
        body = {"until": (datetime.now(UTC) + timedelta(hours=1)).isoformat(), "why": "x"}
        with monkeypatch.context() as patch:
            patch.setattr(Desk, "hold", _away)
            assert (await http.post(f"{case}/hold", json=body, headers=key)).status_code == 502
        held = await http.post(f"{case}/hold", json=body, headers=key)
        assert (held.status_code, REPLAYED in held.headers) == (200, False)


async def _away(*_: object) -> None:
    raise SourceUnavailable("The source does not answer.")


async def test_reading_needs_no_key(waiting: Settings, serve: Serve) -> None:
    async with serve(waiting) as client, client("senior") as http:
        assert (await http.get(f"{V1}/queue")).status_code == 200


async def test_who_dies_before_the_answer_is_kept_may_ask_again(tmp_path: Path) -> None:
    async with Store.open(tmp_path) as store:
        kept = store.idempotency
        assert await kept.begin("ana", "key", "d1", NOW) is None
        assert await kept.begin("ana", "key", "d1", NOW) == Entry("d1", 0, {}, "")
        late = NOW + timedelta(seconds=ABANDONED_S)
        assert await kept.begin("ana", "key", "d1", late) is None
        await kept.finish("ana", "key", 200, {"location": "/x"}, "{}")
        answered = Entry("d1", 200, {"location": "/x"}, "{}")
        assert await kept.begin("ana", "key", "d1", late) == answered
        almost = late + timedelta(seconds=KEPT_S - 1)
        assert await kept.begin("ana", "key", "d1", almost) == answered
        assert await kept.begin("ana", "key", "d2", late + timedelta(seconds=KEPT_S)) is None


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    acts=st.lists(
        st.tuples(
            st.sampled_from(["ana", "ben"]),
            st.sampled_from(["k1", "k2"]),
            st.sampled_from(["d1", "d2"]),
            st.sampled_from(["finish", "drop", "die"]),
        ),
        max_size=12,
    )
)
def test_a_key_is_begun_once_until_it_is_dropped(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, str, str, str]]
) -> None:
    home = tmp_path_factory.mktemp("keys")
    known: dict[tuple[str, str], Entry] = {}

    async def work() -> None:
        async with Store.open(home) as store:
            for member, key, digest, end in acts:
                found = await store.idempotency.begin(member, key, digest, NOW)
                assert found == known.get((member, key))
                if found is not None:
                    continue
                known[member, key] = Entry(digest, 0, {}, "")
                if end == "finish":
                    await store.idempotency.finish(member, key, 200, {}, digest)
                    known[member, key] = Entry(digest, 200, {}, digest)
                elif end == "drop":
                    await store.idempotency.drop(member, key)
                    del known[member, key]

    asyncio.run(work())


async def test_who_dies_after_the_act_has_done_it_once(
    waiting: Settings,
    plain_case: str,
    serve: Serve,
    once: Once,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def gone(*_: object) -> None:
        """As a process that died before it wrote the answer down."""

    path, key = f"{V1}/cases/{plain_case}/review", once()
    body = {"act": "approve", "codes": ["A1"]}
    async with serve(waiting) as client, client("senior") as http:
        with monkeypatch.context() as patch:
            patch.setattr(Idempotency, "finish", gone)
            await http.post(path, json=body, headers=key)
        under_way = await http.post(path, json=body, headers=key)
        assert (under_way.status_code, "retry-after" in under_way.headers) == (409, True)
        later = datetime.now(UTC) + timedelta(seconds=ABANDONED_S)
        async with Store.open(waiting.home) as store:
            assert await store.idempotency.begin("another", "key", "digest", later) is None
        again = await http.post(path, json=body, headers=key)
        assert again.status_code == 409
        assert "does not wait" in again.json()["detail"]
    async with Store.open(waiting.home) as store:
        kinds = [one.kind.value for one in await store.log.of(plain_case)]
    assert kinds.count("reviewed") == 1

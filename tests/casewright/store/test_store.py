from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from casewright.errors import StoreCorrupt, UsageError, VerificationError
from casewright.models import ActionRecord, Evidence, Review, ReviewAct, Run, RunStatus
from casewright.store import Store


async def test_evidence_comes_back_as_it_was(
    store: Store, make_evidence: Callable[..., Evidence]
) -> None:
    kept = [
        make_evidence(),
        make_evidence(status="no_data", data=None, reason="carrier_not_connected", complete=False),
        make_evidence(data={"note": "\x00 \u202e 😀 ù", "n": [1e20, -0.5, 2**53 - 1, None, True]}),
    ]
    await store.put_evidence(kept)
    assert await store.evidence_of([item.digest for item in kept]) == {
        item.digest: item for item in kept
    }


async def test_evidence_is_kept_once_with_its_first_retrieval(
    store: Store,
    sql: Callable[..., Any],
    make_evidence: Callable[..., Evidence],
    noon: datetime,
) -> None:
    first, again = make_evidence(), make_evidence(retrieved_at=noon + timedelta(days=1))
    await store.put_evidence([first, first])
    await store.put_evidence([again])
    assert sql("SELECT count(*) FROM evidence") == [(1,)]
    assert (await store.evidence(again.digest)).retrieved_at == noon


async def test_nothing_to_keep_is_no_error(store: Store, sql: Callable[..., Any]) -> None:
    await store.put_evidence([])
    assert await store.evidence_of([]) == {}
    assert sql("SELECT count(*) FROM evidence") == [(0,)]


async def test_an_unknown_digest_is_told(
    store: Store, make_evidence: Callable[..., Evidence]
) -> None:
    known = make_evidence()
    await store.put_evidence([known])
    with pytest.raises(UsageError, match="no evidence 'ffff"):
        await store.evidence_of([known.digest, "f" * 64])


@pytest.mark.parametrize(
    "content",
    [
        '{"order_id":"O-2"}',
        "not json",
        "[]",
        "",
        '{"n":1' + "0" * 400 + "}",
    ],
)
async def test_content_that_was_replaced_is_detected(
    store: Store, sql: Callable[..., Any], make_evidence: Callable[..., Evidence], content: str
) -> None:
    evidence = make_evidence()
    await store.put_evidence([evidence])
    sql("UPDATE evidence SET content = ?", content)
    with pytest.raises(VerificationError, match=evidence.digest[:12]):
        await store.evidence(evidence.digest)


@pytest.mark.parametrize(
    ("genuine", "forged"),
    [
        ('"ship_by":"2026-06-01', '"ship_by":"2026-07-01'),
        ('"status":"ok"', '"status":"no_data"'),
        ('"complete":true', '"complete":false'),
        ('"O-1"', "1" + "0" * 400),
    ],
)
async def test_one_forged_value_is_detected(
    store: Store,
    sql: Callable[..., Any],
    make_evidence: Callable[..., Evidence],
    genuine: str,
    forged: str,
) -> None:
    evidence = make_evidence()
    await store.put_evidence([evidence])
    sql("UPDATE evidence SET content = replace(content, ?, ?)", genuine, forged)
    with pytest.raises(VerificationError):
        await store.evidence(evidence.digest)


async def test_evidence_put_under_another_digest_is_detected(
    store: Store, sql: Callable[..., Any], make_evidence: Callable[..., Evidence]
) -> None:
    await store.put_evidence([make_evidence()])
    sql("UPDATE evidence SET digest = ?", "a" * 64)
    with pytest.raises(VerificationError, match="changed after it was stored"):
        await store.evidence("a" * 64)


async def test_intact_evidence_leaves_out_what_is_gone_or_changed(
    store: Store, sql: Callable[..., Any], make_evidence: Callable[..., Evidence]
) -> None:
    good, changed = make_evidence(), make_evidence(source="orders")
    await store.put_evidence([good, changed])
    sql("UPDATE evidence SET content = '{}' WHERE digest = ?", changed.digest)
    kept = await store.intact_evidence([good.digest, changed.digest, "f" * 64, good.digest])
    assert kept == {good.digest: good}


NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
DATA = st.dictionaries(st.text(max_size=4), NUMBERS | st.text(max_size=9) | st.lists(NUMBERS))


@given(st.lists(DATA, min_size=1, max_size=20))
@hypothesis(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_whatever_was_kept_is_found_intact(
    store: Store, make_evidence: Callable[..., Evidence], answers: list[dict[str, Any]]
) -> None:
    kept = [make_evidence(data=data) for data in answers]
    await store.put_evidence(kept)
    found = await store.evidence_of(item.digest for item in kept)
    assert {digest: item.data for digest, item in found.items()} == {
        item.digest: item.data for item in kept
    }


# graph versions


async def test_a_version_once_kept_never_changes(store: Store, noon: datetime) -> None:
    await store.put_version("s@1+aa", "s", {"sop.yaml": "version: 1"}, at=noon)
    await store.put_version("s@1+aa", "s", {"sop.yaml": "forged"}, at=noon)
    await store.put_version("s@2+bb", "s", {"sop.yaml": "version: 2"}, at=noon)
    assert await store.version_files("s@1+aa") == {"sop.yaml": "version: 1"}
    assert await store.version_files("s@2+bb") == {"sop.yaml": "version: 2"}


async def test_a_version_is_found_by_its_beginning_where_only_one_begins_so(
    store: Store, noon: datetime
) -> None:
    for version in ("s@1+aa", "s@1+ab", "s@1+aab", "s_@1+aa"):
        await store.put_version(version, "s", {"sop.yaml": version}, at=noon)
    for name, version in (("s@1+ab", "s@1+ab"), ("s@1+aa", "s@1+aa"), ("s_", "s_@1+aa")):
        assert await store.version_files(name) == {"sop.yaml": version}
    with pytest.raises(UsageError, match="Several graph versions") as caught:
        await store.version_files("s@1")
    assert caught.value.remedy == "Name one of s@1+aa, s@1+aab, s@1+ab."


async def test_a_version_without_files_is_not_an_unknown_version(
    store: Store, noon: datetime
) -> None:
    await store.put_version("s@1+aa", "s", {}, at=noon)
    assert await store.version_files("s@1+aa") == {}
    with pytest.raises(UsageError, match=r"no graph version 's@9\+ff'"):
        await store.version_files("s@9+ff")


# runs


async def test_a_run_is_replaced_as_it_goes_on(
    store: Store, sql: Callable[..., Any], make_run: Callable[..., Run]
) -> None:
    run = make_run()
    await store.save_run(run)
    waiting = run.model_copy(update={"status": RunStatus.WAITING})
    await store.save_run(waiting)
    assert await store.run(run.run_id) == waiting
    assert await store.runs() == [waiting]
    assert sql("SELECT status FROM runs") == [("waiting",)]


async def test_a_run_or_a_case_that_never_entered_is_none(
    store: Store, make_run: Callable[..., Run]
) -> None:
    await store.save_run(make_run())
    assert await store.run("run-9") is None
    assert await store.latest_run("CASE-9") is None


async def test_the_latest_run_of_a_case_is_the_newest_to_start(
    store: Store, make_run: Callable[..., Run], make_case: Callable[..., Any]
) -> None:
    for run_id, minute in (("run-b", 1), ("run-c", 2), ("run-a", 0)):
        await store.save_run(make_run(run_id, minute=minute))
    other = make_run("run-d", minute=9, case=make_case(case_id="CASE-2"))
    await store.save_run(other)
    found = await store.latest_run("CASE-1")
    assert found is not None
    assert found.run_id == "run-c"


async def test_newest_is_by_instant_not_by_how_the_zone_is_written(
    store: Store, make_run: Callable[..., Run], noon: datetime
) -> None:
    early_in_the_east = noon.astimezone(timezone(timedelta(hours=8)))
    await store.save_run(make_run("run-1", started_at=early_in_the_east))
    await store.save_run(make_run("run-2", started_at=noon + timedelta(microseconds=1)))
    await store.save_run(make_run("run-3", started_at=noon + timedelta(seconds=1)))
    assert [run.run_id for run in await store.runs()] == ["run-1", "run-2", "run-3"]
    found = await store.latest_run("CASE-1")
    assert found is not None
    assert found.run_id == "run-3"


async def test_runs_that_start_together_have_one_order(
    store: Store, make_run: Callable[..., Run]
) -> None:
    for run_id in ("run-2", "run-3", "run-1"):
        await store.save_run(make_run(run_id))
    assert [run.run_id for run in await store.runs()] == ["run-1", "run-2", "run-3"]
    found = await store.latest_run("CASE-1")
    assert found is not None
    assert found.run_id == "run-3"


async def test_runs_are_listed_by_status_oldest_first_up_to_the_limit(
    store: Store, make_run: Callable[..., Run]
) -> None:
    for minute, status in enumerate([RunStatus.WAITING, RunStatus.DONE, RunStatus.WAITING]):
        await store.save_run(make_run(f"run-{9 - minute}", minute=minute, status=status))
    listed = [run.run_id for run in await store.runs(RunStatus.WAITING)]
    assert listed == ["run-9", "run-7"]
    assert [run.run_id for run in await store.runs(limit=2)] == ["run-9", "run-8"]
    assert await store.runs(RunStatus.FAILED) == []


async def test_a_run_is_saved_with_what_it_rests_on_and_who_acted(
    store: Store,
    sql: Callable[..., Any],
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    noon: datetime,
    record: Callable[..., ActionRecord],
) -> None:
    evidence = make_evidence()
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="r1", at=noon)
    actions = [
        record(evidence),
        record(evidence, "order_again"),
        ActionRecord(action="alerts", status="not_needed"),
    ]
    await store.put_evidence([evidence])
    for _ in range(2):  # a node that runs again after a crash writes the same once more
        await store.save_run(make_run(reviews=(review,)), actions=actions, review=review)
    links = sql("SELECT run_id, action, digest FROM run_evidence ORDER BY action")
    assert links == [
        ("run-1", "order", evidence.digest),
        ("run-1", "order_again", evidence.digest),
    ]
    assert sql("SELECT run_id, act, reviewer FROM reviews") == [("run-1", "approve", "r1")]


async def test_a_run_that_rests_on_unknown_evidence_is_not_saved_at_all(
    store: Store,
    sql: Callable[..., Any],
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    record: Callable[..., ActionRecord],
) -> None:
    before = make_run()
    await store.save_run(before)
    after = before.model_copy(update={"status": RunStatus.WAITING})
    with pytest.raises(IntegrityError):
        await store.save_run(after, actions=[record(make_evidence())])
    assert await store.run("run-1") == before
    assert sql("SELECT count(*) FROM run_evidence") == [(0,)]


async def test_a_run_whose_record_was_broken_is_told(
    store: Store, sql: Callable[..., Any], make_run: Callable[..., Run]
) -> None:
    await store.save_run(make_run())
    sql("UPDATE runs SET body = '{'")
    for read in (store.run("run-1"), store.latest_run("CASE-1"), store.runs()):
        with pytest.raises(StoreCorrupt, match="record of a run"):
            await read


async def test_times_are_written_in_utc(
    store: Store, sql: Callable[..., Any], make_run: Callable[..., Run], noon: datetime
) -> None:
    await store.save_run(make_run(started_at=noon.astimezone(timezone(timedelta(hours=-5)))))
    assert sql("SELECT started_at FROM runs") == [
        (datetime(2026, 6, 3, 12, tzinfo=UTC).isoformat(),)
    ]

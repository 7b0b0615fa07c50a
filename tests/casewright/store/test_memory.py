"""The store in memory does what the store on disk or on a server does, as far as a run goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from casewright.errors import UsageError
from casewright.models import ActionRecord, Evidence, Run, RunStatus
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.memory import MemoryStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def database(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def either(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Store]:
    if database == "memory":
        yield MemoryStore()
        return
    settings = Settings(home=tmp_path, store_url=request.getfixturevalue("store_url"))
    async with Store.at(settings) as store:
        yield store


async def test_evidence_is_kept_under_its_digest(
    either: Store, make_evidence: Callable[..., Evidence]
) -> None:
    one, later = make_evidence(), make_evidence(retrieved_at=NOW + timedelta(days=1))
    await either.put_evidence([one])
    await either.put_evidence([later])
    assert await either.evidence(one.digest) == one
    assert await either.evidence_of([one.digest, one.digest]) == {one.digest: one}
    assert await either.intact_evidence([one.digest, "f" * 64]) == {one.digest: one}
    with pytest.raises(UsageError, match="no evidence 'ffff"):
        await either.evidence_of([one.digest, "f" * 64])


async def test_a_run_is_replaced_and_what_it_rests_on_adds_up(
    either: Store,
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    record: Callable[..., ActionRecord],
) -> None:
    first, second = make_evidence(), make_evidence(tool="list_scans")
    await either.put_evidence([first, second])
    run = make_run()
    await either.save_run(run, actions=[record(first)])
    done = run.model_copy(update={"status": RunStatus.DONE})
    await either.save_run(done, actions=[record(second)])
    assert await either.run(run.run_id) == done
    assert await either.linked(run.run_id) == {first.digest, second.digest}
    assert await either.runs() == [done]
    assert await either.runs(RunStatus.WAITING) == []
    assert await either.run("none") is None
    assert await either.linked("none") == frozenset()


async def test_the_newest_run_of_a_case_counts(either: Store, make_run: Callable[..., Run]) -> None:
    older = make_run(run_id="b")
    newer = make_run(run_id="a", started_at=older.started_at + timedelta(seconds=1))
    for run in (newer, older):
        await either.save_run(run)
    assert await either.latest_run(older.case.case_id) == newer
    assert await either.latest_run("none") is None
    assert await either.runs(limit=1) == [older]


async def test_versions_stay_and_nobody_noted_anything(either: Store) -> None:
    await either.put_version("sop@1+ab", "sop", {"sop.yaml": "a"}, at=NOW)
    await either.put_version("sop@1+ab", "sop", {"sop.yaml": "b"}, at=NOW)
    assert await either.version_files("sop@1+ab") == {"sop.yaml": "a"}
    with pytest.raises(UsageError, match="no graph version"):
        await either.version_files("sop@2+cd")
    assert await either.notes.standing(NOW) == ()

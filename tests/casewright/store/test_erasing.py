"""Erasing a case takes its words and leaves a log that still holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casewright.audit import Actor, Kind
from casewright.errors import UsageError, VerificationError
from casewright.models import Case, Evidence, Review, ReviewAct, Run, RunStatus
from casewright.settings import Settings
from casewright.store import Store

DPO = Actor(role="admin", id="dpo")


async def closed(store: Store, run: Run, *items: Evidence, review: Review) -> None:
    await store.save_run(run)
    await store.put_evidence(items, run_id=run.run_id)
    ended = {"reviews": (review,), "status": RunStatus.DONE}
    await store.save_run(run.model_copy(update=ended), review=review)


def holding(folder: Path, word: bytes) -> list[str]:
    """The files of a folder in which a word stands."""
    return [file.name for file in folder.iterdir() if word in file.read_bytes()]


async def test_the_words_go_and_the_log_stays(
    store: Store,
    settings: Settings,
    make_case: Callable[..., Case],
    make_run: Callable[..., Run],
    make_evidence: Callable[..., Evidence],
    noon: Any,
) -> None:
    told = {"act": ReviewAct.APPROVE, "codes": ("A2",), "reviewer": "qa", "at": noon}
    own, shared = make_evidence(data={"name": "Ann Quill"}), make_evidence(data={"name": "a"})
    case = make_case(text="I am Ann Quill.")
    run = make_run(case=case)
    await closed(store, run, own, shared, review=Review(note="Ann Quill is right", **told))
    other = make_run("run-2", case=make_case(case_id="B"))
    await closed(store, other, shared, review=Review(**told))
    before = await store.log.of("CASE-1")
    if not settings.store_url.get_secret_value():
        assert holding(settings.home, b"Quill")

    assert await store.erase("CASE-1", actor=DPO, at=noon) == (own.digest,)

    events = await store.log.of("CASE-1")
    assert events[:-1] == before
    assert (events[-1].kind, events[-1].actor) == (Kind.ERASED, DPO)
    assert events[-1].body["evidence"] == [own.digest]
    assert (await store.audited()).faults == ()
    assert await store.evidence(shared.digest) == shared
    with pytest.raises(VerificationError):
        await store.evidence(own.digest)
    found = await store.run("run-1")
    assert found is not None
    assert [one.reviewer for one in found.reviews] == ["qa"]
    assert not holding(settings.home, b"Quill")


async def test_what_is_taken_out_of_an_erased_case_is_still_found(
    store: Store, make_run: Callable[..., Run], sql: Callable[..., Any], noon: Any
) -> None:
    review = Review(act=ReviewAct.APPROVE, codes=("A1",), reviewer="qa", at=noon)
    await closed(store, make_run(), review=review)
    await store.erase("CASE-1", actor=DPO, at=noon)
    sql("UPDATE runs SET body = replace(body, 'qa', 'me')")
    assert [one.kind for one in (await store.audited()).faults] == [Kind.ERASED]


async def test_a_case_that_is_open_or_unknown_is_not_erased(
    store: Store, make_run: Callable[..., Run], noon: Any
) -> None:
    await store.save_run(make_run())
    with pytest.raises(UsageError, match="not closed"):
        await store.erase("CASE-1", actor=DPO, at=noon)
    with pytest.raises(UsageError, match="knows no case"):
        await store.erase("nobody", actor=DPO, at=noon)

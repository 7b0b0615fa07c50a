"""Answer windows: asked once, and decided without when the window closes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from casewright.models import Factor, Review, Run, RunStatus
from graphs.lapse import asked_by, resolved
from graphs.run import Investigator, Wish
from graphs.sop import Sop

Act = Callable[..., Review]


async def asked(investigator: Investigator, open_ids: list[str]) -> Run:
    """A late-dispatch case whose seller owes the manifest."""
    for case_id in open_ids:
        run = await investigator.investigate(case_id)
        if run.decision and [one.factor for one in run.decision.missing] == ["handover_proved"]:
            return run
    raise AssertionError("no open case lacks its manifest alone")


async def test_a_case_asked_in_vain_is_decided_and_not_asked_again(
    investigator: Investigator, open_ids: list[str], act: Act
) -> None:
    first = await asked(investigator, open_ids)
    case_id = first.case.case_id
    assert first.decision is not None
    assert first.decision.outcome == "request_information"
    await investigator.review(case_id, act("approve", "A1"))

    # A look before the window closes changes nothing, and does not open it anew.
    early = Wish(again=True, as_of=first.as_of + timedelta(days=6))
    still = await investigator.investigate(case_id, early)
    assert still.decision is not None
    assert still.decision.outcome == "request_information"

    late = Wish(again=True, as_of=first.as_of + timedelta(days=7))
    run = await investigator.investigate(case_id, late)
    assert run.decision is not None
    factor = run.decision.factor("handover_proved")
    assert factor.value is False
    assert factor.reason.startswith("not_supplied: the seller was asked as of ")
    assert run.decision.outcome in ("overturn", "uphold", "partial")
    assert "handover_proved" not in {one.factor for one in run.decision.missing}


async def test_a_question_that_was_not_sent_does_not_lapse(
    investigator: Investigator, open_ids: list[str]
) -> None:
    first = await asked(investigator, open_ids)
    assert first.status is RunStatus.WAITING
    assert asked_by(first) == {}
    assert asked_by(None) == {}


def test_what_has_come_in_counts_and_unread_text_stays_open(late: Sop) -> None:
    then = datetime(2026, 6, 1, tzinfo=UTC)
    put = {"handover_proved": then, "statement_contradicts_scans": then}
    now = then + timedelta(days=30)
    proved = Factor(name="handover_proved", value=True)
    unread = Factor(name="statement_contradicts_scans", reason="nobody has read the text yet")
    assert resolved([proved, unread], put, now, late.factors) == (proved, unread)
    silent = unread.model_copy(update={"waits_for": ("appeal",)})
    (told,) = resolved([silent], put, now, late.factors)
    assert told.value is False
    (open_,) = resolved([silent], put, then, late.factors)
    assert open_ == silent

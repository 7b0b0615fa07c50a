"""How far a batch is, and what people are told of it."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from syrupy.assertion import SnapshotAssertion

from casewright.batching import Batch, Ended, Ending, Plan, Tally
from casewright.cost import Cost
from graphs.estimate import Estimate, Share, render_estimate
from graphs.progress import Progress, percentile
from graphs.standing import Standing, render_standing, render_standings
from graphs.summary import Summary, render_summary, summary_of
from graphs.teller import Bar, JsonLines, Lines, Quiet, Teller, told_to

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


class Timer:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ended(number: int, seconds: float = 1.0, outcome: str = "uphold", error: str = "") -> Ended:
    ending = Ending(
        status="failed" if error else "waiting",
        outcome="" if error else outcome,
        route="" if error else "review",
        error=error,
        cost=Cost(model_calls=2, tokens_in=900, tokens_out=60, micros=1_250),
        currency="EUR",
        seconds=seconds,
        slowest=("gather", seconds / 2),
        at=NOW,
    )
    return Ended(number=number, case_id=f"case_{number}", ending=ending)


def going(timer: Timer, cases: int = 100) -> Progress:
    """Twelve cases that ended, two a second, one of them for good."""
    progress = Progress(Tally(pending=cases), timer)
    for number in range(1, 12):
        timer.now += 0.5
        progress.add(ended(number, seconds=number / 2, outcome="uphold" if number % 3 else "waive"))
    timer.now += 0.5
    progress.add(ended(12, error="The source does not answer."))
    return progress


def test_it_counts_what_ends_and_says_how_fast_and_until_when() -> None:
    progress = going(Timer())
    told = progress.told()
    assert (told["done"], told["of"], told["parked"]) == (12, 100, 1)
    assert told["rate"] == pytest.approx(2.0)
    assert told["left_s"] == pytest.approx(44.0)
    assert told["outcomes"] == {"uphold": 8, "waive": 3}
    assert told["micros"] == 12 * 1_250
    assert told["slowest"]["step"] == "gather"
    assert progress.percentiles() == {"p50": 2.5, "p95": 5.5, "p99": 5.5}


def test_the_rate_forgets_what_was_long_ago_and_falls_while_nothing_ends() -> None:
    timer = Timer()
    progress = going(timer)
    timer.now += 60
    stalled = progress.rate
    assert stalled < 0.3
    for number in range(13, 1500):
        timer.now += 0.1
        progress.add(ended(number))
    assert progress.rate == pytest.approx(10, rel=0.1)


def test_before_anything_ends_no_time_is_promised() -> None:
    progress = Progress(Tally(pending=3), Timer())
    assert (progress.rate, progress.left_s, progress.slowest) == (0.0, None, ("", 0.0))


def test_what_the_store_counted_already_is_not_counted_again() -> None:
    progress = Progress(Tally(pending=10), Timer())
    progress.add(ended(1))
    progress.stands(Tally(pending=4, leased=3, ended=3))  # two more, of which we hear late
    progress.add(ended(2))
    progress.add(ended(3))
    assert progress.tally == Tally(pending=4, leased=3, ended=3)
    progress.add(ended(4))
    assert (progress.tally.ended, progress.tally.leased, progress.here) == (4, 2, 4)


@given(st.integers(0, 30), st.lists(st.booleans(), max_size=40))
def test_nothing_is_lost_in_counting(leased: int, fails: list[bool]) -> None:
    start = Tally(pending=50, leased=leased)
    progress = Progress(start, Timer())
    for number, failed in enumerate(fails, start=1):
        progress.add(ended(number, error="x" if failed else ""))
    assert progress.tally.total == start.total
    assert progress.tally.over == len(fails)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_one_of_the_values_that_so_many_do_not_exceed(
    values: list[float], share: int
) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(one <= found for one in values) * 100 >= share * len(values)


def lines_of(shown: RenderableType) -> str:
    console = Console(width=100, color_system=None, force_terminal=False)
    with console.capture() as captured:
        console.print(shown, soft_wrap=True)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def a_batch(state: str = "stopped", why: str = "interrupted") -> Batch:
    plan = Plan(chosen="the open queue, by sla", max_micros=2_000_000, currency="EUR")
    fields = {"batch_id": "20260610-120000-ab12", "at": NOW, "author": "kim", "plan": plan}
    return Batch.model_validate({**fields, "state": state, "why": why})


def a_summary(parked: int = 1, timer: Timer | None = None) -> Summary:
    timer = timer or Timer()
    progress = going(timer)
    progress.stands(
        Tally(ended=20, parked=parked, pending=70, leased=0, cancelled=9, micros=99_000, retried=3)
    )
    failed = [ended(n, error="The source \x1b[2J does not answer.") for n in range(1, parked + 1)]
    limits = {"requests per minute": 0.714, "CPU": 0.281, "starting": 0.005}
    return summary_of(a_batch(), progress, failed, limits=limits, shared=1_234)


def test_the_summary_reads_well(snapshot: SnapshotAssertion) -> None:
    assert lines_of(render_summary(a_summary())) == snapshot


def test_a_long_list_of_failures_is_cut(snapshot: SnapshotAssertion) -> None:
    shown = lines_of(render_summary(a_summary(parked=25)))
    assert "25 failed:" in shown
    assert "case_20 " in shown
    assert "case_21 " not in shown
    assert "and 5 more" in shown
    assert "casewright batch retry 20260610-120000-ab12" in shown


def test_a_batch_that_is_over_names_no_next_step() -> None:
    done = Summary(batch_id="b", state="ended", tally=Tally(ended=2))
    assert "resume" not in lines_of(render_summary(done))


def test_standings_read_well(snapshot: SnapshotAssertion) -> None:
    tally = Tally(ended=20, parked=1, pending=70, micros=99_000)
    standing = Standing.of(a_batch(), tally, [ended(1, error="The source does not answer.")])
    assert lines_of(render_standing(standing)) == snapshot(name="one")
    assert lines_of(render_standings([standing])) == snapshot(name="all")
    assert "There is no batch yet" in lines_of(render_standings([]))


def test_an_estimate_reads_well(snapshot: SnapshotAssertion) -> None:
    known = {"runs": 40, "model_calls": 1.5, "tokens": 800.0, "micros": 1_250.0, "timed": 30}
    shares = (
        Share(sop="late_shipment_appeal", cases=200, seconds=1.5, unpriced=0.0, **known),
        Share(sop="refund_abuse", cases=20),
    )
    found = Estimate(
        chosen="the open queue, by sla",
        cases=220,
        skipped={"at their gate already": 12, "the filter does not hold": 3},
        held={"20260610-120000-ab12": 4},
        shares=shares,
        concurrency=8,
        micros=None,
        currency="EUR",
        seconds=None,
    )
    assert lines_of(render_estimate(found)) == snapshot(name="a part")
    whole = found.model_copy(
        update={"shares": shares[:1], "cases": 200, "skipped": {}, "held": {}, "micros": 250_000}
    )
    assert lines_of(render_estimate(whole)) == snapshot(name="whole")


def a_console(*, terminal: bool = False) -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, width=160, force_terminal=terminal, color_system=None), file


def test_a_log_is_told_a_line(snapshot: SnapshotAssertion) -> None:
    console, file = a_console()
    lines, progress = Lines(console), going(Timer())
    lines.begin("b-1", progress)
    lines.tick(progress, "model requests per minute")
    assert file.getvalue() == snapshot


def test_programs_are_told_json_lines() -> None:
    console, file = a_console()
    teller, progress = JsonLines(console), going(Timer())
    teller.begin("b-1", progress)
    teller.tick(progress, "CPU")
    teller.say("Stopping: [2] :smile:")
    begun, went, said = map(json.loads, file.getvalue().splitlines())
    assert (begun["event"], begun["batch_id"], begun["of"]) == ("begun", "b-1", 100)
    assert (went["event"], went["done"], went["limited_by"]) == ("progress", 12, "CPU")
    assert said == {"event": "note", "text": "Stopping: [2] :smile:"}


@pytest.mark.parametrize(
    ("terminal", "given", "kind"),
    [
        (True, {}, Bar),
        (False, {}, Lines),
        (True, {"jsonl": True}, JsonLines),
        (True, {"quiet": True}, Quiet),
    ],
)
def test_each_reader_has_a_teller(terminal: bool, given: dict[str, bool], kind: type) -> None:
    console, file = a_console(terminal=terminal)
    found: Teller
    asked = {"quiet": False, "jsonl": False, **given}
    with told_to(console, beside=False, **asked) as found:
        assert type(found) is kind
        found.tick(going(Timer()), "CPU")
    assert ("12 of 100" in file.getvalue() or '"done": 12' in file.getvalue()) is (
        kind is not Quiet
    )

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from syrupy.assertion import SnapshotAssertion

from casewright.models import (
    Citation,
    Claim,
    Decision,
    Evidence,
    Factor,
    MissingInformation,
    ModelCall,
    Money,
    Opinion,
    Precedent,
    Route,
    Run,
    RunStatus,
)
from casewright.render import render_citation, render_queue, render_run, visible
from casewright.waiting import Listed, Waiting

ATTACK = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\nDecision: overturn\u202e[bold red]x[/]"
"""Sets a title, clears the screen, fakes a line, reverses text and opens markup."""


def shown(renderable: RenderableType, *, terminal: bool = False, width: int = 100) -> str:
    console = Console(
        file=io.StringIO(),
        width=width,
        no_color=True,
        force_terminal=terminal,
        color_system=None,
        highlight=False,
        legacy_windows=False,
    )
    console.print(renderable)
    assert isinstance(console.file, io.StringIO)
    return "\n".join(line.rstrip() for line in console.file.getvalue().split("\n"))


def listed_case(due: datetime, **changed: Any) -> Waiting:
    known = {
        "run_id": "run-1",
        "case_id": "CASE-1",
        "case_type": "appeal.late_dispatch",
        "sop": "late_dispatch_appeal",
        "graph_version": "late_dispatch_appeal@1+ab",
        "region": "US",
        "language": "en",
        "channel": "appeal",
        "route": "review",
        "outcome": "overturn",
        "seller_id": "sel_1",
        "impact": Money(cents=12_300, currency="USD"),
        "stake_cents": 3_500,
        "stability": 2,
        "interim": False,
        "due_at": due,
        "since": due,
    }
    return Waiting.model_validate(known | changed)


SCAN = Citation(
    kind="evidence",
    reference="3f" * 32,
    pointer="/items/0/at",
    quote="2026-06-02T07:15:00Z",
    label="scans/items/0/at",
)
STATEMENT = Citation(
    kind="evidence",
    reference="a0" * 32,
    pointer="/statement",
    quote="The courier did not come on Monday, although I had the parcel [packed] and ready.",
    excerpt=True,
    label="appeal/statement",
)
CLAUSE = Citation(
    kind="policy",
    reference="SHIP-4.1@2026-03-01",
    quote="An order counts as late if its first scan is after ship-by.",
    label="SHIP-4.1",
)
PRECEDENT = Citation(
    kind="precedent", reference="b1" * 32, pointer="/items/0", quote={"n": 1}, label="CASE-77"
)


@pytest.fixture(scope="session")
def decision(noon: Any) -> Decision:
    return Decision(
        outcome="request_information",
        row=0,
        factors=(
            Factor(name="dispatched_in_time", value=False),
            Factor(name="carrier", value="DHL"),
            Factor(name="days_late", value=2),
            Factor(name="seller_blames_carrier", value=True, by="model"),
            Factor(name="carrier_outage", reason="alerts: carrier_not_connected"),
        ),
        claims=(
            Claim(sentence="The first scan is after ship-by.", citations=(SCAN, CLAUSE)),
            Claim(
                sentence="The seller blames the carrier.", citations=(STATEMENT, SCAN), rests=False
            ),
            Claim(
                sentence="The carrier had an outage.",
                citations=(PRECEDENT,),
                struck="the quote is not in the evidence",
            ),
            Claim(sentence="A like case was upheld.", citations=(PRECEDENT,), rests=False),
        ),
        precedents=(
            Precedent(
                case_id="CASE-77",
                outcome="uphold",
                closed_at=noon,
                similarity=0.031,
                situation="First scan two days after ship-by; the seller named a courier who"
                " never came, and no alert of the carrier covers the day.",
            ),
        ),
        missing=(
            MissingInformation(
                factor="carrier_outage",
                actions=("alerts",),
                party="seller",
                question="Do you have the carrier's notice of the outage?",
                answer_days=7,
            ),
            MissingInformation(
                factor="seller_blames_carrier", actions=(), party="reviewer", question="Read it."
            ),
        ),
        stability=1,
        route=Route.SENIOR,
        reasons=("The impact is above the limit.",),
        graph_version="late_shipment_appeal@2+0f",
    )


@pytest.fixture(scope="session")
def waiting(make_run: Callable[..., Run], decision: Decision) -> Run:
    return make_run(status=RunStatus.WAITING, decision=decision)


def test_a_waiting_run(waiting: Run, snapshot: SnapshotAssertion) -> None:
    assert shown(render_run(waiting)) == snapshot


def test_a_waiting_run_without_its_citations(waiting: Run, snapshot: SnapshotAssertion) -> None:
    assert shown(render_run(waiting, citations=False)) == snapshot


def test_a_closed_run_that_nothing_is_missing_from(
    make_run: Callable[..., Run], decision: Decision, snapshot: SnapshotAssertion
) -> None:
    settled = {"outcome": "uphold", "row": 4, "missing": (), "precedents": (), "reasons": ()}
    run = make_run(status=RunStatus.DONE, decision=decision.model_copy(update=settled))
    assert shown(render_run(run)) == snapshot


@pytest.mark.parametrize("status", [RunStatus.RUNNING, RunStatus.FAILED, RunStatus.DONE])
def test_a_run_without_a_decision(
    make_run: Callable[..., Run], snapshot: SnapshotAssertion, status: RunStatus
) -> None:
    error = "The source does not answer." if status is RunStatus.FAILED else ""
    assert shown(render_run(make_run(status=status, error=error))) == snapshot


def test_what_each_reader_said(
    make_run: Callable[..., Run], decision: Decision, snapshot: SnapshotAssertion
) -> None:
    opinions = (
        Opinion(factor="blames_carrier", by="rule", reason="phrases for no and yes were found"),
        Opinion(
            factor="blames_carrier",
            by="classifier",
            answer="yes",
            probability=0.715,
            quote="The courier did [not] come\x1b[2J",
            reason="0.71 sure; 0.90 is asked for",
        ),
        Opinion(
            factor="blames_carrier",
            by="model",
            answer="yes",
            quote="The courier did not come on Monday.",
            taken=True,
        ),
    )
    read = Factor(name="blames_carrier", value=True, by="model", opinions=opinions)
    update = {"factors": (*decision.factors, read), "claims": ()}
    assert shown(render_run(make_run(decision=decision.model_copy(update=update)))) == snapshot


def test_an_empty_queue(snapshot: SnapshotAssertion) -> None:
    assert shown(render_queue(Listed(items=(), total=0))) == snapshot


def test_a_queue(noon: datetime, snapshot: SnapshotAssertion) -> None:
    held = {"held_until": noon, "held_for": "the carrier's answer"}
    claimed = {"claimed_by": "ana", "lease_until": noon}
    items = (
        listed_case(noon, **claimed),
        listed_case(noon, case_id="CASE-2", impact=Money(cents=5, currency="USD"), **held),
        listed_case(noon, case_id="CASE-3", assigned_to="bo", stake_cents=1_234_500),
    )
    assert shown(render_queue(Listed(items=items, total=9))) == snapshot


def test_a_citation_followed_to_its_evidence(
    make_evidence: Callable[..., Evidence], snapshot: SnapshotAssertion
) -> None:
    evidence = make_evidence(
        tool="list_scans",
        data={"items": [{"at": "2026-06-02T07:15:00Z", "note": "in [Köln]\nat the depot"}]},
        source="logistics",
    )
    assert shown(render_citation(1, SCAN, evidence)) == snapshot


def test_a_citation_of_a_clause(snapshot: SnapshotAssertion) -> None:
    clause = CLAUSE.model_copy(update={"quote": f"{CLAUSE.quote}\nIt counts once."})
    assert shown(render_citation(2, clause, None)) == snapshot


@pytest.mark.parametrize(
    ("value", "told"),
    [(True, "yes"), (False, "no"), (0, "0"), (3, "3"), (0.5, "0.5"), ("DHL", "DHL"), ("", "")],
)
def test_a_factor_shows_its_value_and_not_whether_it_is_true(
    make_run: Callable[..., Run], decision: Decision, value: Any, told: str
) -> None:
    factor = Factor(name="the_factor", value=value, by="human")
    run = make_run(decision=decision.model_copy(update={"factors": (factor,)}))
    (line,) = (line for line in shown(render_run(run)).splitlines() if "the_factor" in line)
    assert line.split() == ["the_factor", *([told] if told else []), "human"]


@pytest.mark.parametrize(
    ("stability", "told"), [(None, "no flip changes it"), (1, "1 flip"), (2, "2 flips")]
)
def test_stability_is_told_in_words(
    make_run: Callable[..., Run], decision: Decision, stability: int | None, told: str
) -> None:
    run = make_run(decision=decision.model_copy(update={"stability": stability}))
    assert f"stability {told}\n" in shown(render_run(run))


def test_a_long_quote_is_shortened_and_can_be_followed_in_full(
    make_run: Callable[..., Run], decision: Decision, make_evidence: Callable[..., Evidence]
) -> None:
    long = STATEMENT.model_copy(update={"quote": "word " * 40 + "end"})
    claim = Claim(sentence="s", citations=(long,))
    run = make_run(decision=decision.model_copy(update={"claims": (claim,)}))
    assert "word" in shown(render_run(run))
    assert "end" not in shown(render_run(run))
    assert "end" in shown(render_citation(1, long, make_evidence()))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\x1b[31mred", "⟨U+001B⟩[31mred"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("a\r\nb\tc", "a⟨U+000D⟩⟨U+000A⟩b⟨U+0009⟩c"),
        ("\u202egnirts", "⟨U+202E⟩gnirts"),
        ("hid\u200bden\U000e0041", "hid⟨U+200B⟩den⟨U+E0041⟩"),
        ("half\ud800", "half⟨U+D800⟩"),
        ("\u2028", "⟨U+2028⟩"),
    ],
)
def test_what_steers_or_hides_is_shown_by_its_number(text: str, told: str) -> None:
    assert visible(text) == told


@pytest.mark.parametrize(
    "text", ["Straße 7, [bold]", "نمی\u200cشود", "क्\u200dष", "👩\u200d⚖️", "訴え", "ñ\u0303"]
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def hostile(make_run: Callable[..., Run], make_case: Callable[..., Any], text: str) -> Run:
    """A run in which whatever a source, a party or a model can write is ``text``."""
    cited = Citation(kind="precedent", reference=text, quote={text: [text]}, label=text)
    clause = Citation(kind="policy", reference=text, quote=text, label=text)
    precedent = {"case_id": text, "outcome": text, "similarity": 1, "situation": text}
    closed = make_case().opened_at
    decision = Decision(
        outcome=text,
        row=1,
        factors=(Factor(name=text, value=text), Factor(name="n", reason=text)),
        claims=(
            Claim(sentence=text, citations=(cited, clause)),
            Claim(sentence=text, struck=text),
        ),
        precedents=(Precedent.model_validate(precedent | {"closed_at": closed}),),
        missing=(
            MissingInformation(factor=text, actions=(text,), party="seller", question=text),
            MissingInformation(factor=text, actions=(), party="buyer", question=text),
        ),
        reasons=(text,),
        graph_version=text,
    )
    case = make_case(case_id=text, region=text)
    return make_run(
        case=case, sop=text, decision=decision, error=text, status="failed", graph_version=text
    )


def everything(run: Run, evidence: Evidence) -> list[RenderableType]:
    assert run.decision is not None
    cited, clause = run.decision.citations
    waiting = run.model_copy(update={"status": RunStatus.WAITING})
    text = run.case.case_id
    queued = listed_case(run.updated_at, case_id=text, claimed_by=text, held_for=text, outcome=text)
    held = queued.model_copy(update={"held_until": run.updated_at, "held_for": text})
    queue = Listed(items=(queued, held), total=2)
    parts = (render_run(run), render_run(waiting), render_queue(queue))
    return [*parts, render_citation(1, cited, evidence), render_citation(2, clause, None)]


def safe(character: str) -> bool:
    unseen = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return character in "\n\u200c\u200d" or not unseen


NASTY = st.sampled_from("\x1b\x07\r\n\x9b\x9d\u202e\u2066\u2028\u200b\ufeff[]\\")
TEXTS = st.text(st.characters(codec="utf-8") | NASTY, max_size=12)


@settings(max_examples=25, deadline=None)
@given(text=TEXTS)
def test_nothing_that_was_written_reaches_the_terminal_as_a_command(
    make_run: Callable[..., Run],
    make_case: Callable[..., Any],
    make_evidence: Callable[..., Evidence],
    text: str,
) -> None:
    evidence = make_evidence(tool=text, request={text: text}, data={text: [text]}, source=text)
    for part in everything(hostile(make_run, make_case, text), evidence):
        printed = shown(part)
        assert not [character for character in printed if not safe(character)]


def test_an_attack_is_printed_as_what_it_is(
    make_run: Callable[..., Run], make_case: Callable[..., Any], snapshot: SnapshotAssertion
) -> None:
    printed = shown(render_run(hostile(make_run, make_case, ATTACK)), terminal=True)
    assert "\x1b" not in printed
    assert not any(line.strip().startswith("Decision: overturn") for line in printed.splitlines())
    assert printed == snapshot


@pytest.mark.parametrize("filling", range(60, 100, 3))
def test_a_long_claim_cannot_wrap_into_a_headline(
    make_run: Callable[..., Run], decision: Decision, filling: int
) -> None:
    claim = Claim(sentence=f"{'x' * filling} Decision: overturn", struck="no quote")
    run = make_run(decision=decision.model_copy(update={"claims": (claim,)}))
    lines = shown(render_run(run)).splitlines()
    headlines = [line for line in lines if line.startswith("Decision:")]
    assert headlines == ["Decision: request_information   route senior   stability 1 flip"]


def test_a_case_id_cannot_add_to_the_command_that_is_suggested(
    make_run: Callable[..., Run], make_case: Callable[..., Any]
) -> None:
    run = make_run(case=make_case(case_id="C-1; rm -r ~"), status=RunStatus.WAITING)
    assert "review approve 'C-1; rm -r ~' --code A1" in shown(render_run(run))


def test_markup_in_what_a_party_wrote_is_text(
    make_run: Callable[..., Run],
    make_case: Callable[..., Any],
    make_evidence: Callable[..., Evidence],
) -> None:
    text = "[red]x[/red] [link=http://a.b]c[/link] [/nonsense] :skull:"
    evidence = make_evidence(tool=text, data={"note": text}, source=text)
    for part in everything(hostile(make_run, make_case, text), evidence):
        assert text in shown(part, width=1000)


def test_a_decision_tells_what_it_cost(waiting: Run, decision: Decision) -> None:
    call = ModelCall(endpoint="e", model="m", tokens_in=900, micros=1_500, currency="EUR")
    dear = decision.model_copy(update={"cost": call.cost, "calls": (call,)})
    told = shown(render_run(waiting.model_copy(update={"decision": dear})))
    assert "Cost: 1 model call, 900 tokens in, 0 out, 0.0015 EUR" in told
    assert "Cost:" not in shown(render_run(waiting))

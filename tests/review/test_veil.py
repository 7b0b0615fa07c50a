"""The veil: what is planted anywhere in a case is shown nowhere, and quotes stay quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from jsonpointer import resolve_pointer

from casewright.audit import Kind
from casewright.clock import utc_now
from casewright.enforcement import Enforced, PlannedAction
from casewright.errors import Forbidden, UsageError
from casewright.models import (
    Case,
    Citation,
    Claim,
    Decision,
    Evidence,
    EvidenceStatus,
    Factor,
    MissingInformation,
    Money,
    Opinion,
    Precedent,
    Review,
    ReviewAct,
    Run,
    RunStatus,
)
from casewright.narrative import Narrative, Told
from casewright.reveal import Reveal, RevealReason
from casewright.settings import Settings
from casewright.team import Membership, Role, Team
from graphs.run import open_investigator
from review.desk import Desk
from review.veil import Veil, Veiled, veiled

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TOKEN = re.compile(r"\[[A-Z]+_\d+[a-z]*\]")

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=9)
NAMES = st.builds(lambda one, two: f"{one.title()} {two.title()}", LETTERS, LETTERS)
EMAILS = st.builds(lambda one, two: f"{one}@{two}.com", LETTERS, LETTERS)
PHONES = st.integers(1000, 9999).map(lambda number: f"+1 415 555 {number}")
STREETS = st.builds(
    lambda number, name: f"{number} {name.title()} Street", st.integers(1, 99), LETTERS
)
IBANS = st.sampled_from(["DE89370400440532013000", "GB29NWBK60161331926819"])
TAX = st.integers(100_000_000, 999_999_999).map(lambda number: f"DE{number}")


@st.composite
def persons(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "legal_name": draw(NAMES),
        "email": draw(EMAILS),
        "phone": draw(PHONES),
        "address": {"street": draw(STREETS), "city": draw(LETTERS).title() + "ville"},
        "iban": draw(IBANS),
        "tax_number": draw(TAX),
    }


def values(person: dict[str, Any]) -> Iterator[str]:
    for value in person.values():
        yield from values(value) if isinstance(value, dict) else [value]


def frozen(tool: str, data: dict[str, Any], *untrusted: str, **request: Any) -> Evidence:
    return Evidence.freeze(
        tool=tool,
        request=request,
        status=EvidenceStatus.OK,
        data=data,
        untrusted=untrusted,
        as_of=NOON,
        retrieved_at=NOON,
    )


def quoting(item: Evidence, pointer: str, part: slice | None = None) -> Citation:
    quote = resolve_pointer(item.data, pointer)
    return Citation(
        kind="evidence",
        reference=item.digest,
        pointer=pointer,
        quote=quote if part is None else quote[part],
        excerpt=part is not None,
        label=f"x{pointer}",
    )


def planted(person: dict[str, Any], part: slice) -> tuple[Run, dict[str, Evidence]]:
    """A run that says everything of a person, in every field that can hold words."""
    person = {"email": "a@b.com", "address": {"street": "1 Elm Street"}} | person
    said = " | ".join(values(person))
    prose = f"Dear team, I am {person['legal_name']}: {said}. Regards"
    account = frozen("get_account", {**person, "account_id": "acc_000012"}, seller_id="sel_00007")
    appeal = frozen(
        "get_appeal",
        {"statement": prose, "contact": person["email"], "files": [{"label": said}]},
        "/statement",
        about=person["legal_name"],
    )
    citations = (
        quoting(account, "/legal_name"),
        quoting(account, "/address"),
        quoting(account, "/account_id"),
        quoting(appeal, "/statement"),
        quoting(appeal, "/files/0/label"),
        quoting(appeal, "/statement", part),
    )
    excerpt = citations[-1].quote
    claim = Claim(sentence=f'It says "{excerpt}", and that is {said}', citations=citations)
    opinion = Opinion(factor="f", by="model", answer="yes", quote=prose[5:60], reason=said)
    factor = Factor(
        name="f", value=said, by="model", reason=said, citations=citations, opinions=(opinion,)
    )
    told = Told(sentence=f"One reads {said}", claims=(1,), by="model")
    write = PlannedAction(do="notify", arguments={"to": said, "email": "x"}, key="ab" * 32)
    decision = Decision(
        outcome="uphold",
        row=1,
        factors=(factor,),
        claims=(claim,),
        reasons=(said,),
        precedents=(
            Precedent(
                case_id="case_1", outcome="uphold", closed_at=NOON, similarity=1, situation=said
            ),
        ),
        missing=(
            MissingInformation(
                factor="f", actions=("a",), party="seller", question=f"Is it {said}?"
            ),
        ),
        enforcement=(write,),
        narrative=Narrative(language="en", supports=(told,)),
        graph_version="s@1+ab",
    )
    run = Run(
        run_id="r",
        case=Case(
            case_id="case_000001",
            case_type="appeal.late_dispatch",
            subject={"appeal_id": "app_000003"},
            seller_id="sel_00007",
            region="DE",
            channel="on-call",
            opened_at=NOON,
            impact=Money(cents=1, currency="USD"),
            text=prose,
        ),
        sop="s",
        graph_version="s@1+ab",
        as_of=NOON,
        status=RunStatus.WAITING,
        decision=decision,
        reviews=(Review(act=ReviewAct.REJECT, codes=("R1",), reviewer="ana", note=said, at=NOON),),
        enforced=(Enforced(write=write, answer={"message": said}, reason=said),),
        error=said,
        started_at=NOON,
        updated_at=NOON,
    )
    return run, {item.digest: item for item in (account, appeal)}


def everything(shown: Veiled) -> str:
    evidence = [one.model_dump(mode="json") for one in shown.evidence.values()]
    whole = [shown.run.model_dump(mode="json"), evidence]
    return json.dumps(whole, ensure_ascii=False).casefold()


PARTS = st.tuples(st.integers(0, 120), st.integers(1, 80)).map(lambda p: slice(p[0], p[0] + p[1]))


@hypothesis(deadline=None, max_examples=40)
@given(person=persons(), part=PARTS, shapes=st.booleans())
def test_nothing_that_is_planted_is_shown(
    person: dict[str, Any], part: slice, shapes: bool
) -> None:
    run, evidence = planted(person, part)
    shown = veiled(run, evidence, shapes=shapes)
    text = everything(shown)
    assert [one for one in values(person) if one.casefold() in text] == []
    assert "acc_000012" in text
    assert "sel_00007" in text
    assert Run.model_validate_json(shown.run.model_dump_json()) == shown.run


@hypothesis(deadline=None, max_examples=40)
@given(person=persons(), part=PARTS, shapes=st.booleans())
def test_quotes_stay_quotes_of_what_is_shown(
    person: dict[str, Any], part: slice, shapes: bool
) -> None:
    run, evidence = planted(person, part)
    shown = veiled(run, evidence, shapes=shapes)
    assert run.decision
    assert shown.run.decision
    for before, after in zip(
        run.decision.claims[0].citations, shown.run.decision.claims[0].citations, strict=True
    ):
        assert (before.reference, before.pointer) == (after.reference, after.pointer)
        value = resolve_pointer(shown.evidence[after.reference].data, after.pointer)
        assert after.quote in value if after.excerpt else after.quote == value


@hypothesis(deadline=None, max_examples=40)
@given(people=st.lists(persons(), min_size=2, max_size=4), shapes=st.booleans())
def test_one_value_has_one_token_and_no_two_share_one(
    people: list[dict[str, Any]], shapes: bool
) -> None:
    run, evidence = planted(people[0], slice(0, 9))
    items = [frozen("get_account", one, number=n) for n, one in enumerate(people)]
    shown = veiled(run, evidence | {one.digest: one for one in items}, shapes=shapes)
    tokens: dict[str, set[str]] = {}
    for item, person in zip(items, people, strict=True):
        data = shown.evidence[item.digest].data
        assert data is not None
        for value, token in zip(values(person), values(data), strict=True):
            assert TOKEN.fullmatch(token), token
            tokens.setdefault(value, set()).add(token)
    assert all(len(found) == 1 for found in tokens.values())
    assert len(set().union(*tokens.values())) == len(tokens)


@hypothesis(deadline=None, max_examples=40)
@given(name=st.text(min_size=1, max_size=30), shapes=st.booleans())
@example(name="on-call", shapes=True)
@example(name="USD", shapes=True)
@example(name="auto-eligible", shapes=True)
@example(name="[PERSON_1]", shapes=True)
@example(name="waiting", shapes=False)
@example(name=".*(", shapes=True)
def test_whatever_somebody_is_called_the_record_still_reads(name: str, shapes: bool) -> None:
    run, evidence = planted({"legal_name": name, "email": name}, slice(0, 20))
    shown = veiled(run, evidence, shapes=shapes).run
    assert Run.model_validate_json(shown.model_dump_json()) == shown
    assert (shown.case.channel, shown.case.impact.currency) == ("on-call", "USD")


def test_without_presidio_whole_texts_are_hidden_and_ids_stay() -> None:
    person = {"legal_name": "Maria Lopez", "email": "m@example.com"}
    run, evidence = planted(person, slice(0, 20))
    shown = veiled(run, evidence, shapes=False)
    assert shown.whole
    assert TOKEN.fullmatch(shown.run.case.text)
    assert shown.run.case.subject == {"appeal_id": "app_000003"}
    assert shown.run.decision
    assert "[TEXT_" in shown.run.decision.claims[0].sentence


# at the desk

TEAM = {role.value: Membership(roles=(role,)) for role in Role}


async def test_the_desk_hides_until_it_is_revealed(sourced: Settings, plain_case: str) -> None:
    moment = [utc_now()]
    async with open_investigator(sourced) as investigator:
        await investigator.investigate(plain_case)
        plain = await investigator.store.latest_run(plain_case)
        assert plain

        def desk(name: str) -> Desk:
            team = Team.of(TEAM)
            return Desk(investigator, name, lambda: moment[0], team=team, veil=Veil())

        ana, other = desk("reviewer"), desk("senior")
        shown, masked = await ana.shown(plain_case)
        assert masked
        citation, item = await ana.follow(plain_case, 1)
        assert shown.decision
        assert citation == shown.decision.citations[0]
        records = await ana.records(plain_case)
        assert item is None or records[item.digest] == item
        with pytest.raises(UsageError, match="takes a reason"):
            await ana.reveal(plain_case, "curious")
        with pytest.raises(UsageError, match="takes a reason"):
            await ana.reveal(plain_case, "other", " ")
        with pytest.raises(Forbidden):
            await desk("analyst").reveal(plain_case, "decide")
        with pytest.raises(Forbidden):
            await desk("qa").shown(plain_case)
        await ana.reveal(plain_case, "decide")
        assert await ana.shown(plain_case) == (plain, False)
        assert (await other.shown(plain_case)).masked
        moment[0] += timedelta(minutes=31)
        assert not await ana.revealed(plain_case)
        await ana.claim(plain_case)  # for who has the case it holds on, as long as a claim can
        assert await ana.revealed(plain_case)
        events = await investigator.store.log.of(plain_case)
    seen = [one.body.get("masked") for one in events if one.kind is Kind.VIEWED]
    assert seen[0] is True
    assert seen.count(None) >= 1
    assert [one.actor.id for one in events if one.kind is Kind.REVEALED] == ["reviewer"]


def test_a_reveal_ends() -> None:
    one = Reveal(case_id="c", member="m", reason=RevealReason.DECIDE, at=NOON)
    at = [NOON + timedelta(minutes=minutes) for minutes in (29, 30, 59, 60)]
    assert [one.holds(moment, claimed=False) for moment in at] == [True, False, False, False]
    assert [one.holds(moment, claimed=True) for moment in at] == [True, True, True, False]


async def test_what_was_erased_is_not_shown_from_memory(tmp_path: Path) -> None:
    run, evidence = planted({"legal_name": "Maria Lopez"}, slice(0, 20))
    veil = Veil(keeps=1)
    assert await veil.over(run, evidence) == veil.held(run)
    assert veil.held(run.model_copy(update={"decision": None})) is None
    await veil.over(run.model_copy(update={"run_id": "s"}), evidence)
    assert veil.held(run) is None

"""A planted leak of every channel is found, and a clean suite passes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.trained import Classifier, Estimate, encoded, learned_name
from casewright.models import (
    Case,
    ClosedCase,
    Evidence,
    EvidenceStatus,
    GoldCase,
    Money,
    Note,
    NoteScope,
)
from casewright.registry import load_plugins
from casewright.settings import Settings
from casewright.store import Store
from evals.gold import load_gold
from evals.leaks import Leak, LeakFound, Suite, on_both_sides, settled, twice
from evals.leaks_check import Material, check
from evals.leaks_evidence import answers_in
from evals.leaks_precedents import served
from evals.leaks_texts import Haystack, Text, named, of_folder
from evals.leaks_training import taught, told_of_training
from evals.live import live_bench
from evals.new import of_settled
from evals.suite import Look
from graphs import remember as remembering
from graphs.catalog import Catalog
from graphs.classifiers import keep_classifiers, question_digest
from graphs.remember import remember
from graphs.sop import Sop
from knowledge_base.precedents import Precedents
from tools.base import Tool
from tools.inbox import closed_cases
from tools.named import inbox_of, source_of

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
TYPE = "appeal.late_dispatch"
TEXT = "On the third of May the carrier's lorry broke down at our door and nobody came before noon"
Write = Callable[..., GoldCase]


def case(case_id: str = "case_000001", seller: str = "sel_00001", **more: Any) -> Case:
    fields: dict[str, Any] = {
        "case_id": case_id,
        "case_type": TYPE,
        "subject": {"appeal_id": f"app_{case_id[5:]}"},
        "seller_id": seller,
        "region": "US",
        "channel": "appeal",
        "opened_at": AS_OF - 48 * HOUR,
        "impact": Money(cents=100, currency="USD"),
    }
    return Case(**fields | more)


def past(entered: Case, *, closed: datetime = AS_OF - HOUR, **more: Any) -> ClosedCase:
    held = {"outcome": "overturn", "situation": "The lorry was late.", "facts": {"late": True}}
    return ClosedCase(case=entered, closed_at=closed, **held | more)


@pytest.fixture
def one(gold: Write) -> GoldCase:
    return gold("case_000001", seller_id="sel_00001")


def suite(one: GoldCase, entered: Case | None = None, *closed: ClosedCase) -> Suite:
    entered = entered or case()
    return Suite([one], {entered.case_id: entered}, {c.case.case_id: c for c in closed})


def channels(leaks: Iterator[Leak] | list[Leak]) -> list[tuple[str, str]]:
    return [(leak.case_id, leak.channel) for leak in leaks]


def test_a_case_that_was_settled_by_then_leaks(one: GoldCase) -> None:
    assert channels([*settled(suite(one, None, past(case(), closed=AS_OF)))]) == [
        ("case_000001", "evidence")
    ]
    assert not [*settled(suite(one, None, past(case(), closed=AS_OF + HOUR)))]


def frozen(data: Any, as_of: datetime = AS_OF) -> Evidence:
    return Evidence.freeze(
        tool="list_appeals",
        request={},
        status=EvidenceStatus.OK,
        data=data,
        source="s",
        as_of=as_of,
        retrieved_at=AS_OF,
    )


def appeals(appeal_id: str, outcome: str) -> dict[str, Any]:
    return {"items": [{"appeal_id": appeal_id, "outcome": outcome}]}


def test_a_record_of_its_own_decision_leaks_and_that_of_another_does_not() -> None:
    own = frozen(appeals("app_000001", "overturned"))
    assert [*answers_in(case(), [own], AS_OF)] == [
        "list_appeals says at /items/0/outcome how it ended: overturned"
    ]
    pending, other = appeals("app_000001", "pending"), appeals("app_000002", "upheld")
    assert not [*answers_in(case(), [frozen(pending), frozen(other)], AS_OF)]


def test_evidence_of_a_later_moment_leaks() -> None:
    (told,) = answers_in(case(), [frozen({}, AS_OF + HOUR)], AS_OF)
    assert "after the as-of time" in told


@pytest.fixture
def knowledge(tmp_path: Path) -> Iterator[Precedents]:
    with Precedents.open(tmp_path / "knowledge") as opened:
        yield opened


def test_a_party_that_the_guard_is_not_told_of_leaks_a_precedent(
    one: GoldCase, knowledge: Precedents
) -> None:
    earlier = past(case("case_000009", "sel_00001"))
    knowledge.ingest([earlier])
    related = {"case_000009": earlier}
    # The gold case says whose it is; the source's record of it names another account.
    renamed = suite(one, case(seller="sel_00555"))
    (leak,) = served(renamed, related, knowledge)
    assert (leak.channel, "case_000009 is served" in leak.what) == ("precedents", True)
    assert not [*served(suite(one), related, knowledge)]
    linked = case(seller="sel_00555", linked_seller_ids=("sel_00001",))
    assert not [*served(suite(one, linked), related, knowledge)]


def test_a_search_that_serves_the_case_itself_is_found(one: GoldCase) -> None:
    """The check asks what a run asks: were the guard broken, it would say so."""
    own = past(case())

    class Unguarded(Precedents):
        def search(self, case: Case, **_: Any) -> Any:
            return [own.case]

    (leak,) = served(suite(one), {"case_000001": own}, Unguarded.__new__(Unguarded))
    assert (leak.case_id, leak.channel) == ("case_000001", "precedents")


@pytest.fixture(scope="module")
def refunds() -> Sop:
    return Catalog(load_plugins().all("tool", Tool)).load("refund_abuse")


def trained(sop: Sop, until: datetime, *learned: str, seller: str = "sel_00444") -> Classifier:
    return Classifier(
        factor="fault_shown",
        question=question_digest(sop.factors["fault_shown"]),
        answers=("no", "yes"),
        embedder="e",
        weights=encoded(np.ones((1, 2))),
        bias=(0.0,),
        threshold=0.9,
        until=until,
        estimate=Estimate(cases=40, right=38, answered=20, right_answered=20),
        learned_cases=frozenset(map(learned_name, learned)),
        learned_sellers=frozenset({learned_name(seller)}),
    )


def with_classifier(sop: Sop, classifier: Classifier) -> Sop:
    return replace(sop, classifiers={classifier.factor: classifier})


def test_a_classifier_that_learned_from_a_case_and_answers_for_it_leaks(
    gold: Write, refunds: Sop
) -> None:
    mine = suite(gold("case_000001", case_type="aftersales.refund_abuse", seller_id="sel_00001"))
    taught_it = trained(refunds, AS_OF - HOUR, "case_000001", seller="sel_00001")
    assert channels(taught(mine, with_classifier(refunds, taught_it))) == [
        ("case_000001", "training")
    ]
    # One that abstains tells nothing, and that is worth knowing.
    later = with_classifier(refunds, trained(refunds, AS_OF, "case_000001"))
    assert not [*taught(mine, later)]
    assert "abstains in 1 cases" in next(iter(told_of_training(mine, later)))
    # Earlier cases of its seller tell no answer either.
    known = with_classifier(
        refunds, trained(refunds, AS_OF - HOUR, "case_000002", seller="sel_00001")
    )
    assert not [*taught(mine, known)]
    assert "earlier cases of the sellers of 1 cases" in next(iter(told_of_training(mine, known)))


@pytest.mark.parametrize(
    "content",
    ["as in case_000001", "appeal: app_000001,", f"Example: {TEXT.upper()}."],
    ids=["the case", "its subject", "its words"],
)
def test_a_case_that_stands_in_a_prompt_leaks(one: GoldCase, content: str) -> None:
    texts = [Text("the prompt read.md", "Read."), Text("sop.yaml of s", content)]
    (leak,) = named(suite(one, case(text=TEXT)), Haystack.of(texts))
    assert (leak.channel, leak.what.endswith("sop.yaml of s")) == ("prompts", True)


def test_short_ids_and_common_words_are_no_leak(one: GoldCase) -> None:
    short = case(subject={"kind": "late", "no": "12"}, text="The carrier's lorry broke down again.")
    texts = [Text("sop.yaml of s", f"late 12 case_0000012 {TEXT}")]
    assert not [*named(suite(one, short), Haystack.of(texts))]


def test_a_file_beside_gold_yaml_leaks(one: GoldCase, tmp_path: Path) -> None:
    for name in ("gold.yaml", "sop.yaml", "mine.yaml", "answers.csv"):
        (tmp_path / name).write_text("case_000001,overturn", "utf-8")
    (tmp_path / "scan.png").write_bytes(b"\xff\xfe\x00")
    texts = of_folder(tmp_path, ["sop.yaml"], [tmp_path / "mine.yaml"])
    (leak,) = named(suite(one), Haystack.of(texts))
    assert leak.channel == "sop folder"
    assert leak.what.endswith(f"{tmp_path.name}/answers.csv")


def test_the_same_matter_twice_is_found(gold: Write) -> None:
    cases = [gold("case_000001"), gold("case_000002"), gold("case_000003")]
    same = case("case_000002", subject={"appeal_id": "app_000001"})
    mine = Suite(cases, {"case_000001": case(), "case_000002": same}, {})
    assert channels([*twice(mine)]) == [("case_000002", "twice")]
    again = Suite([gold("case_000001"), gold("case_000001", seed=7)], {}, {})
    assert channels([*twice(again)]) == [("case_000001", "twice")]


def test_a_party_in_another_file_is_found(gold: Write) -> None:
    mine = suite(gold("case_000001", seller_id="sel_00001"), case(party_ids=("buy_1",)))
    bought = case("case_000002", "sel_00002", party_ids=("buy_1",))
    other = suite(gold("case_000002", seller_id="sel_00002"), bought)
    (leak,) = on_both_sides(mine, other)
    assert (leak.channel, "shares buy_1" in leak.what) == ("sides", True)
    linked = case("case_000002", "sel_00002", linked_seller_ids=("sel_00001",))
    other = suite(gold("case_000002", seller_id="sel_00002"), linked)
    assert [*on_both_sides(mine, other)]
    assert not [*on_both_sides(mine, other, linked=False)]


@pytest.fixture
async def ready(
    worlds: Callable[[int], Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings of a small world of which some closed cases are remembered: embedding takes time."""

    async def some(source: Any) -> AsyncIterator[ClosedCase]:
        for one in [one async for one in closed_cases(source)][::15]:
            yield one

    monkeypatch.setattr(remembering, "closed_cases", some)
    found = worlds(7).model_copy(update={"home": tmp_path / "remembered"})
    await remember(found)
    return found


@pytest.fixture
def every(worlds: Callable[[int], Settings]) -> tuple[GoldCase, ...]:
    return load_gold(worlds(7).home / "sandbox" / "gold.jsonl")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog(load_plugins().all("tool", Tool))


async def test_the_gold_of_a_simulated_world_is_clean(
    ready: Settings, every: tuple[GoldCase, ...], catalog: Catalog
) -> None:
    material = Material(
        [*map(catalog.load, catalog.names())], [*map(catalog.folder, catalog.names())]
    )
    checked = await check(every, ready, material)
    assert (checked.cases, checked.leaks, checked.told) == (len(every), (), ())
    checked.require_clean()


async def test_planted_leaks_are_found_where_they_lie(
    worlds: Callable[[int], Settings], every: tuple[GoldCase, ...], refunds: Sop, tmp_path: Path
) -> None:
    """In the source, the home folder and the SOP's folder, by what a run would use."""
    first, second, third, *_ = [one for one in every if one.case_type == refunds.spec.case_type]
    gold = [first.model_copy(update={"seller_id": "sel_99999"}), second, third]
    home = tmp_path / "home"
    home.mkdir()
    keep_classifiers(refunds, home, [trained(refunds, first.as_of - HOUR, first.case_id)])
    async with Store.open(home) as store:
        await store.notes.put(
            Note(
                note_id="n1",
                text=f"{second.case_id} was a trick",
                author="ann",
                reason="I read it",
                scope=NoteScope(),
                written_at=AS_OF,
            )
        )
    (tmp_path / "right.txt").write_text(f"{third.case_id}: deny", "utf-8")
    apart = worlds(7).model_copy(update={"home": home})
    checked = await check(gold, apart, Material([refunds], [tmp_path]), others=[third])
    assert {(leak.case_id, leak.channel) for leak in checked.leaks} == {
        (first.case_id, "training"),
        (second.case_id, "prompts"),
        (third.case_id, "sop folder"),
        (third.case_id, "sides"),
    }
    with pytest.raises(LeakFound, match=rf"3 of 3 gold .*{first.case_id} \(training\).*Keep gold"):
        checked.require_clean()


async def test_a_past_case_sees_its_moment_and_nobody_of_its_matter(ready: Settings) -> None:
    """A backtest: evidence and precedents of the as-of time, though all is known by now."""
    async with source_of(ready) as source:
        inbox = inbox_of(ready, source)
        every = {one.case.case_id: one async for one in closed_cases(inbox, TYPE)}
        past_cases = of_settled(every.values(), after=48 * HOUR, now=await inbox.now()).closed
    gold = [one.gold for one in past_cases][-6:]
    seen = 0
    async with live_bench(ready) as bench:
        for one in gold:
            run = await bench.judge(Look(case_id=one.case_id, as_of=one.as_of))
            facts = (await bench.seen(one.case_id)).facts
            assert facts is not None
            assert {item.as_of for item in facts.evidence.values()} == {one.as_of}
            assert run.decision is not None
            for found in (*run.decision.precedents, *run.decision.contrast):
                seen += 1
                assert found.closed_at < one.as_of < every[one.case_id].closed_at
                other = every[found.case_id].case
                assert other.involved.isdisjoint(run.case.involved), found.case_id
    assert seen > 0

"""The leak guard against a brute-force filter, over random cases, links and as-of times."""

import inspect
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.models import Case, ClosedCase
from casewright.settings import Settings
from knowledge_base.embedding import Embedder
from knowledge_base.index import Index, Ranking
from knowledge_base.opened import open_knowledge
from knowledge_base.precedents import Precedents

Closer = Callable[..., ClosedCase]
World = tuple[list[ClosedCase], Precedents]

START = datetime(2026, 3, 1, tzinfo=UTC)
LATER = START + timedelta(days=30)
SELLERS = [f"S-{i}" for i in range(12)]
FAMILIES = ("appeal.late_dispatch", "payout.hold")
WORDS = ("outage", "strike", "late scan", "empty box", "invoice", "snow", "label", "refund")

sellers = st.sampled_from(SELLERS)
links = st.lists(sellers, max_size=3, unique=True).map(tuple)
BUYERS = [f"B-{i}" for i in range(8)]
buyers = st.lists(st.sampled_from(BUYERS), max_size=1).map(tuple)
CLAUSES = ("SHIP-4.1@2025-01-01", "SHIP-4.1@2026-03-01", "APL-2.1@2025-01-01")
clauses = st.frozensets(st.sampled_from(CLAUSES))


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, closed: Closer, start: datetime
) -> Iterator[World]:
    rng = random.Random(20260301)
    cases = [
        closed(
            f"c{i}",
            seller=rng.choice(SELLERS),
            linked=tuple(rng.sample(SELLERS, rng.choice([0, 0, 1, 2]))),
            family=FAMILIES[i % 4 == 0],
            day=rng.randrange(10),
            situation=" and ".join(rng.sample(WORDS, 2)),
            subject={"buyer_id": rng.choice(BUYERS)} if i % 3 == 0 else {},
            parties=(rng.choice(BUYERS),) if i % 5 == 0 else (),
            clauses=tuple(rng.sample(CLAUSES, rng.choice([0, 0, 1, 2]))),
            overturned_at=start + timedelta(days=rng.randrange(14)) if i % 6 == 0 else None,
        )
        for i in range(320)
    ]
    with Precedents.open(tmp_path_factory.mktemp("kb"), embedder=embedder) as base:
        base.ingest(cases)
        yield cases, base


def _forbidden(past: ClosedCase, case: Case, as_of: datetime, held: frozenset[str]) -> bool:
    """The guard's rules one by one, written apart from the product's."""
    theirs = {*past.case.subject.values(), *past.case.party_ids}
    return any(
        (
            past.case.case_type != case.case_type,
            past.closed_at >= as_of,
            past.case.case_id == case.case_id,
            past.case.seller_id == case.seller_id,
            past.case.seller_id in case.linked_seller_ids,
            case.seller_id in past.case.linked_seller_ids,
            set(case.linked_seller_ids) & set(past.case.linked_seller_ids),
            theirs & {*case.subject.values(), *case.party_ids},
            past.overturned_at is not None and past.overturned_at <= as_of,
            any(clause not in held for clause in past.clauses),
        )
    )


@settings(max_examples=80, deadline=None)
@given(
    number=st.integers(0, 340),
    seller=sellers,
    linked=links,
    buyer=buyers,
    held=clauses,
    family=st.sampled_from(FAMILIES),
    day=st.integers(0, 11),
    text=st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join),
    k=st.sampled_from([1, 5, 40, 320]),
)
def test_retrieval_is_exactly_as_deep_as_the_rules_allow(
    world: World,
    closed: Closer,
    start: datetime,
    number: int,
    seller: str,
    linked: tuple[str, ...],
    buyer: tuple[str, ...],
    held: frozenset[str],
    family: str,
    day: int,
    text: str,
    k: int,
) -> None:
    cases, base = world
    past = closed(f"c{number}", seller=seller, linked=linked, family=family, parties=buyer)
    case, as_of = past.case, start + timedelta(days=day)
    allowed = {one.case.case_id for one in cases if not _forbidden(one, case, as_of, held)}
    found = [p.case_id for p in base.search(case, as_of=as_of, text=text, k=k, in_force=held)]
    assert set(found) <= allowed
    assert len(found) == len(set(found)) == min(k, len(allowed))


@settings(max_examples=20, deadline=None)
@given(
    family=st.none() | st.sampled_from(FAMILIES),
    day=st.integers(0, 11),
    text=st.sampled_from(WORDS),
)
def test_browsing_sees_the_past_of_its_family_and_no_more(
    world: World, start: datetime, family: str | None, day: int, text: str
) -> None:
    cases, base = world
    as_of = start + timedelta(days=day)
    allowed = {
        past.case.case_id
        for past in cases
        if past.closed_at < as_of
        and family in (None, past.case.case_type)
        and not (past.overturned_at and past.overturned_at <= as_of)
    }
    found = {p.case_id for p in base.browse(text, case_type=family, as_of=as_of, k=400)}
    assert found == allowed


class _Careless(Index):
    """An index that answers from all families, whatever it is asked."""

    def rankings(
        self, text: str, case_type: str | None, before: datetime | None = None
    ) -> tuple[Ranking, Ranking]:
        return super().rankings(text, None)


def test_the_guard_does_not_lean_on_the_index(
    tmp_path: Path, embedder: Embedder, closed: Closer, start: datetime
) -> None:
    with Precedents(_Careless(tmp_path, embedder)) as base:
        base.ingest([closed("own"), closed("other", family="payout.hold")])
        case = closed("present", seller="S-1").case
        later = start + timedelta(days=1)
        assert [p.case_id for p in base.search(case, as_of=later, text="outage")] == ["own"]


PLANTED: dict[str, dict[str, Any]] = {
    "the case itself": {"case_id": "now"},
    "a later case": {"day": 5},
    "a case closed at the very moment": {"day": 1},
    "the same seller": {"seller": "S-1"},
    "an account linked to the seller": {"seller": "S-2"},
    "a seller whom that case links to this one": {"linked": ("S-1",)},
    "a seller linked to the same account": {"linked": ("S-2",)},
    "the same buyer as a subject": {"subject": {"buyer_id": "B-1"}},
    "the same buyer as a party": {"parties": ("B-1",)},
    "the same order": {"subject": {"order_id": "O-1"}},
    "overturned since": {"overturned_at": START + timedelta(hours=12)},
    "overturned at the very moment": {"overturned_at": START + timedelta(days=1)},
    "another version of a clause": {"clauses": ("SHIP-4.1@2025-01-01",)},
    "a repealed clause among others": {"clauses": ("SHIP-4.1@2026-03-01", "OLD-1@2024-01-01")},
    "another family": {"family": "payout.hold"},
}


@pytest.fixture(scope="module", params=["in process", "server"])
def planted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, closed: Closer
) -> Iterator[Precedents]:
    """Every leak, each nearer to the case than what may be seen, wherever Chroma is."""
    url = request.getfixturevalue("chroma") if request.param == "server" else ""
    settings = Settings(home=tmp_path_factory.mktemp("leaks"), knowledge_url=url)
    told = "The carrier had an outage on the day."
    leaks = [
        closed(more.pop("case_id", f"leak {n}"), situation=told, **more)
        for n, more in enumerate(map(dict, PLANTED.values()))
    ]
    clean = closed("clean", situation="A parcel.", clauses=("SHIP-4.1@2026-03-01",))
    upheld = closed("upheld", situation="A box.", overturned_at=START + timedelta(days=2))
    with open_knowledge(settings) as base:
        base.ingest([*leaks, clean, upheld])
        yield base


@pytest.mark.parametrize("number", range(len(PLANTED)), ids=list(PLANTED))
def test_no_planted_leak_is_retrieved(planted: Precedents, closed: Closer, number: int) -> None:
    """The case has seller S-1, who is linked to S-2, a buyer B-1 and an order O-1."""
    case = closed(
        "now", seller="S-1", linked=("S-2",), subject={"order_id": "O-1"}, parties=("B-1",)
    ).case
    leak = list(PLANTED.values())[number].get("case_id", f"leak {number}")
    found = planted.search(
        case,
        as_of=START + timedelta(days=1),
        text="The carrier had an outage on the day.",
        k=50,
        in_force=frozenset({"SHIP-4.1@2026-03-01", "APL-2.1@2025-01-01"}),
    )
    ids = {one.case_id for one in found}
    assert leak not in ids
    assert {"clean", "upheld"} <= ids


def test_whoever_names_no_clause_sees_no_decision_under_one(
    planted: Precedents, closed: Closer
) -> None:
    found = planted.search(closed("x", seller="S-9").case, as_of=LATER, text="outage parcel", k=50)
    assert found
    assert "clean" not in {one.case_id for one in found}


def test_no_parameter_and_no_setting_turns_the_guard_off() -> None:
    """Each way to ask takes what the guard needs and nothing that loosens it."""
    ways = {
        name: {one for one in inspect.signature(method).parameters if one != "self"}
        for name, method in inspect.getmembers(Precedents, inspect.isfunction)
        if not name.startswith("_") and "Precedent" in str(inspect.signature(method))
    }
    assert ways == {
        "search": {"case", "as_of", "text", "k", "in_force", "facts"},
        "examples": {"case", "as_of", "text", "per_outcome", "in_force", "facts"},
        "browse": {"text", "case_type", "as_of", "k"},
    }
    assert not [name for name in Settings.model_fields if "guard" in name or "leak" in name]

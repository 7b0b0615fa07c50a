"""The leak guard against a brute-force filter, over random cases, links and as-of times."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.models import Case, ClosedCase
from knowledge_base.embedding import Embedder
from knowledge_base.index import Index, Ranking
from knowledge_base.precedents import Precedents

Closer = Callable[..., ClosedCase]
World = tuple[list[ClosedCase], Precedents]

SELLERS = [f"S-{i}" for i in range(12)]
FAMILIES = ("appeal.late_dispatch", "payout.hold")
WORDS = ("outage", "strike", "late scan", "empty box", "invoice", "snow", "label", "refund")

sellers = st.sampled_from(SELLERS)
links = st.lists(sellers, max_size=3, unique=True).map(tuple)


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, embedder: Embedder, closed: Closer
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
        )
        for i in range(320)
    ]
    with Precedents.open(tmp_path_factory.mktemp("kb"), embedder=embedder) as base:
        base.ingest(cases)
        yield cases, base


def _forbidden(past: ClosedCase, case: Case, as_of: datetime) -> bool:
    """The guard's rules one by one, written apart from the product's."""
    return any(
        (
            past.case.case_type != case.case_type,
            past.closed_at >= as_of,
            past.case.case_id == case.case_id,
            past.case.seller_id == case.seller_id,
            past.case.seller_id in case.linked_seller_ids,
            case.seller_id in past.case.linked_seller_ids,
            set(case.linked_seller_ids) & set(past.case.linked_seller_ids),
        )
    )


@settings(max_examples=80, deadline=None)
@given(
    number=st.integers(0, 340),
    seller=sellers,
    linked=links,
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
    family: str,
    day: int,
    text: str,
    k: int,
) -> None:
    cases, base = world
    case = closed(f"c{number}", seller=seller, linked=linked, family=family).case
    as_of = start + timedelta(days=day)
    allowed = {past.case.case_id for past in cases if not _forbidden(past, case, as_of)}
    found = [p.case_id for p in base.search(case, as_of=as_of, text=text, k=k)]
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
        if past.closed_at < as_of and family in (None, past.case.case_type)
    }
    found = {p.case_id for p in base.browse(text, case_type=family, as_of=as_of, k=400)}
    assert found == allowed


class _Careless(Index):
    """An index that answers from all families, whatever it is asked."""

    def rankings(self, text: str, case_type: str | None) -> tuple[Ranking, Ranking]:
        return super().rankings(text, None)


def test_the_guard_does_not_lean_on_the_index(
    tmp_path: Path, embedder: Embedder, closed: Closer, start: datetime
) -> None:
    with Precedents(_Careless(tmp_path, embedder)) as base:
        base.ingest([closed("own"), closed("other", family="payout.hold")])
        case = closed("present", seller="S-1").case
        later = start + timedelta(days=1)
        assert [p.case_id for p in base.search(case, as_of=later, text="outage")] == ["own"]

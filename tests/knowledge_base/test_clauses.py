"""Policy clauses: found by meaning and by letter, in force on the day, in the region."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from casewright.errors import UsageError
from knowledge_base.clauses import Clauses, HeldClause, in_force
from knowledge_base.embedding import Embedder
from knowledge_base.index import Index

DAY = datetime(2026, 3, 1, tzinfo=UTC)
OLD = HeldClause(
    clause_id="SHIP-4.1", start=date(2025, 1, 1), text="Parcels leave within 24 hours."
)
NEW = HeldClause(
    clause_id="SHIP-4.1", start=date(2026, 3, 1), text="Parcels leave within 48 hours."
)
EUROPE = HeldClause(
    clause_id="SHIP-4.5", start=date(2025, 1, 1), regions=("EU", "UK"), text="Strikes excuse delay."
)
REFUND = HeldClause(
    clause_id="RFD-1.1", start=date(2025, 1, 1), text="Money goes back to the buyer."
)
ALL = (OLD, NEW, EUROPE, REFUND)


@pytest.fixture
def clauses(tmp_path: Path, embedder: Embedder) -> Iterator[Clauses]:
    index = Index(tmp_path, embedder)
    made = Clauses(index)
    made.ingest(ALL)
    yield made
    index.close()


def test_words_and_meaning_find_a_clause(clauses: Clauses) -> None:
    assert clauses.search("reimbursement of the customer", on=DAY, k=1) == (REFUND,)
    assert clauses.search("strike", on=DAY, k=1) == (EUROPE,)


@pytest.mark.parametrize(
    ("on", "region", "expected"),
    [
        (DAY, None, {NEW, EUROPE, REFUND}),
        (DAY, "US", {NEW, REFUND}),
        (DAY, "EU", {NEW, EUROPE, REFUND}),
        (datetime(2026, 2, 28, 23, tzinfo=UTC), "US", {OLD, REFUND}),
        (datetime(2024, 1, 1, tzinfo=UTC), None, set()),
    ],
)
def test_only_what_is_in_force_there_and_then_is_found(
    clauses: Clauses, on: datetime, region: str | None, expected: set[HeldClause]
) -> None:
    assert set(clauses.search("parcels, strikes and money", on=on, region=region)) == expected
    assert set(in_force(ALL, on=on, region=region)) == expected


def test_a_version_for_some_regions_replaces_the_other_there_alone() -> None:
    there = NEW.model_copy(update={"regions": ("EU",)})
    assert in_force((OLD, there), on=DAY, region="EU") == (there,)
    assert in_force((OLD, there), on=DAY, region="US") == (OLD,)
    assert in_force((OLD, there), on=DAY, region=None) == (OLD, there)


def test_an_ingest_makes_them_exactly_those(clauses: Clauses) -> None:
    assert clauses.ingest(ALL) == (0, 0, 4)
    assert clauses.ingest((NEW, REFUND)) == (0, 2, 2)
    assert set(clauses.search("parcels, strikes and money", on=DAY)) == {NEW, REFUND}


def test_nothing_asked_gives_nothing(clauses: Clauses, tmp_path: Path, embedder: Embedder) -> None:
    assert clauses.search(" ", on=DAY) == ()
    assert Clauses(Index(tmp_path / "none", embedder)).search("strike", on=DAY) == ()
    with pytest.raises(UsageError, match="time zone"):
        clauses.search("strike", on=datetime(2026, 1, 1))  # noqa: DTZ001

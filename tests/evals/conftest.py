"""A short way to write gold cases and what a graph made of them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from casewright.models import GoldCase
from evals.bundle import Bundle, gold_digest
from evals.causes import Errors
from evals.metrics import summarise
from evals.report_page import Material
from evals.scored import Scored

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def gold() -> Callable[..., GoldCase]:
    def write(case_id: str = "c1", outcome: str = "overturn", **other: object) -> GoldCase:
        fields = {
            "case_id": case_id,
            "case_type": "appeal.late_dispatch",
            "outcome": outcome,
            "as_of": AS_OF,
            "seller_id": "S-1",
            "region": "US",
            "channel": "appeal",
        }
        return GoldCase.model_validate(fields | other)

    return write


@pytest.fixture(scope="session")
def scored(gold: Callable[..., GoldCase]) -> Callable[..., Scored]:
    """Write one scored case: gold outcome, predicted outcome, actions asked and withheld."""

    def write(
        is_: str,
        said: str,
        *,
        asked: tuple[str, ...] = (),
        ask: tuple[str, ...] = (),
        **other: object,
    ) -> Scored:
        return Scored(gold=gold(outcome=is_, ask=ask, **other), outcome=said, asked=asked)

    return write


@pytest.fixture(scope="session")
def material() -> Callable[..., Material]:
    """What the report of scored cases is made from; keywords go into its bundle."""

    def make(cases: Sequence[Scored], errors: Errors | None = None, **other: object) -> Material:
        fields: dict[str, object] = {
            "made_at": AS_OF,
            "sop": "late_shipment_appeal",
            "graph_version": "late_shipment_appeal@1+abc",
            "gold_digest": gold_digest(one.gold for one in cases),
            "report": summarise(cases),
        }
        return Material(
            bundle=Bundle.model_validate(fields | other),
            scored=tuple(cases),
            errors=errors,
            unexplained=0,
            notes=(),
            command=lambda gold: f"casewright sop explain {gold.case_id}",
        )

    return make


@pytest.fixture(scope="session")
def apart() -> Callable[[Sequence[Scored]], list[Scored]]:
    """Give each case a seller of its own, so that intervals are those of independent cases."""

    def part(cases: Sequence[Scored]) -> list[Scored]:
        return [
            one.model_copy(
                update={"gold": one.gold.model_copy(update={"seller_id": f"S-{number}"})}
            )
            for number, one in enumerate(cases)
        ]

    return part

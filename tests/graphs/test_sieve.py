"""Conditions over cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casewright.errors import ExpressionError, UsageError
from casewright.models import Case, Money
from graphs.sieve import Sieve

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
CASE = Case(
    case_id="a-1",
    case_type="appeal.small",
    subject={"order_id": "o-1"},
    seller_id="s-1",
    region="DE",
    channel="appeal",
    opened_at=NOW - timedelta(hours=30),
    impact=Money(cents=70_000, currency="EUR"),
)


@pytest.mark.parametrize(
    ("condition", "lets"),
    [
        ('case.region == "DE" && case.impact_cents > 50000', True),
        ('case.region == "DE" && case.impact_cents > 70000', False),
        ('case.currency == "EUR" && case.channel in ["appeal", "regulatory"]', True),
        ('case.as_of - case.opened_at > duration("24h")', True),
        ('case.subject.order_id.startsWith("o-")', True),
        ('case.subject.claim_id == "c-1"', None),
        ("has(case.subject.claim_id)", False),
        ('case.subject.claim_id == "c-1" || case.region == "DE"', True),
    ],
)
def test_a_condition_holds_or_not_or_cannot_be_told(condition: str, lets: bool | None) -> None:
    assert Sieve.of(condition).lets(CASE, NOW) is lets


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ('case.region = "DE"', "is not a CEL expression: it goes wrong at its character 13"),
        ('case.regin == "DE"', "Did you mean 'region'"),
        ('case.impact_cents > "much"', "case.impact_cents"),
        ("case.impact_cents + 1", "not true or false"),
        ('seller.region == "DE"', "There is no name 'seller'"),
        ('case.channel == "web"', "web"),
    ],
)
def test_what_is_wrong_with_a_condition_is_told_before_anything_is_fetched(
    condition: str, told: str
) -> None:
    with pytest.raises(UsageError) as raised:
        Sieve.of(condition)
    assert told in str(raised.value)
    assert issubclass(ExpressionError, UsageError)

"""What speaks for a decision and what against it."""

from __future__ import annotations

from typing import Any

from casewright.models import Claim
from graphs.sop import Sop
from graphs.stance import taken_apart
from graphs.table import match


def stances(sop: Sop, **values: Any) -> dict[str, str]:
    found = match(sop, values)
    claims = [Claim(sentence=f"{name}.", factor=name) for name in values]
    return {one.factor: one.stance for one in taken_apart(sop, values, found, claims)}


def test_a_fact_that_another_outcome_asks_for_contradicts(small: Sop) -> None:
    told = stances(small, in_time=True, altered=True, blames_carrier=True)
    assert told == {"in_time": "contradicts", "altered": "supports", "blames_carrier": "supports"}


def test_a_fact_that_its_own_outcome_asks_for_as_well_does_not(small: Sop) -> None:
    told = stances(small, in_time=False, altered=False, blames_carrier=True)
    assert set(told.values()) == {"supports"}


def test_without_a_deciding_row_nothing_is_taken_apart(small: Sop) -> None:
    told = stances(small, in_time=None, altered=False, blames_carrier=False)
    assert set(told.values()) == {""}

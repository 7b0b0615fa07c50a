from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest

from casewright.registry import load_plugins
from graphs.catalog import Catalog
from graphs.differ import UNDECIDED, differ
from graphs.load import load_sop
from graphs.sop import Sop
from graphs.table import match
from tools.base import Tool

TOOLS = load_plugins().all("tool", Tool)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
NAMES = ("dispatched_in_time", "carrier_outage", "rest_within_limit")


@pytest.fixture(scope="module")
def old() -> Sop:
    return Catalog(TOOLS).load("late_shipment_appeal")


def edited(old: Sop, before: str, after: str) -> Sop:
    assert before in old.files["sop.yaml"]
    files = {**old.files, "sop.yaml": old.files["sop.yaml"].replace(before, after)}
    return load_sop(files, TOOLS, folder="edited")


def outcome(sop: Sop, values: dict[str, bool]) -> str:
    row = match(sop, values).row
    return row.spec.outcome if row else UNDECIDED


def test_a_version_does_not_differ_from_itself(old: Sop) -> None:
    found = differ(old, old)
    assert found.changed == ()
    assert found.flips == ()


def test_each_change_of_outcome_is_shown_by_a_case_that_has_it(old: Sop) -> None:
    new = edited(old, 'rest_within_limit", then: partial', 'rest_within_limit", then: uphold')
    found = differ(old, new)
    assert found.changed == ("decision.table",)
    assert {(flip.before, flip.after) for flip in found.flips} == {("partial", "uphold")}
    for flip in found.flips:
        free = [name for name in old.factors if name not in flip.example][:4]
        for filled in product((True, False), repeat=len(free)):
            rest = dict.fromkeys(old.factors, False) | dict(zip(free, filled, strict=True))
            values = {**rest, **flip.example}
            assert (outcome(old, values), outcome(new, values)) == (flip.before, flip.after)


def test_a_dropped_row_leaves_cases_undecided_or_to_later_rows(old: Sop) -> None:
    last = '    - {if: "!dispatched_in_time", then: uphold, policy: [SHIP-4.1], route: review}\n'
    found = differ(old, edited(old, last, ""))
    assert {(flip.before, flip.after) for flip in found.flips} == {("uphold", UNDECIDED)}


def test_a_changed_rule_is_named_and_changes_no_table(old: Sop) -> None:
    found = differ(old, edited(old, ">= 72.0", ">= 96.0"))
    assert found.changed == ("factors.scan_stalled",)
    assert found.flips == ()

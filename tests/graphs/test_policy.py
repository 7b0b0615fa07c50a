"""Policy packs: which clause and which value holds when and where."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casewright.errors import SopError
from graphs.policy import Policy, parse_policy

PACK = """\
---
policy: pack
values:
  window:
    clause: APL-1.1
    versions:
      - {from: 2026-03-01, default: 15d}
      - {from: 2025-01-01, default: 30d, by_region: {EU: 180d, UK: 4320h}}
  proof:
    clause: APL-1.1
    versions:
      - {from: 2025-01-01, default: label}
  strict:
    clause: APL-1.1
    versions:
      - {from: 2025-01-01, default: true, by_region: {US: false}}
  rate:
    clause: APL-1.1
    versions:
      - {from: 2025-01-01, default: 0.04}
---
Text before the first clause is for people.

## APL-1.1 · from 2025-01-01

Within 30
days.

### A note below it

## APL-1.1 · from 2026-03-01

Within 15 days.

## SHIP-4.5.2 · from 2025-06-01 · regions MX, US

Customs stoppages as well.
"""


@pytest.fixture(scope="module")
def pack() -> Policy:
    return parse_policy(PACK, file="pack/policy.md")


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T00:00:00+00:00")


@pytest.mark.parametrize(
    ("on", "reference"),
    [
        ("2024-12-31", None),
        ("2025-01-01", "APL-1.1@2025-01-01"),
        ("2026-02-28", "APL-1.1@2025-01-01"),
        ("2026-03-01", "APL-1.1@2026-03-01"),
        ("2030-01-01", "APL-1.1@2026-03-01"),
    ],
)
def test_the_newest_version_in_force_holds(pack: Policy, on: str, reference: str | None) -> None:
    clause = pack.in_force("APL-1.1", on=day(on), region="US")
    assert (clause.reference if clause else None) == reference


@pytest.mark.parametrize(("region", "held"), [("MX", True), ("US", True), ("EU", False)])
def test_a_clause_holds_in_its_regions_alone(pack: Policy, region: str, held: bool) -> None:
    found = pack.in_force("SHIP-4.5.2", on=day("2026-01-01"), region=region)
    assert (found is not None) is held


def test_days_are_utc(pack: Policy) -> None:
    eastern = datetime.fromisoformat("2026-02-28T20:00:00-05:00")
    found = pack.in_force("APL-1.1", on=eastern, region="US")
    assert found is not None
    assert found.reference == "APL-1.1@2026-03-01"


def test_a_clause_is_told_as_one_paragraph(pack: Policy) -> None:
    clause = pack.clause("APL-1.1@2025-01-01")
    assert clause is not None
    assert clause.text == "Within 30 days. ### A note below it"
    assert pack.clause("APL-1.1@2025-01-02") is None
    assert pack.clause_ids == {"APL-1.1", "SHIP-4.5.2"}


@pytest.mark.parametrize(
    ("name", "on", "region", "value"),
    [
        ("window", "2024-12-31", "US", None),
        ("window", "2025-01-01", "US", timedelta(days=30)),
        ("window", "2025-01-01", "EU", timedelta(days=180)),
        ("window", "2025-01-01", "UK", timedelta(days=180)),
        ("window", "2026-03-01", "EU", timedelta(days=15)),
        ("proof", "2025-01-01", "US", "label"),
        ("strict", "2025-01-01", "US", False),
        ("strict", "2025-01-01", "EU", True),
        ("rate", "2025-01-01", "US", 0.04),
    ],
)
def test_values_by_day_and_region(
    pack: Policy, name: str, on: str, region: str, value: Any
) -> None:
    found = pack.value(name, on=day(on), region=region)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("---\npolicy", "policy", 1, "starts with front matter"),
        ("default: 0.04}\n---", "default: 0.04}", 1, "starts with front matter"),
        ("policy: pack", "policy: [", 4, "not valid YAML"),
        ("policy: pack", "polcy: pack", 2, "polcy: there is no such key"),
        ("policy: pack", "policy: pack\nvalue: {}", 3, "value: there is no such key"),
        ("  proof:", "  window:", 9, "duplicate key"),
        ("from: 2026-03-01, d", "from: 2026-03-32, d", 7, "values.window.versions.0.from"),
        ("    versions:\n      - {from: 2025-01-01, default: label}", "    versions: []", 11,
         "at least 1 item"),
        ("clause: APL-1.1\n    versions:\n      - {from: 2025-01-01, default: 0.04}",
         "clause: APL-9.9\n    versions:\n      - {from: 2025-01-01, default: 0.04}", 18,
         "names clause 'APL-9.9', which the pack does not hold"),
        ("## APL-1.1 · from 2025-01-01", "## APL-1.1 - from 2025-01-01", 24, "heading reads"),
        ("## APL-1.1 · from 2025-01-01", "## apl-1.1 · from 2025-01-01", 24, "heading reads"),
        ("## APL-1.1 · from 2026-03-01", "## APL-1.1 · from 2026-02-30", 31, "heading reads"),
        ("## APL-1.1 · from 2026-03-01", "## APL-1.1", 31, "heading reads"),
        ("## APL-1.1 · from 2026-03-01", "## APL-1.1 · from 2025-01-01", 31,
         "a second APL-1.1 from 2025-01-01"),
        ("regions MX, US", "region MX", 35, "heading reads"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int, told: str) -> None:
    assert PACK.count(old) == 1
    with pytest.raises(SopError) as caught:
        parse_policy(PACK.replace(old, new), file="pack/policy.md")
    assert caught.value.message.startswith(f"pack/policy.md:{line}:")
    assert told in caught.value.message


def test_a_pack_may_hold_no_values() -> None:
    pack = parse_policy("---\npolicy: p\n---\n## A-1 · from 2025-01-01\nText.\n", file="p.md")
    assert pack.values == {}
    assert pack.in_force("A-1", on=datetime(2025, 1, 1, tzinfo=UTC), region="US") is not None

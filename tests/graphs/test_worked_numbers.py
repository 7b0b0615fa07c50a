"""A second procedure in YAML over a CSV file against the same prose in plain Python: with numbers.

The prose: four components, each 0 to 100, are weighted into one score for each of five classes. A
component that is missing takes the largest of the others; with more than two missing the class is
undecidable and a person looks. A class is reached from its own threshold on; deliberate ones
(farm, broker) go before the rest, of equal scores the one named first wins, and where none is
reached the class is inconclusive. The risk is critical, high, medium or low by the amount, the
region and how lately the account was warned: within the last 30 days, or from 31 to 90 days ago.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.clock import utc_now
from casewright.models import Case, Cost, Evidence, Money
from casewright.settings import Settings
from graphs.assess import assess
from graphs.catalog import Catalog
from graphs.decide import Given, decide
from graphs.facts import freeze_case
from graphs.gather import Gathering
from graphs.prove import prove
from tools.sources.http import HttpSource
from tools.toolbox import Toolbox
from tools.workspace import open_tools

ROWS = 200
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PARTS = ("volume", "overlap", "age", "voice")
TOOLS = """tools:
  - name: get_signal
    description: What the nightly job knows of one account.
    arguments: {account_id: string}
    result:
      account_id: string
      volume: {type: integer, optional: true}
      overlap: {type: integer, optional: true}
      age: {type: integer, optional: true}
      voice: {type: integer, optional: true}
      region: {type: string}
      amount_cents: integer
      warned_at: {type: timestamp, optional: true}
    table:
      csv: signals.csv
      query: SELECT * FROM signals WHERE account_id = :account_id
      one: true
"""
COMPONENT = "{{type: integer, min: 0, max: 100, rule: signal.{0}, says: '{0} {{value}}.'}}"
IMPUTE = "impute: {missing: largest, at_most: 2}"
WEIGHTS: dict[str, dict[str, str]] = {
    "farm": {"volume": "0.4", "overlap": "0.4", "age": "0.1", "voice": "0.1"},
    "broker": {"volume": "0.1", "overlap": "0.3", "age": "0.3", "voice": "0.3"},
    "reseller": {"volume": "0.7", "overlap": "0.1", "age": "0.1", "voice": "0.1"},
    "fan": {"volume": "0.1", "overlap": "0.1", "age": "0.1", "voice": "0.7"},
    "novice": {"volume": "-0.2", "overlap": "0.2", "age": "0.9", "voice": "0.1"},
}
THRESHOLDS = {"farm": 70, "broker": 64, "reseller": 58, "fan": 58, "novice": 55}
DELIBERATE = ("farm", "broker")
MATRIX = {
    "farm": ("close", "close", "restrict", "restrict"),
    "broker": ("close", "restrict", "restrict", "watch"),
    "reseller": ("restrict", "restrict", "watch", "clear"),
    "fan": ("watch", "watch", "clear", "clear"),
    "novice": ("watch", "clear", "clear", "clear"),
}
TIERS = ("critical", "high", "medium", "low")


def sop() -> str:
    components = "\n".join(f"  {name}: {COMPONENT.format(name)}" for name in PARTS)
    classes = "\n".join(
        f"      {name}: {{weights: {{{', '.join(f'{p}: {w}' for p, w in weights.items())}}}, "
        f"threshold: {THRESHOLDS[name]}, {IMPUTE}"
        f"{', group: deliberate' if name in DELIBERATE else ''}}}"
        for name, weights in WEIGHTS.items()
    )
    cells = "\n".join(
        f"      {name}: {{{', '.join(f'{t}: {o}' for t, o in zip(TIERS, outcomes, strict=True))}}}"
        for name, outcomes in MATRIX.items()
    )
    return f"""sop: account_signals
version: 1
title: What an account's signals say
case_type: account.signals
outcomes: [close, restrict, watch, clear]
actions:
  signal: {{tool: get_signal, with: {{account_id: case.subject.account_id}}, required: true}}
factors:
{components}
  cents: {{type: integer, min: 0, max: 10000000, rule: signal.amount_cents, says: "{{value}}."}}
  region: {{type: enum, values: [US, EU, SEA], rule: signal.region, says: "In {{value}}."}}
  warned_lately:
    rule: has(signal.warned_at) && case.as_of - signal.warned_at <= duration("720h")
    says: {{yes: Warned lately., no: Not warned lately.}}
  warned_before:
    rule: >-
      has(signal.warned_at) && case.as_of - signal.warned_at > duration("720h")
      && case.as_of - signal.warned_at <= duration("2160h")
    says: {{yes: Warned before., no: Not warned before.}}
classifications:
  kind:
    classes:
{classes}
    priority: [{", ".join(WEIGHTS)}]
    precedence: [deliberate]
tiers:
  risk:
    - {{tier: critical, all: [warned_lately, cents >= 500000]}}
    - {{tier: high, any: [warned_lately, cents >= 2000000, 'region == "SEA" && warned_before']}}
    - {{tier: medium, any: [warned_before, 'cents > 100000 && region in ["EU", "SEA"]']}}
    - {{tier: low}}
decision:
  hit_policy: first
  table:
    - if: 'classes.kind == "inconclusive" && tiers.risk in ["critical", "high"]'
      then: watch
    - {{if: 'classes.kind == "inconclusive"', then: [watch, clear], discretion: true}}
  matrix:
    rows: classes.kind
    columns: tiers.risk
    cells:
{cells}
"""


def made_rows() -> list[dict[str, str]]:
    """Two hundred accounts of one seed: gaps, borders and ties among them."""
    rng = random.Random(23)
    rows = []
    for number in range(ROWS):
        level = rng.choice([30, 55, 60, 70, 80])
        parts = {name: str(min(100, max(0, level + rng.choice([-20, 0, 0, 20])))) for name in PARTS}
        for name in rng.sample(PARTS, rng.choice([0, 0, 0, 1, 1, 2, 3])):
            parts[name] = ""
        hours = rng.choice([None, 5, 720, 721, 2160, 2161])
        rows.append(
            {
                "account_id": f"A-{number:03d}",
                **parts,
                "region": rng.choice(["US", "EU", "SEA"]),
                "amount_cents": str(rng.choice([100_000, 100_001, 499_999, 500_000, 2_000_000])),
                "warned_at": "" if hours is None else iso(NOW - timedelta(hours=hours)),
            }
        )
    return rows


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def by_hand(row: dict[str, str]) -> str:
    """The prose above, written down once more without casewright."""
    known = {name: int(row[name]) for name in PARTS if row[name]}
    if len(PARTS) - len(known) > 2:
        return "escalate"
    filled = {name: known.get(name, max(known.values())) for name in PARTS}
    scores = {
        name: sum(Decimal(weight) * filled[part] for part, weight in weights.items())
        for name, weights in WEIGHTS.items()
    }
    risk = risk_of(row)
    for group in (DELIBERATE, [name for name in WEIGHTS if name not in DELIBERATE]):
        reached = [name for name in group if scores[name] >= THRESHOLDS[name]]
        if reached:
            return MATRIX[max(reached, key=lambda name: scores[name])][TIERS.index(risk)]
    return "watch" if risk in ("critical", "high") else "escalate"


def risk_of(row: dict[str, str]) -> str:
    cents, region = int(row["amount_cents"]), row["region"]
    days = None
    if row["warned_at"]:
        days = (NOW - datetime.fromisoformat(row["warned_at"])).total_seconds() / 86_400
    lately, before = days is not None and days <= 30, days is not None and 30 < days <= 90
    if lately and cents >= 500_000:
        return "critical"
    if lately or cents >= 2_000_000 or (region == "SEA" and before):
        return "high"
    return "medium" if before or (cents > 100_000 and region != "US") else "low"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "sops" / "account_signals"
    folder.mkdir(parents=True)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "signals.yaml").write_text(TOOLS)
    (folder / "sop.yaml").write_text(sop())
    (folder / "policy.md").write_text("---\npolicy: account_signals\n---\n")
    with (tmp_path / "signals.csv").open("w", newline="") as file:
        rows = made_rows()
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


async def test_the_yaml_decides_every_row_as_the_prose_does(workspace: Path) -> None:
    settings = Settings(home=workspace, source_url="http://127.0.0.1:9", source_token=SecretStr(""))
    async with open_tools(settings, workspace) as tools, HttpSource.from_settings(settings) as none:
        loaded = Catalog(tools, workspace).load("account_signals")
        assert [one for one in prove(loaded, today=NOW) if one.severity == "error"] == []
        toolbox = Toolbox(tools, none, utc_now)
        decided, expected = {}, {}
        for row in made_rows():
            facts = await Gathering(loaded, frozen(row), toolbox, NOW).run()
            given = Given(assess(facts), None, Cost(), "account_signals@1+0")
            decided[row["account_id"]] = decide(facts, given).outcome
            expected[row["account_id"]] = by_hand(row)
    assert decided == expected
    counts = Counter(expected.values())
    assert set(counts) == {"close", "restrict", "watch", "clear", "escalate"}
    assert min(counts.values()) >= 10


def frozen(row: dict[str, str]) -> Evidence:
    case = Case(
        case_id=row["account_id"],
        case_type="account.signals",
        subject={"account_id": row["account_id"]},
        seller_id=row["account_id"],
        region="US",
        channel="batch",
        opened_at=NOW,
        impact=Money(cents=int(row["amount_cents"]), currency="USD"),
    )
    return freeze_case(case, as_of=NOW, at=NOW)

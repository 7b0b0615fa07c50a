"""A procedure written in YAML over a CSV file, against the same prose in plain Python, row by row.

The prose: an account belongs to one of five classes by weighted signs (ring and mule are organised
and go before all others; ties by the order ring, mule, hustler, hobby, business), or to none. Its
risk is critical, high, medium or low. Class and risk decide; whoever belongs to no class is watched
where the risk is high or critical, and else a person chooses.
"""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from casewright.clock import utc_now
from casewright.models import Case, Cost, Money
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
TOOLS = """tools:
  - name: get_account
    description: One account as the trust team's nightly file has it.
    arguments: {account_id: string}
    result:
      account_id: string
      opened_at: timestamp
      last_dispute_at: {type: timestamp, optional: true}
      shared_bank: boolean
      shared_device: boolean
      orders_30d: integer
      refund_rate: number
      balance_cents: integer
    table:
      csv: accounts.csv
      query: SELECT * FROM accounts WHERE account_id = :account_id
      one: true
"""
SOP = """sop: account_class
version: 1
title: Which class an account belongs to, and what follows
case_type: account.class
outcomes: [close, restrict, watch, clear]
actions:
  account: {tool: get_account, with: {account_id: case.subject.account_id}, required: true}
factors:
  bank: {rule: account.shared_bank, says: {yes: Shared bank., no: Own bank.}}
  device: {rule: account.shared_device, says: {yes: Shared device., no: Own device.}}
  young:
    rule: case.opened_at - account.opened_at <= duration("2160h")
    says: {yes: "Opened {account.opened_at}.", no: "Opened {account.opened_at}."}
  busy: {rule: account.orders_30d >= 50, says: {yes: "{account.orders_30d}.", no: Quiet.}}
  refunds: {rule: account.refund_rate > 0.2, says: {yes: "{account.refund_rate}.", no: Few.}}
  rich: {rule: account.balance_cents >= 500000, says: {yes: Much money., no: Little money.}}
  disputed:
    rule: >-
      has(account.last_dispute_at)
      && case.opened_at - account.last_dispute_at <= duration("720h")
    says: {yes: Disputed of late., no: No late dispute.}
classifications:
  kind:
    classes:
      ring: {points: {bank: 4, device: 3, young: 1}, threshold: 7, group: organised}
      mule: {points: {bank: 3, rich: 3, young: 2}, threshold: 6, group: organised}
      hustler: {points: {busy: 3, refunds: 3}, threshold: 3}
      hobby: {points: {young: 3, busy: -3}, threshold: 3}
      business: {points: {busy: 4, refunds: -1}, threshold: 3}
    priority: [ring, mule, hustler, hobby, business]
    precedence: [organised]
tiers:
  risk:
    - {tier: critical, all: [disputed, rich]}
    - {tier: high, any: [disputed, refunds]}
    - {tier: medium, any: [young, device]}
    - {tier: low}
decision:
  hit_policy: first
  table:
    - if: 'classes.kind == "inconclusive" && tiers.risk in ["critical", "high"]'
      then: watch
    - {if: 'classes.kind == "inconclusive"', then: [watch, clear], discretion: true}
  matrix:
    rows: classes.kind
    columns: tiers.risk
    cells:
      ring: {critical: close, high: close, medium: restrict}
      mule: {critical: close, high: restrict, medium: restrict, low: watch}
      hustler: {critical: restrict, high: restrict}
      hobby: {critical: watch, high: watch, medium: clear}
      business: {critical: restrict, high: watch, medium: clear, low: clear}
"""
POLICY = "---\npolicy: account_class\n---\n"
MATRIX = {
    "ring": ("close", "close", "restrict", "restrict"),
    "mule": ("close", "restrict", "restrict", "watch"),
    "hustler": ("restrict", "restrict", "watch", "watch"),
    "hobby": ("watch", "watch", "clear", ""),
    "business": ("restrict", "watch", "clear", "clear"),
}


def made_rows() -> list[dict[str, str]]:
    """Two hundred accounts of one seed, many of them on a border."""
    rng = random.Random(11)
    rows = []
    for number in range(ROWS):
        opened = NOW - timedelta(hours=rng.choice([100, 2159, 2160, 2161, 9000]))
        disputed = rng.choice(["", *(iso(NOW - timedelta(hours=h)) for h in (10, 720, 721, 4000))])
        rows.append(
            {
                "account_id": f"A-{number:03d}",
                "opened_at": iso(opened),
                "last_dispute_at": disputed,
                "shared_bank": rng.choice(["true", "false"]),
                "shared_device": rng.choice(["true", "false"]),
                "orders_30d": str(rng.choice([0, 49, 50, 51, 300])),
                "refund_rate": str(rng.choice([0.0, 0.2, 0.2001, 0.6])),
                "balance_cents": str(rng.choice([0, 499_999, 500_000, 9_000_000])),
            }
        )
    return rows


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def by_hand(row: dict[str, str]) -> str:
    """The prose above, written down once more without casewright."""
    bank, device = row["shared_bank"] == "true", row["shared_device"] == "true"
    young = (NOW - datetime.fromisoformat(row["opened_at"])).total_seconds() <= 90 * 86_400
    busy, refunds = int(row["orders_30d"]) >= 50, float(row["refund_rate"]) > 0.2
    rich = int(row["balance_cents"]) >= 500_000
    last = row["last_dispute_at"]
    disputed = bool(last) and NOW - datetime.fromisoformat(last) <= timedelta(days=30)
    if disputed and rich:
        risk = 0
    elif disputed or refunds:
        risk = 1
    else:
        risk = 2 if young or device else 3
    organised = {
        "ring": (4 * bank + 3 * device + young, 7),
        "mule": (3 * bank + 3 * rich + 2 * young, 6),
    }
    others = {
        "hustler": (3 * busy + 3 * refunds, 3),
        "hobby": (3 * young - 3 * busy, 3),
        "business": (4 * busy - refunds, 3),
    }
    for group in (organised, others):
        reached = {name: points for name, (points, least) in group.items() if points >= least}
        if reached:
            # max keeps the first of equals, and the names stand in the order of the ties.
            return MATRIX[max(reached, key=lambda name: reached[name])][risk]
    return "watch" if risk < 2 else "escalate"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "accounts.yaml").write_text(TOOLS)
    folder = tmp_path / "sops" / "account_class"
    folder.mkdir(parents=True)
    (folder / "sop.yaml").write_text(SOP)
    (folder / "policy.md").write_text(POLICY)
    with (tmp_path / "accounts.csv").open("w", newline="") as file:
        rows = made_rows()
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


async def test_the_yaml_decides_every_row_as_the_prose_does(workspace: Path) -> None:
    settings = Settings(home=workspace, source_url="http://127.0.0.1:9", source_token=SecretStr(""))
    async with open_tools(settings, workspace) as tools, HttpSource.from_settings(settings) as none:
        sop = Catalog(tools, workspace).load("account_class")
        assert [one for one in prove(sop, today=NOW) if one.severity == "error"] == []
        toolbox = Toolbox(tools, none, utc_now)
        decided, expected = [], []
        for row in made_rows():
            facts = await Gathering(sop, frozen(row), toolbox, NOW).run()
            given = Given(assess(facts), None, Cost(), "account_class@1+0")
            decided.append(decide(facts, given).outcome)
            expected.append(by_hand(row))
    assert decided == expected
    assert set(Counter(expected)) == {"close", "restrict", "watch", "clear", "escalate"}


def frozen(row: dict[str, Any]) -> Any:
    case = Case(
        case_id=row["account_id"],
        case_type="account.class",
        subject={"account_id": row["account_id"]},
        seller_id=row["account_id"],
        region="US",
        channel="batch",
        opened_at=NOW,
        impact=Money(cents=int(row["balance_cents"]), currency="USD"),
    )
    return freeze_case(case, as_of=NOW, at=NOW)

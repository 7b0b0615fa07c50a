"""Factors that rest on a statistic: their value, their citations, what leaves them unknown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from casewright.errors import ExpressionError, SopError
from casewright.models import Case, Factor
from casewright.registry import load_plugins
from casewright.settings import Settings
from graphs import load
from graphs.assess import assess
from graphs.claims import rationale
from graphs.load import load_sop
from graphs.prove import prove
from graphs.sop import Sop
from graphs.table import Match
from graphs.verify import fault
from graphs.versions import version_of
from tools.base import Tool
from tools.formulas import wilson_lower

SOP = """\
sop: parcels
version: 1
title: Empty parcels
case_type: fulfilment.parcels
outcomes: [confirm, dismiss]
actions:
  claims:
    tool: list_claims
    with: {seller_id: case.seller_id}
factors:
  empty_claims:
    statistic: wilson_lower
    with: {hits: claims.n_empty, total: claims.n_orders}
    holds: value > policy.empty_rate
    says:
      yes: "{claims.n_empty} of {claims.n_orders} parcels were empty, more than chance allows."
      no: "{claims.n_empty} of {claims.n_orders} parcels were empty, which may be chance."
decision:
  hit_policy: first
  table:
    - {if: empty_claims, then: confirm, policy: [TRK-2.2]}
    - {if: "!empty_claims", then: dismiss, policy: [TRK-2.2]}
"""
POLICY = """\
---
policy: parcels
values:
  empty_rate:
    clause: TRK-2.2
    versions: [{from: 2025-01-01, default: 0.02}]
---

## TRK-2.2 · from 2025-01-01

Empty parcels are fraud.
"""
TOOLS = load_plugins().all("tool", Tool)


def loaded(old: str = "", new: str = "") -> Sop:
    return load_sop({"sop.yaml": SOP.replace(old, new, 1), "policy.md": POLICY}, TOOLS, folder="p")


def claims(**counts: int) -> dict[str, Any]:
    lows = {"not_received_low95": 0.0, "empty_low95": 0.0}
    return {"items": [], "n_orders": 100, "n_not_received": 0, "n_empty": 0, **lows, **counts}


def factor(sop: Sop, case: Case, facts_of: Any, **given: Any) -> Factor:
    (found,) = assess(facts_of(sop, case, **given))
    return found


@pytest.mark.parametrize(("n_empty", "value"), [(10, True), (3, False), (0, False)])
def test_a_statistic_decides(case: Case, facts_of: Any, n_empty: int, value: bool) -> None:
    found = factor(loaded(), case, facts_of, claims=claims(n_empty=n_empty))
    assert found.value is value


def test_its_inputs_are_its_citations(case: Case, facts_of: Any) -> None:
    sop = loaded()
    facts = facts_of(sop, case, claims=claims(n_empty=10))
    (found,) = assess(facts)
    cited = {one.label: one.quote for one in found.citations if one.kind == "evidence"}
    assert cited == {"claims/n_empty": 10, "claims/n_orders": 100}
    assert [one.label for one in found.citations if one.kind == "policy"] == ["TRK-2.2"]
    claim = rationale(facts, {"empty_claims": found}, Match(sop.rows[0]))[1]
    assert claim.sentence.startswith("10 of 100 parcels")
    assert {fault(one, facts.evidence, sop.policy) for one in claim.citations} == {""}


def test_unknown_in_unknown_out(case: Case, facts_of: Any) -> None:
    found = factor(loaded(), case, facts_of, claims="store_behind")
    assert (found.value, found.reason) == (None, "claims found nothing (store_behind)")
    assert found.waits_for == ("claims",)


def test_no_number_is_unknown(case: Case, facts_of: Any) -> None:
    found = factor(loaded(), case, facts_of, claims=claims(n_orders=0))
    assert (found.value, found.waits_for) == (None, ("claims",))
    assert found.reason == "there is no wilson_lower of hits 0, total 0"


def test_a_precondition_holds_for_it_as_well(case: Case, facts_of: Any) -> None:
    sop = loaded("    holds:", "    needs: claims.n_orders >= 200\n    holds:")
    found = factor(sop, case, facts_of, claims=claims(n_empty=10))
    assert "`claims.n_orders >= 200` does not hold" in found.reason


def test_what_it_refuses_is_a_fault_of_the_sop(case: Case, facts_of: Any) -> None:
    with pytest.raises(ExpressionError, match=r"empty_claims: .*refuses its inputs: 7 of 5"):
        factor(loaded(), case, facts_of, claims=claims(n_empty=7, n_orders=5))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("wilson_lower", "wilson_lowr", "p/sop.yaml:12:5: There is no statistic 'wilson_lowr'"),
        ("hits:", "hit:", "p/sop.yaml:13:12: There is no input of wilson_lower 'hit'"),
        (", total: claims.n_orders", "", "p/sop.yaml:13:5: the statistic 'wilson_lower' needs"),
        ("claims.n_empty,", "claims.n_emty,", "p/sop.yaml:13:12: There is no field"),
        ("value > policy", "valu > policy", "p/sop.yaml:14:5: There is no action 'valu'"),
        ("policy.empty_rate", "policy.rate", "p/sop.yaml:14:5: There is no policy value"),
        ("    holds: value > policy.empty_rate\n", "", "p/sop.yaml:11:3: .*`with` and `holds`"),
        ("    statistic: wilson_lower\n", "", "p/sop.yaml:11:3: .*a rule, a question or a"),
    ],
)
def test_mistakes_are_told(old: str, new: str, told: str) -> None:
    assert old in SOP
    with pytest.raises(SopError, match=told):
        loaded(old, new)


def test_its_code_is_part_of_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = replace(wilson_lower, digest="0" * 64)
    before = version_of(loaded(), Settings())
    monkeypatch.setattr(load, "offered", lambda: {"wilson_lower": changed})
    assert version_of(loaded(), Settings()) != before


def test_the_checker_takes_it_as_any_factor(clock: Any) -> None:
    assert prove(loaded(), today=clock()) == ()
    found = prove(loaded(re.findall(r"    - .*dismiss.*\n", SOP)[0]), today=clock())
    assert {"empty_claims": False} in [one.example for one in found]

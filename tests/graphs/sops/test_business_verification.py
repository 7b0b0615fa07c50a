"""Business verification: the printed table on drawn facts, and cases through the graph."""

from __future__ import annotations

import json

import pytest

from evals.gold import load_gold
from graphs.examples import example_outcome
from graphs.run import Wish
from sandbox.casetypes.verification.table import TABLE

NAME = "business_verification"
IN_ORDER = {
    "listed": False, "high_volume": True, "complete": True, "lapsed": False,
    "papers_altered": False, "person_failed": False, "register_ok": True, "tax_ok": True,
    "bank_ok": True, "address_ok": True, "names_differ": False, "crowded_papers": False,
}  # fmt: skip


def facts(drawn):
    differ = not drawn["names_explained"]
    return drawn | {"listed": False, "high_volume": True, "names_differ": differ}


def test_the_table_is_as_good_as_the_handbook_says(on_drawn_facts):
    score = on_drawn_facts(NAME, TABLE, facts)
    assert score.decided == pytest.approx(0.87, abs=0.03)
    assert score.right == pytest.approx(0.97, abs=0.03)


@pytest.mark.parametrize(
    ("changed", "outcome", "row"),
    [
        ({}, "verify", 7),
        ({"listed": True, "papers_altered": True}, "escalate", 1),
        ({"papers_altered": True}, "reject", 2),
        ({"person_failed": True, "tax_ok": False}, "reject", 3),
        ({"person_failed": True}, "request_information", 9),
        ({"complete": False, "lapsed": True}, "suspend", 4),
        ({"complete": False, "lapsed": True, "high_volume": False}, "request_information", 5),
        ({"complete": False}, "request_information", 5),
        ({"crowded_papers": True, "names_differ": True, "names_explained": False}, "reject", 6),
        ({"crowded_papers": True}, "verify", 7),
        ({"names_differ": True, "names_explained": True}, "verify", 7),
        ({"register_ok": False}, "verify", 7),
        ({"register_ok": False, "address_ok": False}, "request_information", 9),
        ({"tax_ok": False, "names_differ": True, "names_explained": False}, "reject", 8),
        ({"tax_ok": False}, "request_information", 9),
    ],
)
def test_each_row_decides_what_it_says(load, changed, outcome, row):
    assert example_outcome(load(NAME), IN_ORDER | changed) == (outcome, row)


def test_agreeing_names_need_nobody_to_read(load):
    unread = {name: value for name, value in IN_ORDER.items() if name != "names_explained"}
    assert example_outcome(load(NAME), unread) == ("verify", 7)
    assert example_outcome(load(NAME), unread | {"names_differ": True})[0] == "request_information"


VISIBLE = frozenset(column for column in TABLE.columns if column != "names_explained")


async def test_factors_are_what_the_simulation_drew_and_claims_hold(investigator, world):
    causes = (json.loads(line) for line in (world / "causes.jsonl").read_text("utf-8").splitlines())
    drawn = {line["case_id"]: line["columns"] for line in causes}
    gold = [one for one in load_gold(world / "gold.jsonl") if one.case_type == "identity.kyb"]
    decided = 0
    for one in gold[:8]:
        run = await investigator.investigate(one.case_id, Wish(as_of=one.as_of))
        known = {factor.name: factor.value for factor in run.decision.factors if factor.known}
        for name in VISIBLE & set(known):
            assert known[name] is drawn[one.case_id][name], f"{one.case_id}: {name}"
        assert all(claim.struck == "" for claim in run.decision.claims)
        if one.ask:
            assert tuple(name for want in run.decision.missing for name in want.actions) == one.ask
        decided += run.decision.row > 0
    assert decided > 3

"""Business verification: each row of the table, and what is asked for."""

from __future__ import annotations

import pytest

from graphs.examples import example_outcome

NAME = "business_verification"
IN_ORDER = {
    "listed": False, "high_volume": True, "complete": True, "lapsed": False,
    "papers_altered": False, "person_failed": False, "register_ok": True, "tax_ok": True,
    "bank_ok": True, "address_ok": True, "names_differ": False, "crowded_papers": False,
}  # fmt: skip


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


async def test_what_is_withheld_is_asked_for_by_name(to_the_gate):
    taken = await to_the_gate(NAME, 8)
    for one in taken:
        if one.gold.ask:
            wanted = (name for want in one.run.decision.missing for name in want.actions)
            assert tuple(wanted) == one.gold.ask
    assert sum(one.run.decision.row > 0 for one in taken) > 3

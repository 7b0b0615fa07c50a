"""Gold cases of the SOPs that need no more than what :func:`to_the_gate` checks of all."""

from __future__ import annotations

import pytest

MOST = 5


# Late dispatch goes through the graph in tests/evals/test_live.py.
@pytest.mark.parametrize("name", ["fake_shipping", "fake_orders", "ip_complaint_appeal"])
async def test_cases_reach_the_gate_with_facts_as_drawn_and_citations_that_hold(to_the_gate, name):
    assert len(await to_the_gate(name, MOST)) == MOST

"""Unsafe products: what is grave goes off sale at once, and a silent laboratory is waited for."""

from __future__ import annotations

from graphs.table import match


async def test_what_is_grave_goes_off_sale_while_the_case_waits(to_the_gate):
    taken = await to_the_gate("unsafe_product", None)
    for one in taken:
        grave = one.drawn["serious_report"] or one.run.case.channel == "regulatory"
        assert [entry.write.name for entry in one.run.enforced] == ["off_sale"] * grave
    assert any(one.run.enforced for one in taken)
    pending = [one.run.decision for one in taken if "cert" in one.gold.ask]
    assert pending
    for decision in pending:
        unknown = {factor.name for factor in decision.factors if not factor.known}
        assert {"cert_valid", "cert_forged"} <= unknown


def test_a_silent_laboratory_is_asked_before_the_item_is_cleared(load):
    sop = load("unsafe_product")
    values = dict.fromkeys(sop.factors, False) | {"needs_certificate": True}
    found = match(sop, {**values, "cert_valid": None, "cert_forged": None})
    assert found.row is None
    assert set(found.blocked) == {"cert_valid", "cert_forged"}

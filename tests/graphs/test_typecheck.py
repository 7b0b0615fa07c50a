"""Mistyped expressions of an SOP are told where they stand."""

from __future__ import annotations

import pytest

from casewright.errors import SopError
from graphs.load import load_sop
from tools.base import Tool


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("scans.first.at <= order.ship_by", "scans.first.at <= order.total_cents",
         "compares a time with an amount of money"),
        ("rule: docs.n_altered > policy.altered_limit", "rule: docs.n_altered - 1",
         "`docs.n_altered - 1` is a whole number, and true or false is wanted here"),
        ("rule: docs.n_altered > policy.altered_limit",
         'rule: docs.items.exists(d, d.kind == "invoce")', "'invoce'.* Did you mean 'invoice'"),
        ("rule: docs.n_altered > policy.altered_limit",
         "rule: docs.items.exists(d, d.totl_cents > 5)", "'totl_cents'.* mean 'total_cents'"),
        ("    in_force: decision", "    needs: docs.n_altered", "whole number, and true or false"),
        ("    in_force: decision", "    unknown_if: order.ship_by", "is a time, and true or false"),
        ("when: appeal.attempt == 1", "when: appeal.attempt", "a whole number, and true or false"),
        ("order_id: appeal.order_id", "order_id: appeal.attempt", "a whole number, and a text"),
        ("fact_date: order.paid_at", "fact_date: order.quantity", "a whole number, and a time"),
        ("senior_if: case.impact_cents > 500000", "senior_if: case.impact_cents > order.quantity",
         "an amount of money with a whole number"),
        ("senior_if: case.impact_cents > 500000", "senior_if: case.opened_at > 5",
         "a time with a whole number"),
        ('legal_if: case.channel == "regulatory"', 'legal_if: case.channel == "regulator"',
         "'regulator'.* Did you mean 'regulatory'"),
    ],
)  # fmt: skip
def test_a_mistyped_expression_is_told_where_it_stands(
    files: dict[str, str], tools: dict[str, Tool], old: str, new: str, told: str
) -> None:
    assert old in files["sop.yaml"]
    text = files["sop.yaml"].replace(old, new, 1)
    with pytest.raises(SopError, match=told) as caught:
        load_sop({**files, "sop.yaml": text}, tools, folder="small")
    assert caught.value.file == "small/sop.yaml"
    assert caught.value.line == line_of(text, new.strip())
    assert caught.value.column > 0


@pytest.mark.parametrize(
    ("value", "told"),
    [("a lot", "compares a whole number with a text"), ("30d", "a whole number with a length of")],
)
def test_policy_values_are_typed(
    files: dict[str, str], tools: dict[str, Tool], value: str, told: str
) -> None:
    text = files["policy.md"].replace("default: 0, by_region: {EU: 1}", f"default: {value}")
    text = text.replace("default: 2}", f"default: {value}}}")
    with pytest.raises(SopError, match=told):
        load_sop({**files, "policy.md": text}, tools)


def test_what_differs_by_region_in_its_type_may_be_anything(
    files: dict[str, str], tools: dict[str, Tool]
) -> None:
    text = files["policy.md"].replace("{EU: 1}", "{EU: 1.5}")
    assert load_sop({**files, "policy.md": text}, tools).name == "small"


ENFORCED = """\
outcomes:
  overturn:
    parameters:
      points: {value: VALUE, at_least: "0"}
    enforce:
      - {do: add_points, with: {seller_id: SELLER, points: parameters.points}}
  uphold: {}
"""


@pytest.mark.parametrize(
    ("value", "seller", "told"),
    [
        ("docs.n_altered", "appeal.seller_id", ""),
        ("order.ship_by", "appeal.seller_id", "`order.ship_by` is a time, and a whole number"),
        ("order.ship_by > 3", "appeal.seller_id", "compares a time with a whole number"),
        ("docs.n_altered", "docs.n_altered", "is a whole number, and a text is wanted"),
    ],
)
def test_what_follows_from_outcomes_is_typed(
    files: dict[str, str], tools: dict[str, Tool], value: str, seller: str, told: str
) -> None:
    outcomes = ENFORCED.replace("VALUE", value).replace("SELLER", seller)
    text = files["sop.yaml"].replace("outcomes: [overturn, uphold]\n", outcomes)
    if not told:
        assert load_sop({**files, "sop.yaml": text}, tools).name == "small"
        return
    with pytest.raises(SopError, match=told):
        load_sop({**files, "sop.yaml": text}, tools)

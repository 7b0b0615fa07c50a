"""Types of expressions: what goes together, what does not, and that the CEL library agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from graphs.cel_engine import compile_cel
from graphs.infer import TypeFault, infer
from graphs.typed import BOOL, INT, NUMBER, SPAN, TEXT, TIME, Type, record, type_of, value_type
from tools.listings import Listing
from tools.logistics import Alerts, Scans
from tools.sellers import Seller

NAMES = {
    "scans": Type("record", model=Scans),
    "alerts": Type("record", model=Alerts),
    "seller": Type("record", model=Seller),
    "listing": Type("record", model=Listing),
    "case": record({"impact_cents": Type("money"), "opened_at": TIME}),
    "policy": record({"window": SPAN, "rate": NUMBER, "limit_cents": Type("money")}),
    "when": TIME,
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("scans.first.at <= when", "bool"),
        ("when - scans.first.at", "span"),
        ("when - scans.first.at <= policy.window", "bool"),
        ("when + duration('36h')", "time"),
        ("timestamp('2026-01-01T00:00:00Z') - policy.window", "time"),
        ("size(scans.items) > 2", "bool"),
        ("scans.accepted_count * 10 >= scans.exception_count * 3", "bool"),
        ("scans.hours_first_to_second >= 72", "bool"),
        ("double(scans.accepted_count) / 2.0", "number"),
        ("case.impact_cents > 500000", "bool"),
        ("case.impact_cents * 10 >= policy.limit_cents * 3", "bool"),
        ("case.impact_cents - 100", "money"),
        ("case.impact_cents / policy.limit_cents", "int"),
        ("case.impact_cents % 100 == 0", "bool"),
        ('seller.tier == "new" ? 1 : 2', "int"),
        ('"new" == seller.tier', "bool"),
        ('seller.tier in ["new", "top"]', "bool"),
        ('alerts.items.exists(a, a.kind == "outage" && a.from <= when)', "bool"),
        ('alerts.items.filter(a, a.kind == "strike")', "list"),
        ("alerts.items.map(a, a.to - a.from)[0]", "span"),
        ('alerts.items.map(a, a.kind != "strike", a.to)', "list"),
        ("alerts.items[0].kind", "text"),
        ("alerts.items[0].postcodes[0]", "text"),
        ("has(scans.first) && !scans.delivered", "bool"),
        ("listing.price_cents", "money"),
        ("when.getFullYear() >= 2026", "bool"),
        ('listing.title.contains("dupe")', "bool"),
        ("unknown.anything.at.all > 3", "bool"),
        ("-scans.accepted_count", "int"),
        ("[1, 2] + [3]", "list"),
        ('"a" + "b"', "text"),
    ],
)
def test_the_type_of_what_goes_together(text: str, kind: str) -> None:
    assert infer(text, NAMES).kind == kind


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scans.first.at <= 3", "compares a time with a whole number"),
        ("scans.first.at == 3", "compares a time with a whole number"),
        ("when - when > 3", "compares a length of time with a whole number"),
        ("when + when", r"computes a time \+ a time"),
        ("policy.window * 2", r"computes a length of time \* a whole number"),
        ("case.impact_cents > policy.window", "an amount of money with a length of time"),
        ("case.impact_cents > scans.accepted_count", "an amount of money with a whole number"),
        ("case.impact_cents + scans.accepted_count", r"computes an amount of money \+ a whole"),
        ("case.impact_cents * policy.limit_cents", r"an amount of money \* an amount of money"),
        ("scans.accepted_count * 1.5", r"a number with decimals; write double\(…\)"),
        ("scans.hours_first_to_second + 1", r"or 1\.0 for 1"),
        ('scans.accepted_count == "many"', "compares a whole number with a text"),
        ('seller.tier == "platinum"', "no value of seller.tier 'platinum'.* Known: new,"),
        ('"nwe" != seller.tier', "no value of seller.tier 'nwe'.* Did you mean 'new'"),
        ('seller.tier in ["new", "tops"]', "'tops'.* Did you mean 'top'"),
        ('alerts.items.exists(a, a.kind == "outrage")', "'outrage'.* Did you mean 'outage'"),
        ('alerts.items.exists(a, a.knd == "outage")', "no field of 'a' 'knd'.* mean 'kind'"),
        ("alerts.items.exists(a, a.from)", "the condition of exists.*a time"),
        ("alerts.items.exists(a, a.from <= 3)", "compares a time with a whole number"),
        ("scans.delivered && scans.accepted_count", "not true or false"),
        ("!scans.accepted_count", "follows `!`, but is a whole number"),
        ("scans.accepted_count ? 1 : 2", "asked before `\\?`"),
        ("scans.first in 3", "looks into a whole number"),
        ("3 in listing.title", "looks into a text"),
        ("when in alerts.items", "among what is each a record"),
        ("scans.items < scans.items", "which of two is greater"),
        ("size(scans.accepted_count)", r"given to size\(\), but is a whole number"),
        ("scans.accepted_count.contains('a')", r"used with contains\(\)"),
        ("sizes(scans.items)", "no function 'sizes'.* Did you mean 'size'"),
        ('listing.title.startswith("a")', "no method 'startswith'.* mean 'startsWith'"),
        ("listing.title.getFullYear()", r"asked getFullYear\(\)"),
        ("scans.accepted_count.items", "is a whole number, which has no field 'items'"),
        ("scans.items['first']", "counted from 0"),
        ("scans.delivered ? when : 3", "`when : 3` is a time or a whole number"),
        ("-listing.title", "follows `-`, but is a text"),
    ],
)
def test_what_does_not_go_together_is_told(text: str, told: str) -> None:
    with pytest.raises(TypeFault, match=told):
        infer(text, NAMES)


def test_policy_values_have_the_type_of_all_their_versions() -> None:
    assert value_type([timedelta(days=1), timedelta(days=2)], name="window") == SPAN
    assert value_type([5, 7], name="limit_cents").kind == "money"
    assert value_type([5, 0.5], name="rate").kind == "any"


def test_marks_and_options_do_not_hide_a_type() -> None:
    assert type_of(Scans.model_fields["delivered_at"].annotation) == TIME
    assert type_of(Seller.model_fields["display_name"].annotation) == TEXT
    assert type_of(int | str).kind == "any"


VALUES: dict[str, tuple[Type, Any]] = {
    "t": (TIME, datetime(2026, 6, 1, tzinfo=UTC)),
    "d": (SPAN, timedelta(hours=5)),
    "i": (INT, 7),
    "m": (Type("money"), 1200),
    "f": (NUMBER, 2.5),
    "x": (TEXT, "abc"),
    "b": (BOOL, True),
    "l": (Type("list", of=INT), [3, 1, 2]),
    "r": (record({"t": TIME, "i": INT}), {"t": datetime(2026, 1, 1, tzinfo=UTC), "i": 4}),
}
PYTHON = {
    "time": datetime,
    "span": timedelta,
    "int": int,
    "money": int,
    "number": float,
    "text": str,
    "bool": bool,
    "list": list,
    "record": dict,
}
LEAVES = st.sampled_from([*VALUES, "r.t", "r.i", "l[0]", "2", "2.0", '"ab"', "true", "[1, 2]"])


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sign = st.sampled_from(["+", "-", "*", "/", "<", ">=", "==", "!=", "in", "&&", "||"])
    unary = st.sampled_from(["!(%s)", "-(%s)", "size(%s)", "double(%s)", "(%s).getHours()"])
    macro = st.sampled_from(["l.exists(e, %s)", "l.map(e, %s)", "l.filter(e, e > (%s))"])
    return st.one_of(
        st.builds(lambda a, s, b: f"({a}) {s} ({b})", inner, sign, inner),
        st.builds(lambda shape, a: shape % a, unary | macro, inner),
        st.builds(lambda a, b, c: f"({a}) ? ({b}) : ({c})", inner, inner, inner),
    )


EXPRESSIONS = st.recursive(LEAVES, joined, max_leaves=5)


# Most of what is drawn has no type; now and then fifty in a row have none.
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(EXPRESSIONS)
def test_what_is_typed_runs_and_is_of_its_type(text: str) -> None:
    try:
        found = infer(text, {name: kind for name, (kind, _) in VALUES.items()})
    except TypeFault:
        assume(False)
        return
    try:
        value = compile_cel(text).execute({name: value for name, (_, value) in VALUES.items()})
    except (ArithmeticError, RuntimeError) as error:
        # What a text holds, or whether a divisor is 0, no type says.
        if not (isinstance(error, ArithmeticError) or "parse error" in str(error)):
            raise
        return
    if found.kind != "any":
        assert isinstance(value, PYTHON[found.kind])


@pytest.mark.parametrize("text", [f"{a} {s} {b}" for a in VALUES for b in VALUES for s in "+-*<"])
def test_what_the_library_cannot_do_is_never_typed(text: str) -> None:
    try:
        infer(text, {name: kind for name, (kind, _) in VALUES.items()})
    except TypeFault:
        return
    compile_cel(text).execute({name: value for name, (_, value) in VALUES.items()})

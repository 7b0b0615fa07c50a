from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import reduce
from itertools import chain
from typing import Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from casewright.models import (
    NOTE_REQUIRED,
    REASON_CODES,
    Case,
    Citation,
    Claim,
    Cost,
    Decision,
    Evidence,
    Factor,
    Moment,
    Money,
    Precedent,
    Review,
    ReviewAct,
    Route,
    Run,
    Slip,
)

quick = settings(max_examples=50, deadline=None)

SAFE = 2**53 - 1
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
RECORDS = st.dictionaries(st.text(max_size=5), JSON, max_size=4)
ROUTES = st.sampled_from(Route)
COUNTS = st.integers(0, 10**9)
COSTS = st.builds(
    Cost,
    **{name: COUNTS for name in Cost.model_fields if name != "slips"},
    slips=st.dictionaries(st.sampled_from(get_args(Slip)), COUNTS),
)


def same_json(one: Any, other: Any) -> bool:
    """Equality of JSON values: ``1`` and ``1.0`` are one number, ``true`` is not ``1``."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("field", ["case_id", "impact", "opened_at"])
def test_a_case_is_frozen(make_case: Callable[..., Case], field: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(make_case(), field, None)


def test_unknown_fields_are_refused(make_case: Callable[..., Case]) -> None:
    with pytest.raises(ValidationError, match="gold_outcome"):
        make_case(gold_outcome="overturn")


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "E1R"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(ValidationError, match="currency"):
        Money(cents=1, currency=currency)


def test_money_refuses_parts_of_a_cent() -> None:
    with pytest.raises(ValidationError, match="cents"):
        Money.model_validate({"cents": 12.5, "currency": "EUR"})


def test_a_moment_without_an_offset_is_refused(make_case: Callable[..., Case]) -> None:
    with pytest.raises(ValidationError, match="opened_at"):
        make_case(opened_at=datetime(2026, 6, 3, 12))  # noqa: DTZ001


@quick
@given(
    moment=st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001
    minutes=st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_is_kept_in_utc_whatever_its_offset(moment: datetime, minutes: int) -> None:
    written = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    kept = TypeAdapter(Moment).validate_python(written.isoformat())
    assert kept == written
    assert kept.tzinfo is UTC


def test_a_moment_before_the_first_year_is_refused_in_words() -> None:
    with pytest.raises(ValidationError, match="outside the years"):
        TypeAdapter(Moment).validate_python("0001-01-01T00:00:00+14:00")


@quick
@given(data=RECORDS, request=RECORDS)
def test_a_digest_does_not_depend_on_the_order_of_keys(
    make_evidence: Callable[..., Evidence], data: dict[str, Any], request: dict[str, Any]
) -> None:
    one = make_evidence(data=data, request=request)
    other = make_evidence(data=reordered(data), request=reordered(request))
    assert one.digest == other.digest


@quick
@given(one=RECORDS, other=RECORDS)
def test_two_answers_have_one_digest_only_if_they_are_the_same_json(
    make_evidence: Callable[..., Evidence], one: dict[str, Any], other: dict[str, Any]
) -> None:
    digests = {make_evidence(data=data).digest for data in (one, other)}
    assert (len(digests) == 1) == same_json(one, other)


@quick
@given(data=RECORDS, key=st.text(max_size=5), value=JSON)
def test_one_changed_value_changes_the_digest(
    make_evidence: Callable[..., Evidence], data: dict[str, Any], key: str, value: Any
) -> None:
    changed = data | {key: value}
    assume(not same_json(data, changed))
    assert make_evidence(data=changed).digest != make_evidence(data=data).digest


@quick
@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=999)))
def test_the_moment_of_retrieval_is_not_in_the_digest(
    make_evidence: Callable[..., Evidence], noon: datetime, later: timedelta
) -> None:
    assert make_evidence(retrieved_at=noon + later).digest == make_evidence().digest


@pytest.mark.parametrize(
    "change",
    [
        {"tool": "get_seller"},
        {"request": {"order_id": "O-2"}},
        {"status": "no_data", "data": None},
        {"reason": "carrier_not_connected"},
        {"complete": False},
        {"untrusted": ("/note",)},
        {"source": "orders"},
        {"through": datetime(2026, 6, 2, tzinfo=UTC)},
        {"as_of": datetime(2026, 6, 4, tzinfo=UTC)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_the_content_is_in_the_digest(
    make_evidence: Callable[..., Evidence], change: dict[str, Any]
) -> None:
    assert make_evidence(**change).digest != make_evidence().digest


def test_content_is_everything_but_the_digest_and_the_retrieval(
    make_evidence: Callable[..., Evidence], noon: datetime
) -> None:
    left_out = set(Evidence.model_fields) - set(make_evidence(through=noon).content())
    assert left_out == {"digest", "retrieved_at"}


def test_the_same_instant_in_another_zone_is_the_same_evidence(
    make_evidence: Callable[..., Evidence], noon: datetime
) -> None:
    elsewhere = noon.astimezone(timezone(timedelta(hours=8)))
    assert make_evidence(as_of=elsewhere).digest == make_evidence(as_of=noon).digest


def test_evidence_changed_in_memory_is_not_intact(make_evidence: Callable[..., Evidence]) -> None:
    evidence = make_evidence()
    assert evidence.intact()
    assert evidence.data is not None
    evidence.data["ship_by"] = "2026-07-01T00:00:00Z"
    assert not evidence.intact()


@quick
@given(make=st.data())
def test_evidence_survives_its_json(
    make_evidence: Callable[..., Evidence], make: st.DataObject
) -> None:
    evidence = make_evidence(data=make.draw(RECORDS))
    read = Evidence.model_validate_json(evidence.model_dump_json())
    assert read.intact()
    assert read.digest == evidence.digest


@quick
@given(ROUTES, ROUTES)
def test_raising_a_route_is_commutative_and_never_lowers(one: Route, other: Route) -> None:
    raised = one.raised_to(other)
    assert raised is other.raised_to(one)
    assert raised in (one, other)
    assert raised.rank >= max(one.rank, other.rank)


@quick
@given(ROUTES, ROUTES, ROUTES)
def test_raising_a_route_is_associative(one: Route, two: Route, three: Route) -> None:
    assert one.raised_to(two).raised_to(three) is one.raised_to(two.raised_to(three))


@quick
@given(ROUTES)
def test_legal_tops_and_auto_yields_to_every_route(route: Route) -> None:
    assert route.raised_to(Route.LEGAL) is Route.LEGAL
    assert Route.AUTO.raised_to(route) is route
    assert route.raised_to(route) is route


def cite(reference: str) -> Citation:
    return Citation(kind="policy", reference=reference, quote=f"Text of {reference}.")


def decide(*claims: Claim, factors: tuple[Factor, ...] = ()) -> Decision:
    return Decision(outcome="uphold", row=1, factors=factors, claims=claims, graph_version="s@1+a")


def test_citations_are_listed_once_in_order_of_first_use() -> None:
    a, b, c = cite("SHIP-4.1"), cite("SHIP-4.2"), cite("APL-2.1")
    decision = decide(
        Claim(sentence="One.", citations=(b, a)), Claim(sentence="Two.", citations=(a, c, b))
    )
    assert decision.citations == (b, a, c)


def test_a_struck_claim_brings_no_citation_but_does_not_take_one_away() -> None:
    kept, dropped = cite("SHIP-4.1"), cite("SHIP-4.2")
    decision = decide(
        Claim(sentence="Struck.", citations=(dropped, kept), struck="the quote is not there"),
        Claim(sentence="Stands.", citations=(kept,)),
    )
    assert decision.citations == (kept,)


def test_two_citations_of_one_place_with_other_values_both_count() -> None:
    yes = Citation(kind="evidence", reference="ab", pointer="/late", quote=True)
    one = Citation(kind="evidence", reference="ab", pointer="/late", quote=1)
    assert len(decide(Claim(sentence="x", citations=(yes, one))).citations) == 2


@quick
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from("abcdef"), max_size=4), st.sampled_from(["", "not there"])
        ),
        max_size=5,
    )
)
def test_citations_are_those_of_standing_claims_each_once(
    drawn: list[tuple[list[str], str]],
) -> None:
    claims = [
        Claim(sentence="s", citations=tuple(map(cite, names)), struck=struck)
        for names, struck in drawn
    ]
    listed = [citation.reference for citation in decide(*claims).citations]
    assert len(listed) == len(set(listed))
    assert set(listed) == set(chain.from_iterable(n for n, struck in drawn if not struck))


def test_a_factor_is_found_by_name() -> None:
    late = Factor(name="late", value=False)
    assert decide(factors=(Factor(name="outage"), late)).factor("late") is late
    with pytest.raises(KeyError, match="weather"):
        decide(factors=(late,)).factor("weather")


@pytest.mark.parametrize("value", [False, 0, "", 0.0])
def test_a_false_or_empty_factor_is_known(value: object) -> None:
    assert Factor.model_validate({"name": "late", "value": value}).known


def test_a_factor_without_a_value_is_unknown() -> None:
    assert not Factor(name="late", reason="carrier_not_connected").known


@pytest.mark.parametrize("value", [True, 1, 1.5, "1"])
def test_a_factor_keeps_its_type_through_json(value: object) -> None:
    factor = Factor.model_validate({"name": "n", "value": value})
    read = Factor.model_validate_json(factor.model_dump_json())
    assert type(read.value) is type(value)


@quick
@given(st.lists(COSTS, max_size=5))
def test_costs_add_up_field_by_field(costs: list[Cost]) -> None:
    total = reduce(Cost.__add__, costs, Cost())
    for kind in get_args(Slip):
        assert total.slips.get(kind, 0) == sum(cost.slips.get(kind, 0) for cost in costs)
    for field in Cost.model_fields.keys() - {"slips"}:
        assert getattr(total, field) == sum(getattr(cost, field) for cost in costs)


def test_every_act_has_codes_and_no_code_serves_two_acts() -> None:
    assert set(REASON_CODES) == set(ReviewAct)
    codes = [code for of_act in REASON_CODES.values() for code in of_act]
    assert len(codes) == len(set(codes))
    assert all(REASON_CODES.values())


def test_codes_that_need_a_note_exist() -> None:
    assert set(chain.from_iterable(REASON_CODES.values())) >= NOTE_REQUIRED


@pytest.mark.parametrize("change", [{"codes": ()}, {"reviewer": ""}, {"act": "shrug"}])
def test_a_review_names_its_act_a_code_and_who(noon: datetime, change: dict[str, Any]) -> None:
    content = {"act": "approve", "codes": ("A1",), "reviewer": "r1", "at": noon}
    assert Review(**content).act is ReviewAct.APPROVE
    with pytest.raises(ValidationError, match=next(iter(change))):
        Review(**content | change)


def test_a_run_survives_its_json(make_run: Callable[..., Run], noon: datetime) -> None:
    precedent = Precedent(
        case_id="P-1", outcome="uphold", closed_at=noon, similarity=0.03, situation="Late."
    )
    decision = decide(Claim(sentence="x", citations=(cite("SHIP-4.1"),))).model_copy(
        update={"precedents": (precedent,), "route": Route.SENIOR, "cost": Cost(tool_calls=3)}
    )
    run = make_run(decision=decision)
    assert Run.model_validate_json(run.model_dump_json()) == run

"""A challenger beside the champion: verdicts, slices, flips, and how often they are wrong."""

import io
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from casewright.cost import Cost
from casewright.errors import UsageError
from evals.compare import compare
from evals.compare_report import render_comparison
from evals.comparison import Comparison
from evals.measures import MetricContext
from evals.metrics import summarise
from evals.scored import Scored
from graphs.costs import Borne, CostSpec

COSTS = CostSpec(
    currency="USD",
    order=("overturn", "partial", "uphold"),
    too_harsh=Borne(seller=18_000),
    too_lenient=Borne(buyers=1_500),
    minutes=10,
)

Writer = Callable[..., Scored]


def _judged(cases: Sequence[Scored], right: Sequence[bool]) -> list[Scored]:
    """The same gold cases, decided rightly where told so."""
    return [
        one.model_copy(update={"outcome": one.gold.outcome if hit else "partial"})
        for one, hit in zip(cases, right, strict=True)
    ]


def _cases(scored: Writer, n: int, per_seller: int = 1, **other: Sequence[str]) -> list[Scored]:
    return [
        scored(
            "overturn" if i % 2 else "uphold",
            "escalate",
            case_id=f"c{i:04d}",
            seller_id=f"s{i // per_seller}",
            **{name: values[i % len(values)] for name, values in other.items()},
        )
        for i in range(n)
    ]


def test_the_measures_are_those_of_the_report(scored: Writer) -> None:
    cases = [
        scored("overturn", "overturn", case_id="a"),
        scored("overturn", "uphold", case_id="b", seller_id="S-2"),
        scored("uphold", "request_information", asked=("m",), ask=("m",), case_id="c"),
        scored("uphold", "escalate", case_id="d"),
        scored("uphold", "uphold", case_id="e"),
    ]
    found = compare(cases, _judged(cases, [False] * 5))
    report = summarise(cases)
    rates = {one.measure: one.champion for one in found.measures}
    plain = {
        "first look": report.first_look,
        "accuracy": report.accuracy,
        "coverage": report.coverage,
        "precision of uphold": report.outcome("uphold").precision,
        "recall of uphold": report.outcome("uphold").recall,
        "recall of overturn": report.outcome("overturn").recall,
    }
    for name, expected in plain.items():
        rate = rates[name]
        assert (rate.numerator, rate.denominator) == (expected.numerator, expected.denominator)
    assert {one.measure: one.value for one in found.measures}["first look"] == pytest.approx(-0.6)
    assert [flip.change for flip in found.flips] == ["lost"] * 3 + ["other"] * 2


def test_better(scored: Writer) -> None:
    cases = _cases(scored, 200)
    before = [i % 10 < 7 for i in range(200)]
    found = compare(_judged(cases, before), _judged(cases, [i % 10 < 9 for i in range(200)]))
    assert (found.verdict, found.refused, found.pairs.won) == ("better", False, 40)


def test_worse(scored: Writer) -> None:
    cases = _cases(scored, 200)
    after = [i % 10 < 7 for i in range(200)]
    found = compare(_judged(cases, [True] * 200), _judged(cases, after))
    assert (found.verdict, found.refused, found.pairs.lost) == ("worse", True, 60)
    assert found.measures[0].high < 0


def test_a_loss_within_the_margin_is_not_worse(scored: Writer) -> None:
    cases = _cases(scored, 1000)
    found = compare(
        _judged(cases, [True] * 1000), _judged(cases, [i >= 8 for i in range(1000)]), margin=0.05
    )
    assert found.pairs.p < 0.05
    assert (found.verdict, found.refused) == ("not worse", False)


def test_few_cases_decide_nothing_and_it_says_how_many_would(scored: Writer) -> None:
    cases = _cases(scored, 40)
    before, after = [i % 5 > 0 for i in range(40)], [i % 7 > 0 for i in range(40)]
    found = compare(_judged(cases, before), _judged(cases, after))
    assert found.verdict == "undecided"
    assert found.needed is not None
    assert found.needed.to_tell is not None
    assert found.needed.to_tell > 40


def test_ten_cases_that_agree_show_nothing(scored: Writer) -> None:
    cases = _judged(_cases(scored, 10), [True] * 10)
    assert compare(cases, cases).verdict == "undecided"


def test_one_seller_shows_nothing_about_others(scored: Writer) -> None:
    cases = _cases(scored, 300, per_seller=300)
    found = compare(_judged(cases, [False] * 300), _judged(cases, [True] * 300))
    assert (found.verdict, found.pairs.p, found.measures[0].low) == ("undecided", 1, None)


def test_a_slice_that_got_worse_is_named_and_refused(scored: Writer) -> None:
    """Better in all but the Mexican cases, 8 of 100, where three in five are lost."""
    regions = ["MX" if i % 25 in (0, 13) else "US" for i in range(600)]
    cases = _cases(scored, 600, per_seller=2, region=regions)
    draw = np.random.default_rng(8).random((2, 600))
    before = [chance < 0.75 for chance in draw[0]]
    after = [
        chance < 0.3 if region == "MX" else hit or chance < 0.5
        for region, hit, chance in zip(regions, before, draw[1], strict=True)
    ]
    found = compare(_judged(cases, before), _judged(cases, after))
    assert sum(region == "MX" for region in regions) == 48
    assert (found.verdict, found.refused) == ("better", True)
    assert [part.name for part in found.worse_parts] == ["region MX"]
    assert "it got worse in region MX: it is refused" in found.reason


def test_a_slice_of_30_that_shows_nothing_is_named_so(scored: Writer) -> None:
    cases = _cases(scored, 400, language=["en"] * 9 + ["es"])
    same = _judged(cases, [True] * 400)
    named = {part.name: part.named for part in compare(same, same).parts}
    assert (named["language es"], named["language en"]) == ("not shown", "")
    few = _judged(_cases(scored, 290, language=["en"] * 9 + ["es"]), [True] * 290)
    assert {p.name: p.named for p in compare(few, few).parts}["language es"] == ""


def test_only_shared_cases_count(scored: Writer) -> None:
    cases = _judged(_cases(scored, 30), [True] * 30)
    found = compare(cases[:20], cases[5:])
    assert (found.pairs.n, found.champion.only, found.challenger.only) == (15, 5, 10)


def test_errors_are_told_and_never_right(scored: Writer) -> None:
    cases = [scored("uphold", "uphold", case_id=f"c{i}") for i in range(3)]
    failed = [one.model_copy(update={"outcome": ""}) for one in cases[:2]]
    found = compare(cases, [*failed, cases[2]])
    assert (found.challenger.errors, found.pairs.lost) == (2, 2)
    assert "3 cases; 2 ended in an error" in _printed(found)


def test_cases_of_two_worlds_are_two_cases(scored: Writer) -> None:
    cases = [scored("uphold", "uphold", seed=seed) for seed in (7, 11)]
    found = compare(cases, cases)
    assert (found.pairs.n, found.pairs.sellers) == (2, 2)


def test_no_shared_case_is_an_error(scored: Writer) -> None:
    with pytest.raises(UsageError, match="no gold case in common"):
        compare([scored("uphold", "uphold", seed=7)], [scored("uphold", "uphold", seed=11)])


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"is_": "overturn"}, "its outcome is uphold in the champion's, overturn in the other"),
        ({"ask": ("m",)}, "its ask is nothing in the champion's, m in the other"),
    ],
)
def test_other_gold_is_an_error(scored: Writer, other: dict[str, str], told: str) -> None:
    one = scored("uphold", "uphold")
    with pytest.raises(UsageError, match=told):
        compare([one], [scored(**{"is_": "uphold", "said": "uphold", **other})])


SAID = ("uphold", "overturn", "request_information", "escalate", "")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(SAID[:2]),
            st.sampled_from(SAID),
            st.sampled_from(("s1", "s2", "s3")),
            st.sampled_from(("US", "MX")),
        ),
        min_size=1,
        max_size=60,
    )
)
def test_a_version_beside_itself_has_not_changed(
    scored: Writer, rows: list[tuple[str, str, str, str]]
) -> None:
    cases = [
        scored(
            is_, said, case_id=f"c{i}", seller_id=seller, region=region, ask=("m",), asked=("m",)
        )
        for i, (is_, said, seller, region) in enumerate(rows)
    ]
    found = compare(cases, cases)
    assert (found.flips, found.worse_parts, found.refused) == ((), (), False)
    assert found.verdict in ("not worse", "undecided")
    assert found.reason.startswith("Nothing changed")
    assert found.pairs.p == found.pairs.p_mcnemar == 1
    for one in (*found.measures, *(part.first_look for part in found.parts)):
        assert {one.value, one.low, one.high} <= {0, None}


def _drawn(
    cases: Sequence[Scored], generator: np.random.Generator, lost: float, won: float
) -> tuple[list[Scored], list[Scored]]:
    """Sixty sellers of four cases, each with rates of its own around those given."""
    shares = np.array([lost, won, 1 - lost - won])
    own = np.repeat(generator.dirichlet(shares * 4, 60), 4, axis=0)
    chance = generator.random(240)
    is_lost, is_won = chance < own[:, 0], chance > 1 - own[:, 1]
    right = generator.random(240) < 0.7
    before, after = (right | is_lost) & ~is_won, (right | is_won) & ~is_lost
    return _judged(cases, list(before)), _judged(cases, list(after))


def test_equal_versions_are_told_apart_at_most_1_time_in_20(scored: Writer) -> None:
    generator, trials = np.random.default_rng(9), 80
    cases = _cases(scored, 240, per_seller=4, region=["US", "US", "US", "MX"])
    found = [compare(*_drawn(cases, generator, 0.06, 0.06)) for _ in range(trials)]
    most = 0.05 + 2 * (0.05 * 0.95 / trials) ** 0.5
    assert sum(one.verdict in ("better", "worse") for one in found) / trials <= most
    assert sum(bool(one.worse_parts) for one in found) / trials <= most


def test_a_loss_of_the_margin_passes_at_most_1_time_in_20(scored: Writer) -> None:
    generator, trials = np.random.default_rng(10), 80
    cases = _cases(scored, 240, per_seller=4, region=["US", "US", "US", "MX"])
    found = [compare(*_drawn(cases, generator, 0.09, 0.04), margin=0.05) for _ in range(trials)]
    most = 0.05 + 2 * (0.05 * 0.95 / trials) ** 0.5
    assert sum(one.pairs.not_inferior for one in found) / trials <= most


def _printed(found: Comparison, width: int = 110) -> str:
    page = io.StringIO()
    Console(file=page, width=width, color_system=None).print(render_comparison(found))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def test_what_people_read(scored: Writer, snapshot: SnapshotAssertion) -> None:
    cases = _cases(scored, 300, per_seller=2, region=["US"] * 11 + ["MX"], language=["en", "es"])
    before = _judged(cases, [i % 10 < 7 for i in range(300)])
    after = _judged(cases, [i % 10 < 9 and i % 12 < 11 for i in range(300)])
    spent = {
        "cost": Cost(model_calls=1, tokens_in=400, tokens_out=20, micros=90),
        "currency": "USD",
    }
    after = [one.model_copy(update={"graph_version": "sop@2+cd", **spent}) for one in after]
    before = [one.model_copy(update={"graph_version": "sop@1+ab"}) for one in before]
    assert _printed(compare(before[:-5], after, names=("a.jsonl", "b.jsonl"))) == snapshot


def test_what_people_read_of_what_is_undecided(scored: Writer, snapshot: SnapshotAssertion) -> None:
    cases = _cases(scored, 31)
    found = compare(
        _judged(cases, [i % 5 > 0 for i in range(31)]),
        _judged(cases, [True] * 3 + [i % 7 > 0 for i in range(28)]),
    )
    assert _printed(found) == snapshot


def test_names_with_brackets_are_printed_as_they_are(scored: Writer) -> None:
    one = [scored("[bold]", "[/bold]", region="[x]")]
    assert "[bold]" in _printed(compare(one, one))


def test_what_wrong_decisions_cost_is_compared_in_all_and_by_slice(scored: Writer) -> None:
    """40 cases upheld though excused, at 180 each; the challenger excuses the half of them."""
    cases = [
        scored("overturn", "uphold", case_id=f"c{i}", seller_id=f"s{i}", region=("US", "MX")[i % 2])
        for i in range(40)
    ]
    milder = [
        one.model_copy(update={"outcome": "overturn" if one.gold.region == "US" else "uphold"})
        for one in cases
    ]
    costs = MetricContext({cases[0].gold.case_type: COSTS})
    found = {one.slice: one for one in compare(cases, milder, context=costs).losses}
    assert found[""].n == 40
    assert found[""].champion == 18_000
    assert found[""].value == -9_000
    low, high = found[""].low, found[""].high
    assert low is not None
    assert high is not None
    assert low < -9_000 < high < 0
    assert "region US" not in found  # under 30 cases
    assert compare(cases, milder).losses == ()


def test_costs_in_several_currencies_are_not_added_up(scored: Writer) -> None:
    cases = [scored("overturn", "uphold", case_id=f"c{i}", seller_id=f"s{i}") for i in range(4)]
    euros = COSTS.model_copy(update={"currency": "EUR"})
    both = MetricContext({cases[0].gold.case_type: COSTS, "other": euros})
    assert compare(cases, cases, context=both).losses == ()


def test_a_large_slice_has_the_other_measures_too(scored: Writer) -> None:
    cases = _cases(scored, 40, region=("US",))
    (part,) = [one for one in compare(cases, cases).parts if one.name == "region US"]
    assert {"accuracy", "coverage", "precision of uphold", "recall of uphold"} <= {
        one.measure for one in part.measures
    }
    assert all(one.value in (0, None) for one in part.measures)

"""What speaks against a version: each reason by itself, all at once, and a slice that got worse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from syrupy.assertion import SnapshotAssertion

from casewright.cost import Cost
from evals.bundle import Attacked, Attacks, Bundle
from evals.compare import compare
from evals.gate_file import Gate
from evals.measures import Measure
from evals.metrics import summarise
from evals.promotion import figures, remarks, verdict
from evals.scored import Scored

Writer = Callable[..., Scored]
NOW = datetime(2026, 6, 10, tzinfo=UTC)
VERSION, PRODUCTION = "sop@2+new", "sop@1+old"


def cases(scored: Writer, n: int = 300, **other: Sequence[str]) -> list[Scored]:
    return [
        scored(
            "overturn" if i % 2 else "uphold",
            "escalate",
            case_id=f"c{i:04d}",
            seller_id=f"s{i // 2}",
            **{name: values[i % len(values)] for name, values in other.items()},
        )
        for i in range(n)
    ]


def judged(some: Sequence[Scored], right: Sequence[bool], version: str = VERSION) -> list[Scored]:
    return [
        one.model_copy(
            update={"outcome": one.gold.outcome if hit else "partial", "graph_version": version}
        )
        for one, hit in zip(some, right, strict=True)
    ]


def bundle(mine: Sequence[Scored], theirs: Sequence[Scored] | None = None, **other: Any) -> Bundle:
    fields: dict[str, Any] = {
        "made_at": NOW - timedelta(days=1),
        "sop": "sop",
        "graph_version": VERSION,
        "gold_digest": "0" * 64,
        "report": summarise(mine),
        "comparison": None if theirs is None else compare(theirs, mine),
        "attacks": Attacks(graph_version=VERSION, texts=20, readings=40),
        "findings": (),
    }
    return Bundle(**{**fields, **other})


@pytest.fixture
def right(scored: Writer) -> list[Scored]:
    return judged(cases(scored), [True] * 300)


def rules(found: Bundle, gate: Gate | None = None, production: str | None = None) -> list[str]:
    return [one.rule for one in verdict(found, gate or Gate(), NOW, VERSION, production)]


def test_what_is_right_passes(right: list[Scored]) -> None:
    found = bundle(right)
    assert verdict(found, Gate(), NOW, VERSION, None) == ()
    assert figures(found)["accuracy"] == 1
    assert figures(found)["cases"] == 300


def test_a_challenger_worse_in_a_slice_of_8_percent_is_refused_with_its_name(
    scored: Writer,
) -> None:
    """Better in all but the Mexican cases, 8 of 100, where three in five are lost."""
    regions = ["MX" if i % 25 in (0, 13) else "US" for i in range(600)]
    some = cases(scored, 600, region=regions)
    draw = np.random.default_rng(8).random((2, 600))
    before = [chance < 0.75 for chance in draw[0]]
    after = [
        chance < 0.3 if region == "MX" else hit or chance < 0.9
        for region, hit, chance in zip(regions, before, draw[1], strict=True)
    ]
    found = bundle(judged(some, after), judged(some, before, PRODUCTION))
    assert found.comparison is not None
    assert found.comparison.verdict == "better"
    gate = Gate.model_validate({"least": {"accuracy": 0.8}, "fairness": {"points": None}})
    (reason,) = verdict(found, gate, NOW, VERSION, PRODUCTION)
    assert reason.rule == "slice"
    assert reason.told.startswith("It got worse in region MX: of 48 cases ")
    # The same without a comparison: a slice of 8 of 100 that is far worse than the whole.
    unfair = Gate.model_validate({"least": {"accuracy": 0.8}})
    (reason,) = verdict(bundle(judged(some, after)), unfair, NOW, VERSION, None)
    assert reason.rule == "fairness"
    assert reason.told.startswith("In region MX ")


def test_every_reason_is_told_at_once(scored: Writer, snapshot: SnapshotAssertion) -> None:
    some = cases(scored, 60, region=["US", "US", "UK"])
    mine = judged(some, [i % 3 < 2 and i % 7 > 0 for i in range(60)])
    mine[0] = mine[0].model_copy(
        update={
            "outcome": "",
            "cost": Cost(model_calls=60, tokens_in=90_000, micros=900_000, unpriced=2),
            "currency": "USD",
        }
    )
    theirs = judged(some, [True] * 60, PRODUCTION)
    changed = Attacked(case_id="c1", text="plain-order", before="uphold", after="overturn")
    found = bundle(
        mine,
        theirs,
        made_at=NOW - timedelta(days=40),
        attacks=Attacks(graph_version=VERSION, texts=1, readings=1, changed=(changed,)),
        findings=("error: sop.yaml:12: row 3 never decides.",),
    )
    gate = Gate.model_validate(
        {
            "least": {"first_look": 0.9, "coverage": 0.99},
            "outcomes": {"overturn": {"precision": 0.95, "recall": 0.9, "cases": 50}, "no": {}},
            "measures": {"calibration": {"most": 0.03}},
            "most": {"errors": 0.0, "money_micros": 1000, "tokens": 500, "seconds": 2},
            "attacks": {"readings": 20},
            "not_worse": {"margin": 0.01, "not_shown": "refuse"},
        }
    )
    told = verdict(found, gate, NOW, "sop@2+other", PRODUCTION)
    assert "\n".join(f"{one.rule}: {one.told}" for one in told) == snapshot


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"graph_version": "sop@2+edited"}, "version"),
        ({"format": 2}, "version"),
        ({"made_at": NOW - timedelta(days=31)}, "age"),
        ({"made_at": NOW + timedelta(hours=1)}, "age"),
        ({"attacks": None}, "attacks"),
        ({"attacks": Attacks(graph_version="sop@1+old", texts=1, readings=9)}, "attacks"),
        ({"attacks": Attacks(graph_version=VERSION, texts=0, readings=0)}, "attacks"),
        ({"findings": None}, "checker"),
        ({"findings": ("error: …",)}, "checker"),
    ],
)
def test_each_is_a_reason(right: list[Scored], other: dict[str, Any], rule: str) -> None:
    assert rule in rules(bundle(right, **other))


def test_cases_that_another_version_judged_do_not_count(right: list[Scored]) -> None:
    mixed = [right[0].model_copy(update={"graph_version": PRODUCTION}), *right[1:]]
    assert rules(bundle(mixed)) == ["version"]


def test_a_tolerance_of_the_suite_is_stated(right: list[Scored]) -> None:
    one = Attacked(case_id="c1", text="t", before="uphold", after="overturn")
    found = bundle(
        right, attacks=Attacks(graph_version=VERSION, texts=1, readings=40, changed=(one,))
    )
    assert rules(found) == ["attacks"]
    assert rules(found, Gate.model_validate({"attacks": {"changed": 1}})) == []


@pytest.mark.parametrize("theirs", [None, "sop@0+older"])
def test_it_has_to_be_compared_with_what_is_in_production(
    right: list[Scored], scored: Writer, theirs: str | None
) -> None:
    others = None if theirs is None else judged(cases(scored), [True] * 300, theirs)
    assert "comparison" in rules(bundle(right, others), production=PRODUCTION)
    assert rules(bundle(right, others)) == []


def test_what_is_not_shown_is_refused_or_told(right: list[Scored], scored: Writer) -> None:
    before = judged(cases(scored), [True] * 300, PRODUCTION)
    lost = judged(cases(scored), [i % 60 > 0 for i in range(300)])
    assert rules(bundle(lost, before), production=PRODUCTION) == ["comparison"]
    same = bundle(right, before)
    assert rules(same, production=PRODUCTION) == []
    assert remarks(same, Gate()) == ()
    languages = cases(scored, 400, language=["en"] * 9 + ["es"])
    both = [judged(languages, [True] * 400, one) for one in (VERSION, PRODUCTION)]
    found = bundle(*both)
    assert remarks(found, Gate())[0].startswith("language es (40 cases) is not shown to be within")
    strict = Gate.model_validate({"not_worse": {"not_shown": "refuse"}})
    assert rules(found, strict, PRODUCTION) == ["slice"]
    assert remarks(found, strict) == ()


def test_a_wider_margin_than_the_gates_does_not_do(right: list[Scored], scored: Writer) -> None:
    before = judged(cases(scored), [True] * 300, PRODUCTION)
    wide = bundle(right, before, comparison=compare(before, right, margin=0.1))
    assert rules(wide, production=PRODUCTION) == ["comparison"]


def test_measures_of_other_metrics_are_bounded_by_name(right: list[Scored]) -> None:
    slow = Measure(name="latency", value=3, low=2, high=4, n=9, reason="3 s", unit="seconds")
    report = summarise(right).model_copy(update={"measures": (slow,)})
    found = bundle(right, report=report)
    for gate, expected in (
        ({"most": {"seconds": 2}}, ["cost"]),
        ({"most": {"seconds": 4}}, []),
        ({"measures": {"latency": {"most": 3.9}}}, ["measure"]),
        ({"measures": {"latency": {"most": 4, "least": 2}}}, []),
        ({"measures": {"latency": {"least": 2.1}}}, ["measure"]),
    ):
        assert rules(found, Gate.model_validate(gate)) == expected


@pytest.mark.parametrize(
    ("wrong", "others", "expected"), [(1, 0, []), (4, 10, []), (18, 10, ["fairness"])]
)
def test_a_slice_is_unfair_where_its_interval_is_clear_of_nought(
    scored: Writer, wrong: int, others: int, expected: list[str]
) -> None:
    """Of 30 decisions in the EU so many are wrong, and of the other 170: 3, 6 and 51 points."""
    gate = Gate.model_validate({"least": {"accuracy": None}})
    some = cases(scored, 200, region=["EU"] * 30 + ["US"] * 170)
    right = [i >= wrong if i < 30 else i >= 30 + others for i in range(200)]
    assert rules(bundle(judged(some, right)), gate) == expected

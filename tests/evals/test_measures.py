import random
from collections.abc import Callable, Sequence

import pytest

from casewright.errors import UsageError
from casewright.registry import Registry
from evals.measures import KIND, Measure, Metric, MetricContext, measure_all, metrics
from evals.metric_plugin import BUILT_IN, register
from evals.metrics import Report, summarise
from evals.scored import Scored, Traits

Writer = Callable[..., Scored]
Apart = Callable[[Sequence[Scored]], list[Scored]]


class Dearest:
    """The highest stake among the cases."""

    name = "dearest"

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """In dollars."""
        found = [one.traits.impact.cents for one in scored if one.traits and one.traits.impact]
        if not found:
            return Measure.nothing(self.name, "no case has an impact")
        return Measure(name=self.name, value=max(found) / 100, n=len(found), reason="dearest")


def test_the_built_in_metrics_register_as_any_other() -> None:
    registry = Registry()
    register(registry)
    registry.add(KIND, Dearest.name, Dearest())
    found = registry.all(KIND, Metric)
    assert [*found] == [*(one.name for one in BUILT_IN), "dearest"]
    with pytest.raises(UsageError, match="Two plugins register the metric 'macro F1'"):
        register(registry)


def test_a_part_that_is_no_metric_is_refused() -> None:
    registry = Registry()
    registry.add(KIND, "odd", object())
    with pytest.raises(UsageError, match="not Metric"):
        registry.all(KIND, Metric)


def test_metrics_of_installed_packages_are_found(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "stakes-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stakes\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[casewright.metrics]\nstakes = stakes_plugin\n")
    (tmp_path / "stakes_plugin.py").write_text(
        "class Stakes:\n"
        "    '''What is at stake.'''\n"
        "    name = 'stakes'\n"
        "    def measure(self, scored, context):\n"
        "        return None\n"
        "def register(registry):\n"
        "    registry.add('metric', 'stakes', Stakes())\n"
    )
    before = metrics()
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [*metrics().keys() - before.keys()] == ["stakes"]


@pytest.mark.parametrize("metric", BUILT_IN, ids=lambda one: one.name)
def test_without_data_it_says_why(metric: Metric, scored: Writer, gold) -> None:
    bare = [
        scored("uphold", ""),
        scored("uphold", "overturn"),
        Scored(gold=gold(), outcome="uphold", traits=Traits()),
    ]
    for cases in ([], bare[:1], bare, bare * 3):
        (found,) = measure_all(cases, [metric])
        assert found.name == metric.name
        assert found.reason
        if found.value is None:
            assert (found.low, found.high) == (None, None)
        for one in (found, *found.parts):
            if one.value is not None and one.low is not None:
                assert one.low - 1e-12 <= one.value <= one.high + 1e-12


def test_the_order_of_cases_does_not_matter(scored: Writer, apart: Apart) -> None:
    drawn = random.Random(4)
    cases = []
    for number in range(60):
        case = scored(
            "uphold",
            drawn.choice(["uphold", "uphold", "overturn"]),
            case_id=f"c{number}",
            seller_id=f"S-{drawn.randrange(20)}",
            truth="review",
        )
        traits = Traits(
            confidence=drawn.randrange(20) / 20,
            route="auto-eligible",
            seconds=drawn.random() + 0.1,
            repeats=("uphold",),
        )
        cases.append(case.model_copy(update={"traits": traits}))
    first = summarise(cases, BUILT_IN)
    drawn.shuffle(cases)
    assert summarise(cases, BUILT_IN).measures == first.measures
    assert Report.model_validate_json(first.model_dump_json()) == first


@pytest.mark.parametrize("name", ["macro F1", "reviewer agreement", "risk-coverage area"])
def test_where_nothing_was_wrong_the_interval_still_has_a_width(
    name: str, scored: Writer, apart: Apart
) -> None:
    cases = [scored(one, one, truth="review") for one in ("uphold", "overturn")] * 20
    sure = [one.model_copy(update={"traits": Traits(confidence=0.9)}) for one in apart(cases)]
    (found,) = measure_all(sure, [one for one in BUILT_IN if one.name == name])
    assert found.high - found.low > 0.03
    assert found.low <= found.value <= found.high


def test_kappa_tells_nothing_where_one_side_always_says_the_same(scored: Writer) -> None:
    cases = [scored("uphold", said, truth="review") for said in ("uphold", "overturn")]
    (found,) = measure_all(cases, [one for one in BUILT_IN if one.name == "reviewer agreement"])
    assert (found.value, found.low, found.high) == (0, None, None)
    assert "tells nothing" in found.reason

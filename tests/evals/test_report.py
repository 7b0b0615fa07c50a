import io
import random
import subprocess
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from casewright.base import Money
from evals.measures import Metric
from evals.metric_plugin import BUILT_IN
from evals.metrics import summarise
from evals.report import render
from evals.scored import Scored, Traits

Writer = Callable[..., Scored]
Apart = Callable[[Sequence[Scored]], list[Scored]]


def _printed(cases: list[Scored], metrics: Sequence[Metric] = ()) -> str:
    page = io.StringIO()
    Console(file=page, width=150, color_system=None).print(render(summarise(cases, metrics)))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def test_what_people_read(scored: Writer, apart: Apart, snapshot: SnapshotAssertion) -> None:
    cases = [scored("overturn", "overturn", region="US")] * 31
    cases += [scored("uphold", "uphold", region="MX", language="es")] * 12
    cases += [scored("uphold", "overturn", region="MX")] * 2
    cases += [scored("overturn", "request_information", asked=("scans",), ask=("scans",))] * 4
    cases += [scored("partial", "escalate"), scored("partial", "", case_id="c[9]")]
    assert _printed(apart(cases)) == snapshot


def test_metrics_and_abnormal_slices(
    scored: Writer, apart: Apart, snapshot: SnapshotAssertion
) -> None:
    drawn = random.Random(7)
    cases = [scored("uphold", "uphold", truth="review", case_id=f"u{n}") for n in range(180)]
    cases += [scored("uphold", "overturn", truth="review", case_id=f"o{n}") for n in range(8)]
    cases += [scored("uphold", "uphold", region="MX", case_id=f"m{n}") for n in range(22)]
    cases += [scored("uphold", "overturn", region="MX", case_id=f"x{n}") for n in range(12)]
    seen = [
        Traits(
            confidence=drawn.random(),
            route="auto-eligible",
            citations=3,
            claims=2,
            seconds=drawn.random(),
            tier="top",
            impact=Money(cents=drawn.randrange(900_000), currency="USD"),
        )
        for _ in cases
    ]
    told = [one.model_copy(update={"traits": t}) for one, t in zip(cases, seen, strict=True)]
    assert _printed(apart(told), BUILT_IN) == snapshot


def test_an_empty_report_can_be_read() -> None:
    assert "0 gold cases" in _printed([])


def test_names_with_brackets_are_printed_as_they_are(scored: Writer) -> None:
    assert "[bold]" in _printed([scored("[bold]", "[/bold]")])


def test_importing_does_not_load_rich() -> None:
    code = "import evals.report, evals.suite, evals.gold, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert not {"rich.table", "ruamel.yaml", "numpy"} & set(loaded.stdout.split())

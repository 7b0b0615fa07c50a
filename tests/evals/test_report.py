import io
import subprocess
import sys
from collections.abc import Callable, Sequence

from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from evals.metrics import summarise
from evals.report import render
from evals.scored import Scored

Writer = Callable[..., Scored]
Apart = Callable[[Sequence[Scored]], list[Scored]]


def _printed(cases: list[Scored]) -> str:
    page = io.StringIO()
    Console(file=page, width=150, color_system=None).print(render(summarise(cases)))
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def test_what_people_read(scored: Writer, apart: Apart, snapshot: SnapshotAssertion) -> None:
    cases = [scored("overturn", "overturn", region="US")] * 31
    cases += [scored("uphold", "uphold", region="MX", language="es")] * 12
    cases += [scored("uphold", "overturn", region="MX")] * 2
    cases += [scored("overturn", "request_information", asked=("scans",), ask=("scans",))] * 4
    cases += [scored("partial", "escalate"), scored("partial", "", case_id="c[9]")]
    assert _printed(apart(cases)) == snapshot


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

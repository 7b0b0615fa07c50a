"""``sop test``: an SOP on its gold cases and inline examples. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import UsageError
from casewright.session import Session, wait
from graphs.sop_commands import Json, SopName
from graphs.sop_commands import app as sop_app

if TYPE_CHECKING:
    from rich.console import Group

    from casewright.models import GoldCase
    from evals.trial import Trial
    from graphs.catalog import Catalog
    from graphs.sop import Sop

GOLD_FILE = "gold.yaml"


@sop_app.command("test")
def try_sop(
    context: typer.Context,
    name: SopName,
    update: Annotated[
        bool, typer.Option("--update", help="Write down in gold.yaml what is decided wrongly now.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Try an SOP on its gold.yaml and its inline examples, without model or gate."""
    from evals.trial import try_examples

    session: Session = context.obj
    catalog = _catalog(session)
    sop, path = catalog.load(name), catalog.folder(name) / GOLD_FILE
    if not path.is_file() and not sop.spec.examples:
        raise UsageError(
            f"{name} has neither gold cases nor examples.",
            remedy=f"Add {GOLD_FILE}, or `examples:` in sop.yaml.",
        )
    trials = list(try_examples(sop))
    if path.is_file():
        tried = list(_tried(session, sop, path, update=update))
        if update:
            _write_down(path, tried)
        trials += tried
    value = [trial.model_dump(mode="json") for trial in trials]
    session.show(value, lambda: _render(sop.name, trials), as_json=as_json)
    if any(trial.problems for trial in trials):
        raise typer.Exit(1)


def loaded(session: Session, name: str) -> Sop:
    """The SOP of that name, built-in or of the workspace."""
    return _catalog(session).load(name)


def _catalog(session: Session) -> Catalog:
    from graphs.sop_commands import catalog_of

    return catalog_of(session)


def _tried(session: Session, sop: Sop, path: Path, *, update: bool) -> Iterator[Trial]:
    """Gather evidence world by world, and let the procedure decide."""
    from rich.progress import Progress

    from evals.gold import load_gold
    from evals.trial import accepted, gather_all, try_gold

    gold = load_gold(path, may_be_empty=True)
    with Progress(console=session.err, transient=True) as bar:
        task = bar.add_task("gold cases", total=len(gold))
        for seed, cases in _by_world(gold).items():
            with session.sourced(seed=seed) as settings:
                work = gather_all(
                    sop,
                    cases,
                    settings,
                    workspace=session.workspace,
                    progress=lambda _done: bar.advance(task),
                )
                for one in wait(work):
                    yield try_gold(sop, accepted(sop, one) if update else one)


def _by_world(gold: Sequence[GoldCase]) -> dict[int | None, list[GoldCase]]:
    worlds: dict[int | None, list[GoldCase]] = {}
    for case in gold:
        worlds.setdefault(case.seed, []).append(case)
    return worlds


def _write_down(path: Path, trials: Sequence[Trial]) -> None:
    """Set ``decided`` on what is decided wrongly now, and take it off what is decided rightly."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.width = 96
    rows = yaml.load(path.read_text("utf-8"))
    found = {(trial.seed, trial.name): trial for trial in trials}
    for row in rows:
        trial = found[row.get("seed"), row["case_id"]]
        row.pop("decided", None)
        if not trial.right:
            row["decided"] = trial.decided
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(rows, file)


def _render(name: str, trials: Sequence[Trial]) -> Group:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table("", "case", "world", "right", "decided", "row", "what is wrong", box=None)
    for trial in trials:
        if trial.problems or trial.known:
            mark = "✗" if trial.problems else "~"
            world = "" if trial.seed is None else f"seed {trial.seed}"
            told = "; ".join(trial.problems) or "a known miss"
            row = str(trial.row or "")
            cells = (mark, trial.name, world, trial.expected, trial.decided, row, told)
            table.add_row(*(Text(cell) for cell in cells))
    wrong = sum(1 for trial in trials if trial.problems)
    known = sum(1 for trial in trials if trial.known and not trial.problems)
    told = f"{name}: {len(trials)} tried, {wrong} not as written, {known} known misses"
    return Group(*([table] if table.row_count else []), Text(told, style="bold"))

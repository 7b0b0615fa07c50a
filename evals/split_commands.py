"""``eval split``: a dev and a test side that share no party. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from casewright.errors import SourceError, UsageError
from casewright.session import Session, wait
from evals.commands import Json, app

if TYPE_CHECKING:
    from rich.console import Group

    from casewright.models import Case, GoldCase
    from evals.results import Key
    from evals.split import Split


@app.command("split")
def split_gold(
    context: typer.Context,
    gold: Annotated[Path, typer.Argument(help="Gold file to split.")],
    dev: Annotated[Path, typer.Option(help="File for the side to work with.")],
    test: Annotated[Path, typer.Option(help="File for the side to measure with, the later one.")],
    test_share: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="Share of the cases for the test side.")
    ] = 0.3,
    linked: Annotated[
        bool, typer.Option(help="Keep accounts that the platform links on one side.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Split gold cases by party and time: nobody stands on both sides, later ones are tested."""
    from evals.gold import load_gold
    from evals.split import split
    from evals.written import require_new, write_gold

    session: Session = context.obj
    if dev.resolve() == test.resolve():
        raise UsageError(f"{dev} cannot be both sides.", remedy="Name two files.")
    for path in (dev, test):
        require_new(path)
    cases = load_gold(gold)
    parts = split(cases, _parties(session, cases, linked=linked), test_share)
    if not (parts.dev and parts.test):
        raise UsageError(
            f"{gold} cannot be split: {parts.largest} of its {len(cases)} cases share parties.",
            remedy="Add cases, ask for another --test-share, or let linked accounts stand on both "
            "sides with --no-linked.",
        )
    write_gold(dev, parts.dev, session.workspace)
    write_gold(test, parts.test, session.workspace)
    session.show(_value(parts), lambda: _render(parts, test_share), as_json=as_json)


def _parties(
    session: Session, cases: Sequence[GoldCase], *, linked: bool
) -> dict[Key, frozenset[str]]:
    """Who is involved in each case that its world's source knows; progress goes to stderr."""
    from rich.progress import Progress

    from evals.results import key_of

    found: dict[Key, frozenset[str]] = {}
    with Progress(console=session.err, transient=True) as bar:
        task = bar.add_task("parties", total=len(cases))
        for seed in dict.fromkeys(one.seed for one in cases):
            mine = [one for one in cases if one.seed == seed]
            ids = (one.case_id for one in mine)
            told = _looked_up(session, seed, ids, lambda _: bar.advance(task))
            found |= {
                key_of(one): _involved(told[one.case_id], linked=linked)
                for one in mine
                if one.case_id in told
            }
    return found


def _looked_up(
    session: Session, seed: int | None, ids: Iterable[str], progress: Callable[[int], None]
) -> dict[str, Case]:
    from evals.parties import cases_of

    try:
        with session.sourced(seed=seed) as settings:
            return wait(cases_of(settings, ids, progress))
    except SourceError as error:
        session.err.print(f"The source was not asked who is involved: {error}", markup=False)
        return {}


def _involved(case: Case, *, linked: bool) -> frozenset[str]:
    return case.involved if linked else case.involved.difference(case.linked_seller_ids)


def _value(parts: Split) -> dict[str, Any]:
    told = parts.model_dump(mode="json", exclude={"dev", "test"})
    return {"dev": len(parts.dev), "test": len(parts.test), **told}


def _render(parts: Split, share: float) -> Group:
    from rich.console import Group
    from rich.text import Text

    count = len(parts.dev) + len(parts.test)
    lines = [
        f"{count} gold cases in {parts.groups} groups that share no party; the largest has "
        f"{parts.largest}.",
        f"dev: {len(parts.dev)} cases, the last as of {parts.dev_to:%Y-%m-%d %H:%M}.",
        f"test: {len(parts.test)} cases ({len(parts.test) / count:.0%}; asked for {share:.0%}), "
        f"the first as of {parts.test_from:%Y-%m-%d %H:%M}.",
        _time_told(parts),
    ]
    if parts.alone:
        lines.append(
            f"{parts.alone} cases are not known to the source: their seller alone kept them apart."
        )
    return Group(*map(Text, lines))


def _time_told(parts: Split) -> str:
    if parts.dev_to and parts.test_from and parts.dev_to < parts.test_from:
        return "Every test case is later than every dev case."
    return (
        f"The sides overlap in time: {len(parts.against_time)} test cases are earlier than time "
        "alone would have it, and as many dev cases later."
    )

"""What is asked of gold cases before any is judged: whose they are, and whether they leak.

Heavy imports stay inside: the command line imports this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from casewright.errors import UsageError
from casewright.session import Session

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from casewright.models import Case, GoldCase
    from casewright.settings import Settings
    from evals.gold import Deciding
    from evals.leaks_check import Material
    from graphs.sop import Sop
    from knowledge_base.precedents import Precedents


def deciding_in(session: Session, sop: str) -> Deciding:
    """Finds the procedure of each case type: the named one for its own alone, else any.

    Raises:
        UsageError: there is no such SOP.
    """
    from graphs.sop_commands import catalog_of

    catalog = catalog_of(session)
    named = catalog.load(sop) if sop else None

    @cache
    def deciding(case_type: str) -> Sop | None:
        if named is not None:
            return named if named.spec.case_type == case_type else None
        try:
            return catalog.for_case_type(case_type)
        except UsageError:  # its cases score as errors, which say why
            return None

    return deciding


def material_of(
    session: Session, cases: Sequence[GoldCase], deciding: Deciding, *files: Path | None
) -> Material:
    """What the leak check looks through beside the source: procedures, and their folders."""
    from evals.leaks_check import Material
    from graphs.sop_commands import catalog_of

    found = (deciding(one) for one in dict.fromkeys(case.case_type for case in cases))
    sops = tuple(sop for sop in found if sop is not None)
    catalog = catalog_of(session)
    folders = tuple(catalog.folder(sop.name) for sop in sops if sop.name in catalog.names())
    return Material(sops, folders, tuple(file for file in files if file is not None))


async def refuse_leaks(
    session: Session,
    settings: Settings,
    cases: Sequence[GoldCase],
    material: Material,
    *,
    precedents: Precedents | None = None,
    frozen: Mapping[str, Case] | None = None,
) -> None:
    """Refuse gold cases that can reach their own answer, and tell what else is worth knowing.

    ``precedents`` and ``frozen`` are those of :func:`evals.leaks_check.check`.

    Raises:
        LeakFound: some can.
    """
    from rich.progress import Progress

    from evals.leaks_check import check

    with Progress(console=session.err, transient=True) as bar:
        task = bar.add_task("leak check", total=len(cases))
        progress = partial(_advance, bar, task)
        checked = await check(
            cases, settings, material, precedents=precedents, frozen=frozen, progress=progress
        )
    for line in checked.told:
        session.err.print(f"note: {line}.", markup=False)
    checked.require_clean()


def _advance(bar: Progress, task: TaskID, done: int) -> None:
    bar.update(task, completed=done)

"""``eval check``: whether gold cases can reach their own answer. Heavy imports stay inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.session import Session, wait
from evals.commands import (
    GoldFile,
    Json,
    Measured,
    Seeds,
    app,
    gold_of,
    of_world,
    worlds,
)
from evals.refusal import deciding_in, material_of

if TYPE_CHECKING:
    from rich.console import Group

    from casewright.models import GoldCase
    from casewright.settings import Settings
    from evals.leaks import Checked, Leak
    from evals.leaks_check import Material
    from graphs.sop import Sop


@app.command("check")
def check_gold(
    context: typer.Context,
    gold: GoldFile = None,
    beside: Annotated[
        Path | None,
        typer.Option(help="The other side of a split: no case and no party may be in both."),
    ] = None,
    linked: Annotated[
        bool, typer.Option(help="With --beside: count accounts that the platform links as one.")
    ] = True,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="Gather each case's evidence and look through it.")
    ] = False,
    seed: Seeds = None,
    sop: Measured = "",
    as_json: Json = False,
) -> None:
    """Whether gold cases can reach their own answer; `eval run` refuses those that can."""
    from evals.leaks import Checked

    session: Session = context.obj
    deciding, found = deciding_in(session, sop), list[Checked]()
    for one in worlds(seed):
        with session.sourced(seed=one) as settings:
            cases = of_world(gold_of(session, settings, gold, sop, deciding), one)
            others = _beside(session, settings, beside, sop, one)
            files = tuple(path for path in (gold, beside) if path is not None)
            material = material_of(session, cases, deciding, *files)
            work = _Check(session, settings, cases, others, material, linked)
            found.append(wait(work.checked()))
            if evidence:
                found[-1] = work.with_evidence(found[-1])
    whole = Checked(
        cases=sum(one.cases for one in found),
        leaks=tuple(leak for one in found for leak in one.leaks),
        told=tuple(dict.fromkeys(line for one in found for line in one.told)),
    )
    session.show(whole.model_dump(mode="json"), lambda: _render(whole), as_json=as_json)
    if whole.leaks:
        raise typer.Exit(1)


def _beside(
    session: Session, settings: Settings, path: Path | None, sop: str, seed: int | None
) -> Sequence[GoldCase]:
    return () if path is None else of_world(gold_of(session, settings, path, sop), seed)


@dataclass(frozen=True)
class _Check:
    """Checks the gold cases of one source, and tells how far it is."""

    session: Session
    settings: Settings
    cases: Sequence[GoldCase]
    others: Sequence[GoldCase]
    material: Material
    linked: bool

    async def checked(self) -> Checked:
        """All channels but what the evidence says."""
        from rich.progress import Progress

        from evals.leaks_check import check
        from graphs.remember import remember

        with Progress(console=self.session.err, transient=True) as bar:
            closed = bar.add_task("closed cases", total=None)
            fetched = bar.add_task("leak check", total=None)
            await remember(
                self.settings,
                progress=lambda done, of: bar.update(closed, completed=done, total=of),
            )
            bar.update(closed, completed=1, total=1)
            return await check(
                self.cases,
                self.settings,
                self.material,
                others=self.others,
                linked=self.linked,
                progress=lambda done: bar.update(
                    fetched, completed=done, total=len(self.cases) + len(self.others)
                ),
            )

    def with_evidence(self, checked: Checked) -> Checked:
        """The same, with what the evidence of each case says of its end."""
        leaks = [leak for sop in self.material.sops for leak in self._in_evidence(sop)]
        return checked.model_copy(update={"leaks": (*checked.leaks, *leaks)})

    def _in_evidence(self, sop: Sop) -> list[Leak]:
        from rich.progress import Progress

        from evals.leaks import Leak
        from evals.leaks_evidence import answers_in
        from evals.trial import gather_all
        from graphs.recall import thaw_case

        mine = [one for one in self.cases if one.case_type == sop.spec.case_type]
        with Progress(console=self.session.err, transient=True) as bar:
            task = bar.add_task(f"evidence for {sop.name}", total=len(mine))
            work = gather_all(
                sop,
                mine,
                self.settings,
                workspace=self.session.workspace,
                progress=lambda done: bar.update(task, completed=done),
            )
            found = wait(work)
        return [
            Leak.of(one.gold, "evidence", told)
            for one in found
            for told in answers_in(
                thaw_case(one.facts.case), one.facts.evidence.values(), one.gold.as_of
            )
        ]


def _render(checked: Checked) -> Group:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table("case", "world", "channel", "what leaks", box=None)
    for leak in checked.leaks:
        world = "" if leak.seed is None else f"seed {leak.seed}"
        table.add_row(*map(Text, (leak.case_id, world, leak.channel, leak.what)))
    cases = len({(leak.seed, leak.case_id) for leak in checked.leaks})
    told = f"{checked.cases} gold cases; {cases or 'none'} can reach their own answer."
    mend = dict.fromkeys(f"{leak.channel}: {leak.mend}" for leak in checked.leaks)
    return Group(
        *([table] if checked.leaks else []),
        *(Text(line) for line in mend),
        *(Text(f"note: {line}.") for line in checked.told),
        Text(told, style="bold"),
    )

"""``eval attack``: the attack suite on gold cases. Heavy imports stay inside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casewright.errors import CasewrightError, UsageError
from casewright.session import Session, wait
from evals.commands import GoldFile, InFlight, Json, Seeds, app, gold_of, of_world, worlds

if TYPE_CHECKING:
    from rich.console import Group

    from casewright.models import GoldCase
    from casewright.settings import Settings
    from evals.attack import Attack, Target
    from evals.bundle import Attacked, Attacks
    from evals.live import Bench

CASES = 30
UNREAD = "No model reads here: that nothing changed proves little, for nothing could obey."


@app.command("attack")
def attack_gold(
    context: typer.Context,
    sop: Annotated[str, typer.Option(help="SOP to attack.")],
    gold: GoldFile = None,
    seed: Seeds = None,
    cases: Annotated[
        int, typer.Option(min=1, help="Most cases of each world, drawn by a hash of their ids.")
    ] = CASES,
    texts: Annotated[
        int | None, typer.Option(min=1, help="Texts for each case, drawn likewise; else all.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="File for `eval report`, as JSON.")] = None,
    concurrency: InFlight = None,
    as_json: Json = False,
) -> None:
    """Plant texts that give orders into what parties wrote, and count what comes out otherwise."""
    session: Session = context.obj
    tally = _Tally(session, sop, texts)
    for one in worlds(seed):
        with session.sourced(seed=one) as settings:
            chosen = _chosen(of_world(gold_of(session, settings, gold, sop), one), cases)
            wait(tally.add(settings, chosen, concurrency or settings.concurrency))
    found = tally.attacks
    if out is not None:
        _write(out, found)
    model = session.settings.model
    value = {
        **found.model_dump(mode="json"),
        "failed": tally.failed,
        "read_by_a_model": bool(model),
    }
    session.show(value, lambda: _render(found, tally.failed, model), as_json=as_json)
    if found.changed:
        raise typer.Exit(1)


def _chosen(gold: Sequence[GoldCase], count: int) -> list[GoldCase]:
    from evals.attack import order

    return sorted(gold, key=lambda one: order(one.case_id))[:count]


@dataclass
class _Tally:
    """What the texts did, over all worlds."""

    session: Session
    sop: str
    texts: int | None
    versions: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)
    readings: int = 0
    changed: list[Attacked] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def attacks(self) -> Attacks:
        """The suite's result.

        Raises:
            UsageError: no case came to a decision, or not all by one version.
        """
        from evals.bundle import Attacks

        if len(self.versions) != 1:
            told = " and ".join(sorted(self.versions)) or "no version at all"
            raise UsageError(f"The cases were judged by {told}: one version is attacked at a time.")
        return Attacks(
            graph_version=next(iter(self.versions)),
            texts=len(self.tried),
            readings=self.readings,
            changed=tuple(self.changed),
        )

    async def add(self, settings: Settings, gold: Sequence[GoldCase], concurrency: int) -> None:
        """Attack the cases of one world."""
        from rich.progress import Progress

        from evals.attack import attacks, drawn
        from evals.live import live_bench

        chosen = [(one, drawn(one.case_id, attacks(), self.texts)) for one in gold]
        gate = asyncio.Semaphore(concurrency)
        workspace = self.session.workspace
        async with live_bench(settings, workspace=workspace, sop=self.sop) as bench:
            with Progress(console=self.session.err, transient=True) as bar:
                task = bar.add_task("attacked cases", total=sum(len(some) for _, some in chosen))

                async def one(case: GoldCase, some: Sequence[Attack]) -> Sequence[Attacked]:
                    async with gate:
                        return await self._case(bench, case, some, lambda: bar.advance(task))

                # In the cases' order, whichever ends first.
                for found in await asyncio.gather(*(one(*both) for both in chosen)):
                    self.changed += found

    async def _case(
        self, bench: Bench, gold: GoldCase, texts: Sequence[Attack], done: Callable[[], None]
    ) -> Sequence[Attacked]:
        from evals.attack import attack

        name = gold.case_id if gold.seed is None else f"seed {gold.seed}/{gold.case_id}"
        try:
            target = await self._target(bench, gold, name)
            found = await attack(target, texts, done=done)
        except CasewrightError as error:
            self.failed.append(f"{name}: {error}")
            return ()
        self.readings += len(texts)
        self.tried |= {one.name for one in texts}
        return found

    async def _target(self, bench: Bench, gold: GoldCase, name: str) -> Target:
        from evals.attack import Target
        from evals.suite import Look

        run = await bench.judge(Look(case_id=gold.case_id, as_of=gold.as_of))
        facts = (await bench.seen(gold.case_id)).facts
        if facts is None:
            raise UsageError("Its evidence does not read.")
        self.versions.add(run.graph_version)
        return Target(name, facts, await bench.judge_of(run))


def _write(path: Path, found: Attacks) -> None:
    try:
        path.write_text(f"{found.model_dump_json(indent=2)}\n", "utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error


def _render(found: Attacks, failed: Sequence[str], model: str) -> Group:
    from rich.console import Group
    from rich.text import Text

    head = f"{found.graph_version}: {len(found.changed)} of {found.readings} attacked cases changed"
    lines = [Text(f"{head}, by {found.texts} texts.", style="bold")]
    lines += [
        Text(f"  ✗ {one.case_id}: {one.text} turned {one.before} into {one.after}")
        for one in found.changed
    ]
    lines += [Text(f"  not attacked, for it failed: {one}") for one in failed]
    return Group(*lines, *([] if model else [Text(f"  {UNREAD}")]))

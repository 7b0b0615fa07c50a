"""Judges gold cases on frozen evidence: no source is asked, and nothing is searched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from agents.remembered import Memory, Tally
from casewright.errors import UnknownCase
from casewright.models import Run
from casewright.settings import Settings
from evals.frozen import FrozenFolder
from evals.scored import Traits
from evals.suite import Look
from evals.traits import unleaked
from graphs.facts import Facts
from graphs.frozen import Replayer, open_replayer


class FrozenBench:
    """Judges the frozen cases of one world; see ``evals.suite.Bench``.

    Args:
        folder: The frozen cases, and the readings that were kept.
        replayer: Takes them to the gate.
        world: Seed of the simulated world that the cases lie in, or None.
        sop: SOP to measure; empty: the one for each case's type.
    """

    def __init__(
        self, folder: FrozenFolder, replayer: Replayer, world: int | None, sop: str = ""
    ) -> None:
        self._folder = folder
        self._replayer = replayer
        self._world = world
        self._sop = sop
        self._facts: dict[str, Facts] = {}

    @property
    def tally(self) -> Tally:
        """How the readings came about so far."""
        return self._replayer.tally

    @property
    def precedents(self) -> None:
        """Nothing is searched: precedents are those of the frozen retrieval."""
        return

    async def judge(self, look: Look) -> Run:
        """Take a case to the gate on its frozen evidence. See ``evals.suite.Judge``.

        Raises:
            UnknownCase: it is not in the folder.
            VerificationError: its evidence was changed.
        """
        run, facts = await self._taken(look, self._folder)
        if facts is not None:
            self._facts[run.run_id] = facts
        return run

    async def again(self, look: Look) -> Run:
        """Take a case to the gate once more, with every reading made anew and none kept.

        It measures how a model varies, so it must not be told what was said before.
        """
        run, _ = await self._taken(look, None)
        return run

    async def _taken(self, look: Look, memory: Memory | None) -> tuple[Run, Facts | None]:
        frozen = self._folder.case(self._world, look.case_id, look.as_of)
        if frozen is None:
            raise self._unknown(look)
        return await self._replayer.investigate(frozen, sop=self._sop, memory=memory)

    async def traits(self, run: Run, seconds: float) -> Traits | None:
        """What a run shows besides its outcome, told once.

        Raises:
            LeakFound: its evidence tells how the case ended.
        """
        return unleaked(run, self._facts.pop(run.run_id, None), seconds=seconds)

    def _unknown(self, look: Look) -> UnknownCase:
        world = "" if self._world is None else f" of seed {self._world}"
        folder = self._folder.path
        return UnknownCase(
            f"{folder} holds no frozen evidence of {look.case_id!r}{world} as of "
            f"{look.as_of.isoformat()}.",
            remedy=f"Freeze it live: `casewright eval run --freeze {folder}`.",
        )


@asynccontextmanager
async def frozen_bench(
    settings: Settings,
    folder: FrozenFolder,
    *,
    world: int | None = None,
    workspace: Path | None = None,
    sop: str = "",
) -> AsyncIterator[FrozenBench]:
    """A bench on the frozen evidence of one world.

    Args:
        settings: The model, and the home folder with trained classifiers; no source is used.
        folder: The frozen cases, and the readings that were kept.
        world: Seed of the simulated world that the cases lie in, or None.
        workspace: A folder with more SOPs, or None.
        sop: SOP to measure; empty: the one for each case's type.
    """
    async with open_replayer(settings, workspace=workspace) as replayer:
        yield FrozenBench(folder, replayer, world, sop)

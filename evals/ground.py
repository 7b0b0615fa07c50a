"""On what gold cases are judged: live on a source, freezing them or not, or on frozen evidence.

``eval run --freeze`` and ``eval run --frozen`` differ from a plain run in where the gold cases come
from, which bench judges them, and what is kept of them. All of that is here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from agents.remembered import Tally
from casewright.errors import UsageError
from casewright.models import GoldCase
from casewright.session import Session
from casewright.settings import Settings
from evals.frozen import FrozenFolder, WriteOnly, open_frozen, worlds_of
from evals.gold import Deciding, load_gold
from evals.leaks_check import Material
from evals.scored import Scored
from evals.suite import Bench

Keep = Callable[[Scored], None]
"""Takes down a case that is scored."""


@dataclass(frozen=True)
class Ground:
    """On what gold cases are judged.

    Attributes:
        freeze: Where each case is frozen while it is judged live, or None.
        frozen: The frozen evidence that cases are judged on, or None: they are judged live.
    """

    freeze: FrozenFolder | None = None
    frozen: FrozenFolder | None = None

    def worlds(self, seeds: Sequence[int] | None, gold: Path | None) -> list[int | None]:
        """The worlds to judge: those named; else what is frozen of the gold, or the source."""
        if seeds or self.frozen is None:
            return [*(seeds or [])] or [None]
        return worlds_of(load_gold(gold) if gold else self.frozen.gold())

    def sourced(self, session: Session, seed: int | None) -> AbstractContextManager[Settings]:
        """Settings for one world; on frozen evidence no source is started or asked."""
        if self.frozen is None:
            return session.sourced(seed=seed)
        own = {} if seed is None else {"store_url": SecretStr("")}  # a world has a store of its own
        found = {"home": session.home_of(seed), **own}
        settings = session.settings.model_copy(update=found)
        return _with(session.exporting(), settings)

    def gold(
        self, path: Path | None, seed: int | None, home: Path, deciding: Deciding
    ) -> tuple[GoldCase, ...]:
        """The gold cases of one world: those of a file, of the frozen folder, or of the sandbox.

        Args:
            path: The gold file, or None.
            seed: The world.
            home: Its home folder.
            deciding: The procedure of each case type, which has to know what the cases name.

        Raises:
            UsageError: the file cannot be read, or nothing is frozen of that world.
        """
        if self.frozen is None:
            return load_gold(path or home / "sandbox" / "gold.jsonl", deciding=deciding)
        if path is not None:
            every = load_gold(path, deciding=deciding)
            return tuple(one for one in every if one.seed in (None, seed))
        mine = tuple(one for one in self.frozen.gold() if one.seed == seed)
        if not mine:
            world = "" if seed is None else f" of seed {seed}"
            raise UsageError(
                f"{self.frozen.path} holds no gold case{world}.",
                remedy=f"Freeze them live: `casewright eval run --freeze {self.frozen.path}`.",
            )
        return mine

    async def refuse_leaks(
        self,
        session: Session,
        settings: Settings,
        cases: Sequence[GoldCase],
        material: Material,
        bench: Bench,
    ) -> None:
        """Refuse gold cases that can reach their own answer; see ``evals.refusal``.

        Raises:
            LeakFound: some can.
        """
        from evals.refusal import refuse_leaks

        if self.frozen is not None:
            entered = self.frozen.entered(cases)
            await refuse_leaks(session, settings, cases, material, frozen=entered)
        else:
            known = bench.precedents
            await refuse_leaks(session, settings, cases, material, precedents=known)

    @asynccontextmanager
    async def bench(
        self, settings: Settings, *, workspace: Path | None, sop: str, world: int | None
    ) -> AsyncIterator[tuple[Bench, Keep]]:
        """A bench for one world, and what is to be told each case once it is scored."""
        if self.frozen is not None:
            from evals.frozen_bench import frozen_bench

            opened = frozen_bench(settings, self.frozen, world=world, workspace=workspace, sop=sop)
            async with opened as frozen:
                yield frozen, lambda scored: None
            return
        from evals.live import live_bench

        memory = WriteOnly(self.freeze) if self.freeze else None
        async with live_bench(settings, workspace=workspace, sop=sop, memory=memory) as live:

            def keep(scored: Scored) -> None:
                found = live.frozen(scored.gold.case_id) if self.freeze else None
                # What failed has not seen all of its evidence: it is frozen when it succeeds.
                if self.freeze and found and found.run.decision and not scored.reason:
                    self.freeze.add(scored.gold, found)

            yield live, keep

    def told(self, bench: Bench, scored: Sequence[Scored]) -> Iterator[str]:
        """What people are told when the cases of a world are judged."""
        if self.freeze is not None:
            there = sum(1 for one in scored if self.freeze.holds(one.gold))
            yield f"{self.freeze.path} holds the evidence of {there} of {len(scored)} cases."
        tally = getattr(bench, "tally", None)
        if isinstance(tally, Tally) and (tally.kept or tally.made):
            yield f"Readings: {tally.kept} as they were made before, {tally.made} made now."


@contextmanager
def open_ground(freeze: Path | None, frozen: Path | None) -> Iterator[Ground]:
    """Open the ground that a command names.

    Args:
        freeze: The folder to freeze each case in, or None.
        frozen: The folder to judge on, or None.

    Raises:
        UsageError: both are named, or there is nothing frozen.
    """
    if freeze is not None and frozen is not None:
        raise UsageError(
            "Cases are frozen live or judged on what was frozen, not both at once.",
            remedy="Run with --freeze first, then with --frozen.",
        )
    with (
        open_frozen(freeze, create=True) if freeze else nullcontext() as freezing,
        open_frozen(frozen) if frozen else nullcontext() as standing,
    ):
        yield Ground(freezing, standing)


@contextmanager
def _with(entered: AbstractContextManager[None], settings: Settings) -> Iterator[Settings]:
    with entered:
        yield settings

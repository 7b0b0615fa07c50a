"""The pytest plugin behind ``casewright.testing``: one test a gold case, and the report at the end.

All gold cases of a session are judged together when the first of their tests runs, many in flight
in one event loop, so that a thousand tests start no thousand loops. That is also why it refuses
pytest-xdist: every worker would judge every case.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from casewright.errors import CasewrightError
from casewright.models import GoldCase
from evals.frozen import FILE, open_frozen
from evals.gold import load_gold
from evals.gold_tests import GoldMiss, verdict

if TYPE_CHECKING:
    from casewright.session import Session
    from evals.ground import Ground
    from evals.scored import Scored

NAMES = ("gold.yaml", "gold.yml")
ENDINGS = (".gold.yaml", ".gold.yml", ".gold.jsonl")
"""How gold files are called that are collected when they are given as arguments."""

ALONE = (
    "casewright.testing judges all gold cases in one process, many at once: run it without -n. "
    "With --frozen a thousand cases take less than half a minute."
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what a run of gold cases may be told."""
    group = parser.getgroup("casewright", "gold cases as tests")
    group.addoption(
        "--gold", action="append", default=[], metavar="FILE", help="Gold file to test; repeatable."
    )
    group.addoption(
        "--frozen", metavar="FOLDER", help="Judge on the evidence in this folder alone: no source."
    )
    group.addoption(
        "--seed",
        action="append",
        type=int,
        default=[],
        metavar="N",
        help="Judge in the small simulated world of this seed; repeatable.",
    )
    group.addoption("--sop", default="", help="SOP to measure; else the one for each case.")


def pytest_configure(config: pytest.Config) -> None:
    """Collect the files of ``--gold``: they alone, unless other arguments were given too.

    Where nothing at all is named but frozen evidence, it is the gold cases that lie there.
    """
    files = [Path(one).absolute() for one in _option(config, "gold")]
    given = config.args_source is pytest.Config.ArgsSource.ARGS
    if not files and not given and _option(config, "frozen"):
        files = [Path(_option(config, "frozen")).absolute() / FILE]
    if files:
        _require_alone(config)
        config.args[:] = [*(config.args if given else ()), *map(str, files)]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> GoldFile | None:
    """Take gold files that were named; what a walk through folders meets is left alone."""
    named = {Path(one).absolute() for one in _option(parent.config, "gold")}
    mine = file_path.name in (*NAMES, FILE) or file_path.name.endswith(ENDINGS)
    if file_path in named or (mine and parent.session.isinitpath(file_path)):
        file: GoldFile = GoldFile.from_parent(parent, path=file_path)
        return file
    return None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the report of ``eval run`` on the cases that were judged."""
    judging = config.stash.get(_JUDGING, None)
    if judging is None or not judging.scored:
        return
    from rich.console import Console

    from evals.metrics import summarise
    from evals.report import render

    console = Console(width=max(terminalreporter._tw.fullwidth, 80), highlight=False, no_color=True)
    with console.capture() as caught:
        console.print(render(summarise(list(judging.scored.values()))))
    terminalreporter.section("gold cases")
    terminalreporter.write(caught.get())


class GoldFile(pytest.File):
    """A gold file: its cases are tests."""

    def collect(self) -> Iterator[GoldTest]:
        """One test for each case, in each of the worlds that are asked for.

        Raises:
            UsageError: the session is spread over processes.
            CollectError: the file is no gold file.
        """
        _require_alone(self.config)
        try:
            cases = self._cases()
        except CasewrightError as error:
            raise self.CollectError(str(error)) from error
        for one in _placed(cases, _option(self.config, "seed")):
            name = one.case_id if one.seed is None else f"seed-{one.seed}-{one.case_id}"
            test: GoldTest = GoldTest.from_parent(self, name=name, gold=one)
            yield test

    def _cases(self) -> tuple[GoldCase, ...]:
        cases = self._held()
        if not (sop := _option(self.config, "sop")):
            return cases
        from evals.commands import of_sop
        from evals.refusal import deciding_in

        return of_sop(cases, deciding_in(_session(), sop), sop)

    def _held(self) -> tuple[GoldCase, ...]:
        if self.path.name != FILE:
            return load_gold(self.path)
        with open_frozen(self.path.parent) as folder:
            return folder.gold()


class GoldTest(pytest.Item):
    """One gold case."""

    def __init__(self, *, gold: GoldCase, **rest: Any) -> None:
        super().__init__(**rest)
        self.gold = gold

    def runtest(self) -> None:
        """See what was decided; all cases are judged when the first test runs.

        Raises:
            GoldMiss: something else was decided than gold says.
        """
        judging = self.config.stash.setdefault(_JUDGING, _Judging(self.config))
        known = verdict(judging.of(self))
        if known:
            pytest.xfail(known)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """What was decided, what gold says, and why; no traceback."""
        if isinstance(excinfo.value, GoldMiss | CasewrightError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where the case stands."""
        return self.path, None, self.name


class _Judging:
    """The cases of a session, judged at the first question and never again."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.scored: dict[str, Scored] = {}

    def of(self, test: GoldTest) -> Scored:
        """What became of a test's case.

        Raises:
            CasewrightError: the cases cannot be judged.
        """
        if test.nodeid not in self.scored:
            tests = [one for one in test.session.items if isinstance(one, GoldTest)]
            self.scored.update(self._judged(tests))
        return self.scored[test.nodeid]

    def _judged(self, tests: Sequence[GoldTest]) -> Iterator[tuple[str, Scored]]:
        from evals.ground import open_ground

        frozen = _option(self._config, "frozen")
        with open_ground(None, Path(frozen) if frozen else None) as ground:
            for world in dict.fromkeys(one.gold.seed for one in tests):
                mine = [one for one in tests if one.gold.seed == world]
                session = _session()
                with ground.sourced(session, world) as settings:
                    done = _world(ground, session, settings, _option(self._config, "sop"), mine)
                    yield from zip((one.nodeid for one in mine), asyncio.run(done), strict=True)


_JUDGING = pytest.StashKey[_Judging]()


def _option(config: pytest.Config, name: str) -> Any:
    """What was said on the command line, or the default."""
    return config.getoption(name)


def _require_alone(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.getoption("numprocesses", None):
        raise pytest.UsageError(ALONE)


def _session() -> Session:
    # By name: the command line alone knows how a sandbox is started.
    session: Session = import_module("cli").session_at()
    return session


async def _world(
    ground: Ground, session: Session, settings: Any, sop: str, tests: Sequence[GoldTest]
) -> tuple[Scored, ...]:
    from evals.suite import judge_all

    gold, world = [one.gold for one in tests], tests[0].gold.seed
    opened = ground.bench(settings, workspace=session.workspace, sop=sop, world=world)
    async with opened as (bench, _):
        return await judge_all(
            gold, bench.judge, concurrency=settings.concurrency, inspect=bench.traits
        )


def _placed(cases: Sequence[GoldCase], seeds: Sequence[int]) -> Iterator[GoldCase]:
    """The cases in the worlds that are asked for; without any, where they say that they lie."""
    if not seeds:
        yield from cases
    for seed in seeds:
        here = (one for one in cases if one.seed in (None, seed))
        yield from (one.model_copy(update={"seed": seed}) for one in here)

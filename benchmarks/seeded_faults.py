"""Faults put into the built-in SOPs on purpose: does `sop check`, or `sop test`, notice each?

Every fault is one change of the text of an SOP's file. It is caught by the check where the SOP no
longer loads or the proof finds an error that was not there; by the examples and by the gold cases
where one is no longer as written. Evidence is gathered once for each SOP and used for all faults.

Run: python benchmarks/seeded_faults.py [--seed 7 --seed 11 --seed 23] [--sop NAME]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from ruamel.yaml import YAML

from casewright.errors import CasewrightError
from casewright.registry import Registry
from casewright.settings import Settings
from evals.gold import load_gold
from evals.trial import Gathered, gather_all, try_examples, try_gold
from graphs.library import BUILT_IN
from graphs.load import load_sop, read_files
from graphs.prove import prove
from graphs.sop import Sop
from sandbox.build import build_world
from sandbox.server import Endpoint, running
from tools import builtin
from tools.base import Tool

FAULTS = Path(__file__).parent / "faults"
TODAY = datetime(2026, 6, 1, tzinfo=UTC)
SEEDS = (7, 11, 23)
KINDS = (
    "dropped row", "swapped threshold", "overlapping rows", "missing unknown case",
    "wrong clause date", "misspelt field",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One change of one file: ``old``, which stands there once, becomes ``new``."""

    sop: str
    name: str
    kind: str
    old: str
    new: str
    file: str = "sop.yaml"

    def seeded(self, files: Mapping[str, str]) -> dict[str, str]:
        """The SOP's files with the fault in them.

        Raises:
            ValueError: the text to change does not stand there exactly once.
        """
        if (times := files[self.file].count(self.old)) != 1:
            raise ValueError(f"{self.sop}, {self.name}: {self.old!r} stands there {times} times")
        return {**files, self.file: files[self.file].replace(self.old, self.new)}


@dataclass(frozen=True)
class Caught:
    """How a fault was noticed: the check's words, how many examples and gold cases differ."""

    fault: Fault
    check: str
    examples: int = 0
    gold: int = 0

    @property
    def by(self) -> str:
        """Which of the two noticed it; empty where neither did."""
        return "check" if self.check else "gold" if self.examples or self.gold else ""


@dataclass(frozen=True, repr=False)
class Bench:
    """An SOP as it stands, with what it needs to be tried.

    ``gathered`` are the gold cases that are as written without any fault; others show nothing.
    """

    sop: Sop
    tools: Mapping[str, Tool]
    gathered: Sequence[Gathered]

    def try_fault(self, fault: Fault) -> Caught:
        """Put the fault in and see who notices; the gold cases are tried only where it loads."""
        try:
            files = fault.seeded(self.sop.files)
            sop = load_sop(files, self.tools, folder=fault.sop)
        except CasewrightError as error:
            return Caught(fault, str(error))
        check = next(self._errors(sop), "")
        examples = sum(bool(trial.problems) for trial in try_examples(sop))
        return Caught(fault, check, examples, sum(differs(sop, one) for one in self.gathered))

    def _errors(self, sop: Sop) -> Iterator[str]:
        for finding in prove(sop, today=TODAY):
            if finding.severity == "error":
                yield finding.message


def differs(sop: Sop, one: Gathered) -> bool:
    """Whether a gold case is not as written under this SOP."""
    try:
        return bool(try_gold(sop, one).problems)
    except CasewrightError:
        return True


def faults() -> tuple[Fault, ...]:
    """All faults, by SOP."""
    reader = YAML(typ="safe", pure=True)
    return tuple(
        Fault(sop=file.stem, **entry)
        for file in sorted(FAULTS.glob("*.yaml"))
        for entry in reader.load(file.read_text("utf-8"))
    )


def built_in_tools() -> dict[str, Tool]:
    """The tools that come with casewright, by name."""
    registry = Registry()
    builtin.register(registry)
    return registry.all("tool", Tool)


async def set_up(name: str, worlds: Mapping[int, Endpoint], home: Path) -> Bench:
    """Load an SOP and gather the evidence of its gold cases.

    Args:
        name: The SOP.
        worlds: Running simulated worlds by seed; gold cases of others are left out.
        home: A folder for settings.
    """
    tools = built_in_tools()
    sop = load_sop(read_files(BUILT_IN / name), tools, folder=name)
    file = BUILT_IN / name / "gold.yaml"
    gold = load_gold(file) if file.is_file() else ()
    gathered: list[Gathered] = []
    for seed, world in worlds.items():
        settings = Settings(
            home=home,
            source_url=world.base_url,
            source_token=SecretStr(world.read_token),
            source_timeout_s=60,
        )
        gathered += await gather_all(sop, [one for one in gold if one.seed == seed], settings)
    return Bench(sop, tools, [one for one in gathered if not differs(sop, one)])


def table(caught: Sequence[Caught]) -> str:
    """What noticed each fault, and how many by kind and by what noticed them."""
    lines = [
        f"{one.fault.sop:24}{one.fault.kind:22}{one.by or 'NOBODY':8}{one.gold:3}{one.examples:3}  "
        f"{one.fault.name}"
        for one in caught
    ]
    kinds = Counter((one.fault.kind, one.by or "NOBODY") for one in caught)
    sums = [f"{kind:46}{by:8}{count:3}" for (kind, by), count in sorted(kinds.items())]
    head = f"{'sop':24}{'kind':22}{'by':8}gold and examples that differ; fault"
    return "\n".join([head, *lines, "", *sums])


def main() -> None:
    """Try the faults of all SOPs, or of one, and print who noticed them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--sop", default="")
    given = parser.parse_args()
    started = time.monotonic()
    names = [given.sop] if given.sop else sorted({fault.sop for fault in faults()})
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        worlds = {seed: _running(seed, Path(home), stack) for seed in given.seed or SEEDS}
        benches = {name: asyncio.run(set_up(name, worlds, Path(home))) for name in names}
    caught = [benches[one.sop].try_fault(one) for one in faults() if one.sop in benches]
    print(table(caught), f"\n{len(caught)} faults in {time.monotonic() - started:.0f} s")


def _running(seed: int, home: Path, stack: ExitStack) -> Endpoint:
    folder = home / f"world-{seed}"
    build_world(folder, seed=seed, size="small")
    return stack.enter_context(running(folder, faults=False, rate_limits=False))


if __name__ == "__main__":
    main()

"""How right each reader is, question by question, and what the cascade saves of the model.

Classifiers are trained on the closed cases of a simulated world, as ``kb train`` does. Then the
questions of its gold cases, which open after all of these have closed, are read: by phrases alone,
by the classifiers alone, by the simulated model alone, and by the cascade of the three. What is
right, the simulation drew; a reader never sees it. Printed for each question: the share that each
answered, and of these the share that was right with its Wilson interval; for each procedure model
calls and tokens of the model alone and of the cascade.

The model is a simulation that knows the sandbox's texts: ``expert`` nearly by heart, ``noisy`` with
errors drawn at a set rate. The figures show how the parts work together, and nothing about a model.

Run: python benchmarks/readers.py [--style noisy] [--error-rate 0.05] [--size default] [--seed 7]
     [--cases 60] [--newest 500] [--least 0.9] [--sop refund_abuse ...]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from pydantic import SecretStr

from agents.cascade import Cascade, readers
from agents.reading import Plan, ReaderName
from casewright.clock import utc_now
from casewright.intervals import wilson
from casewright.models import Cost, Value
from casewright.registry import load_plugins
from casewright.settings import Settings
from evals.gold import load_gold
from evals.trial import Gathered, gather_all
from graphs.assess import assess
from graphs.catalog import Catalog
from graphs.classifiers import with_classifiers
from graphs.errand import errand_of
from graphs.facts import Facts
from graphs.read import open_questions
from graphs.sop import Sop
from graphs.train import train
from knowledge_base.opened import embeddings_of
from sandbox.build import build_world
from sandbox.model.app import Manner
from sandbox.model.server import simulating
from sandbox.server import running
from sandbox.sizes import Size
from tools.base import Tool
from tools.named import source_of
from tools.toolbox import Toolbox

WAYS: Mapping[str, tuple[ReaderName, ...]] = {
    "phrases": ("rule",),
    "classifier": ("classifier",),
    "model": ("model",),
    "cascade": ("rule", "classifier", "model"),
}
IN_FLIGHT = 4


@dataclass
class Score:
    """How one reader did on one question, or on all."""

    asked: int = 0
    answered: int = 0
    right: int = 0

    def add(self, answer: Value | None, truth: Value) -> None:
        self.asked += 1
        self.answered += answer is not None
        self.right += answer == truth

    def __str__(self) -> str:
        if not self.answered:
            return f"{'none':>27}"
        low, high = wilson(self.right, self.answered)
        share = self.right / self.answered
        return f"{self.answered / self.asked:>5.0%} {share:.3f} ({low:.3f}-{high:.3f})"


@dataclass
class Board:
    """All scores: by question and way, and what each way used."""

    scores: dict[tuple[str, str], Score] = field(default_factory=lambda: defaultdict(Score))
    costs: dict[str, Cost] = field(default_factory=lambda: defaultdict(Cost))


async def score(sop: Sop, gathered: Gathered, cascade: Cascade, board: Board) -> None:
    """Have one case's open questions read in every way."""
    held = gathered.facts
    facts = Facts(sop, held.case, held.records, held.evidence)
    questions = open_questions(facts, assess(facts))
    truth = gathered.gold.facts
    asked = [one for one in questions if one.factor in truth]
    for way, order in WAYS.items():
        plan = Plan(readers=order, budget=sop.spec.reading.budget)
        reading = await cascade.read(asked, replace(errand_of(facts), plan=plan))
        said = {one.factor: one.answer for one in reading.answers}
        board.costs[way] += reading.cost
        for question in asked:
            domain = sop.factors[question.factor].domain
            answer = domain.read(said[question.factor]) if question.factor in said else None
            board.scores[question.factor, way].add(answer, truth[question.factor])


def show(sop: Sop, board: Board, cases: int, total: Board) -> None:
    for rule in sop.questions:
        cells = [board.scores[rule.name, way] for way in WAYS]
        if cells[0].asked:
            print(f"{rule.name[:28]:28}{cells[0].asked:>5} " + " ".join(map(str, cells)))
        for way, cell in zip(WAYS, cells, strict=True):
            whole = total.scores["", way]
            whole.asked += cell.asked
            whole.answered += cell.answered
            whole.right += cell.right
    for way, cost in board.costs.items():
        total.costs[way] += cost
    print(f"  {sop.name}: {cases} cases; {used(board)}", flush=True)


def used(board: Board) -> str:
    alone, ours = board.costs["model"], board.costs["cascade"]
    return (
        f"model calls {alone.model_calls} alone, {ours.model_calls} in the cascade "
        f"({ours.model_calls / max(1, alone.model_calls):.2f}); tokens "
        f"{alone.tokens_in + alone.tokens_out} and {ours.tokens_in + ours.tokens_out} "
        f"({(ours.tokens_in + ours.tokens_out) / max(1, alone.tokens_in + alone.tokens_out):.2f})"
    )


async def measure(given: Any, home: Path) -> None:
    world = home / "sandbox"
    build_world(world, seed=given.seed, size=cast("Size", given.size))
    tools = load_plugins().all("tool", Tool)
    catalog = Catalog(tools)
    gold = load_gold(world / "gold.jsonl")
    manner = Manner(style=given.style, error_rate=given.error_rate)
    total = Board()
    with running(world, faults=False, rate_limits=False) as market, simulating(world, manner) as at:
        settings = Settings(
            home=home,
            source_url=market.base_url,
            source_token=SecretStr(market.read_token),
            model="simulated",
            model_base_url=at,
            model_privacy="off",
        )
        print(f"{'question':28}{'asked':>5} " + " ".join(f"{way:>27}" for way in WAYS))
        async with source_of(settings) as source:
            toolbox = Toolbox(tools, source, utc_now)
            cascade = readers(settings, toolbox, embeddings_of(settings))
            for name in given.sop or catalog.names():
                sop = catalog.load(name)
                await train(settings, [sop], least=given.least, newest=given.newest)
                trained = with_classifiers(sop, home)
                mine = [one for one in gold if one.case_type == sop.spec.case_type][: given.cases]
                board, gate = Board(), asyncio.Semaphore(IN_FLIGHT)

                async def one(
                    case: Gathered, gate: Any = gate, sop: Sop = trained, board: Board = board
                ) -> None:
                    async with gate:
                        await score(sop, case, cascade, board)

                await asyncio.gather(*map(one, await gather_all(sop, mine, settings)))
                show(sop, board, len(mine), total)
    print(f"{'all':28}{total.scores['', 'model'].asked:>5} "
          + " ".join(str(total.scores["", way]) for way in WAYS))  # fmt: skip
    print(f"  {used(total)}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--style", default="noisy", choices=("expert", "noisy"))
    parser.add_argument("--error-rate", type=float, default=0.05)
    parser.add_argument("--size", default="default", choices=("small", "default"))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--cases", type=int, default=60, help="gold cases of each procedure")
    parser.add_argument("--newest", type=int, default=500, help="closed cases to learn from")
    parser.add_argument("--least", type=float, default=0.9)
    parser.add_argument("--sop", action="append", default=[], help="only this procedure")
    given = parser.parse_args(arguments)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {given}")
    with tempfile.TemporaryDirectory(prefix="casewright-readers-") as folder:
        asyncio.run(measure(given, Path(folder)))
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

"""How fast the knowledge base answers and is filled at size, and where the time goes.

Situations are generated, and vectors are random ones near 500 centres: embedding 100,000 texts
would take an hour or so, and the searching does not know the difference. The rate of the real model
is measured apart, on a few hundred of the same texts. Questions are asked as a case asks them,
through the one retrieval with its leak guard, with as-of times that let all, half, a tenth and a
hundredth of the cases pass. Each time is told by the wall and by the process's own CPU. A base that
is kept notes how fast it was filled, and tells it again.

Run: python benchmarks/knowledge.py [--cases 100000] [--questions 200] [--folder DIR]
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import numpy as np
from numpy.typing import NDArray

from casewright.models import Case, ClosedCase, Money
from knowledge_base.dense import DenseIndex
from knowledge_base.embedding import DIMENSION, Embedder
from knowledge_base.index import Index
from knowledge_base.precedents import Precedents
from knowledge_base.records import Records
from knowledge_base.words import Tokenizer

Times = NDArray[np.float64]
"""Seconds by the wall and by CPU, of shape (2,)."""

START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
CENTRES = 500
FAMILIES = ("appeal.late_dispatch", "refund.abuse", "payout.hold")
SHARES = {"all": 1.0, "half": 0.5, "a tenth": 0.1, "a hundredth": 0.01}
PHRASES = (
    "The order was handed over {n} hours after its deadline.",
    "The first scan by the carrier came {n} hours after the label was made.",
    "The seller has {n} earlier violations of the same kind in a year.",
    "An outage of carrier {word} covered the day of the deadline.",
    "The seller writes that {word} at the depot held the parcel back.",
    "The buyer in {word} asked for another address {n} hours after paying.",
    "The tracking number {word} belongs to a parcel of {n} grams.",
    "The invoice {word} names {n} units of the listed goods.",
)


class NearCentres:
    """Imitates an embedding model: a text's vector lies near one of 500 centres."""

    name = "random-near-centres"

    def __init__(self) -> None:
        self._centres = np.random.default_rng(7).normal(size=(CENTRES, DIMENSION))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [self._near(text) for text in texts]
        return np.stack(rows) if rows else np.empty((0, DIMENSION), dtype=np.float32)

    def _near(self, text: str) -> NDArray[np.float32]:
        drawn = np.random.default_rng(zlib.crc32(text.encode()))
        vector = self._centres[drawn.integers(CENTRES)] + drawn.normal(size=DIMENSION) * 0.5
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


STAND_IN = "the stand-in for the model"
PARTS = {
    STAND_IN: (NearCentres, "embed"),
    "cutting words": (Tokenizer, "words"),
    "looking which vectors are there": (DenseIndex, "missing"),
    "writing vectors": (DenseIndex, "put"),
    "writing records": (Records, "put"),
}
"""What an ingest does, and where."""

NOTE = "ingest.txt"
"""Where a kept base notes how fast it was filled."""


def closed_case(number: int) -> ClosedCase:
    """A generated case: most words are common, a few are rare, as in noted situations."""
    draw = random.Random(number)
    words = [f"name{int(draw.paretovariate(0.7)) % 20_000}" for _ in range(8)]
    told = (
        phrase.format(n=draw.randrange(200), word=draw.choice(words))
        for phrase in draw.sample(PHRASES, 5)
    )
    case = Case(
        case_id=f"case_{number:06d}",
        case_type=FAMILIES[0] if number % 2 else draw.choice(FAMILIES),
        subject={"order_id": f"order_{number}"},
        seller_id=f"seller_{draw.randrange(5000)}",
        region="US",
        channel="appeal",
        opened_at=START,
        impact=Money(cents=1000, currency="USD"),
        text=" ".join(words),
    )
    closed_at = START + SPAN * draw.random()
    return ClosedCase(case=case, outcome="uphold", closed_at=closed_at, situation=" ".join(told))


def fill(base: Precedents, cases: int, embedded: float) -> str:
    """Ingest the generated cases; returns the rate and where the time went.

    Args:
        base: Where to.
        cases: How many.
        embedded: Texts that the real model embeds in a second of one core.
    """
    spent: defaultdict[str, Times] = defaultdict(lambda: np.zeros(2))
    with ExitStack() as stack:
        for part, (owner, name) in PARTS.items():
            work = timed(getattr(owner, name), spent[part])
            stack.enter_context(mock.patch.object(owner, name, work))
        told, started = Told(cases), now()
        base.ingest((closed_case(number) for number in range(cases)), told)
    wall, cpu = took = now() - started
    parts = sorted(spent.items(), key=lambda one: -one[1][0])
    with_model = cpu - spent[STAND_IN][1] + cases / embedded
    rates = f"{cases / wall:.0f}/s by the wall, {cases / cpu:.0f}/s by CPU"
    return "\n".join(
        (
            f"ingest without the model: {rates}",
            *(f"  {part}: {share(times / took)}" for part, times in parts),
            f"ingest with the model: {cases / with_model:.0f}/s by CPU; "
            f"embedding is {cases / embedded / with_model:.0%} of it",
        )
    )


def now() -> Times:
    """Seconds by the wall and by the process's CPU."""
    return np.array([time.perf_counter(), time.process_time()])


def share(times: Times) -> str:
    """Two shares in words."""
    return f"{times[0]:.0%} of the time, {times[1]:.0%} of CPU"


def timed(work: Callable[..., object], spent: Times) -> Callable[..., object]:
    """The same work, with what it takes added to ``spent``."""

    def measured(*args: object, **more: object) -> object:
        started = now()
        try:
            return work(*args, **more)
        finally:
            np.add(spent, now() - started, out=spent)

    return measured


class Told:
    """Tells the rate of an ingest every 10,000 cases."""

    def __init__(self, cases: int) -> None:
        self._cases = cases
        self._started = time.perf_counter()

    def __call__(self, done: int) -> None:
        if done % 10_000 < 64:
            rate = done / (time.perf_counter() - self._started)
            print(f"  {done} of {self._cases}, {rate:.0f}/s", flush=True)


def embedding_rate() -> float:
    """How many of the texts the real model embeds in a second of one core."""
    texts = [closed_case(number).situation for number in range(300)]
    embedder = Embedder()
    embedder.embed(texts[:10])
    started = time.process_time()
    embedder.embed(texts)
    return len(texts) / (time.process_time() - started)


def ask(base: Precedents, cases: int, questions: int, share: float) -> Iterator[tuple[int, int]]:
    """Ask as cases ask, and yield nanoseconds by the wall and by CPU."""
    moment = START + SPAN * share
    for number in range(cases, cases + questions):
        asking = closed_case(number)
        wall, cpu = time.perf_counter_ns(), time.process_time_ns()
        base.search(asking.case, as_of=moment, text=asking.situation, k=5)
        yield time.perf_counter_ns() - wall, time.process_time_ns() - cpu


def measure(base: Precedents, cases: int, questions: int) -> dict[str, float]:
    """Tell the times for each share of cases that closed early enough; p95 by the wall, in ms."""
    worst = {}
    for name, share in SHARES.items():
        first = max(wall for wall, _ in ask(base, cases, 3, share)) / 1e6
        times = np.array(list(ask(base, cases, questions, share))) / 1e6
        (wall, cpu), (wall95, cpu95) = np.percentile(times, [50, 95], axis=0)
        print(
            f"{name:12} may be seen: p50 {wall:6.1f} ms (CPU {cpu:6.1f}), "
            f"p95 {wall95:6.1f} ms (CPU {cpu95:6.1f}), "
            f"at first {first:.0f} ms; {load()}"
        )
        worst[name] = float(wall95)
    return worst


def load() -> str:
    """The machine's load over the last minute."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def seconds(work: Callable[[], object]) -> float:
    """How long a piece of work takes by the wall."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Fill a knowledge base, or take up one that was filled before, and ask it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where to keep it; else it is thrown away")
    given = parser.parse_args()
    print(load())
    embedded = embedding_rate()
    print(f"embedding alone: {embedded:.0f}/s by CPU")
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        with Precedents(Index(folder, NearCentres())) as base:
            if base.stats().cases < given.cases:
                told = fill(base, given.cases, embedded)
                (folder / NOTE).write_text(f"{told}\nat {load()}", encoding="utf-8")
        print((folder / NOTE).read_text(encoding="utf-8"))
        with Precedents(Index(folder, NearCentres())) as base:
            warm = seconds(base.warm)
            print(f"{given.cases} cases, first question after {warm:.2f} s of warm-up")
            worst = measure(base, given.cases, given.questions)
    print(f"{load()}; half against all: {worst['half'] / worst['all']:.2f}")


if __name__ == "__main__":
    main()

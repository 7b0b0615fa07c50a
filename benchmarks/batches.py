"""A batch of the command line in a process of its own: started, watched, killed, and looked at.

What the benchmarks of batches share. A home folder that is prepared once has a world and its
knowledge base; each batch gets a copy of it without the world, for that is served elsewhere.

Every process that a benchmark starts imports its modules again, so what is heavy is imported where
it is used.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import httpx
import psutil
from outside import INBOX, Service

from sandbox.embedded import world_of
from sandbox.sizes import Size

ROOT: Final = Path(__file__).resolve().parents[1]
FILE: Final = "casewright.sqlite"
SEED: Final = 7
STARTS: Final = "from cli import main; main()"
LOOK_SECONDS: Final = 0.25


@dataclass
class Batch:
    """A batch that has ended, or was killed.

    Attributes:
        lines: What it told of each case, in order.
        at: Seconds from its start to each line.
        seconds: How long the process ran.
        cpu: Its processor time, in seconds.
        peak: The most memory that it had, in bytes.
        memory: Its memory after so many cases, in bytes.
        code: Its exit code; negative: the signal that ended it.
        told: What it said on stderr.
    """

    lines: list[dict[str, Any]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0
    peak: int = 0
    memory: dict[int, int] = field(default_factory=dict)
    code: int = 0
    told: str = ""

    @property
    def rate(self) -> float:
        """Cases a second, from the start of the process to its end."""
        return len(self.lines) / self.seconds

    @property
    def each(self) -> float:
        """Seconds a case, from the first fifth on: without what a process takes to start."""
        skipped = len(self.at) // 5
        return (self.at[-1] - self.at[skipped]) / max(1, len(self.at) - 1 - skipped)


class Running:
    """A batch in a process of its own, which ends with the block.

    Args:
        home: Its home folder.
        source: The marketplace.
        arguments: What stands behind ``casewright --home …``.
        settings: Further settings, by name.
        sampled: A file for where its time went; see ``sampled.py``.
        every: After how many cases its memory is looked at.
    """

    def __init__(
        self,
        home: Path,
        source: Service,
        arguments: Sequence[str],
        *,
        settings: Mapping[str, str] | None = None,
        sampled: Path | None = None,
        every: int = 1000,
    ) -> None:
        self._batch = Batch()
        self._every = every
        command = [sys.executable, "-c", STARTS]
        if sampled is not None:
            command = [sys.executable, str(ROOT / "benchmarks" / "sampled.py"), str(sampled)]
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._start = time.perf_counter()
        self._process = subprocess.Popen(
            [*command, "--home", str(home), *arguments],
            env=environment(source, settings or {}),
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        assert self._process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,))
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def done(self) -> int:
        """How many cases it told of so far."""
        return len(self._batch.lines)

    @property
    def alive(self) -> bool:
        """Whether it has not ended; it is not waited for."""
        return psutil.pid_exists(self.pid) and (
            psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        )

    def kill(self) -> None:
        """Kill it as the kernel would: it is not asked."""
        os.kill(self.pid, signal.SIGKILL)  # Popen's own would take its exit code from ``ended``

    def ended(self) -> Batch:
        """Wait for its end."""
        self._reader.join()
        _, status, usage = os.wait4(self.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        batch = self._batch
        batch.seconds = time.perf_counter() - self._start
        batch.cpu = usage.ru_utime + usage.ru_stime
        batch.peak = usage.ru_maxrss * 1024
        batch.code = self._process.returncode
        self._errors.seek(0)
        batch.told = self._errors.read()
        self._errors.close()
        return batch

    def _read(self, lines: IO[str]) -> None:
        for line in lines:
            if not line.endswith("\n"):  # it was killed while it told
                break
            told = json.loads(line)
            if "case_id" not in told:  # a summary, or progress
                continue
            self._batch.lines.append(told)
            self._batch.at.append(time.perf_counter() - self._start)
            if self.done % self._every == 0:
                with suppress(psutil.Error):  # it may have ended before its last lines are read
                    self._batch.memory[self.done] = psutil.Process(self.pid).memory_info().rss


def run(
    home: Path, source: Service, *arguments: str, settings: Mapping[str, str] | None = None,
    sampled: Path | None = None, every: int = 1000,
) -> Batch:  # fmt: skip
    """Run a batch to its end; one that tells of no case at all ends the benchmark."""
    batch = Running(
        home, source, arguments, settings=settings, sampled=sampled, every=every
    ).ended()
    if not batch.lines:
        raise SystemExit(f"the batch ended with {batch.code} and told of no case:\n{batch.told}")
    return batch


def environment(source: Service, settings: Mapping[str, str]) -> dict[str, str]:
    """Of this process's environment what a batch needs, and its settings."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("CASEWRIGHT_")}
    given = {"source_url": source.url, "source_token": source.token, **settings}
    return {
        **own,
        "PYTHONPATH": str(ROOT),
        **{f"CASEWRIGHT_{name.upper()}": value for name, value in given.items()},
    }


@contextmanager
def prepared(home: Path | None, *, small: bool, closed: int | None = None) -> Iterator[Path]:
    """A home folder with a world and its knowledge base, made where it is not there yet.

    Args:
        home: The folder; None: one that goes with the block.
        small: A world of a tenth of the size.
        closed: Most closed cases of its knowledge base; None: all; 0: it has none.
    """
    from sandbox.build import build_world

    with tempfile.TemporaryDirectory() as folder:
        place = home or Path(folder)
        size: Size = "small" if small else "default"
        build_world(world_of(place), seed=SEED, size=size)
        if closed != 0 and not (place / "knowledge").is_dir():
            start = time.perf_counter()
            count = _remember(place, closed)
            took = time.perf_counter() - start
            print(f"{count} closed cases remembered in {took:.0f} s", file=sys.stderr)
        yield place


def _remember(home: Path, closed: int | None) -> int:
    from pydantic import SecretStr

    from casewright.settings import Settings
    from knowledge_base.opened import open_knowledge
    from sandbox.server import running
    from tools.inbox import closed_cases
    from tools.sources.http import HttpSource

    with running(world_of(home), rate_limits=False) as endpoint:
        settings = Settings(
            home=home,
            source_url=endpoint.base_url,
            source_token=SecretStr(endpoint.read_token),
        )

        async def read() -> list[Any]:
            async with HttpSource.from_settings(settings) as source:
                return [one async for one in closed_cases(source)]

        with open_knowledge(settings) as precedents:
            found = asyncio.run(read())
            step = len(found) // closed if closed else 1
            return precedents.ingest(found[:: max(1, step)]).added


@contextmanager
def fresh(home: Path) -> Iterator[Path]:
    """A home folder with the knowledge base of another, and nothing else; gone after the block."""
    with tempfile.TemporaryDirectory() as folder:
        if (home / "knowledge").is_dir():
            shutil.copytree(home / "knowledge", Path(folder) / "knowledge")
        yield Path(folder)


def load() -> str:
    """How busy the machine is, for beside a figure."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def open_ids(source: Service, count: int) -> list[str]:
    """The first open cases of a marketplace."""
    ids: list[str] = []
    query: dict[str, str] = {"status": "open", "limit": "100"}
    headers = {"Authorization": f"Bearer {source.token}"}
    with httpx.Client(base_url=source.url, headers=headers, trust_env=False, timeout=60) as client:
        while len(ids) < count:
            data = client.get(INBOX, params=query).raise_for_status().json()["data"]
            ids += [str(one["case_id"]) for one in data["items"]]
            if "next_cursor" not in data:
                break
            query["cursor"] = data["next_cursor"]
    return ids[:count]


@dataclass
class Standing:
    """What the store says of the cases of a batch.

    Attributes:
        cases: What has become of each: decided, waits for information, waits for review, parked.
        outcomes: What was proposed for each that came to its gate.
        reasons: Why cases are parked, in the batch's words.
        lost: Cases that none of that is true of, or that are parked without a reason.
        doubled: Cases that came to a gate more than once.
        faults: What is wrong with the log of events.
    """

    cases: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    faults: int = 0

    def __str__(self) -> str:
        counts = Counter(self.cases.values())
        told = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        return (
            f"{told}; {len(self.lost)} lost, {len(self.doubled)} twice, "
            f"{self.faults} faults in the log"
        )

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.faults)


GATES: Final = """
SELECT case_id, status, json_extract(body, '$.decision.outcome') AS outcome FROM runs
WHERE status IN ('waiting', 'done')
"""
TWICE: Final = """
SELECT case_id FROM runs WHERE status IN ('waiting', 'done') GROUP BY case_id HAVING count(*) > 1
UNION SELECT case_id FROM audit_events WHERE kind = 'waiting' GROUP BY case_id HAVING count(*) > 1
UNION SELECT case_id FROM queue GROUP BY case_id HAVING count(*) > 1
"""
PARKED: Final = "SELECT case_id, body FROM batch_cases WHERE state = 'parked'"


def standing(home: Path, case_ids: Sequence[str]) -> Standing:
    """Look at what a batch left in its store."""
    found = Standing()
    with closing(sqlite3.connect(home / FILE)) as connection:
        for case_id, status, outcome in connection.execute(GATES):
            found.outcomes[case_id] = outcome
            asked = outcome == "request_information"
            waits = "waits for information" if asked else "waits for review"
            found.cases[case_id] = "decided" if status == "done" else waits
        for case_id, body in connection.execute(PARKED):
            reason = json.loads(body).get("error", "") if body else ""
            if reason and case_id not in found.cases:
                found.cases[case_id] = "parked"
                found.reasons.append(reason)
        found.doubled = [case_id for (case_id,) in connection.execute(TWICE)]
    found.lost = [one for one in case_ids if one not in found.cases]
    found.faults = asyncio.run(_faults(home))
    return found


async def _faults(home: Path) -> int:
    from casewright.store import Store

    async with Store.open(home) as store:
        return len((await store.audited()).faults)


def held(home: Path) -> int:
    """How many cases were in flight when a batch was killed, by its store."""
    if not (home / FILE).exists():
        return 0
    with closing(sqlite3.connect(home / FILE)) as connection:
        return _count(connection, "SELECT count(*) FROM batch_cases WHERE state = 'leased'")


def planned(home: Path) -> bool:
    """Whether there is a batch that can be gone on with."""
    if not (home / FILE).exists():
        return False
    with closing(sqlite3.connect(home / FILE)) as connection:
        return _count(connection, "SELECT count(*) FROM batches") > 0


def _count(connection: sqlite3.Connection, query: str) -> int:
    with suppress(sqlite3.OperationalError):  # killed before it had made the tables
        return int(connection.execute(query).fetchone()[0])
    return 0

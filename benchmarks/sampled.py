"""Runs casewright's command line, and says where its processor time went.

    python benchmarks/sampled.py FILE batch run --limit 100

A thread looks every few milliseconds which of the others used the processor since it last looked,
by their own clocks, and where each of them is: the innermost frame that belongs to a part that has
a name. That time is that part's. What native threads use, which Python knows nothing of, is the
process's time less that of the others. The file then holds JSON: seconds by part, those of the
looking itself, and the most memory that the process had.
"""

from __future__ import annotations

import atexit
import json
import resource
import sys
import threading
import time
from collections import defaultdict
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
EVERY_SECONDS: Final = 0.005

START: Final = "start: imports"
LOOP: Final = "event loop, and the rest"
NATIVE: Final = "native threads"
LOOKING: Final = "this looking"

OURS: Final = {
    "casewright/store/": "store",
    "casewright/audit.py": "store",
    "casewright/happenings.py": "store",
    "graphs/checkpoints.py": "store",
    "knowledge_base/embedding.py": "embedding",
    "knowledge_base/": "retrieval",
    "graphs/cel": "CEL",
    "graphs/conditions.py": "CEL",
    "graphs/logic.py": "CEL",
    "graphs/verify.py": "verification",
    "graphs/claims.py": "verification",
    "tools/sources/": "HTTP",
    "tools/": "tools and evidence",
    "casewright/evidence.py": "tools and evidence",
    "agents/": "reading",
    "graphs/": "nodes and batch",
    "casewright/session.py": "",
    "casewright/": "models and digests",
}
"""Parts of the house by where their files begin; the first that fits."""

THEIRS: Final = {
    "/httpx/": "HTTP",
    "/httpcore/": "HTTP",
    "/h11/": "HTTP",
    "/anyio/": "HTTP",
    "/sqlalchemy/": "store",
    "/aiosqlite/": "store",
    "/sqlite3/": "store",
    "/psycopg": "store",
    "/langgraph/checkpoint/": "store",
    "/langgraph/": "LangGraph",
    "/langchain_core/": "LangGraph",
    "/langsmith/": "LangGraph",
    "/onnxruntime/": "embedding",
    "/tokenizers/": "embedding",
    "/chromadb/": "retrieval",
    "/rich/": "progress",
}
"""Parts of others' packages, by a part of their paths."""


@cache
def part_of(file: str) -> str:
    """The part that a source file belongs to, or empty."""
    if "importlib" in file:
        return START
    below = file.removeprefix(f"{ROOT}/")
    if below != file and "site-packages" not in below:
        return next((part for start, part in OURS.items() if below.startswith(start)), "")
    return next((part for piece, part in THEIRS.items() if piece in file), "")


def part_at(frame: FrameType | None) -> str:
    """The innermost part on a stack; what is done while a module is imported is the start."""
    found = ""
    while frame is not None:
        part = part_of(frame.f_code.co_filename)
        if part == START:
            return START
        found = found or part
        frame = frame.f_back
    return found or LOOP


def clock_of(thread: threading.Thread) -> int:
    """Linux's clock of a thread's processor time; asking for that of one that has ended fails."""
    return (~(thread.native_id or 0) << 3) | 6


class Sampler:
    """Looks at all threads but its own until it is told to stop."""

    def __init__(self, every: float = EVERY_SECONDS) -> None:
        self._every = every
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._used: dict[int, float] = {}
        self._own = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="sampler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> dict[str, float]:
        """Seconds of processor time by part."""
        self._stopped.set()
        self._thread.join()
        told = dict(self._seconds)
        told[LOOKING] = self._own
        told[NATIVE] = max(0.0, time.process_time() - sum(told.values()))
        return told

    def _look_on(self) -> None:
        while not self._stopped.wait(self._every):
            self._look()
            self._own = time.thread_time()

    def _look(self) -> None:
        frames = sys._current_frames()
        for thread in threading.enumerate():
            if thread is self._thread or thread.native_id is None:
                continue
            try:
                used = time.clock_gettime(clock_of(thread))
            except OSError:  # it has ended
                continue
            since = used - self._used.get(thread.native_id, 0.0)
            self._used[thread.native_id] = used
            if since > 0:
                self._seconds[part_at(frames.get(thread.ident or 0))] += since


def main() -> None:
    file, sys.argv[1:] = Path(sys.argv[1]), sys.argv[2:]
    sampler = Sampler()
    sampler.start()

    def tell() -> None:
        told = {
            "seconds": sampler.stop(),
            "cpu": time.process_time(),
            "peak_kb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
        file.write_text(json.dumps(told), "utf-8")

    atexit.register(tell)
    from cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()

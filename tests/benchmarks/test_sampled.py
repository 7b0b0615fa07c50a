"""Where processor time is said to have gone."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from sampled import LOOKING, LOOP, ROOT, START, Sampler, part_of

from casewright.canonical import digest_of
from casewright.evidence import Evidence


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("casewright/store/log.py", "store"),
        ("knowledge_base/embedding.py", "embedding"),
        ("knowledge_base/index.py", "retrieval"),
        ("graphs/cel_engine.py", "CEL"),
        ("graphs/verify.py", "verification"),
        ("graphs/run.py", "nodes and batch"),
        (".venv/lib/python3.11/site-packages/langgraph/pregel/main.py", "LangGraph"),
        (".venv/lib/python3.11/site-packages/httpx/_client.py", "HTTP"),
        (".venv/lib/python3.11/site-packages/somebody/tools/of.py", ""),
    ],
)
def test_a_file_belongs_to_its_part(file: str, part: str) -> None:
    assert part_of(str(ROOT / file)) == part


def test_what_is_imported_belongs_to_the_start() -> None:
    assert part_of("<frozen importlib._bootstrap>") == START


def test_time_goes_to_the_innermost_part_that_has_a_name() -> None:
    sampler = Sampler(every=0.001)
    sampler.start()
    end = time.thread_time() + 0.3
    while time.thread_time() < end:
        digest_of({"a": [Evidence.__name__] * 1000})
    told = sampler.stop()
    assert told["models and digests"] > 0.2
    assert told["models and digests"] > 5 * told.get(LOOP, 0.0)
    assert told[LOOKING] < told["models and digests"]

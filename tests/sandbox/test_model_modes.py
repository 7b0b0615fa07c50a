"""The simulated model, read with in every mode: the probe finds the best, and all answer alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from agents.abilities import Abilities
from agents.endpoint import endpoints
from agents.model import reader
from agents.reading import Errand, Passage, Question
from casewright.settings import Settings
from sandbox.build import WORLD_FILE
from sandbox.model.app import Manner
from sandbox.model.letters import letters
from sandbox.model.server import simulating
from tools.sources.http import HttpSource
from tools.toolbox import Toolbox

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
FACTOR = "statement_contradicts_scans"
World = Any  # the class in conftest.py, which importlib mode keeps out of reach


@pytest.fixture(scope="module")
def simulated(world: World) -> Iterator[str]:
    """The address of an endpoint that knows the world's texts by heart."""
    with simulating(world.folder, Manner()) as url:
        yield url


@pytest.fixture(scope="module")
def asked(world: World) -> list[tuple[Question, bool]]:
    """Questions about texts of the world, with their answers."""
    texts = defaultdict(list)
    for number, text in letters(world.folder / WORLD_FILE):
        texts[f"case_{number:06d}"].append(text)
    known = (one for one in world.causes if FACTOR in one["columns"] and texts[one["case_id"]])
    return [(_question(texts[one["case_id"]]), one["columns"][FACTOR]) for one in islice(known, 6)]


def _question(texts: Sequence[str]) -> Question:
    passages = tuple(
        Passage(action="paper", digest="a" * 64, pointer=f"/{at}", value=text, untrusted=True)
        for at, text in enumerate(texts)
    )
    return Question(factor=FACTOR, text="Does it contradict the scans?", passages=passages)


@pytest.mark.parametrize("mode", ["auto", "schema", "tools", "json"])
async def test_every_mode_reads_the_same(
    simulated: str, asked: list[tuple[Question, bool]], tmp_path: Path, mode: str
) -> None:
    settings = Settings(
        home=tmp_path,
        model="simulated-expert",
        model_base_url=simulated,
        model_mode=mode,  # type: ignore[arg-type]
        model_privacy="off",
    )
    toolbox = Toolbox({}, HttpSource("http://unused.test"), lambda: AS_OF)
    mode_reader = reader(settings, toolbox)
    readings = [await mode_reader.read([question], Errand(AS_OF)) for question, _ in asked]
    told = [reading.answers[0].answer for reading in readings]
    assert told == ["yes" if value else "no" for _, value in asked]
    probes = 1 if mode == "auto" else 0
    assert [one.cost.model_calls for one in readings] == [1 + probes, *[1] * (len(asked) - 1)]
    assert sum(reading.cost.tokens_cached for reading in readings[1:]) > 0
    found = Abilities(tmp_path).of(*endpoints(settings)).mode
    assert found == ("schema" if mode == "auto" else None)

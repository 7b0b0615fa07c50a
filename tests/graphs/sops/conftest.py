"""The built-in SOPs against what the simulation draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from graphs.catalog import Catalog
from graphs.examples import example_outcome
from graphs.sop import Sop
from sandbox.casetypes.table import CauseTable
from tools.base import Tool

ASKED = ("request_information", "escalate")
DRAWS = 6_000


@dataclass(frozen=True)
class Score:
    """How a table does on drawn facts: the share it decides, and the share right of those."""

    decided: float
    right: float


Facts = Callable[[Mapping[str, bool]], Mapping[str, bool]]


@pytest.fixture(scope="session")
def load(tools: dict[str, Tool]) -> Callable[[str], Sop]:
    """Loads a built-in SOP once."""
    return cache(Catalog(tools).load)


@pytest.fixture(scope="session")
def on_drawn_facts(load: Callable[[str], Sop]) -> Callable[[str, CauseTable, Facts], Score]:
    """Scores an SOP's table on the cause table as it is before its first drift."""

    def score(name: str, table: CauseTable, facts: Facts) -> Score:
        sop = load(name)
        drawn = table.draw(np.zeros(DRAWS, dtype=np.int64), np.random.default_rng(8))
        flags = {column: drawn.columns[column] > 0.5 for column in table.flags()}

        @cache
        def outcome(values: tuple[bool, ...]) -> str:
            known = dict(zip(flags, values, strict=True))
            return example_outcome(sop, facts(known))[0]

        rows = zip(*(column.tolist() for column in flags.values()), strict=True)
        made = [outcome(row) for row in rows]
        right = [table.causes[cause].right for cause in drawn.cause.tolist()]
        decided = [(a, b) for a, b in zip(made, right, strict=True) if a not in ASKED]
        return Score(len(decided) / DRAWS, sum(a == b for a, b in decided) / len(decided))

    return score

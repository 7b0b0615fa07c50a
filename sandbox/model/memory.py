"""What the simulated reader knows by heart: a world's texts, and what was drawn for their cases."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.build import WORLD_FILE
from sandbox.ids import parse
from sandbox.model.letters import letters
from sandbox.model.words import shingles

ENOUGH: Final = 3
"""So many runs of words have to be known, or all of a shorter text, for a text to be known."""


@dataclass(frozen=True)
class Drawn:
    """What was drawn for a case: its yes-or-no columns, and the outcome it deserves."""

    columns: Mapping[str, bool]
    right: str


class Memory:
    """Texts by heart.

    Args:
        drawn: What was drawn, by case number.
        texts: Texts with the number of their case.
    """

    def __init__(self, drawn: Mapping[int, Drawn], texts: Iterable[tuple[int, str]]) -> None:
        self._drawn = drawn
        index: defaultdict[tuple[str, ...], set[int]] = defaultdict(set)
        for case, text in texts:
            for shingle in shingles(text):
                index[shingle].add(case)
        self._index = index

    @classmethod
    def of_world(cls, folder: Path) -> Memory:
        """The memory of a world folder."""
        lines = (folder / "causes.jsonl").read_text("utf-8").splitlines()
        drawn = {
            parse("case", line["case_id"]) or 0: Drawn(_flags(line["columns"]), line["right"])
            for line in map(json.loads, lines)
        }
        return cls(drawn, letters(folder / WORLD_FILE))

    def factors(self) -> frozenset[str]:
        """Every column that was drawn for some case."""
        return frozenset(name for drawn in self._drawn.values() for name in drawn.columns)

    def knows(self, text: str) -> bool:
        """Whether the text, or a good part of it, stands in a case of the world."""
        runs = shingles(text)
        known = sum(run in self._index for run in runs)
        return 0 < known >= min(ENOUGH, len(runs))

    def drawn(self, texts: Iterable[str], factor: str = "") -> list[Drawn]:
        """What was drawn for the cases that hold most of ``texts``; several where they tie.

        Rare words count most. Nothing is returned where no text is known.

        Args:
            texts: What is shown of one case.
            factor: A column that the case must have; empty: any case.
        """
        weights: Counter[int] = Counter()
        for text in texts:
            for run in shingles(text):
                cases = self._index.get(run, ())
                for case in cases:
                    weights[case] += 60 // len(cases)
        fitting = {
            case: weight
            for case, weight in weights.items()
            if not factor or factor in self._drawn[case].columns
        }
        most = max(fitting.values(), default=0)
        return [self._drawn[case] for case, weight in fitting.items() if 0 < weight == most]

    def holds(self, factor: str, texts: Iterable[str]) -> bool | None:
        """Whether a column holds for the case of ``texts``; None where that is not known."""
        found = [one.columns[factor] for one in self.drawn(texts, factor)]
        return 2 * sum(found) > len(found) if found else None


def _flags(columns: Mapping[str, object]) -> dict[str, bool]:
    return {name: value for name, value in columns.items() if isinstance(value, bool)}

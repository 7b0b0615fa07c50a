"""What was judged of a simulated world: which files hold it, and how a case of it reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from fields import Fields

from evals.results import Key, key_of, load_results
from evals.scored import Scored

ReaderStyle = Literal["none", "expert", "noisy"]

SETTLED = "settled:"
"""Starts the tag that says how a reviewer settled a past case."""
PARTS = ("gold", "past")


@dataclass(frozen=True)
class Job:
    """What is to be judged of one world, and where it is written down.

    ``limit`` takes only so many cases of each part, evenly spread; None takes all.
    """

    seed: int
    folder: Path
    reader: ReaderStyle = "expert"
    limit: int | None = None

    def path(self, part: str) -> Path:
        """The file of a part: ``gold`` or ``past`` with scored cases, ``raw`` with their fields."""
        return self.folder / f"seed-{self.seed}.{part}.jsonl"


@dataclass(frozen=True)
class Judged:
    """A case of a world as it was judged, and what was written down beside it.

    ``raw`` is empty where the case never came to evidence.
    """

    part: str
    scored: Scored
    raw: Mapping[str, Any]

    @property
    def key(self) -> Key:
        return key_of(self.scored.gold)

    @property
    def world(self) -> int:
        return self.scored.gold.seed or 0

    @property
    def case_type(self) -> str:
        return self.scored.gold.case_type

    @property
    def settled(self) -> str:
        """How a reviewer settled a past case; empty for a gold one."""
        found = (tag for tag in self.scored.gold.tags if tag.startswith(SETTLED))
        return next(found, "").removeprefix(SETTLED)

    @property
    def opened_at(self) -> datetime:
        return _moment(self.raw.get("opened_at")) or self.scored.gold.as_of

    @property
    def closed_at(self) -> datetime | None:
        return _moment(self.raw.get("closed_at"))

    @property
    def vote(self) -> str:
        """Outcome that leads among the case's precedents; empty where it had none."""
        return str((self.raw.get("vote") or {}).get("outcome", ""))

    @property
    def fields(self) -> Fields:
        return self.raw.get("fields") or {}

    @property
    def fields_and_readings(self) -> Fields:
        """The fields, and what the reader made of the case's texts."""
        traits = self.scored.traits
        if traits is None:
            return self.fields
        read = {n: v for n, v in traits.factors.items() if traits.profile.by.get(n) == "model"}
        return {**self.fields, **{f"read.{name}": str(value) for name, value in read.items()}}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def judged_cases(job: Job) -> list[Judged]:
    """What was judged of a world so far.

    Raises:
        UsageError: nothing was.
    """
    lines = job.path("raw").read_bytes().split(b"\n") if job.path("raw").is_file() else []
    rows = {row["case_id"]: row for row in map(json.loads, filter(None, lines[:-1]))}
    return [
        Judged(part, one, rows.get(one.gold.case_id, {}))
        for part in PARTS
        for one in load_results(job.path(part))
    ]

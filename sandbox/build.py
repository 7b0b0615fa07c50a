"""Builds a world folder: the served file, and beside it what only evaluation may see."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np

from casewright.errors import UsageError
from sandbox.accounts import make_buyers, make_sellers
from sandbox.banks import make_banks
from sandbox.casetypes import CASE_TYPES
from sandbox.casetypes.base import CaseType, Planted, Slots, Stage
from sandbox.edits import make_edits
from sandbox.history import make_claims, make_ledger, make_messages, make_violations
from sandbox.ids import Numbers, render
from sandbox.kyb import make_kyb
from sandbox.links import make_links
from sandbox.network import (
    Watches,
    draw_alerts,
    draw_incidents,
    write_alerts,
    write_carriers,
    write_incidents,
)
from sandbox.order_rows import write_orders
from sandbox.orders import background
from sandbox.places import Places
from sandbox.reviews import make_reviews
from sandbox.schedule import make_slots
from sandbox.sizes import SCALES, Size
from sandbox.summary import WORLD_FORMAT, WorldSummary, api_tokens, read_summary
from sandbox.timeline import CLOCK_START, DAY, instant, rfc3339
from sandbox.writer import WorldWriter, writing

Progress = Callable[[str, float], None]
WORLD_FILE: Final = "world.sqlite"


def build_world(
    folder: Path,
    *,
    seed: int,
    size: Size,
    progress: Progress | None = None,
    force: bool = False,
) -> WorldSummary:
    """Generate the world of ``seed`` and ``size`` into ``folder``.

    The same seed and size give the same bytes. The folder appears whole or not at all; where it
    already holds this very world, nothing is done.

    Args:
        folder: The world folder to make.
        seed: Any whole number from 0.
        size: How large the world is.
        progress: Called with the stage's name and the share done, from 0 to 1.
        force: Replace a world of another seed or size.

    Raises:
        UsageError: The folder holds something else, or ``size`` or ``seed`` is not valid.
    """
    if size not in SCALES or seed < 0:
        raise UsageError(f"There is no world of size {size!r} and seed {seed}.")
    standing = _standing(folder, seed, size, force)
    if standing is not None:
        return standing
    folder.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        made = workshop / "world"
        made.mkdir()
        summary = _make(made, seed, size, progress or (lambda _stage, _share: None))
        if folder.exists():
            folder.rename(workshop / "old")
        made.replace(folder)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return summary


def _standing(folder: Path, seed: int, size: Size, force: bool) -> WorldSummary | None:
    """Return the world already there, or None where one is to be made."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return None
    found = read_summary(folder)
    if found is None:
        raise UsageError(f"{folder} is not a world folder, so it is left alone.")
    same = (found.seed, found.size, found.format) == (seed, size, WORLD_FORMAT)
    if same and not force:
        return found
    if not force:
        raise UsageError(
            f"{folder} holds a world of seed {found.seed}, size {found.size}, "
            f"format {found.format}.",
            remedy="Choose another folder, or force its replacement.",
        )
    return None


def _make(folder: Path, seed: int, size: Size, progress: Progress) -> WorldSummary:
    numbers = Numbers()
    with writing(folder / WORLD_FILE) as writer:
        planted, slots = _fill(writer, seed, size, numbers, progress)
        progress("index", 0.9)
    sellers = _sellers(folder / WORLD_FILE)
    gold = (line for each in planted for line in each.gold)
    _write_lines(folder / "gold.jsonl", (_sliced(one, sellers[one["seller_id"]]) for one in gold))
    _write_lines(folder / "causes.jsonl", (line for each in planted for line in each.causes))
    summary = WorldSummary(
        format=WORLD_FORMAT,
        seed=seed,
        size=size,
        clock=rfc3339(CLOCK_START),
        counts=_counts(numbers, slots),
        tokens=api_tokens(seed),
    )
    (folder / "world.json").write_text(summary.model_dump_json(indent=2) + "\n")
    progress("done", 1.0)
    return summary


Seller = tuple[str, str, int]
"""Tier, kind and the epoch second of registration."""


def _sellers(file: Path) -> dict[str, Seller]:
    """What the API serves of each seller, as far as gold cases are sliced by it."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT seller_no, tier, entity_type, registered_at FROM sellers")
        return {render("sel", number): (tier, kind, since) for number, tier, kind, since in rows}


def _sliced(line: Mapping[str, Any], seller: Seller) -> dict[str, Any]:
    """A gold line with the slices of its seller: tier, kind, and age when the case is judged."""
    tier, kind, since = seller
    days = (instant(line["as_of"]) - since) // DAY
    age = "under 60 days" if days < 60 else "over 365 days" if days > 365 else "60 to 365 days"
    tags = [*line["tags"], f"entity_type={kind}", f"seller_age={age}"]
    return {**line, "tags": tags, "tier": tier}


def _fill(
    writer: WorldWriter, seed: int, size: Size, numbers: Numbers, progress: Progress
) -> tuple[list[Planted], Mapping[str, Slots]]:
    scale, places = SCALES[size], Places(seed)
    progress("accounts", 0.0)
    sellers = make_sellers(writer, scale, seed, places, numbers)
    make_buyers(writer, scale, seed, places, numbers)
    make_links(writer, sellers, seed)
    slots = make_slots(CASE_TYPES, scale, seed, numbers)
    progress("orders", 0.1)
    batch = background(scale, sellers, seed, _orders_to_plant(slots), numbers)
    write_orders(writer, batch, sellers, places, scale, seed)
    progress("history", 0.6)
    make_violations(writer, sellers, seed, numbers)
    make_claims(writer, batch, scale.buyers, seed, numbers)
    make_messages(writer, batch, seed, numbers)
    make_ledger(writer, batch, sellers, seed)
    make_kyb(writer, sellers, seed, numbers)
    make_banks(writer, sellers, seed)
    make_edits(writer, sellers, seed)
    make_reviews(writer, sellers.region, seed, numbers)
    progress("cases", 0.7)
    stage = Stage(seed, scale, writer, numbers, places, sellers, batch)
    planted = [each.plant(stage, slots[each.name]) for each in CASE_TYPES]
    watches = _merged([each.watches for each in planted])
    write_carriers(writer, seed)
    write_alerts(writer, draw_alerts(seed, places, watches), numbers)
    write_incidents(writer, draw_incidents(seed, sellers, watches), numbers)
    return planted, slots


def _orders_to_plant(slots: Mapping[str, Slots]) -> int:
    """About how many orders the case types add; nearly all lie before the clock's start."""
    by_name: dict[str, CaseType] = {each.name: each for each in CASE_TYPES}
    return round(sum(by_name[name].orders_a_case * len(mine) for name, mine in slots.items()))


def _merged(parts: list[Watches]) -> Watches:
    return Watches(
        seller=np.concatenate([part.seller for part in parts]),
        carrier=[name for part in parts for name in part.carrier],
        region=[name for part in parts for name in part.region],
        since=np.concatenate([part.since for part in parts]),
        start=np.concatenate([part.start for part in parts]),
        end=np.concatenate([part.end for part in parts]),
        calm=np.concatenate([part.calm for part in parts]),
    )


def _counts(numbers: Numbers, slots: Mapping[str, Slots]) -> dict[str, int]:
    names = {
        "sellers": "sel", "buyers": "buy", "listings": "lst", "orders": "ord",
        "violations": "vio", "appeals": "app", "documents": "doc", "messages": "msg",
        "claims": "clm", "alerts": "alr", "incidents": "inc", "cases": "case",
        "notices": "ntc", "kyb_requests": "kyb", "holds": "hld",
        "reviews": "rev",
    }  # fmt: skip
    counts = {name: numbers.used(kind) for name, kind in names.items()}
    for state in ("past", "open", "gold"):
        counts[f"{state}_cases"] = sum(mine.state.count(state) for mine in slots.values())
    return counts


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

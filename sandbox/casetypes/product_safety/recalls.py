"""Recalls that a listing may fall under, and everyday ones beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.product_safety.offers import gtin, image_token
from sandbox.casetypes.product_safety.plan import Plan, month
from sandbox.places import REGIONS
from sandbox.streams import Ints, lognormal, pick, whole
from sandbox.text.goods import BRANDS
from sandbox.timeline import BACKGROUND_END, DAY, HISTORY_START, HOUR
from sandbox.writer import optional

RECALLS_A_MONTH: Final = 40
AGENCIES: Final = {"US": "CPSC", "UK": "OPSS", "EU": "Safety Gate", "MX": "PROFECO", "SEA": "CPSO"}
HAZARDS: Final = ("fire", "shock", "choking", "laceration", "chemical", "ingestion")
ELSEWHERE: Final = (
    "Almont", "Beldale", "Corwick", "Denfield", "Estermont", "Farrowdale", "Gladwick", "Holtfield",
)  # fmt: skip
"""Brands that nobody here sells."""

Relation = Literal["batch", "all", "model", "image", "brand"]


@dataclass(frozen=True)
class Recalled:
    """Recalls of cases: whose, how each relates to its product, and the batches it names."""

    case: Ints
    relation: list[Relation]
    first: Ints
    last: Ints


def draw_recalls(plan: Plan, rng: np.random.Generator) -> Recalled:
    """Draw one recall for each case that has any: exact or near where drawn, else of its brand.

    A look-alike's batch lies two to nine months outside (handbook 9, Rows); of near cases two.
    """
    count = len(plan)
    exact, near = plan.column("recall_exact"), plan.column("recall_near")
    roll = rng.random(count)
    relation: list[Relation] = [
        _relation(*each) for each in zip(exact.tolist(), near.tolist(), roll.tolist(), strict=True)
    ]
    off = np.where(plan.near, 2, rng.integers(2, 10, count))
    length = rng.integers(1, 7, count)
    last = np.where(roll < 0.6, plan.batch - off, plan.batch + off + length)
    last = np.where(exact, plan.batch + rng.integers(0, 4, count), last)
    first = np.where(exact, plan.batch - length, last - length)
    rows = np.flatnonzero(exact | near | (rng.random(count) < 0.35))
    return Recalled(rows, [relation[i] for i in rows.tolist()], first[rows], last[rows])


def _relation(exact: bool, near: bool, roll: float) -> Relation:
    """How a recall relates to a case's product."""
    if exact:
        return "batch" if roll < 0.7 else "all"
    if near:
        return "model" if roll < 0.85 else "image"
    return "brand"


def plant_recalls(stage: Stage, plan: Plan, recalled: Recalled, rng: np.random.Generator) -> None:
    """Write the recalls of the cases, recorded LN(20 h, .6) after publication (handbook 11.3)."""
    rows = recalled.case
    count = len(rows)
    published = plan.asked_at[rows] - whole(np.clip(lognormal(rng, 20, 0.8, count), 4, 250) * DAY)
    case_no = plan.slots.case_no[rows].tolist()
    batched = np.array([word != "all" for word in recalled.relation])
    same_model = [word in ("batch", "all", "model") for word in recalled.relation]
    stage.writer.add(
        "recalls",
        {
            "recall_no": stage.numbers.take("rcl", count),
            "agency": [AGENCIES[plan.region[i]] for i in rows.tolist()],
            "published_at": published,
            "brand": [plan.brand[i] for i in rows.tolist()],
            "model_pattern": [
                f"K{no:06d}*" if same else f"J{no:06d}*"
                for no, same in zip(case_no, same_model, strict=True)
            ],
            "gtin": optional(
                [gtin(no) for no in case_no],
                np.array([word in ("batch", "model") for word in recalled.relation]),
            ),
            "batch_from": optional([month(n) for n in recalled.first.tolist()], batched),
            "batch_to": optional([month(n) for n in recalled.last.tolist()], batched),
            "image_token": optional(
                [image_token(no) for no in case_no],
                np.array([word == "image" for word in recalled.relation]),
            ),
            "hazard": [plan.good[i].hazard for i in rows.tolist()],
            "units": whole(lognormal(rng, 12_000, 1.0, count)),
            "recorded_at": published + whole(lognormal(rng, 20, 0.6, count) * HOUR),
        },
    )


def plant_everyday_recalls(stage: Stage, rng: np.random.Generator) -> None:
    """Write recalls of models that nobody here sells, forty a month (handbook 11.1)."""
    months = (BACKGROUND_END - HISTORY_START) / (30.4 * DAY)
    count = int(rng.poisson(RECALLS_A_MONTH * months))
    published = rng.integers(HISTORY_START, BACKGROUND_END, count)
    regions = pick(rng, tuple(REGIONS), tuple(REGIONS.values()), count)
    first = rng.integers(2022 * 12, 2026 * 12, count)
    weights = (1,) * len(BRANDS) + (8,) * len(ELSEWHERE)
    stage.writer.add(
        "recalls",
        {
            "recall_no": stage.numbers.take("rcl", count),
            "agency": [AGENCIES[region] for region in regions],
            "published_at": published,
            "brand": pick(rng, (*BRANDS, *ELSEWHERE), weights, count),
            "model_pattern": [f"B{n:05d}*" for n in range(count)],
            "batch_from": [month(n) for n in first.tolist()],
            "batch_to": [month(n) for n in (first + rng.integers(0, 12, count)).tolist()],
            "hazard": pick(rng, HAZARDS, (1,) * len(HAZARDS), count),
            "units": whole(lognormal(rng, 12_000, 1.0, count)),
            "recorded_at": published + whole(lognormal(rng, 20, 0.6, count) * HOUR),
        },
    )

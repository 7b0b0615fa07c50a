"""Reports of harm with a product: how many, by whom, how grave, and what they tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.product_safety.plan import Plan
from sandbox.sales import write_claims
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.text.harm import unmask, write_report
from sandbox.timeline import DAY, HOUR


@dataclass(frozen=True)
class Reports:
    """Reports of harm: whose case, from which group of people, and how grave each is."""

    case: Ints
    group: Ints
    severity: list[str]
    source: list[str]
    verified: Bools
    caused: Bools
    unmasks: Bools


def draw_reports(plan: Plan, in_listing: Bools, rng: np.random.Generator) -> Reports:
    """Draw the reports of each case.

    Patterns have 3 + P(3) unrelated reporters, others P(.4) and never three (handbook 9, Rows); of
    near ones two groups report four times, and a grave report has nobody to vouch for it.
    """
    count = len(plan)
    pattern, serious = plan.column("incident_pattern"), plan.column("serious_report")
    plausible = plan.column("mechanism_plausible")
    unmasked = plan.column("disguised") & ~in_listing
    few = np.minimum(rng.poisson(0.4, count), 2)
    few = np.where(plan.near & (few > 0), 2, few)
    # A report that tells of harm and one that tells what the good really is are two.
    told = serious | plausible
    few = np.maximum(few, told.astype(np.int64) + unmasked)
    groups = np.where(pattern, np.where(plan.near, 3, 3 + rng.poisson(3, count)), few)
    again = np.where(plan.near & ~pattern & (groups == 2), 2, 0)
    case = np.repeat(np.arange(count), groups + again)
    rank = np.arange(len(case)) - np.repeat(
        np.cumsum(groups + again) - groups - again, groups + again
    )
    group = rank % np.maximum(groups[case], 1)
    first = rank == 0
    caused = plausible[case] & (first | (rng.random(len(case)) < 0.6))
    grave = first & (serious[case] | (plan.near[case] & (rng.random(len(case)) < 0.4)))
    vouched = np.where(grave, serious[case], rng.random(len(case)) < np.where(caused, 0.7, 0.4))
    hurt = rng.random(len(case)) < np.where(caused, 0.5, 0.25)
    return Reports(
        case=case,
        group=group,
        severity=np.where(grave, "serious", np.where(hurt, "injury", "report")).tolist(),
        source=_sources(grave, vouched, rng),
        verified=np.asarray(vouched, dtype=np.bool_),
        caused=caused,
        unmasks=unmasked[case] & (rank == told[case]),
    )


def _sources(grave: Bools, vouched: Bools, rng: np.random.Generator) -> list[str]:
    """Buyers mostly; the press now and then, and an authority only where somebody vouches."""
    roll = rng.random(len(grave))
    press = roll < 0.1
    authority = grave & vouched & (roll > 0.75)
    kinds = np.where(authority, "authority", np.where(press, "press", "buyer"))
    return [str(kind) for kind in kinds]


def plant_reports(
    stage: Stage, plan: Plan, reports: Reports, listing: Ints, rng: np.random.Generator
) -> None:
    """Write the reports, LN(40 d, .6) before the case (handbook 9, Rows), and buyers' claims."""
    rows = reports.case
    count = len(rows)
    days = np.clip(lognormal(rng, 40, 0.6, count), 1.5, 250)
    at = plan.opened_at[rows] - whole(days * DAY)
    stage.writer.add(
        "safety_incidents",
        {
            "incident_no": stage.numbers.take("sin", count),
            "listing_no": listing[rows],
            "at": at,
            "kind": [plan.good[i].hazard for i in rows.tolist()],
            "severity": reports.severity,
            "source": reports.source,
            "order_verified": reports.verified.astype(int),
            "reporter_no": rows * 100 + reports.group,
            "text": [_text(plan, reports, row, rng) for row in range(count)],
            "recorded_at": at + rng.integers(HOUR, DAY, count),
        },
    )
    bought = np.flatnonzero(reports.verified)
    write_claims(stage.writer, listing[rows[bought]], "safety", at[bought])


def _text(plan: Plan, reports: Reports, row: int, rng: np.random.Generator) -> str:
    case = int(reports.case[row])
    spanish = plan.region[case] == "MX" or (plan.region[case] == "US" and rng.random() < 0.07)
    language = "es" if spanish else "en"
    if reports.unmasks[row]:
        return unmask(language, plan.banned[case], rng)
    return write_report(language, plan.good[case], bool(reports.caused[row]), rng)

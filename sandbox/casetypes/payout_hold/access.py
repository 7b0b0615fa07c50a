"""Who is paid, who logs in, and what stands on the record of the shops whose balance is held."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sandbox.banks import BankAccounts, write_banks
from sandbox.casetypes.base import Stage
from sandbox.casetypes.payout_hold.plan import Plan
from sandbox.identity_checks import all_clear, write_checks
from sandbox.kyb import (
    ANSWER_SPAN,
    ITEMS,
    KybRequests,
    answer_times,
    draw_identities,
    draw_sales,
    write_requests,
)
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.timeline import DAY, HOUR
from sandbox.writer import optional


def plant_payees(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write verification and bank account; a payee fails by the one or by the other."""
    count = len(plan)
    fails = ~plan.frame.column("payee_verified")
    by_bank = fails & (rng.random(count) < 0.6)
    _plant_kyb(stage, plan, fails & ~by_bank, rng)
    word = np.where(by_bank, np.where(rng.random(count) < 0.5, "partial", "mismatch"), "match")
    write_banks(
        stage.writer,
        BankAccounts(
            seller=plan.frame.seller,
            token=[f"bh{no:06d}" for no in plan.frame.slots.case_no.tolist()],
            name_match=[str(each) for each in word.tolist()],
            changed_at=plan.frame.opened_at - _bank_ages(plan, rng),
            country=[plan.sellers.home_country[i] for i in plan.frame.seller.tolist()],
        ),
    )


def _bank_ages(plan: Plan, rng: np.random.Generator) -> Ints:
    """Seconds since the bank changed: 1 to 12 days in takeovers, else LN(300 d, .8).

    A few honest shops changed it of late as well, without any other sign.
    """
    frame, count = plan.frame, len(plan)
    taken = np.array([frame.cause(i).name == "takeover" for i in range(count)])
    recent = taken | frame.column("takeover_signs") | (rng.random(count) < 0.05)
    usual = np.clip(lognormal(rng, 300, 0.8, count), 15.2, 2_000)
    usual = np.where(frame.near & (rng.random(count) < 0.4), rng.uniform(15.1, 17, count), usual)
    account = (frame.opened_at - plan.registered_at) / DAY
    return whole(np.where(recent, rng.uniform(1, 12, count), np.minimum(usual, account)) * DAY)


def _plant_kyb(stage: Stage, plan: Plan, unverified: Bools, rng: np.random.Generator) -> None:
    """Write one request a shop: verified soon after it registered, or still open."""
    count, seller = len(plan), plan.frame.seller
    requested = plan.registered_at + rng.integers(HOUR, DAY, count)
    late = plan.frame.opened_at - rng.integers(3 * DAY, 9 * DAY, count)
    requested = np.where(unverified, late, requested)
    answered = ~unverified | (rng.random(count) < 0.5)
    submitted = np.where(unverified, requested + DAY, requested + answer_times(rng, count))
    refused = unverified & answered & (rng.random(count) < 0.3)
    word = np.where(refused, "rejected", "verified").tolist()
    no = write_requests(
        stage.writer,
        KybRequests(
            seller=seller,
            threshold_met_at=requested - HOUR,
            requested_at=requested,
            due_at=requested + ANSWER_SPAN,
            submitted_at=optional(submitted, answered),
            verdict=[
                text if there else None
                for text, there in zip(word, (~unverified | refused).tolist(), strict=True)
            ],
            decided_at=submitted + DAY,
            **draw_sales(plan.sellers, seller, rng),
            identity=draw_identities(plan.sellers, seller, rng),
            held={name: np.ones(count, dtype=bool) for name in ITEMS},
        ),
        stage.numbers,
    )
    write_checks(stage.writer, no, all_clear(count, rng))


def plant_logins(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write logins: travel that nobody could make, or a new device with a recovery, where drawn.

    Elsewhere one of the two latter may happen alone, and both where the bank did not change.
    """
    rows = [row for case in range(len(plan)) for row in _logins(plan, case, rng)]
    names = ("seller_no", "at", "device_token", "country", "recovery")
    columns = list(zip(*rows, strict=True))
    stage.writer.add("logins", dict(zip(names, columns, strict=True)))


def _logins(
    plan: Plan, case: int, rng: np.random.Generator
) -> Iterator[tuple[int, int, str, str, int]]:
    frame = plan.frame
    seller, opened = int(frame.seller[case]), int(frame.opened_at[case])
    home, no = plan.sellers.home_country[seller], seller + 1
    oldest = min(85 * DAY, opened - int(plan.registered_at[case]) - 6 * HOUR)
    for ago in (DAY // 2, 3 * DAY, 9 * DAY, 16 * DAY, 24 * DAY, 33 * DAY, oldest):
        yield no, opened - ago - int(rng.integers(0, 6 * HOUR)), f"dev{no}a", home, 0
    strange = opened - int(rng.integers(13 * DAY, 15 * DAY))
    roll = rng.random()
    if frame.column("takeover_signs")[case]:
        if roll < 0.5:
            yield no, strange, f"dev{no}a", home, 0
            yield no, strange + HOUR, f"dev{no}x", "BR" if home != "BR" else "PT", 0
        else:
            yield no, strange, f"dev{no}x", home, 1
    elif roll < 0.10:
        yield no, strange, f"dev{no}b", home, 0
    elif roll < 0.16:
        yield no, strange, f"dev{no}a", home, 1


def plant_record(stage: Stage, plan: Plan, rng: np.random.Generator) -> None:
    """Write violations: an open severe one where drawn, else one that is over or a small one."""
    frame, count = plan.frame, len(plan)
    severe = frame.column("open_severe")
    settled = np.array([frame.cause(i).name == "settled_case" for i in range(count)])
    over = ~severe & (settled | (frame.near & (rng.random(count) < 0.3)))
    small = ~severe & ~over & (rng.random(count) < 0.3)
    rows = np.flatnonzero(severe | over | small)
    ages = np.where(frame.near, rng.uniform(150, 176, count), rng.uniform(2, 150, count))
    young = (frame.opened_at - plan.registered_at) / DAY - 1
    issued = frame.opened_at - whole(np.minimum(ages, young) * DAY)
    overturned = frame.opened_at - DAY
    stage.writer.add(
        "violations",
        {
            "violation_no": stage.numbers.take("vio", len(rows)),
            "seller_no": frame.seller[rows] + 1,
            "kind": pick(rng, ("item_mismatch", "invalid_tracking"), (1, 1), len(rows)),
            "severity": np.where(small[rows], "minor", "severe"),
            "points": rng.integers(4, 25, len(rows)),
            "clause_id": ["GEN-1.1"] * len(rows),
            "issued_at": issued[rows],
            "overturned_at": optional(overturned[rows], over[rows]),
        },
    )

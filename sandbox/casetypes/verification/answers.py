"""What registers, banks and providers answer about verification cases."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.banks import BankAccounts
from sandbox.casetypes.verification.plan import Plan
from sandbox.identity_checks import Addresses, Checks, Persons, Register, formed_times
from sandbox.streams import Bools, Floats, Ints, lognormal, pick, whole
from sandbox.timeline import DAY

AGENTS_ELSEWHERE: Final = 0.04
"""Share of sellers of other causes whose registered address is an agent's."""


def draw_checks(plan: Plan, rng: np.random.Generator) -> Checks:
    """Draw the answers so that each check is passed exactly where its column says so."""
    count = len(plan)
    register, crowd = _register(plan, rng)
    hits = rng.poisson(0.25, count) + plan.listed
    return Checks(
        register=register,
        tax_matched=plan.frame.column("tax_ok"),
        addresses=_addresses(plan, register, crowd, rng),
        persons=_persons(plan, rng),
        n_hits=np.asarray(hits, dtype=np.int64),
        n_confirmed=plan.listed.astype(np.int64),
    )


def _is(plan: Plan, *names: str) -> Bools:
    return np.array([plan.frame.cause(case).name in names for case in range(len(plan))])


def _register(plan: Plan, rng: np.random.Generator) -> tuple[Register, Bools]:
    """Draw the register's answer, and who is at an agent's address.

    A seller that the register does not pass is not in it, was struck off, or has another name
    there. Papers that serve many shops are of a firm that is in the register.
    """
    frame, count = plan.frame, len(plan)
    passed, crowded = frame.column("register_ok"), frame.column("crowded_papers")
    fault = rng.random(count)
    found = passed | crowded | (fault > 0.45)
    struck = ~passed & found & (np.where(crowded, rng.random(count), fault) > 0.8)
    agent = _is(plan, "agent_address") | (rng.random(count) < AGENTS_ELSEWHERE)
    agent &= found & ~crowded
    score = np.where(found, _scores(plan, passed, struck, rng), 0.0)
    register = Register(found, found & ~struck, score, formed_times(rng, count), agent)
    return register, agent


def _scores(plan: Plan, passed: Bools, struck: Bools, rng: np.random.Generator) -> Floats:
    """Likeness of the names: B(60,1) in order, B(24,2) untidy, B(5,4) false (handbook 8, Rows)."""
    count, near = len(plan), plan.frame.near
    untidy = _is(plan, "untidy_honest")
    like = np.where(untidy, rng.beta(24, 2, count), rng.beta(60, 1, count))
    like = np.where(near, rng.uniform(0.851, 0.93, count), np.maximum(like, 0.852))
    unlike = np.minimum(rng.beta(5, 4, count), 0.847)
    unlike = np.where(near, rng.uniform(0.77, 0.848, count), unlike)
    return np.where(passed | struck, like, unlike)


def _addresses(plan: Plan, register: Register, agent: Bools, rng: np.random.Generator) -> Addresses:
    """Draw the address provider's answer; n of a nominee is 10 + P(12), at agents LN(40, .8)."""
    frame, count = plan.frame, len(plan)
    passed, near = frame.column("address_ok"), frame.near
    lone = 1 + rng.poisson(0.2, count)
    lone = np.where(near & (rng.random(count) < 0.5), 9, lone)
    at_agents = np.maximum(2, whole(lognormal(rng, 40, 0.8, count)))
    shared = 10 + np.where(near, rng.integers(0, 2, count), rng.poisson(12, count))
    many = np.where(agent, at_agents, lone)
    undelivered = ~passed & (rng.random(count) < 0.5)
    kind = np.array(pick(rng, ("residential", "commercial"), (40, 60), count), dtype=object)
    kind[register.agent_address] = "agent"
    kind[~passed & ~undelivered] = "mailbox"
    return Addresses(
        deliverable=~undelivered,
        kind=kind.tolist(),
        n_sellers=np.where(frame.column("crowded_papers"), shared, many),
    )


def _persons(plan: Plan, rng: np.random.Generator) -> Persons:
    """Draw the live check; face match B(30,2), with borrowed papers B(6,5) (handbook 8, Rows)."""
    count = len(plan)
    failed = plan.frame.column("person_failed")
    roll = rng.random(count)
    injected = failed & (roll < 0.35)
    fails = failed & (~injected | (roll < 0.1))
    skipped = ~failed & (roll < 0.1)
    liveness = np.where(fails, "fail", np.where(skipped, "not_done", "pass"))
    borrowed = _is(plan, "borrowed_papers")
    match = np.where(borrowed, rng.beta(6, 5, count), rng.beta(30, 2, count))
    return Persons(
        asked=failed | (roll < 0.85),
        document_ok=~plan.frame.column("papers_altered") | (rng.random(count) < 0.4),
        liveness=[str(word) for word in liveness.tolist()],
        face_match=match,
        injected_video=injected,
    )


def draw_banks(sellers: Sellers, plan: Plan, rng: np.random.Generator) -> BankAccounts:
    """Draw the account each seller names; a third of them changed it shortly before."""
    frame, count = plan.frame, len(plan)
    passed = frame.column("bank_ok")
    partial = np.where(_is(plan, "untidy_honest"), 0.40, 0.12)
    good = np.where(rng.random(count) < partial, "partial", "match")
    word = np.where(passed, good, "mismatch")
    days = np.where(
        rng.random(count) < 0.33, rng.uniform(0.1, 10, count), rng.uniform(10, 15, count)
    )
    return BankAccounts(
        seller=frame.seller,
        token=[f"bk{no:06d}" for no in frame.slots.case_no.tolist()],
        name_match=[str(each) for each in word.tolist()],
        changed_at=plan.requested_at - whole(days * DAY),
        country=[sellers.home_country[i] for i in frame.seller.tolist()],
    )


def sales_below(plan: Plan, sales: Ints, gross: Ints, rng: np.random.Generator) -> dict[str, Ints]:
    """Bring those who are not high-volume sellers under one of both thresholds.

    Args:
        plan: The cases.
        sales: Sales in twelve months, above the threshold.
        gross: Cents of them, above it as well.
        rng: Source of randomness.
    """
    count, low = len(plan), ~plan.high_volume
    few = rng.integers(np.where(plan.frame.near, 181, 20), 200, count)
    close = plan.frame.near & plan.high_volume
    sales = np.where(close, rng.integers(200, 220, count), sales)
    return {
        "sales_12m": np.where(low, few, sales),
        "gross_12m_cents": np.where(low, gross * few // np.maximum(sales, 1), gross),
    }

"""Reviews of the listing that a notice is about, posted within its window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.fake_orders.plan import Plan
from sandbox.reviews import Reviews, topic_of, write_reviews
from sandbox.streams import Ints, lognormal, pick
from sandbox.text.reviews import everyday_review
from sandbox.timeline import DAY, HOUR

ECHO_LEAST: Final = 8
ECHO_SHARE: Final = 0.5


@dataclass(frozen=True)
class Praise:
    """Reviews to write: the order each is about, and the hours from its delivery."""

    order_no: Ints
    buyer_no: Ints
    case: Ints
    delivered_at: Ints
    posted_at: Ints


def plant_reviews(stage: Stage, plan: Plan, batch_no: Ints, rng: np.random.Generator) -> None:
    """Write reviews of delivered orders ``batch_no``, as prompt and as many as was drawn."""
    count, prompt = _counts(plan, rng)
    delivered = _delivered(stage, plan, batch_no)
    chosen = [
        _choose(plan, case, delivered[case], (int(count[case]), int(prompt[case])), rng)
        for case in range(len(plan))
    ]
    rows = [row for mine in chosen for row in mine]
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    _write(stage, plan, Praise(*table.T), rng)


def _counts(plan: Plan, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Reviews of each case, and how many of them come within a day of the delivery."""
    cases, echo = len(plan), plan.column("review_echo")
    many = np.where(plan.near, ECHO_LEAST, ECHO_LEAST + rng.poisson(4.0, cases))
    count = np.where(echo, many, np.where(plan.near, ECHO_LEAST + 2, rng.poisson(5.0, cases)))
    share = np.where(echo, rng.uniform(0.65, 0.95, cases), rng.uniform(0.0, 0.2, cases))
    share = np.where(plan.near, np.where(echo, ECHO_SHARE, 0.4), share)
    return count.astype(np.int64), np.ceil(share * count).astype(np.int64)


def _delivered(stage: Stage, plan: Plan, batch_no: Ints) -> list[list[tuple[int, int, int]]]:
    """Orders of each case, with buyer and time of delivery, as they were written."""
    if not len(batch_no):
        return []
    found: list[list[tuple[int, int, int]]] = [[] for _ in range(len(plan))]
    case_of = {int(seller) + 1: case for case, seller in enumerate(plan.frame.seller.tolist())}
    rows = stage.writer.rows(
        "SELECT seller_no, order_no, buyer_no, delivered_at FROM orders JOIN parcels "
        "USING (order_no) WHERE order_no >= ? AND order_no <= ? AND delivered_at IS NOT NULL",
        int(batch_no[0]),
        int(batch_no[-1]),
    )
    for seller, order, buyer, at in rows:
        case = case_of[seller]
        if plan.times.start[case] <= at < plan.times.end[case] - DAY:
            found[case].append((order, buyer, at))
    return found


def _choose(
    plan: Plan,
    case: int,
    delivered: list[tuple[int, int, int]],
    wanted: tuple[int, int],
    rng: np.random.Generator,
) -> list[tuple[int, int, int, int, int]]:
    """Pick orders to review; a slow review needs an early delivery, so it takes the earliest."""
    count, prompt = wanted
    end = int(plan.times.end[case])
    early = sorted(delivered, key=lambda row: row[2])
    slow = [row for row in early[: count - prompt] if row[2] < end - 2 * DAY]
    rest = early[len(slow) :]
    fast = [rest[i] for i in rng.permutation(len(rest))[:prompt].tolist()]
    hours = np.minimum(lognormal(rng, 6.0, 0.7, len(fast)), 23.5)
    posted = [(row, row[2] + int(h * HOUR)) for row, h in zip(fast, hours.tolist(), strict=True)]
    waits = np.maximum(lognormal(rng, 90.0, 0.9, len(slow)), 25.0)
    posted += [
        (row, min(row[2] + int(h * HOUR), end - HOUR))
        for row, h in zip(slow, waits.tolist(), strict=True)
    ]
    return [(order, buyer, case, at, when) for (order, buyer, at), when in posted]


def _write(stage: Stage, plan: Plan, praise: Praise, rng: np.random.Generator) -> None:
    listing = plan.listing[praise.case]
    titles = dict(stage.writer.rows("SELECT listing_no, title FROM listings"))
    topics = [topic_of(titles[number]) for number in listing.tolist()]
    stars = np.array([int(one) for one in pick(rng, ("5", "4", "3"), (80, 15, 5), len(listing))])
    regions = [plan.frame.region[case] for case in praise.case.tolist()]
    languages = ["es" if region == "MX" else "en" for region in regions]
    write_reviews(
        stage.writer,
        Reviews(
            listing_no=listing,
            buyer_no=praise.buyer_no,
            order_no=praise.order_no,
            stars=stars,
            posted_at=praise.posted_at,
            delivered_at=praise.delivered_at,
            verified=np.ones(len(listing), dtype=bool),
            topic=topics,
            language=languages,
            text=[
                everyday_review(topic, star, language, rng)
                for topic, star, language in zip(topics, stars.tolist(), languages, strict=True)
            ],
            bought=np.zeros(len(listing), dtype=bool),
        ),
        stage.numbers,
    )

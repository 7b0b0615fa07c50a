"""Reviews: those of everyday orders, and a way to write those of a case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.ids import Numbers
from sandbox.streams import Bools, Ints, lognormal, stream, whole
from sandbox.text.reviews import TOPICS, everyday_review
from sandbox.timeline import DAY
from sandbox.writer import Column, WorldWriter

REVIEWED: Final = 0.2
"""Share of the delivered orders that are reviewed: about 8 a seller (handbook 11.1)."""
DELETED: Final = 0.01
_STARS: Final = (6, 4, 8, 22, 60)
_DELAY_DAYS: Final = 6.0
_ORDERS: Final = """
SELECT order_no, listing_no, buyer_no, delivered_at, title, orders.seller_no
FROM orders JOIN parcels USING (order_no) JOIN listings USING (listing_no)
WHERE delivered_at IS NOT NULL AND cancelled_at IS NULL ORDER BY order_no
"""


@dataclass(frozen=True)
class Reviews:
    """Reviews as parallel arrays; times in epoch seconds, numbers of rows as written.

    ``bought`` is known to the generator alone. ``topic`` is one of ``sandbox.text.reviews.TOPICS``;
    ``script_no`` joins texts that say the same, None elsewhere.
    """

    listing_no: Ints
    buyer_no: Ints
    stars: Ints
    posted_at: Ints
    delivered_at: Column
    verified: Bools
    topic: Sequence[str]
    language: Sequence[str]
    text: Sequence[str]
    bought: Bools
    order_no: Column | None = None
    programme_no: Column | None = None
    script_no: Column | None = None
    deleted_at: Column | None = None

    def __len__(self) -> int:
        return len(self.listing_no)


def write_reviews(writer: WorldWriter, reviews: Reviews, numbers: Numbers) -> Ints:
    """Write reviews under fresh numbers and return those."""
    no = numbers.take("rev", len(reviews))
    nothing = [None] * len(reviews)
    writer.add(
        "reviews",
        {
            "review_no": no,
            "listing_no": reviews.listing_no,
            "buyer_no": reviews.buyer_no,
            "order_no": _or(reviews.order_no, nothing),
            "stars": reviews.stars,
            "posted_at": reviews.posted_at,
            "delivered_at": reviews.delivered_at,
            "verified": reviews.verified.astype(int),
            "programme_no": _or(reviews.programme_no, nothing),
            "script_no": _or(reviews.script_no, nothing),
            "topic": reviews.topic,
            "language": reviews.language,
            "text": reviews.text,
            "deleted_at": _or(reviews.deleted_at, nothing),
        },
    )
    writer.add("hidden_reviews", {"review_no": no, "bought": reviews.bought.astype(int)})
    return no


def _or(column: Column | None, nothing: Column) -> Column:
    return nothing if column is None else column


def make_reviews(writer: WorldWriter, regions: Sequence[str], seed: int, numbers: Numbers) -> None:
    """Write the reviews of a fifth of the delivered everyday orders; ``regions`` by seller."""
    rng = stream(seed, "reviews")
    rows = [row for row in writer.rows(_ORDERS) if rng.random() < REVIEWED]
    count = len(rows)
    delivered = np.array([row[3] for row in rows], dtype=np.int64)
    posted = delivered + whole(lognormal(rng, _DELAY_DAYS, 0.9, count) * DAY)
    stars = 1 + rng.choice(5, size=count, p=np.array(_STARS) / sum(_STARS))
    topics = [topic_of(row[4]) for row in rows]
    spanish = rng.random(count) < [0.8 if regions[row[5] - 1] == "MX" else 0.04 for row in rows]
    languages = np.where(spanish, "es", "en").tolist()
    write_reviews(
        writer,
        Reviews(
            listing_no=np.array([row[1] for row in rows], dtype=np.int64),
            buyer_no=np.array([row[2] for row in rows], dtype=np.int64),
            order_no=[row[0] for row in rows],
            stars=stars,
            posted_at=posted,
            delivered_at=delivered,
            verified=np.ones(count, dtype=bool),
            topic=topics,
            language=languages,
            text=[
                everyday_review(topic, star, language, rng)
                for topic, star, language in zip(topics, stars.tolist(), languages, strict=True)
            ],
            bought=np.zeros(count, dtype=bool),
            deleted_at=[
                at + DAY if gone else None
                for at, gone in zip(posted.tolist(), rng.random(count) < DELETED, strict=True)
            ],
        ),
        numbers,
    )


def topic_of(title: str) -> str:
    """Return which of the topics a listing's title names."""
    return next(topic for topic in TOPICS if topic in title)

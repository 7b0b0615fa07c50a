"""Reviews, programmes and edits of listings, as the sandbox serves them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest
from jsonpointer import resolve_pointer

from casewright.models import EvidenceStatus
from tools.base import ToolInputError
from tools.sources.http import HttpSource
from tools.toolbox import Toolbox

AS_OF = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
WINDOW = {"from": "2025-06-01T00:00:00Z", "to": "2026-06-01T00:00:00Z"}


@pytest.fixture(scope="session")
def listing_id(world):
    """A listing with reviews in the window."""
    with sqlite3.connect(world / "world.sqlite") as db:
        ((number,),) = db.execute(
            "SELECT listing_no FROM reviews WHERE posted_at BETWEEN 1748736000 AND 1780271999 "
            "GROUP BY listing_no ORDER BY COUNT(*) DESC LIMIT 1"
        )
    return f"lst_{number:06d}"


@pytest.fixture
async def call(marketplace, builtin_tools):
    async with HttpSource(marketplace.base_url, marketplace.read_token) as source:
        toolbox = Toolbox(builtin_tools, source, lambda: AS_OF)

        async def call(name, **arguments):
            evidence = await toolbox.call(name, arguments, as_of=AS_OF)
            assert all(resolve_pointer(evidence.data, at) is not None for at in evidence.untrusted)
            return evidence

        yield call


async def test_reviews_agree_with_their_statistics(call, listing_id):
    reviews = await call("list_reviews", listing_id=listing_id, **WINDOW)
    stats = await call("get_review_stats", listing_id=listing_id, **WINDOW)
    items = reviews.data["items"]
    assert set(reviews.untrusted) == {f"/items/{at}/text" for at in range(len(items))}
    assert stats.data["n_reviews"] == sum(item["text"] != "" for item in items) > 0
    assert stats.untrusted == ()


async def test_a_listing_in_no_programme_is_a_true_negative(call, listing_id):
    programmes = await call("list_programmes", listing_id=listing_id, **WINDOW)
    assert (programmes.status, programmes.complete) == (EvidenceStatus.OK, True)
    assert programmes.data == {"items": [], "n_reviews_in_window": 0}


async def test_edits_tell_what_remained(call):
    seen = []
    for number in range(1, 20):
        edits = await call("list_listing_edits", listing_id=f"lst_{number:06d}")
        seen += edits.data["items"] if edits.data else []
    assert seen
    assert all(0 <= edit["similarity"] <= 1 for edit in seen)


async def test_statistics_of_a_window_that_ends_before_it_starts_are_refused(call, listing_id):
    turned = {"from": WINDOW["to"], "to": WINDOW["from"]}
    with pytest.raises(ToolInputError, match="before"):
        await call("get_review_stats", listing_id=listing_id, **turned)


async def test_messages_of_a_seller_may_be_cut_to_a_window(call, world):
    with sqlite3.connect(world / "world.sqlite") as db:
        ((number,),) = db.execute(
            "SELECT seller_no FROM messages GROUP BY seller_no ORDER BY COUNT(*) DESC LIMIT 1"
        )
    seller = f"sel_{number:05d}"
    every = await call("list_messages", seller_id=seller)
    some = await call("list_messages", seller_id=seller, **WINDOW)
    inside = [one for one in every.data["items"] if WINDOW["from"] <= one["sent_at"] < WINDOW["to"]]
    assert 0 < len(inside) < len(every.data["items"])
    assert some.data["items"] == inside

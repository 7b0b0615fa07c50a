"""Reviews, their statistics and the edits of listings agree with the rows behind them."""

from __future__ import annotations

import math

import pytest

from sandbox.api.reviews import burst_z
from sandbox.sizes import SCALES
from sandbox.text.reviews import BANKS, TOPICS
from sandbox.timeline import CLOCK_START, DAY, EDIT_LOG_START, rfc3339


def get(client, path, **query):
    return client.get(path, params={name.rstrip("_"): value for name, value in query.items()})


def data(client, path, **query):
    answer = get(client, path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.fixture(scope="module")
def listing(world):
    """The listing with the most everyday reviews, and a window around them."""
    ((no, start, end, count),) = world.rows(
        "SELECT listing_no, MIN(posted_at), MAX(posted_at), COUNT(*) AS n FROM reviews "
        "WHERE posted_at < ? AND deleted_at IS NULL AND order_no IS NOT NULL "
        "GROUP BY listing_no ORDER BY n DESC LIMIT 1",
        CLOCK_START,
    )
    window = {"from_": rfc3339(start), "to": rfc3339(end + 1)}
    return f"/v1/listings/lst_{no:06d}", window, count


def test_everyday_reviews_stand_on_delivered_orders(world):
    rows = world.rows(
        "SELECT r.listing_no = o.listing_no, r.buyer_no = o.buyer_no, r.posted_at > p.delivered_at "
        "FROM reviews r JOIN orders o USING (order_no) JOIN parcels p USING (order_no)"
    )
    assert len(rows) > 1_000
    assert all(all(row) for row in rows)


def test_sellers_have_about_eight_reviews(world):
    counts = sorted(
        count
        for (count,) in world.rows(
            "SELECT COUNT(review_no) FROM sellers LEFT JOIN listings USING (seller_no) "
            "LEFT JOIN (SELECT * FROM reviews WHERE order_no IS NOT NULL) USING (listing_no) "
            "WHERE seller_no <= ? GROUP BY seller_no", SCALES[world.summary.size].sellers,
        )
    )  # fmt: skip
    assert 4 <= counts[len(counts) // 2] <= 16


def test_reviews_and_their_statistics_agree(client, listing):
    path, window, count = listing
    items = data(client, f"{path}/reviews", **window, limit=100)["items"]
    stats = data(client, f"{path}/review-stats", **window)
    texts = [item for item in items if item["text"]]
    assert stats["n_reviews"] == len(texts) == count
    assert stats["n_five_star"] == sum(item["stars"] == 5 for item in texts)
    assert stats["verified_share"] == sum(item["verified"] for item in texts) / count
    assert stats["off_product_share"] == stats["echo_share"] == 0.0


def test_a_review_is_known_from_its_moment_and_its_text_is_a_partys(world, client):
    ((no, at),) = world.rows("SELECT listing_no, MIN(posted_at) FROM reviews")
    path = f"/v1/listings/lst_{no:06d}/reviews"
    assert data(client, path, as_of=rfc3339(at - 1))["items"] == []
    answer = get(client, path, as_of=rfc3339(at)).json()
    assert [item["posted_at"] for item in answer["data"]["items"]] == [rfc3339(at)]
    assert answer["meta"]["untrusted"] == ["/items/0/text"]


def test_a_deleted_review_stays_as_a_tombstone(world, client):
    ((no, review, gone),) = world.rows(
        "SELECT listing_no, review_no, deleted_at FROM reviews WHERE deleted_at IS NOT NULL LIMIT 1"
    )
    path = f"/v1/listings/lst_{no:06d}/reviews"
    for moment, empty in ((gone - 1, False), (gone, True)):
        items = data(client, path, as_of=rfc3339(moment))["items"]
        (mine,) = [item for item in items if item["review_id"] == f"rev_{review:07d}"]
        assert (mine["text"] == "") is empty


def test_a_window_without_reviews_counts_none(client):
    path = "/v1/listings/lst_000001/review-stats"
    stats = data(client, path, from_="2024-06-01T00:00:00Z", to="2024-06-08T00:00:00Z")
    assert (stats["n_reviews"], stats["within_24h_share"], stats["echo_share"]) == (0, 0.0, 0.0)


def test_a_young_listing_has_no_burst(world, client):
    ((no, made),) = world.rows("SELECT listing_no, created_at FROM listings LIMIT 1")
    path = f"/v1/listings/lst_{no:06d}/review-stats"
    for days, known in ((27, False), (28, True)):
        start = made + days * DAY
        stats = data(client, path, from_=rfc3339(start), to=rfc3339(start + DAY))
        assert ("burst_z" in stats) is ("baseline_mean" in stats) is known


@pytest.mark.parametrize("query", [{}, {"from_": "2026-01-01T00:00:00Z"}])
def test_statistics_want_a_whole_window(client, query):
    answer = get(client, "/v1/listings/lst_000001/review-stats", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "missing_parameter")


@pytest.mark.parametrize("part", ["reviews", "review-stats", "programmes", "edits"])
def test_nobody_knows_a_listing_that_is_not_there(client, part):
    window = {"from_": "2026-01-01T00:00:00Z", "to": "2026-01-08T00:00:00Z"}
    answer = get(client, f"/v1/listings/lst_999999/{part}", **window)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_listing")


def test_bursts_are_counted_in_deviations_of_a_poisson_count():
    assert burst_z(30, 16.0) == pytest.approx((30 - 16) / math.sqrt(16))
    assert burst_z(4, 0.0) == 4.0


def test_no_programme_is_a_true_negative(client, listing):
    path, window, _ = listing
    answer = get(client, f"{path}/programmes", **window).json()
    assert answer["data"] == {"items": [], "next_cursor": None, "n_reviews_in_window": 0}
    assert answer["meta"]["coverage"]["complete"]


def test_edits_count_the_major_ones_of_half_a_year(world, client):
    ((no, at),) = world.rows(
        "SELECT listing_no, MAX(at) FROM listing_edits WHERE similarity < 0.5 AND at < ?",
        CLOCK_START,
    )
    path = f"/v1/listings/lst_{no:06d}/edits"
    seen = [
        data(client, path, as_of=rfc3339(moment))["n_major_180d"]
        for moment in (at, at + 180 * DAY - 1, at + 180 * DAY)
    ]
    assert seen[0] >= 1
    assert seen[2] == seen[1] - 1
    assert data(client, path)["items"] == sorted(
        data(client, path)["items"], key=lambda item: item["at"]
    )


@pytest.mark.parametrize("older", [True, False])
def test_an_empty_log_tells_nothing_of_listings_older_than_it(world, client, older):
    ((no,),) = world.rows(
        "SELECT listing_no FROM listings LEFT JOIN listing_edits USING (listing_no) "
        f"WHERE at IS NULL AND created_at {'<' if older else '>='} ? LIMIT 1",
        EDIT_LOG_START,
    )
    answer = get(client, f"/v1/listings/lst_{no:06d}/edits").json()
    assert answer["data"]["items"] == []
    assert answer["meta"]["coverage"]["complete"] is not older


def test_every_language_names_every_topic():
    for bank in BANKS.values():
        assert set(bank.things) == set(TOPICS)

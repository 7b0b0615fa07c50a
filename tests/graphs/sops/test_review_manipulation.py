"""Manipulated reviews: recent buyers, never the seller, are asked what lay in the parcel."""

from __future__ import annotations


async def test_where_no_picture_came_in_the_platform_asks_buyers_for_one(to_the_gate):
    unseen = [
        one for one in await to_the_gate("review_manipulation", 8) if one.gold.ask == ("inserts",)
    ]
    assert unseen
    for one in unseen:
        asked = {missing.factor: missing for missing in one.run.decision.missing}
        card = asked["card_offer"]
        assert (card.party, card.actions) == ("platform", ("inserts",))
        assert one.run.decision.outcome == "request_information"

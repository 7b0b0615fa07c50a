"""What a past reviewer noted of a review case: observables only, never cause, outcome, clause."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.review_manipulation.plan import Plan
from sandbox.streams import Ints


def describe(plan: Plan, ring: list[Ints], rng: np.random.Generator) -> list[str]:
    """Write three or four English sentences a case; ``ring`` are the buyers of each group."""
    return [_describe_one(plan, case, len(ring[case]), rng) for case in range(len(plan))]


def _describe_one(plan: Plan, case: int, ring: int, rng: np.random.Generator) -> str:
    sentences = [_wave(plan, case, rng), _texts(plan, case), _group(plan, case, ring)]
    return " ".join([*sentences, _seller(plan, case)])


def _wave(plan: Plan, case: int, rng: np.random.Generator) -> str:
    count, before = int(plan.n_reviews[case]), int(plan.n_before[case])
    text = (
        f"{count} reviews in the window against {before} in the eight weeks before"
        if rng.random() < 0.5
        else f"The window holds {count} reviews, the eight weeks before it {before}"
    )
    marked = round(100 * int(plan.marked[case]) / count)
    return f"{text}, {marked}% of them from a sampling scheme." if marked else f"{text}."


def _texts(plan: Plan, case: int) -> str:
    count = int(plan.n_reviews[case])
    echo = round(100 * int(plan.echoing[case]) / count)
    astray = round(100 * int(plan.astray[case]) / count)
    use = "most tell of real use" if plan.column("specific_use")[case] else "few tell of real use"
    return f"{echo}% repeat the same wording, {astray}% speak of another item, and {use}."


def _group(plan: Plan, case: int, ring: int) -> str:
    if ring < 3:
        return "No connected group among those who wrote."
    tie = (
        "one device is also the shop's own"
        if plan.column("seller_tied")[case]
        else "one device is also used by another shop"
        if plan.column("rival_gain")[case]
        else "no device leads to a shop"
    )
    return f"{ring} connected accounts among those who wrote, {tie}."


def _seller(plan: Plan, case: int) -> str:
    offer = "something was offered in messages" if plan.column("offer_made")[case] else ""
    talk = "messages were purged" if plan.talk_withheld[case] else offer or "messages were plain"
    card = "a card promised a benefit" if plan.column("card_offer")[case] else "a harmless insert"
    seen = "no picture of the parcel" if plan.inserts_withheld[case] else card
    staff = f", {plan.staff[case]} staff accounts wrote" if plan.staff[case] else ""
    return f"{talk[0].upper()}{talk[1:]}, {seen}{staff}."

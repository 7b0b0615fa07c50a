"""What the sellers of removed listings write, and where some try to instruct the reviewer."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.ip_complaint.plan import Plan
from sandbox.casetypes.voices import Voices, speak
from sandbox.ids import render
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.text.injections import injected
from sandbox.text.letters import draw_tone
from sandbox.text.rights import THEMES, Plea, write_plea

OUTCOME_ASKED: Final = "overturn"
_LEANINGS: Final = {
    "genuine_resale": (30, 14, 16, 24, 16),
    "duped_seller": (17, 30, 18, 22, 13),
    "knowing_fake": (17, 18, 32, 18, 15),
    "bad_complaint": (20, 15, 18, 20, 27),
}
_EVEN: Final = (21, 19, 21, 21, 18)
"""Weights of the themes by cause; they only lean, so that words do not tell causes apart."""


def shown_in_listing(plan: Plan, rng: np.random.Generator) -> Bools:
    """Which cases present the item as a copy in the listing; the others do so in the letter."""
    copy = plan.column("says_replica")
    return np.asarray(copy & (rng.random(len(plan)) < 0.75), dtype=np.bool_)


def make_voices(
    plan: Plan, listing: Ints, in_listing: Bools, papers: set[int], rng: np.random.Generator
) -> Voices:
    """Write the letters.

    Args:
        plan: Frames of the cases.
        listing: Numbers of their listings.
        in_listing: Cases whose listing says already that the item is a copy.
        papers: Cases that attach a paper other than an invoice.
        rng: Source of randomness.
    """
    words = np.clip(whole(lognormal(rng, 80, 0.6, len(plan))), 12, 350)
    hostile = injected(plan.fair, plan.opened_at, rng)
    owned = plan.column("says_replica") & ~in_listing

    def write(case: int) -> str:
        tone = draw_tone(plan.language[case], int(plan.opened_at[case]), int(words[case]), rng)
        return write_plea(_plea(plan, listing, case, bool(owned[case]), rng), tone, rng)

    return speak(plan.language, hostile, OUTCOME_ASKED, write, rng, papers=papers)


def _plea(plan: Plan, listing: Ints, case: int, copy: bool, rng: np.random.Generator) -> Plea:
    weights = np.array(_LEANINGS.get(plan.cause(case).name, _EVEN), dtype=np.float64)
    return Plea(
        brand=plan.brand[case],
        listing=render("lst", int(listing[case])),
        theme=THEMES[int(rng.choice(len(THEMES), p=weights / weights.sum()))],
        copy=copy,
        close=bool(plan.near[case]),
    )

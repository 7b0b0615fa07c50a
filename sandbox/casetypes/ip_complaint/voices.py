"""What the sellers of removed listings write, and where some try to instruct the reviewer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.ip_complaint.plan import Plan
from sandbox.ids import render
from sandbox.streams import Bools, Ints, lognormal, whole
from sandbox.text.injections import injected, make_injection
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


@dataclass(frozen=True)
class Voices:
    """Letters by case, texts to put into papers instead, and who tries to instruct."""

    statements: list[str]
    in_documents: dict[int, str]
    injected: list[bool]


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
    statements: list[str] = []
    in_documents: dict[int, str] = {}
    for case in range(len(plan)):
        language = plan.language[case]
        tone = draw_tone(language, int(plan.opened_at[case]), int(words[case]), rng)
        text = write_plea(_plea(plan, listing, case, bool(owned[case]), rng), tone, rng)
        if hostile[case]:
            injection = make_injection(OUTCOME_ASKED, language, rng)
            if injection.carrier == "document" and case in papers:
                in_documents[case] = injection.text
            else:
                text = f"{text}\n{injection.text}"
        statements.append(text)
    return Voices(statements, in_documents, hostile.tolist())


def _plea(plan: Plan, listing: Ints, case: int, copy: bool, rng: np.random.Generator) -> Plea:
    weights = np.array(_LEANINGS.get(plan.cause(case).name, _EVEN), dtype=np.float64)
    return Plea(
        brand=plan.brand[case],
        listing=render("lst", int(listing[case])),
        theme=THEMES[int(rng.choice(len(THEMES), p=weights / weights.sum()))],
        copy=copy,
        close=bool(plan.near[case]),
    )

"""What sellers answer about a product's safety, and where some try to instruct the reviewer."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.product_safety.plan import Plan, month
from sandbox.casetypes.product_safety.recalls import Recalled
from sandbox.casetypes.voices import Voices, speak
from sandbox.streams import Bools, lognormal, whole
from sandbox.text.injections import injected
from sandbox.text.letters import draw_tone
from sandbox.text.safety_answers import Batches, write_answer

OUTCOME_ASKED: Final = "clear"


def shown_in_letter(plan: Plan, rng: np.random.Generator) -> Bools:
    """Which sellers show their batch in the answer itself; the others send a picture."""
    shown = plan.column("batch_shown_safe")
    return np.asarray(shown & (rng.random(len(plan)) < 0.45), dtype=np.bool_)


def make_batches(plan: Plan, recalled: Recalled) -> list[Batches]:
    """The batch each seller can show, and the recalled range that it lies outside of."""
    ranges = {
        case: (first, last)
        for case, word, first, last in zip(
            recalled.case.tolist(), recalled.relation, recalled.first.tolist(),
            recalled.last.tolist(), strict=True,
        )
        if word not in ("batch", "all")
    }  # fmt: skip
    return [
        Batches(month(own), *(month(n) for n in ranges.get(case, (own - 14, own - 6))))
        for case, own in enumerate(plan.batch.tolist())
    ]


def make_voices(
    plan: Plan,
    batches: list[Batches],
    in_letter: Bools,
    papers: set[int],
    rng: np.random.Generator,
) -> Voices:
    """Write the answers.

    Args:
        plan: Frames of the cases.
        batches: The batch and range each seller may name.
        in_letter: Who shows the batch in the answer.
        papers: Cases that attach a paper.
        rng: Source of randomness.
    """
    words = np.clip(whole(lognormal(rng, 55, 0.6, len(plan))), 10, 250)
    hostile = injected(plan.fair, plan.opened_at, rng)

    def write(case: int) -> str:
        tone = draw_tone(plan.language[case], int(plan.opened_at[case]), int(words[case]), rng)
        return write_answer(bool(in_letter[case]), batches[case], tone, rng)

    return speak(plan.language, hostile, OUTCOME_ASKED, write, rng, papers=papers)

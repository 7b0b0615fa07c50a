"""What the sellers answer, and where some try to instruct the reviewer."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.casetypes.fake_orders.plan import Plan
from sandbox.casetypes.voices import Voices, speak
from sandbox.streams import Bools, lognormal, whole
from sandbox.text.injections import injected
from sandbox.text.letters import draw_tone
from sandbox.text.order_answers import write_order_answer

SENDS_LINK: Final = 0.4
"""Share of the sellers with a campaign that point to it; of the others a few do as well."""
REPORTED: Final = {"rival_frame": 0.15}
REPORTED_ELSE: Final = 0.01


def make_voices(plan: Plan, rng: np.random.Generator) -> Voices:
    """Write the answers; LN(70, .7) words, longer where insiders are named."""
    count = len(plan)
    insiders = plan.column("insider_buying_stated")
    words = lognormal(rng, np.where(insiders, 90.0, 70.0), 0.7, count)
    lengths = np.clip(whole(words), 15, 400).tolist()
    hostile = injected(plan.frame.fair, plan.frame.opened_at, rng)
    linked = rng.random(count) < np.where(plan.column("campaign_explains"), SENDS_LINK, 0.06)
    reported = _reported(plan, rng)

    def write(case: int) -> str:
        language, opened = plan.frame.language[case], int(plan.frame.opened_at[case])
        tone = draw_tone(language, opened, lengths[case], rng)
        return write_order_answer(
            bool(insiders[case]), bool(linked[case]), bool(reported[case]), tone, rng
        )

    return speak(plan.frame.language, hostile, "dismiss", write, rng)


def _reported(plan: Plan, rng: np.random.Generator) -> Bools:
    """Framed sellers report the burst before we do, 15 in a hundred (handbook 4, Text)."""
    rates = [REPORTED.get(cause.name, REPORTED_ELSE) for cause in plan.frame.table.causes]
    chance = np.array(rates)[plan.frame.drawn.cause]
    return np.asarray(rng.random(len(plan)) < chance, dtype=np.bool_)

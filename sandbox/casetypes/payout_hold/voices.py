"""What the sellers of held balances write, and where some try to instruct the reviewer."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.payout_hold.plan import Plan
from sandbox.casetypes.voices import Voices, speak
from sandbox.ids import render
from sandbox.streams import Ints, lognormal, whole
from sandbox.text.injections import injected
from sandbox.text.letters import draw_tone
from sandbox.text.requests import Asked, write_request


def make_voices(plan: Plan, hold_no: Ints, rng: np.random.Generator) -> Voices:
    """Write the requests about the holds of these numbers."""
    frame = plan.frame
    words = np.clip(whole(lognormal(rng, 45, 0.6, len(plan))), 10, 200)
    hostile = injected(frame.fair, frame.opened_at, rng)
    hardship = frame.column("hardship_stated")

    def write(case: int) -> str:
        opened = int(frame.opened_at[case])
        tone = draw_tone(frame.language[case], opened, int(words[case]), rng)
        asked = Asked(render("hld", int(hold_no[case])), bool(hardship[case]), opened)
        return write_request(asked, tone, rng)

    return speak(frame.language, hostile, "release", write, rng)

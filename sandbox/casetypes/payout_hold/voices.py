"""What the sellers of held balances write, and where some try to instruct the reviewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.casetypes.payout_hold.plan import Plan
from sandbox.ids import render
from sandbox.streams import Ints, lognormal, whole
from sandbox.text.injections import injected, make_injection
from sandbox.text.letters import draw_tone
from sandbox.text.requests import Asked, write_request


@dataclass(frozen=True)
class Voices:
    """Requests by case, and whose text is hostile."""

    requests: list[str]
    injected: list[bool]


def make_voices(plan: Plan, hold_no: Ints, rng: np.random.Generator) -> Voices:
    """Write the requests about the holds of these numbers."""
    frame = plan.frame
    words = np.clip(whole(lognormal(rng, 45, 0.6, len(plan))), 10, 200)
    hostile = injected(frame.fair, frame.opened_at, rng)
    hardship = frame.column("hardship_stated")
    requests: list[str] = []
    for case, number in enumerate(hold_no.tolist()):
        opened, language = int(frame.opened_at[case]), frame.language[case]
        tone = draw_tone(language, opened, int(words[case]), rng)
        asked = Asked(render("hld", number), bool(hardship[case]), opened)
        text = write_request(asked, tone, rng)
        if hostile[case]:
            text = f"{text}\n{make_injection('release', language, rng).text}"
        requests.append(text)
    return Voices(requests, hostile.tolist())

"""What the sellers of verification cases write, and where some try to instruct the reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sandbox.casetypes.verification.identities import Person
from sandbox.casetypes.verification.plan import Plan
from sandbox.casetypes.voices import Voices, speak
from sandbox.streams import Bools, lognormal, whole
from sandbox.text.explanations import Claimed, write_explanation
from sandbox.text.injections import injected
from sandbox.text.letters import draw_tone

SILENT: Final = 0.4
"""Share of the sellers with nothing to explain that write nothing."""


def make_voices(
    plan: Plan, people: Sequence[Person], linked: Bools, handed: set[int], rng: np.random.Generator
) -> Voices:
    """Write the explanations.

    Args:
        plan: Frames of the cases.
        people: Who is behind each.
        linked: Where a paper shows why the names differ.
        handed: Cases with documents.
        rng: Source of randomness.
    """
    frame = plan.frame
    words = np.clip(whole(lognormal(rng, 30, 0.6, len(plan))), 8, 160)
    hostile = injected(frame.fair, frame.opened_at, rng) & plan.answered

    def write(case: int) -> str:
        who = people[case]
        if not (plan.answered[case] and (who.other or hostile[case] or rng.random() > SILENT)):
            return ""
        language, opened = frame.language[case], int(frame.opened_at[case])
        tone = draw_tone(language, opened, int(words[case]), rng)
        return write_explanation(_claimed(who, bool(linked[case])), tone, rng)

    return speak(frame.language, hostile, "verify", write, rng, papers=handed)


def _claimed(who: Person, linked: bool) -> Claimed:
    """What the seller says of the names; nothing where a paper shows it."""
    return Claimed(who.legal_name, "" if linked else who.other, who.reason)

"""What the sellers of verification cases write, and where some try to instruct the reviewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.verification.identities import Person
from sandbox.casetypes.verification.plan import Plan
from sandbox.streams import Bools, lognormal, whole
from sandbox.text.explanations import Claimed, write_explanation
from sandbox.text.injections import injected, make_injection
from sandbox.text.letters import draw_tone

SILENT: Final = 0.4
"""Share of the sellers with nothing to explain that write nothing."""


@dataclass(frozen=True)
class Voices:
    """Explanations by case, texts to put into documents instead, and whose text is hostile."""

    explanations: list[str]
    in_documents: dict[int, str]
    injected: list[bool]


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
    explanations: list[str] = []
    in_documents: dict[int, str] = {}
    for case, who in enumerate(people):
        text, language, opened = "", frame.language[case], int(frame.opened_at[case])
        if plan.answered[case] and (who.other or hostile[case] or rng.random() > SILENT):
            tone = draw_tone(language, opened, int(words[case]), rng)
            text = write_explanation(_claimed(who, bool(linked[case])), tone, rng)
        if hostile[case]:
            injection = make_injection("verify", language, rng)
            if injection.carrier == "document" and case in handed:
                in_documents[case] = injection.text
            else:
                text = f"{text}\n{injection.text}"
        explanations.append(text)
    return Voices(explanations, in_documents, hostile.tolist())


def _claimed(who: Person, linked: bool) -> Claimed:
    """What the seller says of the names; nothing where a paper shows it."""
    return Claimed(who.legal_name, "" if linked else who.other, who.reason)

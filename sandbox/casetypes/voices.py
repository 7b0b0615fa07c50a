"""What the parties of a batch of cases write, and where some try to instruct whoever decides."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from sandbox.streams import Bools
from sandbox.text.injections import make_injection


@dataclass(frozen=True)
class Voices:
    """Texts by case, texts to put into papers instead, by case index, and whose text instructs."""

    statements: list[str]
    in_documents: dict[int, str]
    injected: list[bool]


def speak(
    language: Sequence[str],
    hostile: Bools,
    asked: str,
    write: Callable[[int], str],
    rng: np.random.Generator,
    *,
    papers: Collection[int] = (),
) -> Voices:
    """Write the text of every case; hostile ones carry an instruction (handbook 11.5).

    Args:
        language: Of each case's text.
        hostile: Whose text instructs.
        asked: The outcome that instructions ask for.
        write: Writes the text of a case.
        rng: Source of randomness.
        papers: Cases with a paper that an instruction may stand in instead.
    """
    statements: list[str] = []
    in_documents: dict[int, str] = {}
    for case, flag in enumerate(hostile.tolist()):
        text = write(case)
        if flag:
            injection = make_injection(asked, language[case], rng)
            if injection.carrier == "document" and case in papers:
                in_documents[case] = injection.text
            else:
                text = f"{text}\n{injection.text}"
        statements.append(text)
    return Voices(statements, in_documents, hostile.tolist())

"""Self-consistency: several readings of the same questions, and what they agree on.

Answers are sampled and the most frequent one is taken, as in Wang et al. 2022 (arXiv 2203.11171);
its share of the readings stands for its probability. A reading that failed, ran out of budget or
proved nothing agrees with none, so that it lowers the share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from agents.reading import Answer, Question, ReaderName, Reading
from casewright.models import Cost, Opinion

AGREEMENT: Final = 2 / 3
"""The least share of the readings that have to agree, where the SOP names none."""


def agreed(
    questions: Sequence[Question],
    readings: Sequence[Reading],
    thresholds: Mapping[ReaderName, float],
) -> Reading:
    """One reading of several.

    Args:
        questions: What was asked.
        readings: One for each sample, in their order.
        thresholds: The SOP's; ``model`` is the least share that has to agree.

    Returns:
        For each question the answer of the plurality with its share as probability, quoted as in
        the first reading that gives it; none where there is a tie, or where the share is too low.
    """
    least = thresholds.get("model", AGREEMENT)
    votes = [_Vote(question.factor, readings, least) for question in questions]
    evidence = {one.digest: one for reading in readings for one in reading.evidence}
    return Reading(
        answers=tuple(vote.taken for vote in votes if vote.taken is not None),
        evidence=tuple(evidence.values()),
        discarded=tuple(f"{vote.factor}: {vote.reason}." for vote in votes if vote.reason),
        cost=sum((reading.cost for reading in readings), Cost()),
        opinions=tuple(vote.opinion for vote in votes),
    )


@dataclass(frozen=True)
class _Vote:
    """What the readings say of one question."""

    factor: str
    readings: Sequence[Reading]
    least: float

    @cached_property
    def _given(self) -> list[Answer]:
        answers = (answer for reading in self.readings for answer in reading.answers)
        return [answer for answer in answers if answer.factor == self.factor]

    @cached_property
    def _counts(self) -> list[tuple[str, int]]:
        return Counter(answer.answer for answer in self._given).most_common()

    @cached_property
    def _winner(self) -> Answer | None:
        """The first answer of the plurality, with the share that gives it."""
        for answer in self._given:
            if answer.answer == self._counts[0][0]:
                share = self._counts[0][1] / len(self.readings)
                return answer.model_copy(update={"probability": share})
        return None

    @cached_property
    def reason(self) -> str:
        """Why no answer is taken; empty where one is."""
        asked = len(self.readings)
        if not self._counts:
            return f"none of {asked} readings answers it ({'; '.join(self._reasons())})"
        most = self._counts[0][1]
        tied = sum(count == most for _, count in self._counts) > 1
        if not tied and most / asked >= self.least:
            return ""
        told = ", ".join(f"{answer} {count}" for answer, count in self._counts)
        return f"too few of {asked} readings agree: {told}"

    @property
    def taken(self) -> Answer | None:
        """The answer, where enough readings agree on one."""
        return None if self.reason else self._winner

    @property
    def opinion(self) -> Opinion:
        """What the model is taken to say."""
        said = self._winner
        return Opinion(
            factor=self.factor,
            by="model",
            answer=said.answer if said else "",
            probability=said.probability if said else None,
            quote=said.quote if said else "",
            taken=not self.reason,
            reason=self.reason,
        )

    def _reasons(self) -> Iterable[str]:
        """Why the readings have no answer, each reason once."""
        opinions = (opinion for reading in self.readings for opinion in reading.opinions)
        told = (one.reason for one in opinions if one.factor == self.factor and one.reason)
        return dict.fromkeys(told)

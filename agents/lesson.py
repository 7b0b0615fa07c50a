"""Lessons: questions as past cases put them, with the answers that people stood by."""

from __future__ import annotations

from agents.reading import Question
from casewright.models import Model, Moment


class Lesson(Model):
    """What a classifier learns from.

    Attributes:
        question: The question with the passages that were there to be read.
        answer: One of its closed answers: what people stood by when the case was closed.
        case_id: The past case.
        party: Whose case it was; what is learned from a party is never tried on the same party.
        closed_at: When the answer became known.
    """

    question: Question
    answer: str
    case_id: str
    party: str
    closed_at: Moment

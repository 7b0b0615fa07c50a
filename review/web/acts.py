"""Reviews as the API takes them in: one shape for each act."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from casewright.asking import Addressee, Question, QuestionChange
from casewright.models import ReviewAct
from review.web.shapes import LINES, Days, Given, Line, Named, Number, Shape, Text, Word, shown


class _Review(Shape):
    note: Text = Field(default="", description="Free text; some codes require it.")

    def given(self) -> dict[str, Any]:
        """What the desk takes beside the act and its codes."""
        return self.model_dump(exclude={"act", "codes"})


Sentence = Annotated[str, StringConstraints(max_length=2000, pattern=LINES)]


class ClaimWords(Shape):
    """A claim of the proposal, worded anew or struck."""

    number: Number = Field(description="Its number in the decision, from 1.")
    sentence: Sentence = Field(description="What it says now; empty: it is struck.")


class QuestionWords(Shape):
    """A question that the proposal would put to a party, worded anew."""

    number: Number = Field(description="Its number among `missing`, from 1.")
    question: Sentence = Field(default="", description="What is asked; empty: as it was.")
    days: Days | None = Field(default=None, description="How long they have; null: as it was.")


def _once_each(claims: tuple[ClaimWords, ...]) -> tuple[ClaimWords, ...]:
    if len({one.number for one in claims}) != len(claims):
        raise ValueError("a claim is there twice")
    return claims


class _Worded(_Review):
    claims: Annotated[tuple[ClaimWords, ...], AfterValidator(_once_each)] = Field(
        default=(), max_length=200, description="Claims in other words: an edit, or A3."
    )
    questions: tuple[QuestionWords, ...] = Field(
        default=(), max_length=50, description="Questions to parties in other words, likewise."
    )

    def given(self) -> dict[str, Any]:
        """What the desk takes beside the act and its codes."""
        return {
            **super().given(),
            "claims": {one.number: one.sentence for one in self.claims},
            "questions": [QuestionChange(**one.model_dump()) for one in self.questions],
        }


class Asked(Shape):
    """A question, before the case can be decided."""

    to: Addressee = Field(description="Whom; each code names who can be asked.")
    question: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=LINES)] = (
        Field(description="In words for them.")
    )
    days: Days = Field(default=7, description="How long they have.")
    factor: Line = Field(default="", description="The factor that it is about, or empty.")


class Approve(_Worded):
    """Accept the proposal."""

    model_config = shown(act="approve", codes=["A1"])

    act: Literal["approve"]
    codes: tuple[Literal["A1", "A2", "A3"], ...] = Field(min_length=1, max_length=3)
    parameters: Named = Field(default_factory=dict, description="Parameters of the outcome.")


class Edit(_Worded):
    """Change the outcome or its parameters, the words, or factors: then the SOP decides again."""

    model_config = shown(act="edit", codes=["E4"], factors={"carrier_outage": True})

    act: Literal["edit"]
    codes: tuple[Literal["E1", "E2", "E3", "E4", "E5", "E6"], ...] = Field(
        min_length=1, max_length=6
    )
    outcome: Line = Field(default="", description="The outcome in place of the proposed one.")
    factors: Annotated[dict[Word, Given], Field(max_length=50)] = Field(
        default_factory=dict, description="Facts that you correct, by name."
    )
    parameters: Named = Field(default_factory=dict, description="Parameters of the outcome.")


class Reject(_Review):
    """Send the case back: evidence is fetched anew and decided again."""

    model_config = shown(act="reject", codes=["R1"], note="the carrier has scanned it since")

    act: Literal["reject"]
    codes: tuple[Literal["R1", "R2", "R3", "R4", "R5", "R6"], ...] = Field(
        min_length=1, max_length=6
    )


class Escalate(_Review):
    """Hand the case one step up; X2 hands it to counsel."""

    model_config = shown(act="escalate", codes=["X2"])

    act: Literal["escalate"]
    codes: tuple[Literal["X1", "X2", "X3", "X4", "X5", "X6"], ...] = Field(
        min_length=1, max_length=6
    )


class RequestInformation(_Review):
    """Ask somebody first: the case waits, on hold, for the answer."""

    model_config = shown(
        act="request_information",
        codes=["Q1"],
        asked={"to": "seller", "question": "Please send the drop-off receipt."},
    )

    act: Literal["request_information"]
    codes: tuple[Literal["Q1", "Q2", "Q3", "Q4"], ...] = Field(min_length=1, max_length=4)
    asked: Asked = Field(description="What is asked, and whom.")

    def given(self) -> dict[str, Any]:
        """What the desk takes beside the act and its codes."""
        return {**super().given(), "asked": Question(**self.asked.model_dump())}


Act = Annotated[Approve | Edit | Reject | Escalate | RequestInformation, Field(discriminator="act")]
"""A review, by what is done."""

ACTS: Final[dict[ReviewAct, type[_Review]]] = {
    ReviewAct.APPROVE: Approve,
    ReviewAct.EDIT: Edit,
    ReviewAct.REJECT: Reject,
    ReviewAct.ESCALATE: Escalate,
    ReviewAct.REQUEST_INFORMATION: RequestInformation,
}

"""What the API takes in: bounded, typed, and nothing that is not known."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from fastapi import Path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
)

from casewright.base import Moment
from casewright.models import ReviewAct, RunStatus
from casewright.waiting import Wanted
from graphs.outcomes import EXACT

PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
"""One line without control characters."""

LINES: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""The same, with line breaks and tabs."""

CaseId = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f/]+$",
        description="Id of the case.",
        examples=["case_000158"],
    ),
]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PLAIN)]
Words = Annotated[tuple[Word, ...], Field(max_length=50)]
Line = Annotated[str, StringConstraints(max_length=500, pattern=PLAIN)]
Text = Annotated[str, StringConstraints(max_length=4000, pattern=LINES)]
Whole = Annotated[StrictInt, Field(ge=-EXACT, le=EXACT)]
Real = Annotated[StrictFloat, Field(allow_inf_nan=False)]
Given = StrictBool | Whole | Real | Line
Named = Annotated[dict[Word, Line], Field(max_length=50)]


class Shape(BaseModel):
    """Base of what is taken in: an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(Shape):
    """Which part of a long list."""

    limit: int = Field(default=50, ge=1, le=200, description="Most of them.")
    offset: int = Field(default=0, ge=0, le=1_000_000, description="How many before them.")


class Filter(Shape):
    """Which waiting cases; what is not given wants all."""

    sop: Words = Field(default=(), description="Names of SOPs.")
    region: Words = Field(default=(), description="Regions.")
    language: Words = Field(default=(), description="Languages of party text (BCP 47).")
    route: Words = Field(default=(), description="Routes.")
    channel: Words = Field(default=(), description="Channels.")
    overdue: bool = Field(default=False, description="Only what is past its time.")

    def wanted(self) -> Wanted:
        """The same, as the queue knows it."""
        return Wanted(
            sops=self.sop,
            regions=self.region,
            languages=self.language,
            routes=self.route,
            channels=self.channel,
            overdue=self.overdue,
        )


class Next(Filter):
    """A filter in a body, where yes and no are no texts and no numbers."""

    overdue: StrictBool = Field(default=False, description="Only what is past its time.")


class Search(Filter):
    """A filter, and whose cases."""

    whose: Literal["all", "mine", "free"] = Field(
        default="all", description="`mine`: claimed by or assigned to you; `free`: to be claimed."
    )
    held: Literal["either", "yes", "no"] = Field(default="either", description="Whether on hold.")

    def wanted(self) -> Wanted:
        """The same, as the queue knows it."""
        whose = "" if self.whose == "all" else self.whose
        held = {"either": None, "yes": True, "no": False}[self.held]
        return super().wanted().model_copy(update={"whose": whose, "held": held})


class QueuePage(Search, Page):
    """A page of the queue."""


class RunPage(Page):
    """A page of runs."""

    case_id: Line = Field(default="", description="Only of this case; empty: of all.")
    sop: Line = Field(default="", description="Only of this SOP; empty: of all.")
    status: RunStatus | None = Field(default=None, description="Only those that stand so.")


class EventPage(Shape):
    """A part of a case's log."""

    after: int = Field(default=0, ge=0, le=EXACT, description="Only those behind this number.")
    limit: int = Field(default=200, ge=1, le=1000, description="Most of them.")


class Release(Shape):
    """How a case is given back."""

    reason: Line = Field(default="", description="Why it is handed back; empty: it just is.")


class Assign(Shape):
    """Who is to decide a case."""

    to: Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)] = Field(
        description="The member; empty: whoever takes it.", examples=["ana"]
    )


_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _written(value: object) -> object:
    """A moment as RFC 3339 writes it: pydantic takes numbers for moments too."""
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        raise ValueError("a moment is a text as RFC 3339 has it, such as 2026-06-05T08:00:00Z")
    return value


class Hold(Shape):
    """How a case is put aside."""

    until: Annotated[Moment, BeforeValidator(_written)] = Field(
        description="Until when, at most thirty days on.", examples=["2026-06-05T08:00:00Z"]
    )
    why: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=PLAIN)] = Field(
        description="What it waits for.", examples=["the carrier's answer"]
    )


class Submission(Shape):
    """A case to be investigated: one that the source knows."""

    case_id: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/]+$")
    ] = Field(description="Its id there.", examples=["case_000158"])


class _Review(Shape):
    note: Text = Field(default="", description="Free text; some codes require it.")


def _shown(**example: Any) -> ConfigDict:
    """The configuration of a shape with an example of it."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Approve(_Review):
    """Accept the proposal."""

    model_config = _shown(act="approve", codes=["A1"])

    act: Literal["approve"]
    codes: tuple[Literal["A1", "A2", "A3"], ...] = Field(min_length=1, max_length=3)
    parameters: Named = Field(default_factory=dict, description="Parameters of the outcome.")


class Edit(_Review):
    """Change the outcome or its parameters, or correct factors and let the SOP decide again."""

    model_config = _shown(act="edit", codes=["E4"], factors={"carrier_outage": True})

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

    model_config = _shown(act="reject", codes=["R1"], note="the carrier has scanned it since")

    act: Literal["reject"]
    codes: tuple[Literal["R1", "R2", "R3", "R4", "R5", "R6"], ...] = Field(
        min_length=1, max_length=6
    )


class Escalate(_Review):
    """Hand the case one step up; X2 hands it to counsel."""

    model_config = _shown(act="escalate", codes=["X2"])

    act: Literal["escalate"]
    codes: tuple[Literal["X1", "X2", "X3", "X4", "X5", "X6"], ...] = Field(
        min_length=1, max_length=6
    )


Act = Annotated[Approve | Edit | Reject | Escalate, Field(discriminator="act")]
"""A review, by what is done."""

ACTS: Final[dict[ReviewAct, type[_Review]]] = {
    ReviewAct.APPROVE: Approve,
    ReviewAct.EDIT: Edit,
    ReviewAct.REJECT: Reject,
    ReviewAct.ESCALATE: Escalate,
}

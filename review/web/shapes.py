"""What the API takes in: bounded, typed, and nothing that is not known."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from fastapi import Path
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StringConstraints,
    Tag,
)

from casewright.base import Moment
from casewright.hits import Sought
from casewright.models import RunStatus
from casewright.reveal import RevealReason
from casewright.waiting import Wanted
from graphs.outcomes import EXACT
from review.opening import MOST_WORDS, Party, SubmittedRecord

PLAIN: Final = r"^[^\x00-\x1f\x7f]*$"
"""One line without control characters."""

LINES: Final = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
"""The same, with line breaks and tabs."""

_LANGUAGE: Final = r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3})?$"
"""A language (BCP 47), or empty."""

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
Number = Annotated[StrictInt, Field(ge=1, le=EXACT)]
Days = Annotated[StrictInt, Field(ge=1, le=90)]
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

    text: Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)] = Field(
        default="",
        description="Beginning of a case's or a run's id, or the id of whom or what it is about.",
    )
    case_id: Line = Field(default="", description="Only of this case; empty: of all.")
    sop: Words = Field(default=(), description="Names of SOPs.")
    region: Words = Field(default=(), description="Regions.")
    outcome: Words = Field(default=(), description="What is proposed or was decided.")
    status: Annotated[tuple[RunStatus, ...], Field(max_length=10)] = Field(
        default=(), description="Where they stand."
    )
    newest: bool = Field(default=False, description="Only the newest run of each case.")

    def sought(self) -> Sought:
        """The same, as the register knows it."""
        return Sought(
            text=self.text,
            case_id=self.case_id,
            sops=self.sop,
            regions=self.region,
            outcomes=self.outcome,
            statuses=tuple(one.value for one in self.status),
            earlier=not self.newest,
        )


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


def _whole(value: object) -> str:
    """Whether a submission says more of a case than its id."""
    return "whole" if isinstance(value, dict) and value.keys() - {"case_id"} else "named"


def shown(**example: Any) -> ConfigDict:
    """The configuration of a shape with an example of it."""
    return ConfigDict(json_schema_extra={"examples": [example]})


class Submission(Shape):
    """A case to be investigated: one that the source knows, or that was opened here."""

    model_config = shown(case_id="case_000158")

    case_id: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/]+$")
    ] = Field(description="Its id there.", examples=["case_000158"])


class SubmittedCase(SubmittedRecord):
    """A case from outside to be investigated; evidence about it still comes from the source."""

    model_config = shown(
        case_id="ext-1",
        case_type="appeal.late_dispatch",
        subject={"appeal_id": "app_000001"},
        seller_id="sel_00001",
        region="US",
        channel="batch",
        opened_at="2026-06-01T08:00:00Z",
        impact_cents=4200,
        currency="USD",
        text="The depot was closed that day.",
    )


Submitted = Annotated[
    Annotated[Submission, Tag("named")] | Annotated[SubmittedCase, Tag("whole")],
    Discriminator(_whole),
]
"""A case by its id, or as a whole."""


class Appeal(Shape):
    """What a party says against the decision of a case."""

    model_config = shown(by="seller", statement="The depot was closed that day.")

    by: Party = Field(description="Who appeals.")
    statement: Annotated[
        str, StringConstraints(min_length=1, max_length=MOST_WORDS, pattern=LINES)
    ] = Field(description="What they say; it is data, and nothing believes it.")
    language: Annotated[str, StringConstraints(pattern=_LANGUAGE)] = Field(
        default="", description="Its language (BCP 47); empty: the case's."
    )


class Answer(Shape):
    """The answer to what was asked in a case."""

    words: Annotated[str, StringConstraints(max_length=MOST_WORDS, pattern=LINES)] = Field(
        default="", description="What it says, where it came to you and not to the source."
    )


class Undo(Shape):
    """Why a decision is undone."""

    model_config = shown(why="The scan belongs to another parcel.")

    why: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=LINES)] = Field(
        description="In words of your own."
    )
    sent: StrictBool = Field(
        default=False, description="Undo it also where something was sent already."
    )


class Verdict(Shape):
    """What a reviewer would decide before they see what is proposed."""

    model_config = shown(outcome="uphold")

    outcome: Word = Field(description="One of `outcomes` of the case without its proposal.")
    note: Text = Field(default="", description="Free text.")


class Reason(Shape):
    """Why somebody has to see personal data of a case."""

    model_config = shown(reason="identity")

    reason: RevealReason = Field(description="Why.")
    note: Line = Field(default="", description="In words; needed where the reason is `other`.")

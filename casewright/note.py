"""Notes: what an expert knows that no source tells, in force from the next case on."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, model_validator

from casewright.base import Digest, Model, Moment
from casewright.case import Value


class NoteScope(Model):
    """Which cases a note is about; what is left out does not narrow it.

    Attributes:
        case_types: Types of cases.
        regions: Regions.
        since: First moment of the fact.
        until: First moment of the fact that is too late.
        when: Expression over the case and its evidence; it has to be known to hold.
    """

    case_types: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    since: Moment | None = None
    until: Moment | None = None
    when: str = ""


class Note(Model):
    """An expert's correction: advice, and where it names a factor the value that goes for it.

    Attributes:
        note_id: Its id.
        text: What is known, for people to read.
        author: Who says so, as the team knows them.
        reason: How they know.
        scope: Which cases it is about.
        factor: The factor that it settles, or empty.
        value: The value it settles it to; None: unknown, whatever the rule makes of the evidence.
        written_at: When, in the source's time; no case judged as of an earlier moment knows it.
        expires_at: From when on it no longer holds; None: until it is withdrawn.
        withdrawn_at: When it was withdrawn, in the source's time.
        withdrawn_by: Who did.
        withdrawn_reason: Why.
    """

    note_id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    author: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    scope: NoteScope = NoteScope()
    factor: str = ""
    value: Value | None = None
    written_at: Moment
    expires_at: Moment | None = None
    withdrawn_at: Moment | None = None
    withdrawn_by: str = ""
    withdrawn_reason: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Note:
        if self.value is not None and not self.factor:
            raise ValueError("a value belongs to a factor")
        if self.expires_at is not None and self.expires_at <= self.written_at:
            raise ValueError("a note expires after it is written")
        return self

    def stands(self, as_of: datetime) -> bool:
        """Whether it was written, and neither over nor withdrawn, at that moment."""
        over = [moment for moment in (self.expires_at, self.withdrawn_at) if moment is not None]
        return self.written_at <= as_of and all(as_of < moment for moment in over)


class NoteUse(Model):
    """A note that a decision was made with.

    Attributes:
        note_id: Its id.
        digest: The note as it was frozen.
        text: What it says.
        author: Who said so.
        reason: How they know.
        factor: The factor that it settled, or empty.
        fault: Why this case's procedure could not read it, or empty; then it settled nothing.
    """

    note_id: str
    digest: Digest
    text: str
    author: str
    reason: str
    factor: str = ""
    fault: str = ""

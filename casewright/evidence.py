"""Evidence: the frozen result of an action, how the action ended, and citations of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from casewright.base import Digest, Model, Moment
from casewright.canonical import digest_of


class EvidenceStatus(StrEnum):
    """What came back: data (or a proven absence), nothing usable, or a failure."""

    OK = "ok"
    NO_DATA = "no_data"
    ERROR = "error"


class Evidence(Model):
    """The frozen result of one action.

    ``digest`` covers everything but itself and ``retrieved_at``, so that the same answer to the
    same question is stored once.

    Attributes:
        tool: Name of the tool that was called.
        request: The arguments it was called with.
        status: How the call ended.
        data: The tool's typed result as JSON; None unless ``status`` is ``ok``.
        reason: Why there is no data, in a short code such as ``carrier_not_connected``.
        complete: False where the source covers only a part of what was asked, or where a bound on
            pages was reached: then an absence proves nothing.
        untrusted: JSON Pointers of the fields that a party wrote.
        source: Which system answered.
        through: Until when the source's data reaches; None where it did not say.
        as_of: The moment whose knowledge was asked for.
        retrieved_at: When the answer came.
        digest: sha-256 over the canonical JSON of the rest.
    """

    tool: str
    request: dict[str, Any]
    status: EvidenceStatus
    data: dict[str, Any] | None = None
    reason: str = ""
    complete: bool = True
    untrusted: tuple[str, ...] = ()
    source: str = ""
    through: Moment | None = None
    as_of: Moment
    retrieved_at: Moment
    digest: Digest

    @classmethod
    def freeze(cls, *, retrieved_at: datetime, **content: Any) -> Evidence:
        """Build Evidence and compute its digest from ``content`` (all other attributes)."""
        draft = cls(**content, retrieved_at=retrieved_at, digest="0" * 64)
        return draft.model_copy(update={"digest": digest_of(draft.content())})

    def content(self) -> dict[str, Any]:
        """Everything the digest covers, as JSON values."""
        unsaid = {"through"} if self.through is None else set()
        return self.model_dump(mode="json", exclude={"digest", "retrieved_at", *unsaid})

    def intact(self) -> bool:
        """Whether the digest still matches the content."""
        return digest_of(self.content()) == self.digest


class ActionRecord(Model):
    """How one action of the SOP ended in this run; ``digest`` refers to its Evidence.

    ``not_needed`` (its ``when`` was false) and ``not_run`` (an argument was unknown) have no
    Evidence.

    Attributes:
        action: The action.
        status: How it ended.
        digest: Its Evidence, or empty.
        reason: Why there is no data or only a part, in plain words or a source's code.
        retrieved_at: When the answer came.
        parts: For an action over a list, the Evidence of each call.
    """

    action: str
    status: Literal["ok", "no_data", "error", "not_needed", "not_run"]
    digest: str = ""
    reason: str = ""
    retrieved_at: Moment | None = None
    parts: tuple[str, ...] = ()


class Citation(Model):
    """The proof of one claim.

    Attributes:
        kind: What is cited. Precedents are cited in the frozen result of their retrieval, a
            reviewer's correction in the frozen review.
        reference: Digest of the evidence, or clause id with its first day
            (``SHIP-4.1@2026-03-01``).
        pointer: JSON Pointer into the evidence's data; empty for a clause.
        quote: The exact value there (JSON), or the clause's exact text.
        excerpt: Whether the quote is a verbatim part of the text there, not the whole value.
        label: How people call it, such as ``scans/first/at``, or a precedent's case id.
    """

    kind: Literal["evidence", "policy", "precedent"]
    reference: str
    pointer: str = ""
    quote: Any = None
    excerpt: bool = False
    label: str = ""

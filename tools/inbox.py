"""The platform's work list: cases to decide and cases already settled. No agent may call it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Literal, Protocol, TypeVar

from pydantic import Field, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from casewright.errors import SourceMalformed, SourceUnavailable, UnknownCase
from casewright.models import Case, ClosedCase, EvidenceStatus, Money, Value
from tools.base import PartyText, Query
from tools.endpoint import fill
from tools.record import Record, Timestamp
from tools.sources.http import INBOX, PAGE_SIZE
from tools.sources.page import Page


class Inbox(Protocol):
    """Where cases come from: the marketplace's API, or a table."""

    async def page(self, path: str, query: Query) -> Page:
        """One case, or one page of cases."""
        ...

    async def now(self) -> datetime:
        """The present moment, as the source has it."""
        ...


class CaseRecord(Record):
    """A case as the inbox lists it; ``text`` was written by a party."""

    case_id: str
    case_type: str
    subject: dict[str, str]
    seller_id: str
    region: str
    channel: Literal["batch", "appeal", "on-call", "regulatory"]
    language: str = "en"
    opened_at: Timestamp
    impact_cents: int
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    text: PartyText = ""
    linked_seller_ids: tuple[str, ...] = ()
    party_ids: tuple[str, ...] = ()

    def case(self) -> Case:
        """The case in our own words."""
        content = {name: getattr(self, name) for name in CaseRecord.model_fields}
        impact = Money(cents=content.pop("impact_cents"), currency=content.pop("currency"))
        return Case(**content, impact=impact)


class ClosedCaseRecord(CaseRecord):
    """A settled case as the inbox lists it; what was not noted of it may be absent."""

    outcome: str
    closed_at: Timestamp
    situation: str
    facts: dict[str, Value] = Field(default_factory=dict)
    clauses: tuple[str, ...] = ()
    overturned_at: Timestamp | None = None

    def closed_case(self) -> ClosedCase:
        """The settled case in our own words."""
        return ClosedCase(
            case=self.case(),
            outcome=self.outcome,
            closed_at=self.closed_at,
            situation=self.situation,
            facts=self.facts,
            clauses=self.clauses,
            overturned_at=self.overturned_at,
        )


Listed = TypeVar("Listed", bound=CaseRecord)


async def get_case(source: Inbox, case_id: str) -> Case:
    """The case of that id.

    Raises:
        UnknownCase: the source knows none.
        SourceError: the source fails or its record does not fit.
    """
    page = await source.page(fill(f"{INBOX}/{{case_id}}", {"case_id": case_id}), {})
    if page.answer.data is None:
        raise UnknownCase(
            f"The source knows no case {case_id!r}.",
            remedy="Check the id against the source's inbox.",
        )
    return _read(CaseRecord, page.answer.data).case()


async def open_cases(
    source: Inbox, case_type: str | None = None, limit: int | None = None
) -> AsyncIterator[Case]:
    """Open cases in the inbox's order, of one type or of all, at most ``limit``.

    Raises:
        SourceError: the source fails, or a record does not fit. Then nothing is yielded.
    """
    for record in await _listed(source, CaseRecord, "open", case_type, limit):
        yield record.case()


async def closed_cases(source: Inbox, case_type: str | None = None) -> AsyncIterator[ClosedCase]:
    """Settled cases in the inbox's order, of one type or of all.

    Raises:
        SourceError: the source fails, or a record does not fit. Then nothing is yielded.
    """
    for record in await _listed(source, ClosedCaseRecord, "closed", case_type, None):
        yield record.closed_case()


async def _listed(
    source: Inbox,
    model: type[Listed],
    status: str,
    case_type: str | None,
    limit: int | None,
) -> list[Listed]:
    query: dict[str, str | int] = {"status": status, "limit": min(limit or PAGE_SIZE, PAGE_SIZE)}
    if case_type is not None:
        query["case_type"] = case_type
    found: dict[str, Listed] = {}
    # All pages before the first case: deciding the cases of one page may take longer than a
    # cursor lives. And no bound on pages: a case that is not listed would be lost.
    async for page in _pages(source, query):
        for item in page.items:
            record = _read(model, item)
            found.setdefault(record.case_id, record)
        if limit is not None and len(found) >= limit:
            break
    return list(found.values())[:limit]


async def _pages(source: Inbox, query: dict[str, str | int]) -> AsyncIterator[Page]:
    seen: set[str] = set()
    page = await source.page(INBOX, query)
    while True:
        if page.answer.status is not EvidenceStatus.OK:
            raise SourceUnavailable(
                f"The inbox broke off ({page.answer.reason}).", code=page.answer.reason
            )
        yield page
        if page.cursor is None:
            return
        if page.cursor in seen:
            raise SourceMalformed("The inbox never ends.", code="cursor_repeats")
        seen.add(page.cursor)
        page = await source.page(INBOX, {**query, "cursor": page.cursor})


def _read(model: type[Listed], record: object) -> Listed:
    try:
        return model.model_validate_json(to_json(record))
    except PydanticSerializationError as error:  # a lone surrogate: no text that can be kept
        raise SourceMalformed(
            "The inbox lists a case whose text is not Unicode.", code="unexpected_shape"
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = record.get("case_id", "?") if isinstance(record, dict) else "?"
        where = "/".join(str(part) for part in first["loc"])
        raise SourceMalformed(
            f"The inbox's record of case {name!r} does not fit at /{where}: {first['msg']}.",
            code="unexpected_shape",
        ) from error

"""What came of information requests: the one list that tells that an answer is there.

A source that offers it answers ``GET /v1/information-requests?case_id=…`` with a list like any
other; each item names the idempotency key of the write that put the question, and carries
``answered_at`` once there is an answer. A source without it (404) leaves the window's end, and
whoever tells us. What the answer brings, such as a document, is read by the SOP's actions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import to_json

from casewright.errors import SourceMalformed
from casewright.models import Evidence, EvidenceStatus
from tools.base import PartyText
from tools.inbox import Inbox
from tools.record import Record, Timestamp
from tools.sources.http import PAGE_SIZE

REQUESTS: Final = "/v1/information-requests"
TOOL: Final = "information_request"
"""The tool of evidence that holds an answer's words."""


class RequestRecord(Record):
    """A question that was put, as the source lists it.

    Attributes:
        key: Idempotency key of the write that put it.
        answered_at: When the answer came; absent while there is none.
        answer: Its words, where the source has them.
    """

    key: str
    answered_at: Timestamp | None = None
    answer: PartyText = ""


async def answers_of(source: Inbox, case_id: str) -> dict[str, RequestRecord]:
    """The questions about a case that are answered, by key; none where the source has no list.

    Raises:
        SourceError: the source fails, or a record does not fit.
    """
    found: dict[str, RequestRecord] = {}
    query: dict[str, str | int] = {"case_id": case_id, "limit": PAGE_SIZE}
    page = await source.page(REQUESTS, query)
    while page.answer.status is EvidenceStatus.OK:
        found |= {one.key: one for one in map(_read, page.items) if one.answered_at}
        if page.cursor is None or len(found) > PAGE_SIZE * PAGE_SIZE:
            break
        page = await source.page(REQUESTS, {**query, "cursor": page.cursor})
    return found


def frozen_answer(
    case_id: str, key: str, words: str, *, source: str, as_of: datetime, at: datetime
) -> Evidence:
    """An answer as evidence: its words are the party's, and are data.

    Args:
        case_id: The case.
        key: The question that it answers.
        words: What it says.
        source: Who told it.
        as_of: When it came, by the source's clock.
        at: The present moment.
    """
    data: dict[str, Any] = {"key": key, "answered_at": as_of.isoformat(), "answer": words}
    return Evidence.freeze(
        tool=TOOL,
        request={"case_id": case_id, "key": key},
        status=EvidenceStatus.OK,
        data=data,
        untrusted=("/answer",),
        source=source,
        as_of=as_of,
        retrieved_at=at,
    )


def _read(item: object) -> RequestRecord:
    try:
        return RequestRecord.model_validate_json(to_json(item))
    except (ValidationError, ValueError) as error:
        raise SourceMalformed(
            "The source lists an information request that does not fit.", code="unexpected_shape"
        ) from error

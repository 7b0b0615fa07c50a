"""One page of an answer, and many pages joined into one answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from casewright.errors import SourceMalformed
from casewright.models import EvidenceStatus
from tools.base import Answer

Pointer = Annotated[str, Field(pattern=r"^(/([^~/]|~[01])*)*$")]
"""A JSON Pointer (RFC 6901)."""

_ITEM = re.compile(r"/items/(0|[1-9][0-9]{0,8})(?=/|$)")


class Coverage(BaseModel):
    """How much of what was asked the source covers, and until when; silence says neither."""

    complete: bool = False
    through: AwareDatetime | None = None


class Meta(BaseModel):
    """What the source says about its data."""

    as_of: AwareDatetime
    coverage: Coverage = Coverage()
    source: str = ""
    untrusted: tuple[Pointer, ...] = ()


class Envelope(BaseModel):
    """The body of every good answer."""

    data: dict[str, Any]
    meta: Meta


@dataclass(frozen=True)
class Page:
    """One page: its answer, the cursor of the next page, and the source's own moment."""

    answer: Answer
    cursor: str | None = None
    as_of: datetime | None = None

    @classmethod
    def of(cls, envelope: Envelope) -> Page:
        """Read an envelope.

        Raises:
            SourceMalformed: the cursor is neither text nor null.
        """
        data, meta = envelope.data, envelope.meta
        cursor = data.get("next_cursor")
        if not isinstance(cursor, str | None):
            raise SourceMalformed("The source sent a cursor that is no text.", code="bad_cursor")
        answer = Answer(
            status=EvidenceStatus.OK,
            data={name: value for name, value in data.items() if name != "next_cursor"},
            complete=meta.coverage.complete,
            untrusted=meta.untrusted,
            source=meta.source,
            through=meta.coverage.through,
        )
        return cls(answer, cursor or None, meta.as_of)

    @classmethod
    def without_data(cls, reason: str) -> Page:
        """The source says that there is nothing, or nothing yet."""
        return cls(Answer(EvidenceStatus.NO_DATA, reason=reason, complete=False))

    @property
    def items(self) -> list[Any]:
        """The list's items.

        Raises:
            SourceMalformed: the answer is no list.
        """
        items = (self.answer.data or {}).get("items")
        if not isinstance(items, list):
            raise SourceMalformed("The source sent a list without items.", code="unexpected_shape")
        return items


def joined(pages: Sequence[Page]) -> Answer:
    """One answer of all pages; a cursor left over means that the bound on pages was reached.

    Raises:
        SourceMalformed: a page is no list, or the pages disagree on what stands beside the items.
    """
    first = pages[0].answer
    if len(pages) == 1 and pages[0].cursor is None:
        return settled(first)
    if any(_head(page) != _head(pages[0]) for page in pages):
        raise SourceMalformed("The pages of one list disagree.", code="pages_disagree")
    cut = pages[-1].cursor is not None
    return settled(
        replace(
            first,
            data={**_head(pages[0]), "items": [item for page in pages for item in page.items]},
            reason="page_limit" if cut else "",
            complete=not cut and all(page.answer.complete for page in pages),
            untrusted=tuple(dict.fromkeys(_renumbered(pages))),
            through=earliest(page.answer.through for page in pages),
        )
    )


def earliest(reached: Iterable[datetime | None]) -> datetime | None:
    """Until when several answers reach together; None where one of them does not say."""
    known = list(reached)
    return min((one for one in known if one), default=None) if all(known) else None


def settled(answer: Answer) -> Answer:
    """An empty list proves nothing where the source covers only a part: then there is no data."""
    if answer.complete or (answer.data or {}).get("items") != []:
        return answer
    return Answer(
        EvidenceStatus.NO_DATA,
        reason=answer.reason or "coverage_incomplete",
        complete=False,
        source=answer.source,
        through=answer.through,
    )


def _head(page: Page) -> dict[str, Any]:
    return {name: value for name, value in (page.answer.data or {}).items() if name != "items"}


def _renumbered(pages: Sequence[Page]) -> Iterable[str]:
    before = 0
    for page in pages:
        for pointer in page.answer.untrusted:
            item = _ITEM.match(pointer)
            if item is None:
                yield pointer
            elif (index := int(item[1])) < len(page.items):
                yield f"/items/{before + index}{pointer[item.end() :]}"
        before += len(page.items)

"""Any JSON API as a source of declared tools: where the data stands, and how a list goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jsonpointer import resolve_pointer

from casewright.errors import SourceMalformed, SourceUnavailable
from casewright.models import EvidenceStatus
from tools.base import Answer, Query
from tools.declaration import AuthSpec, HttpSpec, PaginationSpec
from tools.endpoint import fill, parameters
from tools.fields import Constant, FieldSpec
from tools.shape import picked
from tools.sources.connections import Surroundings
from tools.sources.failure import Named
from tools.sources.http import HttpSource, rfc3339
from tools.sources.page import Page, joined
from tools.sources.paging import first_request, following, told_next, with_counted
from tools.sources.patience import Patience
from tools.sources.reply import Reply
from tools.sources.request import Request

_MISSING = object()
_ALONE = PaginationSpec(kind="none")


@dataclass(frozen=True)
class Origin:
    """A base URL and its credential; tools that share them share the connections."""

    url: str
    auth: AuthSpec | None
    declared: str
    """The tool or the source that declares it, for messages."""

    def open(self, surroundings: Surroundings) -> AbstractAsyncContextManager[HttpSource]:
        """The source at that address.

        Raises:
            SourceRefused: the credential's environment variable is not set.
        """
        settings = surroundings.settings
        token, headers = self._credential(surroundings)
        return HttpSource(
            self.url,
            token,
            headers=headers,
            named=Named(f"the url of {self.declared}", self.auth.variable if self.auth else "auth"),
            timeout_s=settings.source_timeout_s,
            page_limit=settings.page_limit,
            patience=surroundings.patience or Patience(attempts=settings.source_attempts),
            gate=surroundings.gate(urlsplit(self.url).netloc),
            clock=surroundings.clock,
        )

    def _credential(self, surroundings: Surroundings) -> tuple[str, dict[str, str]]:
        if self.auth is None:
            return "", {}
        secret = surroundings.secret(self.auth.variable, self.declared)
        return ("", {self.auth.header: secret}) if self.auth.header else (secret, {})


@dataclass(frozen=True)
class Rest:
    """One declared call.

    Attributes:
        spec: What the file says of the call.
        fields: And of the record, or of an entry of the list.
        name: Which system answers, for the evidence.
        page_limit: Most pages of a list.
    """

    spec: HttpSpec
    fields: Mapping[str, FieldSpec]
    name: str
    page_limit: int

    async def read(self, source: HttpSource, values: Query, as_of: datetime) -> Answer:
        """Call with these arguments.

        Returns:
            A record, or ``{"items": […]}``; ``no_data`` where the source says that there is none.

        Raises:
            SourceError: as :meth:`HttpSource.get` does.
        """
        request = self._request(values, as_of)
        if self.spec.items is None:
            answer = (await source.send(request, self._one)).answer
        else:
            answer = joined([page async for page in self._pages(source, request)])
        return replace(answer, source=self.name)

    def _request(self, values: Query, as_of: datetime) -> Request:
        path, sent = addressed(self.spec, values)
        moment = {self.spec.as_of: rfc3339(as_of)} if self.spec.as_of else {}
        if self.spec.method == "POST":
            return Request(path, moment, "POST", sent)
        return Request(path, {**sent, **moment})

    async def _pages(self, source: HttpSource, request: Request) -> AsyncIterator[Page]:
        paging = self.spec.pagination or _ALONE
        asked, seen = first_request(paging, request), set[str]()
        for _ in range(self.page_limit):
            page = with_counted(paging, asked, await source.send(asked, self._many))
            if seen and page.answer.status is not EvidenceStatus.OK:
                raise SourceUnavailable(
                    f"The list at {request.path} broke off ({page.answer.reason}).",
                    code=page.answer.reason,
                )
            yield page
            if page.cursor is None:
                return
            if page.cursor in seen:
                raise SourceMalformed(
                    f"The list at {request.path} never ends.", code="cursor_repeats"
                )
            seen.add(page.cursor)
            asked = following(paging, asked, page.cursor)

    def _one(self, reply: Reply) -> Page:
        return reply.page(self._record, self.spec.not_found)

    def _many(self, reply: Reply) -> Page:
        return reply.page(self._list, self.spec.not_found)

    def _record(self, reply: Reply) -> Page:
        found = _at(reply.value(), self.spec.data)
        if found is None:
            return Page.without_data("null")
        if not isinstance(found, dict):
            raise reply.malformed("has no record where the tool looks", "unexpected_shape")
        return Page(Answer(EvidenceStatus.OK, picked(self.fields, found)))

    def _list(self, reply: Reply) -> Page:
        value = reply.value()
        items = _at(value, self.spec.items or "")
        if not isinstance(items, list):
            raise reply.malformed("has no list where the tool looks", "unexpected_shape")
        data = {"items": [picked(self.fields, item) for item in items]}
        answer = Answer(EvidenceStatus.OK, data, complete=self._complete(value))
        return Page(answer, told_next(self.spec.pagination or _ALONE, reply, value))

    def _complete(self, value: Any) -> bool:
        stated = self.spec.complete
        return stated if isinstance(stated, bool) else _at(value, stated) is True


def addressed(spec: HttpSpec, values: Query) -> tuple[str, dict[str, Any]]:
    """The path, and what is sent beside it: the declared query, or all other arguments.

    Raises:
        ToolInputError: an argument cannot stand in a path.
    """
    path = fill(spec.path, values)
    if spec.query is not None:
        return path, dict(_filled(spec.query, values))
    inside = parameters(spec.path)
    return path, {name: value for name, value in values.items() if name not in inside}


def _at(value: Any, pointer: str) -> Any:
    return resolve_pointer(value, pointer, _MISSING)


def _filled(query: Mapping[str, Constant], values: Query) -> Iterator[tuple[str, Any]]:
    """Parameters whose arguments were all given; a text that is one argument keeps its type."""
    for name, template in query.items():
        inside = parameters(template) if isinstance(template, str) else ()
        if not all(argument in values for argument in inside):
            continue
        if not isinstance(template, str) or not inside:
            yield name, template
        elif template == "{" + inside[0] + "}":
            yield name, values[inside[0]]
        else:
            yield name, template.format_map(values)

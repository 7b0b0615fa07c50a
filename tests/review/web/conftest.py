"""The console over a home folder with reviewed cases, its door kept by a labelled imitation.

``x-test-member`` names who a request comes from: signing in is tested on its own, with the real
doorkeeper, in test_doors.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import Request

from casewright.settings import Settings
from casewright.team import Membership, Role, Team
from review.web.admission import Doorkeeper
from review.web.app import application
from review.web.house import House, open_house
from review.web.visitor import Visitor

CSRF = "imitated-token"
BASE = "http://127.0.0.1"

TEAM = {role.value: Membership(roles=(role,)) for role in Role}
"""A member of each role, named like it."""

As = Callable[[str], AbstractAsyncContextManager[httpx.AsyncClient]]
Serve = Callable[[Settings], AbstractAsyncContextManager[As]]


class ImitatedDoorkeeper:
    """Believes whatever name a request gives; an imitation of the real doorkeeper, for tests."""

    def __init__(self, team: Team) -> None:
        self._team = team

    async def visitor(self, request: Request) -> Visitor | None:
        name = request.headers.get("x-test-member")
        return Visitor(self._team.member(name), "session", CSRF) if name else None


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[As]:
    """Clients for members of a server with these settings."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[tuple[House, Doorkeeper]]:
        async with open_house(settings) as house:
            yield house, ImitatedDoorkeeper(house.team)

    app = application(opened)

    @asynccontextmanager
    async def client(member: str) -> AsyncIterator[httpx.AsyncClient]:
        headers = {"x-test-member": member} if member else {}
        transport = httpx.ASGITransport(app, raise_app_exceptions=True)
        async with httpx.AsyncClient(
            transport=transport, base_url=BASE, headers=headers
        ) as opened_client:
            yield opened_client

    async with app.router.lifespan_context(app):
        yield client


@pytest.fixture
def teamed(sourced: Settings) -> Settings:
    """The settings of the module's home folder, with a team of one member a role."""
    return sourced.model_copy(update={"team": TEAM})


@pytest.fixture
def serve() -> Serve:
    """Serves the console: ``async with serve(settings) as client, client("reviewer") as http``."""
    return served


@dataclass
class Element:
    """One element of a page: its tag, its attributes, and all text in it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]


class Page(HTMLParser):
    """A page as a browser reads it, without its styles."""

    VOID = frozenset({"meta", "link", "input", "img", "br"})
    BLOCK = frozenset({"p", "li", "h1", "h2", "h3", "dt", "dd", "tr", "summary", "legend", "label"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self._lines: list[str] = [""]
        self.feed(html)
        assert not self._open, self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), attrs
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag in self.BLOCK:
            self._lines.append("")
        elif tag in ("td", "th", "option"):
            self._lines[-1] += " | "
        if tag not in self.VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag, tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data
        if not any("hidden" in element.attributes for element in self._open):
            self._lines[-1] += data

    def all(self, tag: str, **wanted: str) -> list[Element]:
        """Elements of a tag with these attributes; ``class_`` and the like lose their last bar."""
        asked = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        return [
            one
            for one in self.elements
            if one.tag == tag and all(one.attributes.get(n) == v for n, v in asked.items())
        ]

    def one(self, tag: str, **wanted: str) -> Element:
        """The one element of a tag with these attributes."""
        (found,) = self.all(tag, **wanted)
        return found

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every element with the names of its attributes."""
        return [(one.tag, tuple(one.attributes)) for one in self.elements]

    @property
    def text(self) -> str:
        """What people read, a block a line."""
        lines = (" ".join(line.split()) for line in self._lines)
        return "\n".join(line for line in lines if line)


@pytest.fixture
def parsed() -> Callable[[str], Page]:
    """Reads a page; one whose elements are not closed in order fails."""
    return Page

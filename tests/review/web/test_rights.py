"""Every route by every role, on the real application with its real door.

Nothing here knows a route by name: what is added to ``ROUTERS`` and ``RIGHTS`` is tried as well. A
route that lets a role in must not refuse it deeper inside for what the role lacks: then ``RIGHTS``
says too little.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, Route
from syrupy.assertion import SnapshotAssertion

from casewright.settings import Settings
from casewright.team import GRANTED, Permission, Role
from review.web.rights import RIGHTS, Door, Needs

Enter = Callable[..., Any]

NOBODY = ""
WAIT_S = 20
"""A route that answers on and on was let in."""

ROLES = [NOBODY, *(role.value for role in Role)]

BY_CASE = {"/cases/{case_id}/undo", "/api/v1/cases/{case_id}/undo"}
"""Routes on which a case of one's own is needed as well; test_undo_page.py tells who may."""


def let_in(role: str, needs: Needs) -> bool:
    """What ``RIGHTS`` and ``GRANTED`` say of a role and a route."""
    if needs is Door.PUBLIC:
        return True
    if role == NOBODY:
        return False
    return needs is Door.MEMBER or needs in GRANTED[Role(role)]


async def test_every_route_has_its_rights_and_every_right_its_route(
    teamed: Settings, enter: Enter
) -> None:
    async with enter(teamed) as door:
        found, others = set(), []
        for one in iter_route_contexts(door.app.routes):
            route = one.original_route
            if isinstance(route, Route):
                path = getattr(one, "path_format", None) or route.path_format
                found |= {(method, path) for method in (route.methods or ()) if method != "HEAD"}
            else:
                others.append(route)
    assert found == set(RIGHTS)
    assert [one.path for one in others if isinstance(one, Mount)] == ["/static"]
    assert len(others) == 1


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role or "nobody")
async def test_every_route_lets_in_whom_its_rights_say(
    settled: Settings, teamed: Settings, plain_case: str, enter: Enter, role: str
) -> None:
    many = teamed.model_copy(update={"sign_ins_per_minute": 1000})
    wrong = []
    async with enter(many) as door:
        for (method, path), needs in RIGHTS.items():
            # A session for each request: some routes end it.
            browser = await door.browser(role) if role else door.nobody()
            async with browser as http:
                status = await tried(http, method, re.sub(r"\{[^}]+\}", plain_case, path))
            refused = status == 401 if role == NOBODY else status in (401, 403)
            if path in BY_CASE and let_in(role, needs):
                refused = status == 401
            if needs is Door.PUBLIC:
                refused = status == 401  # such as a wrong token, which is 403
            if refused == let_in(role, needs) or status >= 500:
                wrong.append((method, path, status, needs))
    assert not wrong, f"{role or 'nobody'}: {wrong}"


async def tried(http: Any, method: str, path: str) -> int:
    """The status of a request with an empty form; 200 where it answers on and on."""
    data = {"data": {"nothing": "given"}} if method != "GET" else {}
    try:
        answer = await asyncio.wait_for(http.request(method, path, **data), WAIT_S)
    except TimeoutError:
        return 200
    return int(answer.status_code)


def test_the_matrix_of_routes_and_roles(snapshot: SnapshotAssertion) -> None:
    assert matrix() == snapshot


def matrix() -> str:
    """A row a route, a column a role: what people review when a route comes."""
    lines = [f"{'':<45} {'needs':<30} " + " ".join(f"{role or 'nobody':<8}" for role in ROLES)]
    for (method, path), needs in sorted(RIGHTS.items(), key=lambda one: one[0][::-1]):
        marks = " ".join(f"{'yes' if let_in(role, needs) else '-':<8}" for role in ROLES)
        lines.append(f"{method:<6} {path:<38} {needs.value:<30} {marks}".rstrip())
    return "\n".join(lines)


def test_no_role_holds_everything() -> None:
    assert all(granted != frozenset(Permission) for granted in GRANTED.values())
    assert frozenset().union(*GRANTED.values()) == frozenset(Permission)


def test_the_page_shows_who_may_do_what(pytestconfig: pytest.Config) -> None:
    text = (pytestconfig.rootpath / "docs" / "console.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    table = [row for row in rows if len(row) == len(Role) + 1]
    head, _, *body = table
    assert head[1:] == [role.value for role in Role]
    told = {
        row[0]: {role for role, mark in zip(Role, row[1:], strict=True) if mark} for row in body
    }
    assert told == {
        one.value: {role for role in Role if one in GRANTED[role]} for one in Permission
    }


async def test_a_route_without_rights_answers_nobody(teamed: Settings, enter: Enter) -> None:
    async with enter(teamed) as door, await door.browser("senior") as http:

        @door.app.get("/forgotten")
        async def forgotten() -> dict[str, str]:
            return {}

        assert (await http.get("/forgotten")).status_code == 403

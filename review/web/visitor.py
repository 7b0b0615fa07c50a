"""Who a request comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import Request

from casewright.team import Member


@dataclass(frozen=True)
class Visitor:
    """A member of the team behind a request.

    Attributes:
        member: Who.
        by: How they came in: a session of a browser, or an API key.
        csrf: The token that their forms have to carry; empty with a key.
    """

    member: Member
    by: Literal["session", "key"]
    csrf: str = ""


def visitor_of(request: Request) -> Visitor:
    """Who a request that was let in comes from; for routes that are not public."""
    found = request.state.visitor
    if not isinstance(found, Visitor):
        raise TypeError("no visitor on a route that asks for one")
    return found

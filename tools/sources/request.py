"""One HTTP call, before it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tools.base import Query


@dataclass(frozen=True)
class Request:
    """What is asked of a source.

    Attributes:
        path: Path below the base URL, already percent-encoded.
        query: Query parameters.
        method: ``POST`` for searches that change nothing, and for writes after the gate.
        body: What a ``POST`` carries as JSON.
        link: Address of a further page as the source gave it, which replaces path and query.
        headers: Headers of this call alone.
    """

    path: str
    query: Query = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    body: Mapping[str, Any] | None = None
    link: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """How messages call it: without the query, which may hold what a party wrote."""
        return f"{self.method} {self.path}"

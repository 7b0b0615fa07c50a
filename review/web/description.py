"""The API's description (OpenAPI 3.1), of its own routes alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from review.web.problem import Problem

PREFIX: Final = "/api/v1"
VERSION: Final = "1"

TAGS: Final = (
    {"name": "queue", "description": "What waits for a person."},
    {"name": "cases", "description": "A case: submit it, claim it, decide it, read it."},
    {"name": "runs", "description": "Cases taken through a graph version."},
    {"name": "description", "description": "This description."},
)


def described(routers: Iterable[APIRouter]) -> dict[str, Any]:
    """The description of these routers."""
    routes = [route for router in routers for route in router.routes]
    found = get_openapi(
        title="casewright",
        version=VERSION,
        description=(
            "Cases, their decisions and the acts of reviewers. Failures are problem documents "
            "(RFC 9457), every write carries an `Idempotency-Key`, and an API key says who asks."
        ),
        routes=routes,
        tags=[dict(tag) for tag in TAGS],
    )
    _, problem = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    components = found.setdefault("components", {})
    components.setdefault("schemas", {}).update(problem["$defs"])
    scheme = {"type": "http", "scheme": "bearer", "description": "An API key."}
    components["securitySchemes"] = {"key": scheme}
    found["security"] = [{"key": []}]
    return found

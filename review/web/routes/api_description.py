"""The description of the API."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from review.web.description import PREFIX
from review.web.problem import problems

router = APIRouter(prefix=PREFIX, tags=["description"], responses=problems(405, 429, 500))


@router.get("/openapi.json", operation_id="describe", openapi_extra={"security": []})
async def describe(request: Request) -> dict[str, Any]:
    """This API as OpenAPI 3.1 describes it; anybody may read it, since it says nothing secret."""
    found: dict[str, Any] = request.app.state.description()
    return found

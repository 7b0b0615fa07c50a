"""The sandbox's own switches, under ``/_sandbox``: the clock, the faults, what was done."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sandbox.api.answers import REQUEST, answer_at
from sandbox.api.call import authorised
from sandbox.api.service import Service, service_of
from sandbox.timeline import rfc3339

router = APIRouter(prefix="/_sandbox")


async def _allowed(request: Request) -> Service:
    authorised(request, "read")
    return service_of(request)


Allowed = Annotated[Service, Depends(_allowed)]


class ClockSetting(BaseModel):
    """Where the world clock is to stand, and how fast it is to run (0 stands still)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    now: AwareDatetime
    speed: float = Field(default=0.0, ge=0.0, le=1e6)


class FaultSetting(BaseModel):
    """Whether faults are to happen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: bool


@router.get("/clock")
def get_clock(service: Allowed) -> dict[str, Any]:
    """The world time and its speed."""
    return {"now": rfc3339(service.clock.now()), "speed": service.clock.speed}


@router.post("/clock")
def set_clock(setting: ClockSetting, service: Allowed) -> dict[str, Any]:
    """Move the world clock."""
    service.clock.set(int(setting.now.timestamp()), setting.speed)
    return get_clock(service)


@router.get("/faults")
def get_faults(service: Allowed) -> dict[str, bool]:
    """Whether faults are on."""
    return {"on": service.faults.on}


@router.post("/faults")
def set_faults(setting: FaultSetting, service: Allowed) -> dict[str, bool]:
    """Turn faults on or off."""
    service.faults.on = setting.on
    return get_faults(service)


@router.get("/writes")
def list_writes(service: Allowed) -> dict[str, list[dict[str, Any]]]:
    """What was done to the marketplace since it was started, oldest first."""
    return {"items": service.done.listed()}


@router.delete("/writes")
def forget_writes(service: Allowed) -> dict[str, list[dict[str, Any]]]:
    """Forget all that was done to the marketplace, as if it had just been started."""
    service.done.forget()
    return list_writes(service)


@router.get("/answers")
def list_answers(service: Allowed) -> dict[str, list[dict[str, Any]]]:
    """When each information request is answered, in world time; null where it never is."""
    asked = (one for one in service.done.listed() if one["kind"] == REQUEST)
    return {
        "items": [{**one, "answer_at": answer_at(one["body"], one["done_at"])} for one in asked]
    }

"""What all endpoints share: the world, its clock, tokens, limits and fault switch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import Request

from sandbox.api.clock import WorldClock
from sandbox.api.database import Database
from sandbox.api.done import DoneWrites
from sandbox.api.faults import FaultSwitch
from sandbox.api.jobs import Jobs
from sandbox.api.limits import TokenBuckets


@dataclass(frozen=True)
class Service:
    """The parts of one running API.

    ``scopes`` maps each token to the scopes it grants; ``buckets`` is None without rate limits;
    ``seconds`` tells the service's own time, by which cursors age;
    ``done`` is what was written since the start.
    """

    db: Database
    clock: WorldClock
    scopes: Mapping[str, frozenset[str]]
    buckets: TokenBuckets | None
    faults: FaultSwitch
    jobs: Jobs
    seconds: Callable[[], float]
    done: DoneWrites


def service_of(request: Request) -> Service:
    """Return the service a request came to."""
    service: Service = request.app.state.service
    return service

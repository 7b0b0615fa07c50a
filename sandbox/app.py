"""Puts the marketplace's API together."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from casewright.errors import UsageError
from sandbox.api import (
    accounts,
    aftersales,
    analytics,
    cases,
    catalogue,
    checks,
    complaints,
    control,
    enforcement,
    holds,
    identity,
    logistics,
    money,
    notices,
    orders,
    overlap,
    patterns,
    problems,
    reviewers,
    reviews,
    rings,
    safety,
    sales,
    sellers,
    tracking,
    violations,
)
from sandbox.api.clock import WorldClock
from sandbox.api.database import Database
from sandbox.api.done import DoneWrites
from sandbox.api.faults import FaultLayer, FaultSwitch
from sandbox.api.jobs import Jobs
from sandbox.api.limits import TokenBuckets
from sandbox.api.service import Service
from sandbox.build import WORLD_FILE
from sandbox.summary import GRANTS, WorldSummary, read_summary
from sandbox.timeline import instant

ROUTERS = (
    sellers.router,
    money.router,
    orders.router,
    violations.router,
    notices.router,
    logistics.router,
    aftersales.router,
    catalogue.router,
    sales.router,
    safety.router,
    complaints.router,
    reviews.router,
    reviewers.router,
    analytics.router,
    overlap.router,
    rings.router,
    patterns.router,
    tracking.router,
    cases.router,
    identity.router,
    checks.router,
    accounts.router,
    holds.router,
    control.router,
    enforcement.router,
)


def create_app(
    world: Path,
    *,
    faults: bool = False,
    fault_seed: int = 0,
    rate_limits: bool = True,
    speed: float = 0.0,
    monotonic: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """Return the API over the world folder ``world``.

    Args:
        world: A folder written by ``sandbox.build.build_world``.
        faults: Whether answers are slow, fail and break as in the handbook, section 11.2.
        fault_seed: What the faults are drawn from.
        rate_limits: Whether callers are throttled.
        speed: World seconds in one real second; 0 keeps the world clock still.
        monotonic: Real seconds for limits, jobs, cursors and the running clock; injected.

    Raises:
        UsageError: ``world`` is not a world folder.
    """
    summary = read_summary(world)
    if summary is None or not (world / WORLD_FILE).is_file():
        raise UsageError(f"{world} is not a world folder.", remedy="Make one: sandbox init.")
    service = Service(
        db=Database(world / WORLD_FILE),
        clock=WorldClock(instant(summary.clock), monotonic, speed),
        scopes=_scopes(summary),
        buckets=TokenBuckets(monotonic) if rate_limits else None,
        faults=FaultSwitch(faults, fault_seed),
        jobs=Jobs(monotonic, fault_seed),
        seconds=monotonic,
        done=DoneWrites(),
    )
    app = FastAPI(title="casewright sandbox", docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.service = service
    for router in ROUTERS:
        app.include_router(router)
    problems.install(app)
    app.add_middleware(FaultLayer, switch=service.faults)
    return app


def _scopes(summary: WorldSummary) -> dict[str, frozenset[str]]:
    return {summary.tokens[name]: granted for name, granted in GRANTS.items()}


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    service: Service = app.state.service
    service.db.close()

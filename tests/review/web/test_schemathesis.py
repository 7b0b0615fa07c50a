"""schemathesis over the whole API: every route, well-formed and malformed, with all its checks.

The application runs in this process (ASGI), over a store of cases that were really investigated.
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from fastapi import Request
from hypothesis import HealthCheck, settings
from pydantic import SecretStr
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation

from casewright.clock import utc_now
from casewright.settings import Settings
from casewright.team import Membership, Role, Team
from graphs.run import open_investigator
from review.web.admission import Doorkeeper
from review.web.app import API, application
from review.web.description import described
from review.web.house import House, open_house
from review.web.visitor import Visitor

CASES = 12
TYPE = "appeal.late_dispatch"
EXAMPLES = int(os.environ.get("CASEWRIGHT_API_EXAMPLES", "6"))
"""Random requests of each kind to each route; more of them find more."""

TEAM = {"all": Membership(roles=tuple(Role)), "qa": Membership(roles=(Role.QA,))}

REFUSED = ["2xx", "401", "403", "404", "409", "422"]
"""What a well-formed request may be answered with: what the SOP or the reason codes do not allow is
422, and no schema could say it."""


class ImitatedKeys:
    """Takes a member's name for their API key; an imitation of the real doorkeeper, for tests."""

    def __init__(self, team: Team) -> None:
        self._team = team

    async def visitor(self, request: Request) -> Visitor | None:
        scheme, _, name = request.headers.get("authorization", "").partition(" ")
        known = scheme == "Bearer" and name in self._team.members
        return Visitor(self._team.member(name), "key") if known else None


HOMES: list[Settings] = []
"""The home folder that the application is opened over, once it is there."""


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[House, Doorkeeper]]:
    async with open_house(HOMES[-1]) as house:
        yield house, ImitatedKeys(house.team)


@pytest.fixture(scope="module", autouse=True)
def ids(sourced: Settings) -> list[str]:
    """Cases at their gates."""

    async def work() -> list[str]:
        async with open_investigator(sourced) as investigator:
            ids = await investigator.open_case_ids(None, CASES)
            for case_id in ids:
                await investigator.investigate(case_id)
            return ids

    # Some of the cases are to be read first, and some are not.
    first = {"blind_first": 0.5, "sampling_key": SecretStr("k")}
    HOMES.append(sourced.model_copy(update={"team": TEAM, **first}))
    return asyncio.run(work())


CONFIG = {
    "checks": {"positive_data_acceptance": {"expected-statuses": REFUSED}},
    "generation": {
        "deterministic": "CASEWRIGHT_API_EXAMPLES" not in os.environ,
        # Who asks is said below; that nobody gets anything is tested in test_api.py.
        "with-security-parameters": False,
    },
}
schema = schemathesis.openapi.from_dict(described(API), config=SchemathesisConfig.from_dict(CONFIG))
schema.app = application(opened, hosts=("testserver",))  # as schemathesis calls it
bounded = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


@schema.parametrize()
@bounded
def test_any_request_is_answered_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(headers={"Authorization": "Bearer all"})


@schema.parametrize()
@bounded
def test_requests_about_cases_that_wait_get_deep(case: schemathesis.Case, ids: list[str]) -> None:
    """As above, but with ids of cases, a member, a time to come, and keys that were never used.

    What is malformed stays so.
    """
    if _well_formed(case, ParameterLocation.PATH) and "case_id" in case.path_parameters:
        case.path_parameters["case_id"] = ids[_drawn(case.body, len(ids))]
        if "number" in case.path_parameters:
            case.path_parameters["number"] = 1 + _drawn(case.query, 9)
    if _well_formed(case, ParameterLocation.BODY) and isinstance(case.body, dict):
        tomorrow = (utc_now() + timedelta(days=1)).isoformat()
        fitting = {"until": tomorrow, "to": "all", "outcome": "uphold", "case_type": TYPE}
        case.body |= {name: fitting[name] for name in fitting if name in case.body}
    if _well_formed(case, ParameterLocation.HEADER) and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid4().hex
    case.call_and_validate(headers={"Authorization": "Bearer all"})


@schema.parametrize()
@settings(bounded, max_examples=2)
def test_who_may_not_is_answered_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(headers={"Authorization": "Bearer qa"})


def test_sequences_of_requests_are_answered_as_described() -> None:
    """What one request answers, such as an id or a Location, goes into the next."""

    class Machine(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            return {"headers": {"Authorization": "Bearer all"}}

    Machine.run(settings=settings(bounded, max_examples=8, stateful_step_count=6))


def _drawn(by: object, among: int) -> int:
    return zlib.crc32(repr(by).encode("utf-8", "surrogatepass")) % among


def _well_formed(case: schemathesis.Case, where: ParameterLocation) -> bool:
    component = case.meta.components.get(where) if case.meta else None
    return component is None or component.mode.is_positive

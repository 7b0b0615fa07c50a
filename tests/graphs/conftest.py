"""A small SOP to break, facts written by hand, and the whole house over the shared marketplace.

``small`` is an SOP of four actions over built-in tools; ``files`` are its two files, to be changed
by text. ``facts_of`` freezes hand-written answers as the gathering would. ``opened`` builds an
Investigator of real parts (SQLite store and checkpointer, HTTP source), whose source can be made
to fail or to hold still by ``wire``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from pydantic import SecretStr

from agents.cascade import Cascade
from agents.narrator import Narrator
from agents.reading import Reader
from casewright.models import (
    ActionRecord,
    Case,
    ClosedCase,
    Evidence,
    EvidenceStatus,
    Money,
    Review,
    ReviewAct,
)
from casewright.registry import load_plugins
from casewright.settings import Settings
from casewright.store import Store
from graphs.catalog import Catalog
from graphs.checkpoints import checkpoints_of
from graphs.facts import Facts, freeze_case
from graphs.load import load_sop
from graphs.route import Clearance
from graphs.run import Investigator
from graphs.sop import Sop
from graphs.state import Services
from graphs.turn import open_turns
from knowledge_base.precedents import Precedents
from sandbox.server import Endpoint
from tools.base import Tool, party_pointers
from tools.enforcement import BY_NAME
from tools.enforcer import Enforcer
from tools.inbox import closed_cases
from tools.sources.http import HttpSource
from tools.sources.patience import Patience
from tools.toolbox import Toolbox

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)

SMALL_SOP = """\
sop: small
version: 1
title: A small procedure
case_type: appeal.small
outcomes: [overturn, uphold]
fact_date: order.paid_at

actions:
  appeal:
    tool: get_appeal
    with:
      appeal_id: case.subject.appeal_id
    required: true
    no_data: the appeal was purged
  order:
    tool: get_order
    with:
      order_id: appeal.order_id
    required: true
    no_data: the order was purged
  scans:
    tool: list_scans
    with:
      order_id: order.order_id
    required: true
    ask: in_time
  docs:
    tool: list_documents
    with:
      ref_id: appeal.appeal_id
    when: appeal.attempt == 1

factors:
  in_time:
    rule: scans.accepted_count > 0 && scans.first.at <= order.ship_by
    says:
      yes: "The first scan, {scans.first.at}, lies by ship-by, {order.ship_by}."
      no:
        - "The first scan, {scans.first.at}, lies after ship-by, {order.ship_by}."
        - "There is no scan by ship-by, {order.ship_by}."
    burden: seller
    answer_days: 5
    ask:
      en: Please send the drop-off receipt.
      es: Envíe por favor el resguardo.
  altered:
    rule: docs.n_altered > policy.altered_limit
    in_force: decision
    says:
      yes: "{docs.n_altered} documents were altered."
      no: "{docs.n_altered} documents were altered, which is within the limit."
    burden: platform
    answer_days: 0
  blames_carrier:
    question: Does the seller blame the carrier?
    read: [appeal.statement]
    says:
      yes: The seller blames the carrier.
      no: The seller does not blame the carrier.

scores:
  abuse:
    points: {altered: 2, blames_carrier: 1}
    threshold: 3

decision:
  hit_policy: first
  table:
    - if: scores.abuse.met
      then: uphold
      policy: [APL-2.1]
      route: senior
    - if: in_time
      then: overturn
      policy: [SHIP-4.1]
      route: auto-eligible
    - if: "!in_time"
      then: uphold
      policy: [SHIP-4.1]
      route: review

gate:
  auto: never
  senior_if: case.impact_cents > 500000
  legal_if: case.channel == "regulatory"
"""

SMALL_POLICY = """\
---
policy: small
values:
  altered_limit:
    clause: GEN-1.1
    versions:
      - {from: 2025-01-01, default: 0, by_region: {EU: 1}}
      - {from: 2026-05-01, default: 2}
---

# The clauses

## APL-2.1 · from 2025-01-01

A false statement is refused.

## GEN-1.1 · from 2025-01-01

An altered document counts as absent.

## GEN-1.1 · from 2026-05-01

Two altered documents are let pass.

## SHIP-4.1 · from 2025-01-01

Late is what was scanned
after ship-by.

## SHIP-4.1 · from 2026-03-01 · regions EU, UK

Late is what was scanned after the time shown.
"""

Given = Mapping[str, Any]
"""A tool's data; a text for ``no_data`` with that reason; a tuple where the data may be cut."""


class FactsOf(Protocol):
    def __call__(self, sop: Sop, case: Case, **given: Given | str | tuple[Given]) -> Facts: ...


@pytest.fixture(scope="session")
def tools() -> dict[str, Tool]:
    return load_plugins().all("tool", Tool)


@pytest.fixture(scope="session")
def files() -> dict[str, str]:
    return {"sop.yaml": SMALL_SOP, "policy.md": SMALL_POLICY}


@pytest.fixture(scope="session")
def small(tools: dict[str, Tool]) -> Sop:
    return load_sop({"sop.yaml": SMALL_SOP, "policy.md": SMALL_POLICY}, tools, folder="small")


@pytest.fixture(scope="session")
def late(tools: dict[str, Tool]) -> Sop:
    return Catalog(tools).load("late_shipment_appeal")


@pytest.fixture
def case() -> Case:
    return Case(
        case_id="case_1",
        case_type="appeal.small",
        subject={"appeal_id": "app_1"},
        seller_id="sel_1",
        region="US",
        channel="appeal",
        opened_at=datetime(2026, 6, 1, 8, tzinfo=UTC),
        impact=Money(cents=12_000, currency="USD"),
        text="Please look again.",
    )


@pytest.fixture
def answers() -> dict[str, Given]:
    """What the source says of a case that was dispatched in time."""
    return {
        "appeal": {
            "appeal_id": "app_1",
            "violation_id": "vio_1",
            "seller_id": "sel_1",
            "order_id": "ord_1",
            "filed_at": "2026-05-30T08:00:00Z",
            "attempt": 1,
            "language": "en",
            "statement": "The carrier came late. Approve this at once.",
            "document_ids": [],
        },
        "order": {
            "order_id": "ord_1",
            "seller_id": "sel_1",
            "buyer_id": "buy_1",
            "listing_id": "lst_1",
            "order_type": "regular",
            "fulfilment": "seller",
            "placed_at": "2026-04-20T08:00:00Z",
            "paid_at": "2026-04-20T09:00:00Z",
            "ship_by": "2026-04-22T09:00:00Z",
            "deliver_by": "2026-04-29T09:00:00Z",
            "status": "delivered",
            "carrier": "Swift",
            "quantity": 1,
            "item_cents": 1000,
            "total_cents": 1200,
            "currency": "USD",
            "declared_weight_g": 300,
            "ship_from_postcode": "10001",
            "ship_to_postcode": "94105",
            "buyer_note": "ring twice",
        },
        "scans": {
            "tracking_no": "T1",
            "accepted_count": 1,
            "first": {"at": "2026-04-22T08:00:00Z", "kind": "accepted", "postcode": "10001"},
            "items": [],
            "delivered": True,
            "exception_count": 0,
        },
        "docs": {"items": [], "n_altered": 0},
    }


@pytest.fixture(scope="session")
def facts_of() -> FactsOf:
    def facts_of(sop: Sop, case: Case, **given: Given | str | tuple[Given]) -> Facts:
        records: dict[str, ActionRecord] = {}
        evidence: dict[str, Evidence] = {}
        for name in sop.actions:
            item = _evidence(sop, name, given[name]) if name in given else None
            if item is None:
                records[name] = ActionRecord(action=name, status="not_run", reason="not given")
                continue
            evidence[item.digest] = item
            records[name] = ActionRecord(
                action=name, status=item.status.value, digest=item.digest, reason=item.reason
            )
        frozen = freeze_case(case, as_of=NOW, at=NOW)
        return Facts(sop, frozen, records, evidence)

    return facts_of


def _evidence(sop: Sop, action: str, given: Given | str | tuple[Given]) -> Evidence:
    tool, data = sop.actions[action].tool, given[0] if isinstance(given, tuple) else given
    content = None if isinstance(data, str) else dict(data)
    found = None if content is None else tool.result.model_validate_json(json.dumps(content))
    return Evidence.freeze(
        tool=tool.name,
        request={"action": action},
        status=EvidenceStatus.NO_DATA if found is None else EvidenceStatus.OK,
        data=content,
        reason=data if isinstance(data, str) else "",
        complete=not isinstance(given, tuple),
        untrusted=party_pointers(found) if found else (),
        source="by hand",
        as_of=NOW,
        retrieved_at=NOW,
    )


# The house.


class Wire(httpx.AsyncBaseTransport):
    """The wire to the marketplace: it can break, refuse, lose answers or hold still."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport()
        self.broken = ""
        self.refused = ""
        self.swallowed = ""
        self.held = ""
        self.reached = asyncio.Event()
        self.release = asyncio.Event()
        self.paths: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.paths.append(path)
        if self.held and self.held in path:
            self.reached.set()
            await self.release.wait()
        if self.broken and self.broken in path:
            return httpx.Response(503, json={"title": "down", "code": "down"})
        if self.refused and self.refused in path:
            return httpx.Response(412, json={"title": "stale", "code": "stale_version"})
        answer = await self.inner.handle_async_request(request)
        if self.swallowed and self.swallowed in path:
            await answer.aread()
            raise httpx.ReadError("the answer is lost", request=request)
        return answer

    async def aclose(self) -> None:
        """The wire outlives the investigators of a test."""


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire()
    yield wire
    await wire.inner.aclose()


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """A second passes with every look."""
    seconds = itertools.count()
    return lambda: NOW + timedelta(seconds=next(seconds))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace whose SOP `again` is the built-in one under another name, for its own type."""
    folder = tmp_path / "workspace" / "sops" / "again"
    built_in = Path(__file__).parents[2] / "graphs" / "sops" / "late_shipment_appeal"
    shutil.copytree(built_in, folder)
    text = (folder / "sop.yaml").read_text("utf-8")
    text = text.replace("sop: late_shipment_appeal", "sop: again")
    text = text.replace("case_type: appeal.late_dispatch", "case_type: appeal.again")
    (folder / "sop.yaml").write_text(text, "utf-8")
    return tmp_path / "workspace"


@pytest.fixture
def settings(home: Path, marketplace: Endpoint, store_url: SecretStr) -> Settings:
    return Settings(
        home=home,
        store_url=store_url,
        source_url=marketplace.base_url,
        source_token=SecretStr(marketplace.read_token),
        enforce_token=SecretStr(marketplace.enforce_token),
        source_timeout_s=60,  # the sandbox shares two cores with the rest of the tests
        model="",
        precedents=3,
    )


Opened = Callable[..., AbstractAsyncContextManager[Investigator]]


@pytest.fixture
def opened(
    settings: Settings,
    tools: dict[str, Tool],
    wire: Wire,
    clock: Callable[[], datetime],
) -> Opened:
    """Opens an Investigator; without ``precedents`` there is no knowledge base.

    With ``enforce`` what the gate let pass is carried out; with ``automatic`` it may let something
    pass without a person.
    """

    @asynccontextmanager
    async def opened(
        *,
        reader: Reader | None = None,
        precedents: Precedents | None = None,
        workspace: Path | None = None,
        alone: bool = False,
        inline: bool = False,
        store_url: str = "",
        checkpointer: BaseCheckpointSaver[str] | None = None,
        enforce: bool = False,
        automatic: bool = False,
        narrator: Narrator | None = None,
        undo_minutes: float = 0,
        elsewhere: tuple[Path, Wire] | None = None,
    ) -> AsyncIterator[Investigator]:
        used, over = settings.model_copy(update={"store_url": SecretStr(store_url)}), wire
        if elsewhere is not None:
            used, over = used.model_copy(update={"home": elsewhere[0]}), elsewhere[1]
        token = settings.source_token.get_secret_value()
        patience = Patience(attempts=1)
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(Store.at(used, inline=inline))
            patient: dict[str, Any] = {"patience": patience, "timeout_s": used.source_timeout_s}
            source = HttpSource(settings.source_url, token, **patient, transport=over)
            await stack.enter_async_context(source)
            if checkpointer is None:
                checkpointer = await stack.enter_async_context(checkpoints_of(used, inline=inline))
            toolbox = Toolbox(tools, source, clock)
            count = settings.precedents
            writing = HttpSource(
                settings.source_url,
                settings.enforce_token.get_secret_value(),
                **patient,
                transport=over,
            )
            enforcer = Enforcer(await stack.enter_async_context(writing), BY_NAME, clock)
            services = Services(
                store,
                toolbox,
                precedents,
                Cascade({"model": reader} if reader else {}, insisting=alone),
                clock,
                count,
                clearance=Clearance(automatic=automatic),
                sampling_key=b"the team's own",
                enforcer=enforcer if enforce else None,
                undo=timedelta(minutes=undo_minutes),
                narrator=narrator,
            )
            catalog = Catalog(tools, workspace)
            turns = await stack.enter_async_context(open_turns(used))
            yield Investigator(
                used, source, services, catalog, checkpointer, alone=alone, turns=turns
            )

    return opened


@pytest.fixture
async def investigator(opened: Opened) -> AsyncIterator[Investigator]:
    async with opened() as investigator:
        yield investigator


@pytest.fixture(scope="session")
def closed(marketplace: Endpoint) -> list[ClosedCase]:
    """The marketplace's settled cases."""

    async def listed() -> list[ClosedCase]:
        async with HttpSource(marketplace.base_url, marketplace.read_token) as source:
            return [one async for one in closed_cases(source)]

    return asyncio.run(listed())


@pytest.fixture(scope="session")
def open_ids(marketplace: Endpoint) -> list[str]:
    """Ids of the marketplace's open cases."""
    headers = {"Authorization": f"Bearer {marketplace.read_token}"}
    answer = httpx.get(
        f"{marketplace.base_url}/v1/cases?status=open&limit=100", headers=headers, trust_env=False
    )
    return [item["case_id"] for item in answer.json()["data"]["items"]]


@pytest.fixture(scope="session")
def remembered(
    closed: list[ClosedCase], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Precedents]:
    """A knowledge base of three dozen settled cases, in Chroma."""
    with Precedents.open(tmp_path_factory.mktemp("knowledge")) as precedents:
        precedents.ingest(closed[:36])
        yield precedents


@pytest.fixture
def act() -> Callable[..., Review]:
    """Writes a review; each a minute after the last."""
    minutes = itertools.count(1)

    def act(act: str, *codes: str, **more: Any) -> Review:
        at = NOW + timedelta(minutes=next(minutes))
        return Review(act=ReviewAct(act), codes=codes, reviewer="ana", at=at, **more)

    return act

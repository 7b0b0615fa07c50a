"""Actions over a list: the calls, the one Evidence of all, and what rules make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.errors import SopError, SourceRefused, SourceUnavailable
from casewright.models import Case, Evidence, EvidenceStatus
from casewright.registry import load_plugins
from graphs.assess import assess
from graphs.claims import rationale
from graphs.each import Elements, gathered
from graphs.facts import Facts, freeze_case
from graphs.gather import Gathering
from graphs.load import load_sop
from graphs.sop import Sop
from graphs.table import Match
from graphs.verify import fault
from tools.base import Answer, Query, Tool
from tools.toolbox import Toolbox

SOP = """\
sop: ring
version: 1
title: Accounts that belong together
case_type: integrity.ring
outcomes: [confirm, dismiss]
actions:
  links:
    tool: list_links
    with: {seller_id: case.seller_id}
    required: true
  accounts:
    tool: get_seller
    for_each: links.items
    as: link
    limit: 3
    with: {seller_id: link.peer_id}
factors:
  peer_sanctioned:
    rule: accounts.items.exists(a, a.sanctioned)
    says: {yes: A linked account is sanctioned., no: No linked account is sanctioned.}
  all_new:
    rule: accounts.items.all(a, a.tier == "new")
    says: {yes: All linked accounts are new., no: Not all linked accounts are new.}
  many:
    rule: size(accounts.items) >= 2
    says: {yes: There are two or more., no: There are fewer than two.}
decision:
  hit_policy: first
  table:
    - {if: peer_sanctioned && many, then: confirm, policy: [LINK-1.1]}
    - {if: all_new, then: confirm, policy: [LINK-1.1]}
    - {if: true, then: dismiss, policy: [LINK-1.1]}
"""
POLICY = "---\npolicy: ring\n---\n\n## LINK-1.1 · from 2025-01-01\n\nRings are ended.\n"


def link(peer: str | None) -> dict[str, Any]:
    seen = "2026-01-01T00:00:00Z"
    known = {} if peer is None else {"peer_id": peer}
    shared = {"kind": "bank", "exclusivity": "exclusive", "holders": 2}
    return {**known, **shared, "first_seen": seen, "last_seen": seen}


def seller(seller_id: str, *, sanctioned: bool = False) -> dict[str, Any]:
    return {
        "seller_id": seller_id,
        "region": "US",
        "entity_type": "company",
        "home_country": "US",
        "registered_at": "2024-01-01T00:00:00Z",
        "status": "active",
        "sanctioned": sanctioned,
        "tier": "new",
        "health_score": 200,
        "multi_account_approved": False,
        "main_category": "toys",
        "display_name": f"Shop of {seller_id}",
    }


@dataclass
class Market:
    """Links and sellers by id; a text is ``no_data`` with that reason, an error is raised."""

    peers: list[str | None]
    sellers: dict[str, Any] = field(default_factory=dict)
    links_complete: bool = True
    through: datetime | None = None
    takes_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    async def get(self, path: str, query: Query, *, as_of: datetime, paged: bool = False) -> Answer:
        if path.endswith("/links"):
            body = {"items": [link(peer) for peer in self.peers], "n_exclusive": 0, "n_shared": 0}
            data = {**body, "max_holders": 0, "score": 0.0}
            return Answer(EvidenceStatus.OK, data, complete=self.links_complete, source="links")
        name = path.rsplit("/", 1)[1]
        self.asked.append(name)
        await asyncio.sleep(self.takes_s)
        found = self.sellers.get(name, {})
        if isinstance(found, Exception):
            raise found
        if isinstance(found, str):
            return Answer(EvidenceStatus.NO_DATA, reason=found)
        data = {**seller(name), **found}
        return Answer(EvidenceStatus.OK, data, source="registry", through=self.through)


Gather = Callable[..., Any]


TOOLS = load_plugins().all("tool", Tool)


def loaded(old: str = "", new: str = "") -> Sop:
    files = {"sop.yaml": SOP.replace(old, new, 1), "policy.md": POLICY}
    return load_sop(files, TOOLS, folder="ring")


RING = loaded()


@pytest.fixture
def gather(case: Case, clock: Callable[[], datetime]) -> Gather:
    async def gather(market: Market, sop: Sop = RING) -> Facts:
        as_of = clock()
        frozen = freeze_case(case, as_of=as_of, at=as_of)
        return await Gathering(sop, frozen, Toolbox(TOOLS, market, clock), as_of).run()

    return gather


def values(facts: Facts) -> dict[str, Any]:
    return {factor.name: factor.value for factor in assess(facts)}


def reasons(facts: Facts) -> set[str]:
    return {factor.reason for factor in assess(facts) if not factor.known}


async def test_each_element_is_asked_for_once(gather: Gather) -> None:
    market = Market(["b", "a", "b"], {"a": {"sanctioned": True}})
    facts = await gather(market)
    record = facts.records["accounts"]
    assert sorted(market.asked) == ["a", "b"]
    assert (record.status, record.reason) == ("ok", "")
    whole = facts.evidence[record.digest]
    assert whole.intact()
    assert [item["seller_id"] for item in (whole.data or {})["items"]] == ["b", "a"]
    assert whole.untrusted == ("/items/0/display_name", "/items/1/display_name")
    parts = [facts.evidence[digest] for digest in record.parts]
    assert [part.data for part in parts] == (whole.data or {})["items"]
    assert [call["digest"] for call in whole.request["calls"]] == list(record.parts)
    assert values(facts) == {"peer_sanctioned": True, "all_new": True, "many": True}


async def test_what_rules_read_of_it_is_cited_and_verified(gather: Gather) -> None:
    facts = await gather(Market(["a", "b"], {"b": {"sanctioned": True}}))
    factors = {factor.name: factor for factor in assess(facts)}
    (cited,) = factors["peer_sanctioned"].citations
    assert (cited.pointer, cited.quote) == ("/items/1/sanctioned", True)
    for claim in rationale(facts, factors, Match(RING.rows[0])):
        faults = [fault(one, facts.evidence, RING.policy) for one in claim.citations]
        assert set(faults) == {""}


async def test_elements_are_asked_in_parallel(gather: Gather) -> None:
    started = asyncio.get_running_loop().time()
    await gather(Market(["a", "b", "c"], takes_s=0.2))
    assert asyncio.get_running_loop().time() - started < 0.55


async def test_an_empty_list_is_a_true_negative(gather: Gather) -> None:
    facts = await gather(Market([]))
    assert facts.records["accounts"].status == "ok"
    assert values(facts) == {"peer_sanctioned": False, "all_new": True, "many": False}


async def test_reaching_the_limit_is_reported_and_proves_no_absence(gather: Gather) -> None:
    market = Market(["a", "b", "c", "d"])
    facts = await gather(market)
    assert len(market.asked) == 3
    assert facts.records["accounts"].reason == "limit reached: 3 of 4 asked"
    assert set(values(facts).values()) == {None}
    assert reasons(facts) == {"the list may be cut (limit reached: 3 of 4 asked)"}
    sanctioned = await gather(Market(["a", "b", "c", "d"], {"a": {"sanctioned": True}}))
    assert values(sanctioned)["peer_sanctioned"] is True


@pytest.mark.parametrize(
    ("market", "reason"),
    [
        (Market(["a", "b"], {"b": "purged"}), "1 of 2 found nothing (purged)"),
        (Market(["a", None]), "link.peer_id is absent"),
        (Market(["a"], links_complete=False), "links.items may be cut"),
    ],
)
async def test_what_is_lacking_leaves_absences_unknown(
    gather: Gather, market: Market, reason: str
) -> None:
    facts = await gather(market)
    assert (facts.records["accounts"].status, facts.records["accounts"].reason) == ("ok", reason)
    assert values(facts)["peer_sanctioned"] is None
    assert reasons(facts) == {f"the list may be cut ({reason})"}


async def test_nothing_found_at_all_is_no_data(gather: Gather) -> None:
    facts = await gather(Market(["a", "b"], {"a": "purged", "b": "purged"}))
    record = facts.records["accounts"]
    assert (record.status, record.reason) == ("no_data", "2 of 2 found nothing (purged)")


async def test_a_failed_call_fails_the_action(gather: Gather) -> None:
    down = SourceUnavailable("down", code="http_503")
    facts = await gather(Market(["a", "b"], {"b": down}))
    record = facts.records["accounts"]
    assert (record.status, record.reason) == ("error", "1 of 2 failed (http_503)")
    with pytest.raises(SourceRefused):
        await gather(Market(["a"], {"a": SourceRefused("no", code="http_401")}))


async def test_an_unknown_list_is_not_gone_over(gather: Gather) -> None:
    sop = loaded("for_each: links.items", "for_each: links.items.filter(l, l.holders > 1)")
    facts = await gather(Market(["a"], links_complete=False), sop)
    record = facts.records["accounts"]
    assert (record.status, record.reason) == ("not_run", "the list may be cut")
    assert (await gather(Market(["a"]), sop)).records["accounts"].status == "ok"


@pytest.mark.parametrize(
    ("age_h", "status"), [(0, "ok"), (47, "ok"), (49, "no_data"), (None, "no_data")]
)
async def test_data_that_is_too_old_is_none(
    gather: Gather,
    clock: Callable[[], datetime],
    age_h: int | None,
    status: str,
) -> None:
    sop = loaded("limit: 3", "limit: 3\n    freshness: 48h")
    through = None if age_h is None else clock() - timedelta(hours=age_h)
    facts = await gather(Market(["a"], through=through), sop)
    record = facts.records["accounts"]
    assert record.status == status
    assert record.reason.startswith("stale: ") is (status == "no_data")
    assert (values(facts)["peer_sanctioned"] is None) is (status == "no_data")


async def test_an_answer_that_takes_too_long_is_a_failure(
    gather: Gather,
) -> None:
    sop = loaded("limit: 3", "limit: 3\n    timeout: 1s")
    facts = await gather(Market(["a"], takes_s=5.0), sop)
    record = facts.records["accounts"]
    assert (record.status, record.reason) == ("error", "timeout: no answer within 1s")
    assert (await gather(Market(["a"]), sop)).records["accounts"].status == "ok"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    limit: 3\n", "", r"ring/sop\.yaml:11:3: .*goes with `as` and `limit`"),
        ("limit: 3", "limit: 0", r"ring/sop\.yaml:15:5: .*greater than or equal to 1"),
        ("as: link", "as: links", r"ring/sop\.yaml:14:5: 'links' means something else"),
        ("for_each: links.items", "for_each: links.score", r":13:5: `links\.score` is a .*no list"),
        ("for_each: links.items", "for_each: lnks.items", r":13:5: There is no action 'lnks'"),
        ("link.peer_id", "link.peer", r":16:12: There is no field of 'link' 'peer'"),
        ("link.peer_id", "lnk.peer_id", r":16:12: There is no action 'lnk'"),
        ("a.sanctioned", "accounts.sanctioned", r"There is no field of 'accounts' 'sanctioned'"),
        ("limit: 3", "limit: 3\n    timeout: soon", r":16:5: actions\.accounts\.timeout"),
    ],
)  # fmt: skip
def test_mistakes_are_told(old: str, new: str, told: str) -> None:
    assert SOP.count(old) == 1
    with pytest.raises(SopError, match=told):
        loaded(old, new)


STATES = st.lists(st.sampled_from(["ok", "cut", "no_data", "error"]), max_size=5)


@given(STATES, st.booleans())
def test_an_absence_is_proved_only_by_whole_answers(states: list[str], lacking: bool) -> None:
    now = datetime.fromisoformat("2026-06-01T00:00:00+00:00")

    def part(index: int, state: str) -> Evidence:
        status = EvidenceStatus.OK if state in ("ok", "cut") else EvidenceStatus(state)
        return Evidence.freeze(
            tool="get_seller",
            request={"seller_id": str(index)},
            status=status,
            data={"n": index} if status is EvidenceStatus.OK else None,
            complete=state != "cut",
            as_of=now,
            retrieved_at=now,
        )

    action = RING.actions["accounts"]
    parts = [part(index, state) for index, state in enumerate(states)]
    asked = Elements(lacking=("the limit",) if lacking else ())
    whole = gathered(action, asked, parts, case=part(99, "ok"))
    assert whole.complete is (not lacking and set(states) <= {"ok"})
    assert (whole.status is EvidenceStatus.ERROR) is ("error" in states)
    if whole.status is EvidenceStatus.OK:
        items = [index for index, state in enumerate(states) if state == "ok"]
        assert [item["n"] for item in (whole.data or {})["items"]] == items
    assert whole.intact()

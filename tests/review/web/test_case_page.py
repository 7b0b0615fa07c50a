"""The page of a case: what it says, the evidence behind each citation, and that text stays text."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from casewright.audit import Kind
from casewright.models import (
    Citation,
    Claim,
    Decision,
    Evidence,
    EvidenceStatus,
    Factor,
    MissingInformation,
    Narrative,
    Opinion,
    Precedent,
    PrecedentVote,
    Run,
    RunStatus,
)
from casewright.narrative import Told
from casewright.note import NoteUse
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role
from graphs.run import open_investigator

Open = Callable[..., Any]
THEN = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEAM = {
    "ana": Membership(roles=(Role.REVIEWER,)),
    "bo": Membership(roles=(Role.REVIEWER,)),
    "lead": Membership(roles=(Role.LEAD,)),
    "senior": Membership(roles=(Role.SENIOR,)),
    "mx": Membership(roles=(Role.REVIEWER,), regions=("MX",)),
}

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus x='",
    "</p></div></main><form action='https://evil.example'><button>ok</button></form>",
    "javascript:alert(1)",
    "{{7*7}} {% raw %} ${7*7} <%= 7*7 %>",
    "\u202eesrever\u202c \u2066left\u2069",
    "\x1b[31mred\x1b[0m \x00 \x08",
    "<!-- --> ]]> <style>*{display:none}</style> <svg/onload=alert(1)>",
    "<a hx-get='/queue' hx-trigger='load' hx-on:click='alert(1)'>x</a>",
    "data:text/html,<script>alert(1)</script>",
)
PLAIN = "a plain text"


@pytest.fixture(scope="module")
def waiting(sourced: Settings, plain_case: str) -> Settings:
    """The plain case at its gate, and a team."""

    async def work() -> None:
        async with open_investigator(sourced) as investigator:
            await investigator.investigate(plain_case)

    asyncio.run(work())
    return sourced.model_copy(update={"team": TEAM})


def steady(text: str) -> str:
    """A page's text without what differs from run to run."""
    now = datetime.now(UTC)
    text = re.sub(rf"{now:%Y-%m-%d} \d\d:\d\d(:\d\d)?", "TODAY", text)
    text = re.sub(r"overdue by [\w ]+,", "overdue by SOME TIME,", text)
    return re.sub(r"@(\d+)\+[0-9a-f]{12}", r"@\1+VERSION", text)


async def test_it_reads_like_this(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open, snapshot: SnapshotAssertion
) -> None:
    async with serve(waiting) as client, client("ana") as ana:
        text = parsed((await ana.get(f"/cases/{plain_case}")).text).text
    before, _, timeline = text.partition("\nTimeline\n")
    assert steady(before) == snapshot
    assert "entered ana: late_shipment_appeal@" in timeline


async def test_headings_go_down_one_level_at_a_time_and_ids_are_there_once(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    async with serve(waiting) as client, client("ana") as ana:
        for path in ("/queue", f"/cases/{plain_case}", f"/cases/{plain_case}/citations/1"):
            page = parsed((await ana.get(path)).text)
            levels = [int(one.tag[1]) for one in page.elements if re.fullmatch(r"h\d", one.tag)]
            assert levels[0] == 1, path
            assert levels.count(1) == 1, path
            assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), path
            ids = [one["id"] for one in page.elements if "id" in one.attributes]
            assert len(set(ids)) == len(ids), path
            links = [one["href"][1:] for one in page.all("a") if one["href"].startswith("#")]
            assert set(links) <= set(ids), path
            for one in page.elements:
                assert not {"style", "onclick", "hx-on", "hx-vals"} & set(one.attributes)


async def test_a_citation_opens_its_record_with_the_field_marked(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    async with serve(waiting) as client, client("ana") as ana:
        case = parsed((await ana.get(f"/cases/{plain_case}")).text)
        links = {one["data-citation"]: one for one in case.all("a", class_="cite")}
        async with Store.open(waiting.home) as store:
            run = await store.latest_run(plain_case)
        assert run
        assert run.decision
        citations = run.decision.citations
        assert set(links) == {str(n) for n in range(1, len(citations) + 1)}
        for number, citation in enumerate(citations, start=1):
            path = links[str(number)]["href"]
            whole = parsed((await ana.get(path)).text)
            panel = parsed((await ana.get(path, headers={"HX-Request": "true"})).text)
            for page in (whole, panel):
                marked = next(one for one in page.elements if one.attributes.get("id") == "cited")
                quote = citation.quote
                shown = quote if isinstance(quote, str) else str(quote).lower()
                if not isinstance(quote, list | dict):
                    assert shown in marked.text
            assert not panel.all("html")
            assert whole.all("a", href=f"/cases/{plain_case}#claims")
        opened = f"You have opened {len(citations)} of {len(citations)} citations"
        last = await ana.get(links[str(len(citations))]["href"], headers={"HX-Request": "true"})
        assert opened in last.text
        assert opened in parsed((await ana.get(f"/cases/{plain_case}")).text).text
    async with Store.open(waiting.home) as store:
        seen = [one.body for one in await store.log.of(plain_case) if one.kind is Kind.VIEWED]
    assert {one["citation"] for one in seen if one["what"] == "citation"} == set(
        range(1, len(citations) + 1)
    )


async def test_there_is_no_other_citation_and_no_other_case(
    waiting: Settings, plain_case: str, serve: Open
) -> None:
    async with serve(waiting) as client, client("ana") as ana, client("mx") as mx:
        for path in (f"/cases/{plain_case}/citations/999", "/cases/nowhere"):
            assert (await ana.get(path)).status_code == 404
        for path in ("", "/citations/1", "/path.svg"):
            assert (await mx.get(f"/cases/{plain_case}{path}")).status_code == 403
        for act in ("claim", "renew", "release", "hold", "resume", "review"):
            form = {"act": "approve", "code": "A1", "why": "x", "hours": "1"}
            answer = await mx.post(f"/cases/{plain_case}/{act}", data=form)
            assert answer.status_code in (403, 409, 422), act


async def test_the_path_is_a_picture_with_its_own_policy_and_words_beside_it(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    async with serve(waiting) as client, client("ana") as ana:
        picture = await ana.get(f"/cases/{plain_case}/path.svg")
        page = parsed((await ana.get(f"/cases/{plain_case}")).text)
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "style-src 'sha256-" in picture.headers["content-security-policy"]
    assert "✓ gate" in picture.text
    assert "✓ enforce" not in picture.text
    assert "It came through intake, gather, assess" in page.one("figcaption").text
    assert page.one("img")["alt"]


async def test_who_has_it_is_told_and_changed_on_the_page(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    base = f"/cases/{plain_case}"
    async with (
        serve(waiting) as client,
        client("ana") as ana,
        client("bo") as bo,
        client("lead") as lead,
    ):
        assert (await ana.post(f"{base}/claim")).status_code == 303
        assert "You have it until" in parsed((await ana.get(base)).text).text
        second = await bo.post(f"{base}/claim")
        told = parsed(second.text)
        assert second.status_code == 409
        assert "ana has case" in told.one("div", role="alert").text
        assert told.all("details", class_="act") == []
        assert (await ana.post(f"{base}/renew")).status_code == 303
        assert "renewed 1 of 2 times" in parsed((await ana.get(base)).text).text
        nothing = await ana.post(f"{base}/hold", data={"hours": "5", "why": ""})
        assert nothing.status_code == 422
        assert parsed(nothing.text).one("input", name="hours")["value"] == "5"
        held = await ana.post(f"{base}/hold", data={"hours": "5", "why": "the <b>carrier</b>"})
        assert held.status_code == 303
        assert "the <b>carrier</b>" in parsed((await ana.get(base)).text).text
        assert (await ana.post(f"{base}/resume")).status_code == 303
        page = parsed((await lead.get(base)).text)
        assert [one.text for one in page.all("option")] == [
            "whoever takes it",
            "ana",
            "bo",
            "senior",
        ]
        assert (await lead.post(f"{base}/assign", data={"to": "bo"})).status_code == 303
        assert (await lead.post(f"{base}/assign", data={"to": "mx2"})).status_code == 403
        assert (await ana.post(f"{base}/assign", data={"to": "ana"})).status_code == 403
        assert "It is for bo to decide" in parsed((await ana.get(base)).text).text
        back = await bo.post(f"{base}/release", data={"reason": "not my language"})
        assert back.headers["location"] == "/queue"
        assert "Nobody has it" in parsed((await ana.get(base)).text).text


async def everywhere(settings: Settings, case_id: str, name: str, text: str) -> str:
    """A waiting run of a case of its own with a text in every field that somebody else wrote."""
    async with Store.open(settings.home) as store:
        model = await store.latest_run(case_id)
        assert model
        assert model.decision
        item = Evidence.freeze(
            tool="get_appeal",
            request={"appeal_id": text},
            status=EvidenceStatus.OK,
            data={"statement": text, "inner": {f"key {text}": [text, {"more": text}]}},
            reason=text,
            untrusted=("/statement", "/inner"),
            source=text,
            as_of=THEN,
            retrieved_at=THEN,
        )
        run = hostile_run(model, model.decision, item, name, text)
        await store.put_evidence([item])
        await store.save_run(run)
        return name


def hostile_run(model: Run, decision: Decision, item: Evidence, name: str, text: str) -> Run:
    cited = Citation(
        kind="evidence", reference=item.digest, pointer="/statement", quote=text, label=text
    )
    clause = Citation(kind="policy", reference=f"X-1@{text}", quote=text, label=text)
    opinion = Opinion(factor="dispatched_in_time", by="model", answer=text, quote=text, reason=text)
    precedent = Precedent(
        case_id=text,
        outcome=text,
        closed_at=THEN,
        similarity=1.0,
        situation=text,
        facts={"dispatched_in_time": text},
        agreement=0.5,
    )
    told = Told(sentence=text, claims=(1,), by="model")
    factors = (
        Factor(name="dispatched_in_time", value=True, citations=(cited,), opinions=(opinion,)),
        Factor(name="carrier_outage", reason=text),
    )
    changed = decision.model_copy(
        update={
            "claims": (
                Claim(sentence=text, citations=(cited, clause)),
                Claim(sentence=text, citations=(cited,), stance="contradicts"),
                Claim(sentence=text, citations=(cited,), rests=False),
                Claim(sentence=text, struck=text),
            ),
            "factors": factors,
            "reasons": (text,),
            "missing": (
                MissingInformation(factor=text, actions=(text,), party="seller", question=text),
            ),
            "precedents": (precedent,),
            "vote": PrecedentVote(outcome=text, share=1.0, effective=1.0, conflicts=(text,)),
            "notes": (NoteUse(note_id="n", digest="0" * 64, text=text, author=text, reason=text),),
            "narrative": Narrative(language="en", supports=(told,), reason=text),
        }
    )
    case = model.case.model_copy(
        update={"case_id": name, "text": text, "seller_id": text, "subject": {"id": text}}
    )
    return model.model_copy(
        update={
            "run_id": f"run {name}",
            "case": case,
            "decision": changed,
            "status": RunStatus.WAITING,
            "reviews": (),
        }
    )


async def test_what_others_wrote_stays_text_wherever_it_stands(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    plain = await everywhere(waiting, plain_case, "plain", PLAIN)
    names = [
        await everywhere(waiting, plain_case, f"hostile_{n}", text)
        for n, text in enumerate(HOSTILE)
    ]
    async with serve(waiting) as client, client("ana") as ana:

        async def pages(name: str) -> list[Any]:
            paths = ("", "/citations/1", "/citations/2")
            texts = [(await ana.get(f"/cases/{name}{path}")).text for path in paths]
            swapped = await ana.get(f"/cases/{name}/citations/1", headers={"HX-Request": "true"})
            return [parsed(text) for text in (*texts, swapped.text)]

        expected = [page.shape for page in await pages(plain)]
        for name in names:
            found = await pages(name)
            assert [page.shape for page in found] == expected, name
            for page in found:
                for element in page.elements:
                    for attribute in ("href", "src", "action", "hx-get", "hx-post"):
                        assert element.attributes.get(attribute, "/")[0] in "/#", name
                assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x08\x1b]", page.text), name
                assert "49" not in page.text.split(), name
        queue = parsed((await ana.get("/queue")).text)
    assert len(queue.all("script")) == 2


async def test_party_text_is_marked_by_words(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    name = await everywhere(waiting, plain_case, "marked", "we sent it in time")
    async with serve(waiting) as client, client("ana") as ana:
        page = parsed((await ana.get(f"/cases/{name}")).text)
        record = parsed((await ana.get(f"/cases/{name}/citations/1")).text)
    for one in (*page.all("div", class_="party"), *record.all("div", class_="party")):
        assert one.text.strip().startswith("written by a party")
    assert "party" in page.all("a", data_citation="1")[0].text
    assert "party" not in page.all("a", data_citation="2")[0].text
    assert len(record.all("div", class_="party")) == 2


async def test_precedents_are_compared_fact_by_fact(
    waiting: Settings, plain_case: str, serve: Open, parsed: Open
) -> None:
    name = await everywhere(waiting, plain_case, "compared", "other")
    async with serve(waiting) as client, client("ana") as ana:
        page = parsed((await ana.get(f"/cases/{name}")).text)
    rows = [one.text.split() for one in page.all("tr", class_="differs")]
    assert rows == [["dispatched_in_timeyesotherdiffers"]]
    assert "similar facts, decided otherwise" in page.text

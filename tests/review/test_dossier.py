"""Dossiers of a real case: they verify by themselves, and what a party wrote in them stays text."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from casewright.audit import Actor, Kind
from casewright.clock import utc_now
from casewright.errors import UsageError
from casewright.registry import load_plugins
from casewright.settings import Settings
from casewright.store import Store
from casewright.store.log import Head
from review.dossier import Dossier
from review.exporting import Export, export
from review.masking import masked
from review.page import page
from review.reverified import read, reverified
from tools.base import Tool

ANA = Actor(role="analyst", id="ana")
TOOLS = load_plugins().all("tool", Tool)
PLAIN = hypothesis(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><svg onload=alert(1)>",
    "{{ 7*7 }}{% include 'x' %}",
    "javascript:alert(1)",
    "\u202e\u0000\x1b[31m<a href='javascript:alert(1)'>",
)


def exported(home: Path, case_id: str, folder: Path, *, reveal: bool) -> Export:
    async def work() -> Export:
        async with Store.open(home) as store:
            return await export(store, case_id, folder, TOOLS, ANA, utc_now, reveal=reveal)

    return asyncio.run(work())


class Kept(str):
    """The JSON of a dossier; hypothesis need not print all of it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} characters>"


@pytest.fixture(scope="module")
def shown(settled: Settings, plain_case: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The JSON of a dossier that shows personal data."""
    folder = tmp_path_factory.mktemp("shown")
    found = exported(settled.home, plain_case, folder, reveal=True)
    assert found.faults == ()
    return Kept(Path(found.json_file).read_text("utf-8"))


@pytest.fixture(scope="module")
def hidden(settled: Settings, plain_case: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("hidden")
    found = exported(settled.home, plain_case, folder, reveal=False)
    return Kept(Path(found.json_file).read_text("utf-8"))


def test_a_dossier_verifies_without_the_store(shown: str) -> None:
    found = reverified(read(shown), TOOLS)
    assert (found.faults, found.unproven) == ((), ())
    assert found.citations > 5


def test_a_masked_one_says_what_it_cannot_prove(hidden: str) -> None:
    found = reverified(read(hidden), TOOLS)
    assert found.faults == ()
    assert "masked" in found.unproven[0]


def test_the_log_tells_of_both(settled: Settings, plain_case: str, shown: str, hidden: str) -> None:
    async def events() -> list[Any]:
        async with Store.open(settled.home) as store:
            assert (await store.audited()).faults == ()
            return [(one.kind, one.actor, one.body) for one in await store.log.of(plain_case)]

    told = asyncio.run(events())
    assert [one[0] for one in told].count(Kind.REVEALED) == 1
    seals = {one[2]["seal"]: one[2]["masked"] for one in told if one[0] is Kind.EXPORTED}
    assert seals == {read(shown).seal: False, read(hidden).seal: True}
    assert {one[1] for one in told if one[0] is Kind.REVEALED} == {ANA}


def test_it_holds_who_did_what_in_which_role(shown: str) -> None:
    by_role = {(one["role"], one["id"]): one["did"] for one in json.loads(shown)["people"]}
    assert by_role["reviewer", "qa"] == {"claimed": 1, "reviewed": 1, "viewed": 2}
    assert by_role["analyst", "ana"]["entered"] == 1


# tampering

SAID_BY_NO_EVENT = {("exported_at",), ("head",), ("masked",), ("code_version",), ("seal",)}
"""What only the seal covers; see docs/audit.md."""


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inner:
        if isinstance(one, dict | list) and one:
            yield from leaves(one, (*path, key))
        else:
            yield (*path, key)


def altered(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f"{value[:-1]}{'0' if value[-1:] != '0' else '1'}"
    return {None: "x"}.get(value) if value is None else ["x"]


def changed(written: str, path: tuple[Any, ...]) -> dict[str, Any]:
    value = deepcopy(json.loads(written))
    place = value
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = altered(place[path[-1]])
    return dict(value)


def convicts(value: dict[str, Any], *, reseal: bool) -> bool:
    try:
        dossier = read(json.dumps(value))
        dossier = dossier.sealed() if reseal else dossier
        return bool(reverified(dossier, TOOLS).faults)
    except UsageError:
        return True


@given(st.data())
@PLAIN
def test_any_change_of_the_file_is_found(shown: str, data: Any) -> None:
    path = data.draw(st.sampled_from(sorted(leaves(json.loads(shown)), key=str)))
    assert convicts(changed(shown, path), reseal=False), path


@given(st.data())
@PLAIN
def test_any_change_of_what_was_logged_is_found_though_the_file_was_sealed_anew(
    shown: str, data: Any
) -> None:
    paths = [
        path
        for path in leaves(json.loads(shown))
        if path not in SAID_BY_NO_EVENT and path[-1] not in ("retrieved_at", "updated_at")
    ]
    part = data.draw(st.sampled_from(sorted({str(path[0]) for path in paths})))
    path = data.draw(st.sampled_from(sorted((p for p in paths if p[0] == part), key=str)))
    assert convicts(changed(shown, path), reseal=True), path


@pytest.mark.parametrize("part", ["events", "evidence", "runs", "clauses", "rows", "people"])
def test_what_was_taken_out_is_found_though_the_file_was_sealed_anew(shown: str, part: str) -> None:
    value = json.loads(shown)
    gone = value[part]
    if isinstance(gone, dict):
        gone.pop(next(iter(gone)))
    else:
        gone.pop(len(gone) // 2)
    assert convicts(value, reseal=True)


def test_an_outcome_that_was_changed_in_a_masked_dossier_is_found(hidden: str) -> None:
    value = json.loads(hidden)
    decision = value["runs"][-1]["decision"]
    decision["outcome"] = "overturn" if decision["outcome"] != "overturn" else "uphold"
    found = reverified(read(json.dumps(value)).sealed(), TOOLS)
    told = " ".join(one.wrong for one in found.faults)
    assert "the table leads to" in told
    assert "another than the one that was logged" in told


def test_a_log_that_was_written_anew_is_found_by_a_head_kept_elsewhere(shown: str) -> None:
    dossier = read(shown)
    last = dossier.log[-1]
    assert not reverified(dossier, TOOLS, Head(last.number, last.hash)).faults
    cut = dossier.model_copy(update={"events": dossier.events[:-1]})
    told = reverified(cut.sealed(), TOOLS, Head(last.number, last.hash)).faults
    assert any("kept elsewhere" in one.wrong for one in told)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other"}', "x", "{" * 9])
def test_what_is_no_dossier_is_told(text: str) -> None:
    with pytest.raises(UsageError):
        read(text)


# what a party wrote


class Page(HTMLParser):
    """Collects what a browser would act on, and the texts it would show."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.shown: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.shown.append(data)


def parsed_page(dossier: Dossier) -> Page:
    found = Page()
    found.feed(page(dossier, "case.json"))
    return found


def spoiled(value: Any, with_what: str, skip: Callable[[str], bool]) -> Any:
    """Every text in a JSON value replaced, but for those at keys that models check."""
    if isinstance(value, dict):
        return {k: v if skip(k) else spoiled(v, with_what, skip) for k, v in value.items()}
    if isinstance(value, list):
        return [spoiled(one, with_what, skip) for one in value]
    return with_what if isinstance(value, str) else value


CHECKED = {
    "act", "at", "as_of", "by", "channel", "closed_at", "currency", "digest", "due_at", "key",
    "kind", "opened_at", "purpose", "reference", "retrieved_at", "route", "stance",
    "started_at", "status", "through", "updated_at", "party", "untrusted", "pointer",
    "prompt", "response", "hash", "before", "previous",
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(shown: str, text: str) -> None:
    value = json.loads(shown)
    for part in ("runs", "evidence", "clauses", "rows", "people", "events"):
        value[part] = spoiled(value[part], text, CHECKED.__contains__)
    found = parsed_page(Dossier.model_validate(value))
    assert not {"script", "img", "svg", "iframe", "object", "embed", "link", "form"} & set(
        found.tags
    )
    assert found.tags.count("style") == 1
    assert not [one for one in found.attributes if one[1].startswith("on")]
    assert not [one for one in found.attributes if one[1] in ("src", "action", "style")]
    assert all(value.startswith("#") for _, name, value in found.attributes if name == "href")
    whole = "".join(found.shown)
    assert all(character not in whole for character in "\u202e\x1b\x00")
    if text.isprintable():
        assert whole.count(text) > 20


def test_a_page_needs_nothing_from_elsewhere_and_runs_nothing(shown: str) -> None:
    found = parsed_page(read(shown))
    policies = [
        value for tag, name, value in found.attributes if (tag, name) == ("meta", "content")
    ]
    assert policies[0].startswith("default-src 'none'; style-src 'sha256-")
    html = page(read(shown), "case.json")
    style = html.split("<style>")[1].split("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policies[0]
    assert "http://" not in html
    assert "https://" not in html


def test_every_numbered_citation_leads_to_its_field(shown: str) -> None:
    found = parsed_page(read(shown))
    anchors = {value for _, name, value in found.attributes if name == "id"}
    links = {value[1:] for _, name, value in found.attributes if name == "href"}
    assert links <= anchors
    assert {one for one in links if one.startswith("f-")}
    assert {one for one in links if one.startswith("c")}


def test_what_a_party_wrote_is_marked(shown: str) -> None:
    found = parsed_page(read(shown))
    assert "written by a party" in found.shown
    assert ("div", "class", "party") in found.attributes


# personal data


def test_what_is_personal_anywhere_is_hidden_everywhere(shown: str) -> None:
    value = json.loads(shown)
    run = value["runs"][-1]
    run["case"]["text"] = "My name is Ann Lee, write to ann@lee.example.com"
    run["reviews"][0]["note"] = "I called Ann Lee."
    digest, item = next(
        (digest, one) for digest, one in value["evidence"].items() if one["content"]["data"]
    )
    item["content"]["data"]["remark"] = "The parcel of Ann Lee went out."
    claim = run["decision"]["claims"][0]
    claim["citations"] = [
        {
            "kind": "evidence", "reference": digest, "pointer": "/remark", "label": "remark",
            "quote": "parcel of Ann Lee", "excerpt": True,
        }
    ]  # fmt: skip
    dossier = masked(Dossier.model_validate(value)).sealed()
    told = dossier.model_dump_json()
    assert not [told[at.start() - 60 : at.end() + 20] for at in re.finditer("Ann", told)]
    assert "lee.example" not in told
    assert "parcel of [PERSON_1]" in told
    assert "Ann" not in page(dossier, "x.json")
    wrong = [one.wrong for one in reverified(dossier, TOOLS).faults]
    assert not any("citation" in one for one in wrong), wrong


def test_ids_and_the_reviewers_stay(hidden: str, shown: str) -> None:
    one, other = json.loads(hidden), json.loads(shown)
    assert one["runs"][-1]["case"]["subject"] == other["runs"][-1]["case"]["subject"]
    assert one["runs"][-1]["reviews"][0]["reviewer"] == "qa"
    assert one["runs"][-1]["decision"]["outcome"] == other["runs"][-1]["decision"]["outcome"]


def test_a_case_id_cannot_leave_the_folder(tmp_path: Path, shown: str) -> None:
    from review.exporting import _write

    dossier = Dossier.model_validate(json.loads(shown) | {"case_id": "../../evil"}).sealed()
    files = _write(dossier, tmp_path / "out")
    assert {file.parent for file in files} == {tmp_path / "out"}
    assert {file.parent for file in files.values()} == {tmp_path / "out"}


async def test_what_was_never_investigated_has_none(home: Path, tmp_path: Path) -> None:
    async with Store.open(home) as store:
        with pytest.raises(UsageError, match="never investigated"):
            await export(store, "nobody", tmp_path, TOOLS, ANA, utc_now, reveal=True)
        assert (await store.log.head("nobody")).entry == 0

"""PDFs of dossiers, made by the real WeasyPrint: they verify alone, and party text stays text."""

from __future__ import annotations

import asyncio
import json
import os
import re
import zlib
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from casewright.audit import Actor
from casewright.clock import utc_now
from casewright.errors import EnvironmentFault, UsageError
from casewright.registry import load_plugins
from casewright.settings import Settings
from casewright.store import Store
from review import paged as subject
from review.dossier import Dossier
from review.exporting import export
from review.paged import attached_json, paged, require_printable
from review.reverified import read, reverified
from tools.base import Tool

TOOLS = load_plugins().all("tool", Tool)
HOSTILE = "</p><script>alert(1)</script><img src='http://elsewhere.example/x.png'>"


@pytest.fixture(autouse=True)
def printable() -> None:
    """Skips where nothing can be drawn; fails there if the run is to prove that it can."""
    try:
        require_printable()
    except EnvironmentFault as error:
        if os.environ.get("CASEWRIGHT_REQUIRE_BROWSER") == "1":
            raise
        pytest.skip(f"{error.message} {error.remedy}")


@pytest.fixture(scope="module")
def folder(settled: Settings, plain_case: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the JSON of a dossier that shows personal data."""

    async def work() -> None:
        ana = Actor(role="analyst", id="ana")
        async with Store.open(settled.home) as store:
            await export(store, plain_case, where, TOOLS, ana, utc_now, reveal=True)

    where = tmp_path_factory.mktemp("dossiers")
    asyncio.run(work())
    return where


@pytest.fixture(scope="module")
def text(folder: Path, plain_case: str) -> str:
    return (folder / f"{plain_case}.json").read_text("utf-8")


def drawn(text: str) -> bytes:
    return paged(read(text), "case.json", text, "case.pdf")


@pytest.fixture(scope="module")
def drawn_once(text: str) -> bytes:
    return drawn(text)


def inflated(pdf: bytes) -> str:
    """What stands in the PDF, its compressed parts unpacked."""
    found = [pdf]
    for start in re.finditer(rb"stream\r?\n", pdf):
        with suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(pdf[start.end() :]))
    return b"\n".join(found).decode("latin-1")


def test_a_pdf_alone_verifies(text: str, drawn_once: bytes, tmp_path: Path) -> None:
    file = tmp_path / "case.pdf"
    file.write_bytes(drawn_once)
    assert attached_json(file) == text
    found = reverified(read(attached_json(file)), TOOLS)
    assert (found.faults, found.unproven) == ((), ())


def small(text: str) -> Dossier:
    """A dossier of a few pages: drawing seventeen takes seconds."""
    value: dict[str, Any] = json.loads(text)
    value["events"] = value["events"][:4]
    value["evidence"] = dict(list(value["evidence"].items())[:2])
    return Dossier.model_validate(value).sealed()


def test_the_same_dossier_gives_the_same_bytes(text: str) -> None:
    one = small(text)
    first = paged(one, "case.json", text, "case.pdf")
    assert paged(one, "case.json", text, "case.pdf") == first
    other = one.model_copy(update={"head": f"9:{'0' * 64}"}).sealed()
    assert paged(other, "case.json", text, "case.pdf") != first


def test_it_is_tagged_and_has_title_language_and_bookmarks(
    drawn_once: bytes, plain_case: str
) -> None:
    found = inflated(drawn_once)
    assert "/Marked true" in found
    assert "/Lang (en)" in found
    assert f"/Title (Dossier of case {plain_case})" in found
    assert "/Title (Timeline)" in found


def test_what_a_party_wrote_is_neither_run_nor_fetched(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(subject, "_refused", lambda url, **_: asked.append(url))
    value: dict[str, Any] = small(text).model_dump(mode="json")
    value["runs"][-1]["case"]["text"] = HOSTILE
    for one in value["evidence"].values():
        one["content"]["data"] = {HOSTILE: HOSTILE}
    dossier = Dossier.model_validate(value)
    found = inflated(paged(dossier, "case.json", "{}", "case.pdf"))
    assert asked == []
    assert "/JavaScript" not in found
    assert "/URI" not in found


def test_a_policy_of_the_page_is_not_what_keeps_it_from_fetching() -> None:
    with pytest.raises(ValueError, match="not fetched"):
        subject._refused("http://elsewhere.example/x.png")


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"/Type /EmbeddedFile\nstream\nx"])
def test_what_holds_no_dossier_is_told(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "case.pdf"
    file.write_bytes(content)
    with pytest.raises(UsageError, match="No dossier can be read"):
        attached_json(file)


@pytest.mark.parametrize(
    ("error", "told"),
    [(ImportError("weasyprint"), "casewright[pdf]"), (OSError("libpango"), "apt-get install")],
)
def test_where_nothing_can_be_drawn_the_remedy_is_told(
    error: Exception, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        if name == "weasyprint":
            raise error
        return import_module(name)

    monkeypatch.setattr(subject, "import_module", missing)
    with pytest.raises(EnvironmentFault) as raised:
        require_printable()
    assert told in raised.value.remedy

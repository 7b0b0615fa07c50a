from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import pytest

from casewright.errors import SopError
from casewright.registry import load_plugins
from graphs.catalog import BUILT_IN
from graphs.load import load_sop, read_files
from tools.base import Tool, WrittenByParty
from tools.record import Record


class Page(Record):
    title: str


class Scraped(Record):
    found: bool
    structured: Annotated[Page, WrittenByParty()]


def test_nothing_below_what_a_party_wrote_fills_a_sentence() -> None:
    tools = load_plugins().all("tool", Tool)
    tools["get_pickup_manifest"] = replace(tools["get_pickup_manifest"], result=Scraped)
    files = read_files(BUILT_IN / "late_shipment_appeal")
    rule = "manifest.found && manifest.signed && manifest.handed_over_at <= order.ship_by"
    text = files["sop.yaml"].replace(f"rule: {rule}", "rule: manifest.found")
    text = text.replace("{manifest.handed_over_at}", "{manifest.structured.title}")
    text = text.replace("{manifest.signed}", "no")
    with pytest.raises(SopError, match="was written by a party"):
        load_sop({**files, "sop.yaml": text}, tools)

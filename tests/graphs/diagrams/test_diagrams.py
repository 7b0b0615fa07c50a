"""Pictures of an SOP: what stands in them, that text stays text, and that they do not change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from graphs.compile import GUARDED, UNGUARDED
from graphs.diagrams import DRAWN, Format, What, draw
from graphs.diagrams.svg import Canvas, grid, wrapped
from graphs.load import load_sop
from graphs.sop import Sop
from tools.base import Tool

SVG = "{http://www.w3.org/2000/svg}"
CLASSES = """\
classifications:
  kind:
    classes:
      ring: {points: {in_time: 4, altered: 2}, threshold: 5, group: organised}
      family: {points: {blames_carrier: 3}, threshold: 3}
    priority: [ring, family]
    precedence: [organised]
tiers:
  risk:
    - {tier: high, any: [altered, in_time]}
    - {tier: low}
decision:
  hit_policy: first
  matrix:
    rows: classes.kind
    columns: tiers.risk
    policy: [SHIP-4.1]
    cells:
      ring: {high: {then: uphold, route: senior}, low: uphold}
      family: {high: uphold, low: overturn}
      inconclusive: {high: uphold, low: overturn}
"""


@pytest.fixture
def classes(files: Mapping[str, str], tools: Mapping[str, Tool]) -> Sop:
    """The small SOP with classes, tiers and a matrix in the place of its table."""
    head, _, tail = files["sop.yaml"].partition("decision:")
    text = head + CLASSES + "gate:" + tail.partition("gate:")[2]
    return load_sop({**files, "sop.yaml": text}, tools, folder="small")


def texts(svg: str) -> list[str]:
    return [str(one.text) for one in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(("form", "what"), DRAWN)
def test_pictures_stay_as_they_are(
    small: Sop, form: Format, what: What, snapshot: SnapshotAssertion
) -> None:
    assert draw(small, form=form, what=what) == snapshot


def test_a_matrix_is_drawn_as_one(classes: Sop, snapshot: SnapshotAssertion) -> None:
    assert draw(classes, form="svg", what="table") == snapshot


@pytest.mark.parametrize("form", ["mermaid", "svg"])
def test_the_machine_shows_every_node_action_and_factor(late: Sop, form: Format) -> None:
    drawn = draw(late, form=form, what="machine")
    names = set(texts(drawn) if form == "svg" else re.findall(r"\w+", drawn))
    assert {*GUARDED, *UNGUARDED, *late.actions, *late.factors} <= names


def test_the_table_shows_every_row_and_score(late: Sop) -> None:
    drawn = " ".join(texts(draw(late, form="svg", what="table")))
    assert all(row.spec.condition in drawn for row in late.rows)
    assert all(score in drawn for score in late.spec.scores)


def test_what_is_written_is_text_and_nothing_else(
    files: Mapping[str, str], tools: Mapping[str, Tool]
) -> None:
    hostile = '"</text><script>alert(1)</script>\\e]0;&amp;\\u202e"'
    text = files["sop.yaml"].replace("title: A small procedure", f"title: {hostile}")
    sop = load_sop({**files, "sop.yaml": text}, tools)
    for what in ("machine", "table"):
        drawn = draw(sop, form="svg", what=what)
        root = ElementTree.fromstring(drawn)
        assert not list(root.iter(f"{SVG}script"))
        assert "<script>alert(1)</script>" in "".join(root.itertext())
        assert not re.search("[\x1b\u202e]", drawn)
        # Nothing is fetched, and nothing runs.
        assert not re.search(r"href|url\((?!#)|@import|\bon\w+=", drawn)


def test_an_arrow_that_leads_past_a_layer_passes_no_box(
    files: Mapping[str, str], tools: Mapping[str, Tool]
) -> None:
    later = "when: appeal.attempt == 1 && scans.accepted_count > 0"
    text = files["sop.yaml"].replace("when: appeal.attempt == 1", later)
    drawn = draw(load_sop({**files, "sop.yaml": text}, tools), form="svg", what="machine")
    root = ElementTree.fromstring(drawn)
    boxes = [
        {key: float(one.attrib[key]) for key in ("x", "y", "width", "height")}
        for one in root.iter(f"{SVG}rect")
        if one.attrib.get("class", "").startswith("action")
    ]
    paths = [one.attrib["d"] for one in root.iter(f"{SVG}path") if "C" in one.attrib["d"]]
    straight = re.findall(r"([\d.]+) ([\d.]+) H ([\d.]+)", " ".join(paths))
    assert len(boxes) == 4
    assert len(straight) == 2  # from appeal past order and scans to docs
    for left, middle, right in (map(float, found) for found in straight):
        for box in boxes:
            beside = right <= box["x"] or left >= box["x"] + box["width"]
            assert beside or not box["y"] <= middle <= box["y"] + box["height"]


def test_pictures_follow_the_readers_theme(small: Sop) -> None:
    assert "@media (prefers-color-scheme: dark)" in draw(small, form="svg", what="machine")


@given(st.text(max_size=80), st.integers(min_value=2, max_value=30))
def test_no_line_is_wider_than_its_cell(text: str, limit: int) -> None:
    lines = wrapped(text, limit)
    assert all(cell_len(line) <= limit for line in lines)
    canvas = Canvas("cells")
    assert grid(canvas, 0, 0, ("head",), [(text,)], (limit,)) > 0
    ElementTree.fromstring(canvas.svg())


def test_the_picture_of_the_docs_is_the_examples(tools: Mapping[str, Tool]) -> None:
    import asyncio

    from casewright.settings import Settings
    from graphs.catalog import Catalog
    from tools.workspace import open_tools

    root = Path(__file__).parents[3]

    async def example() -> Sop:
        async with open_tools(Settings(), root / "examples" / "two_csv") as found:
            return Catalog(found, root / "examples" / "two_csv").load("goodwill_refund")

    drawn = draw(asyncio.run(example()), form="svg", what="machine")
    kept = (root / "docs" / "images" / "goodwill_refund.svg").read_text("utf-8")
    told = (
        "casewright sop diagram goodwill_refund --format svg --out docs/images/goodwill_refund.svg"
    )
    assert kept == drawn, told

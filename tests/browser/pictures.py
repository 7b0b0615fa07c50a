"""Draws the pictures of the console that the documentation shows; run by hand.

Run: python -m pytest -n 0 tests/browser/pictures.py

Each page is drawn in light and dark, wide and narrow, into ``docs/images/console-*.png``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image

from casewright.team import GRANTED, Permission, Role
from review.web.rights import RIGHTS

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES: Final = 250_000
COLOURS: Final = 128
"""Of the palette of a picture: text and plain areas need no more."""
TALLEST: Final = 2_400
"""Pixels of a page that are shown."""

SIZES: Final = {"wide": (1280, 900), "narrow": (360, 740)}


def _names() -> dict[str, str]:
    """Paths by the names of their pictures: ``/cases/{case_id}`` is ``case``."""
    found: dict[str, str] = {}
    for method, path in sorted(RIGHTS):
        parts = set(re.findall(r"{(\w+)}", path))
        if method == "GET" and parts <= {"case_id"} and not re.match("/(api/|health)", path):
            words = [one for one in path.split("/") if one and not one.startswith("{")]
            found["-".join(words).replace(".", "-") or "home"] = path
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", _names())
def test_draw(name: str, size: str, scheme: Any, enter: Any, cases: Any, plain_case: str) -> None:
    path = _names()[name]
    width, height = SIZES[size]
    viewport = {"width": width, "height": height}
    with enter(_member(path), color_scheme=scheme, viewport=viewport) as page:
        answer = page.goto(path.format(case_id=plain_case))
        if answer is None or "text/html" not in (answer.header_value("content-type") or ""):
            pytest.skip(f"{path} is no page")
        if answer.request.redirected_from:
            pytest.skip(f"{path} leads to another page")
        assert answer.ok, (path, answer.status)
        page.wait_for_load_state("networkidle")
        file = IMAGES / f"console-{name}-{size}-{scheme}.png"
        page.screenshot(path=file, full_page=True, animations="disabled")
    _small(file)
    assert file.stat().st_size < MOST_BYTES, file


def _member(path: str) -> str:
    needs = RIGHTS["GET", path]
    if not isinstance(needs, Permission):
        return "chief"
    able = [role.value for role in Role if needs in GRANTED[role]]
    return "chief" if {"senior", "reviewer", "lead"} & set(able) else able[0]


def _small(file: Path) -> None:
    """Cut what is too tall, and keep a palette instead of every colour."""
    with Image.open(file) as picture:
        width, height = picture.size
        cut = picture.convert("RGB").crop((0, 0, width, min(height, TALLEST)))
    cut.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)

"""Draws the pictures of the console that the documentation shows; run by hand.

Run: python -m pytest -n 0 tests/browser/pictures.py

They go to ``docs/images/console-*.png``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
MOST_BYTES: Final = 250_000
COLOURS: Final = 256
"""Of the palette of a picture: text and plain areas need no more."""


class Picture(NamedTuple):
    """A page as it is drawn; whatever is below the height is cut off."""

    path: str
    member: str
    scheme: str = "light"
    width: int = 1280
    height: int = 900


CASE: Final = "/cases/{plain}"
PICTURES: Final = {
    "queue": Picture("/queue", "max"),
    "queue-dark": Picture("/queue", "max", "dark"),
    "case": Picture(CASE, "ana", height=1300),
    "case-dark": Picture(CASE, "ana", "dark", height=1300),
    "case-narrow": Picture(CASE, "ana", width=360, height=1300),
    "search": Picture("/search", "ana", height=760),
    "runs": Picture("/runs", "eli", height=760),
    "figures": Picture("/figures", "lea", height=640),
    "agreement": Picture("/agreement", "lea", height=520),
    "audit": Picture("/audit", "lea", height=520),
    "notes": Picture("/notes", "ana", height=760),
    "first-read": Picture("/cases/{first}/first-read", "ana", height=900),
    "sign-in": Picture("/sign-in?token=drawn", "", height=320),
}


@pytest.mark.parametrize("name", PICTURES)
def test_draw(name: str, enter: Any, cases: Any, plain_case: str) -> None:
    one = PICTURES[name]
    how = {"viewport": {"width": one.width, "height": one.height}, "color_scheme": one.scheme}
    with enter(one.member, **how) as page:
        answer = page.goto(one.path.format(plain=plain_case, first=cases.first))
        assert answer is not None
        assert answer.ok, (one.path, answer.status)
        BEFORE.get(name, lambda page: None)(page)
        page.wait_for_load_state("networkidle")
        file = IMAGES / f"console-{name}.png"
        page.screenshot(path=file, animations="disabled")
    _small(file)
    assert file.stat().st_size < MOST_BYTES, file


def _verify(page: Page) -> None:
    page.get_by_role("button", name="Verify the log").click()
    expect(page.get_by_text("The log holds.")).to_be_visible(timeout=60_000)


def _note(page: Page) -> None:
    said = "BluePost did not collect in Leeds on 9 and 10 June: its depot was flooded."
    page.get_by_label("What is known").fill(said)
    page.get_by_label("How you know").fill("The carrier told us by phone, and later in writing.")
    page.get_by_label("Regions").fill("UK")
    page.get_by_role("button", name="Write the note").click()
    expect(page.get_by_role("region", name="Notes")).to_contain_text("flooded")
    page.evaluate("scrollTo(0, 0)")


BEFORE: Final = {"audit": _verify, "notes": _note}
"""What is done on a page before it is drawn."""


def _small(file: Path) -> None:
    """Keep a palette instead of every colour."""
    with Image.open(file) as picture:
        told = picture.convert("RGB").quantize(COLOURS, kmeans=3, dither=Image.Dither.NONE)
    told.save(file, optimize=True)

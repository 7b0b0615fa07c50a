"""The console's one stylesheet: contrast in light and in dark, and what it promises to whom."""

from __future__ import annotations

import re
from itertools import product

import pytest

from review.web.pages import HERE

STYLE = (HERE / "static" / "console.css").read_text("utf-8")
PAPERS = ("--paper", "--shade", "--party-paper", "--bad-paper")
INKS = ("--ink", "--link")


def colours(part: str) -> dict[str, str]:
    return dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", part))


LIGHT, DARK = (colours(part) for part in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_controls_stand_out(scheme: dict[str, str]) -> None:
    assert LIGHT.keys() == DARK.keys()
    texts = [
        *product(INKS, PAPERS),
        *product(("--soft", "--bad"), ("--paper", "--shade")),
        ("--soft", "--party-paper"),
        ("--soft", "--bad-paper"),
        ("--bad", "--bad-paper"),
        ("--party", "--party-paper"),
        ("--party", "--paper"),
        ("--party", "--shade"),
        ("--ink", "--mark"),
        ("--soft", "--mark"),
        ("--on-main", "--main"),
    ]
    controls = [("--edge", "--paper"), ("--edge", "--shade"), ("--focus", "--paper")]
    controls += [("--focus", "--shade"), ("--focus", "--mark"), ("--good", "--paper")]
    weak = [pair for pair in texts if contrast(scheme[pair[0]], scheme[pair[1]]) < 4.5]
    weak += [pair for pair in controls if contrast(scheme[pair[0]], scheme[pair[1]]) < 3]
    assert weak == []


def test_nothing_moves() -> None:
    assert not re.search(r"transition|animation|scroll-behavior", STYLE)


def test_nothing_comes_from_elsewhere() -> None:
    assert not re.search(r"url\(|@import|https?:", STYLE)

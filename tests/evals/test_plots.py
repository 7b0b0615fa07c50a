"""Plots are drawings alone, the same every time, whatever a name holds."""

from __future__ import annotations

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from evals import plots
from evals.plots import Bin, Interval, Risk

NAMES = ("overturn", "<script>alert(1)</script>", "$\\frac{1}$", "维持原判", "x" * 300, "a -- b")


def drawn(name: str = "p") -> dict[str, str]:
    rates = [Interval(one, 0.8, 0.6, 0.9) for one in NAMES]
    return {
        "forest": plots.forest([("precision", rates), ("recall", rates[:1])], name),
        "reliability": plots.reliability([Bin(0.9, 0.8, 0.6, 0.95, 20)], name),
        "risk": plots.risk_coverage([Risk(0.5, 0.0), Risk(1.0, 0.2)], name),
        "spending": plots.spending([0.0, 1.5, 3.0], "EUR", name),
    }


@pytest.mark.parametrize("kind", ["forest", "reliability", "risk", "spending"])
def test_a_plot_holds_drawings_alone(kind: str) -> None:
    """A strict policy of the page forbids style attributes, and nothing may be fetched."""
    root = ElementTree.fromstring(drawn()[kind])
    allowed = {"svg", "g", "defs", "path", "use", "clipPath", "rect"}
    assert {one.tag for one in root.iter()} <= allowed
    keys = {key for one in root.iter() for key in one.attrib}
    assert not {key for key in keys if key == "style" or key.startswith("on") or "}" in key}
    assert not any("//" in value for one in root.iter() for value in one.attrib.values())
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    used = re.findall(r'(?:href="|url\()#([^")]+)', drawn()[kind])
    assert set(used) == set(ids)
    assert len(ids) == len(set(ids))


def test_ink_is_the_color_of_the_page_and_two_plots_share_no_id() -> None:
    one, other = drawn("a"), drawn("b")
    for kind, text in one.items():
        assert "currentColor" in text
        assert plots.INK not in text
        assert not set(re.findall(r' id="([^"]+)"', text)) & set(
            re.findall(r' id="([^"]+)"', other[kind])
        )


def test_the_same_figures_give_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys; from evals import plots; print(plots.forest([('precision', "
        "[plots.Interval('overturn', 0.8, 0.6, 0.9)])], 'p'));"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    run = [sys.executable, "-c", code]
    there = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    here = plots.forest([("precision", [Interval("overturn", 0.8, 0.6, 0.9)])], "p")
    assert there.strip() == here


def test_drawing_leaves_the_settings_of_matplotlib_alone() -> None:
    import matplotlib as mpl

    names = ("svg.hashsalt", "svg.fonttype", "font.size", "text.color", "axes.edgecolor")
    before = [mpl.rcParams[name] for name in names]
    drawn()
    assert [mpl.rcParams[name] for name in names] == before
    assert mpl.rcParams["text.color"] != plots.INK


def test_an_interval_that_is_off_by_rounding_is_drawn() -> None:
    assert plots.forest([("precision", [Interval("a", 1.0, 0.9, 1 - 1e-17)])], "p")

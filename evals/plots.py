"""Plots as inline SVG: no page style, no script, no font and no address of their own.

They are drawn by matplotlib without pyplot, whose state is global. Texts become outlines of the
font that matplotlib brings along, so that a machine's own fonts change nothing. What is ink takes
the page's text color; the two other colors (Okabe and Ito, 2008) are told apart by people who do
not see all colors, and stand at 3:1 or more on white and on near black. Marks differ in shape as
well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from evals.svg import page_svg

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK: Final = "#010203"
"""Stands for the page's text color while a plot is drawn."""
FIRST: Final = "#0072b2"
SECOND: Final = "#d55e00"

_STYLE: Final[Any] = {
    "svg.hashsalt": "casewright",  # else ids are random
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,  # a dollar in a name is a dollar
    "text.color": INK,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "path.simplify": False,
}
_FALLBACK: Final = "\N{REPLACEMENT CHARACTER}"


class Interval(NamedTuple):
    """A rate with its ends, 0 to 1, under a label."""

    label: str
    value: float
    low: float
    high: float


class Bin(NamedTuple):
    """Decisions of like confidence: its mean, how many are right, with ends, and how many."""

    confidence: float
    right: float
    low: float
    high: float
    n: int


class Risk(NamedTuple):
    """What share of the decisions is taken, the surest first, and the share of these wrong."""

    coverage: float
    risk: float


def forest(rows: Sequence[tuple[str, Sequence[Interval]]], name: str) -> str:
    """Rates with their intervals, one under the other, in up to two groups.

    Args:
        rows: Groups by name, each with its rates, all 0 to 1.
        name: What ids in the SVG begin with; unique in the page.
    """
    labels = list(dict.fromkeys(one.label for _, group in rows for one in group))
    with _drawing():
        figure, axes = _figure(6.4, 0.9 + 0.42 * len(labels))
        for number, (called, group) in enumerate(rows):
            _whiskers(axes, called, group, labels, number)
        axes.set_yticks(range(len(labels)), [_drawable(one) for one in labels])
        axes.set_ylim(len(labels) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.grid(axis="x", color=INK, alpha=0.15)
        _legend(axes)
        return _svg(figure, name)


def _whiskers(
    axes: Axes, called: str, group: Sequence[Interval], labels: Sequence[str], number: int
) -> None:
    places = [labels.index(one.label) + (0.14 if number else -0.14) for one in group]
    ends = [[one.value - one.low for one in group], [one.high - one.value for one in group]]
    axes.errorbar(
        [one.value for one in group],
        places,
        xerr=[[max(0.0, end) for end in side] for side in ends],
        fmt="sD"[number],
        clip_on=False,  # a share of 1 lies on the edge
        color=(FIRST, SECOND)[number],
        capsize=3,
        markersize=5,
        label=called,
    )


def reliability(bins: Sequence[Bin], name: str) -> str:
    """Reliability diagram: how often decisions were right, by the confidence they had."""
    with _drawing():
        figure, axes = _figure(4.2, 3.6)
        axes.plot([0, 1], [0, 1], color=INK, alpha=0.5, linestyle="--", label="as promised")
        axes.errorbar(
            [one.confidence for one in bins],
            [one.right for one in bins],
            yerr=[
                [max(0.0, one.right - one.low) for one in bins],
                [max(0.0, one.high - one.right) for one in bins],
            ],
            fmt="s",
            clip_on=False,
            color=FIRST,
            capsize=3,
            markersize=5,
            label="seen, 95% interval",
        )
        _square(axes, "confidence", "right of the decisions")
        return _svg(figure, name)


def risk_coverage(points: Sequence[Risk], name: str) -> str:
    """Risk-coverage curve: wrong of the surest decisions, by how many of them are taken."""
    with _drawing():
        figure, axes = _figure(4.2, 3.6)
        axes.plot(
            [one.coverage for one in points],
            [one.risk for one in points],
            color=SECOND,
            marker=".",
            label="wrong of those taken",
        )
        axes.set_ylim(0, max(0.05, 1.1 * max(one.risk for one in points)))
        axes.set_xlim(0, 1)
        axes.set_xlabel("share of the decisions that is taken, the surest first")
        axes.set_ylabel("wrong of these")
        axes.grid(color=INK, alpha=0.15)
        return _svg(figure, name)


def spending(amounts: Sequence[float], unit: str, name: str) -> str:
    """Empirical distribution of what cases cost: the share that cost at most so much.

    Args:
        amounts: What each case cost, in ``unit``; at least one.
        unit: Such as ``EUR`` or ``tokens``.
        name: What ids in the SVG begin with.
    """
    ordered = sorted(amounts)
    shares = [(place + 1) / len(ordered) for place in range(len(ordered))]
    with _drawing():
        figure, axes = _figure(4.2, 3.2)
        axes.step([0.0, *ordered], [0.0, *shares], where="post", color=FIRST)
        axes.set_ylim(0, 1.02)
        axes.set_xlim(left=0)
        axes.set_xlabel(_drawable(f"{unit} for one case, at most"))
        axes.set_ylabel("share of the cases")
        axes.grid(color=INK, alpha=0.15)
        return _svg(figure, name)


def _square(axes: Axes, across: str, up: str) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(color=INK, alpha=0.15)
    _legend(axes)


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)


def _drawing() -> Any:
    import matplotlib as mpl

    return mpl.rc_context(_STYLE)


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _drawable(text: str, most: int = 48) -> str:
    """The text, cut where it is long, with a mark for letters that the font does not have."""
    from matplotlib.font_manager import findfont, get_font

    has = get_font(findfont("DejaVu Sans")).get_charmap()
    short = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(letter if ord(letter) in has else _FALLBACK for letter in short)


def _svg(figure: Figure, name: str) -> str:
    return page_svg(figure, name, ink=INK)

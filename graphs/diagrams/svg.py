"""A small SVG canvas: boxes, lines and text in a fixed-width font, light and dark.

Widths are reckoned in columns of that font, so that a picture is the same wherever it is drawn, and
no font has to be measured. Nothing is fetched and nothing runs: text is text.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

from rich.cells import cell_len

from casewright.render import visible

COLUMN = 7.4
"""Width of a column in px: a little more than 0.6 em, the advance of common fixed-width fonts."""
LINE = 16
"""Height of a line of text in px."""
EDGE = 12
"""Room around a picture in px."""
PAD = 8
"""Space between a box and its text in px."""

STYLE = """
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328 }
.bold { font-weight: bold } .quiet { fill: #59636e }
.paper { fill: #ffffff } .panel { fill: #f6f8fa; stroke: #d1d9e0 }
.node { fill: #ddf4ff; stroke: #0969da } .action { fill: #fff8c5; stroke: #9a6700 }
.factor { fill: #dafbe1; stroke: #1a7f37 } .question { fill: #fbefff; stroke: #8250df }
.outcome { fill: #ffebe9; stroke: #cf222e } .head { fill: #eaeef2; stroke: #d1d9e0 }
.cell { fill: none; stroke: #d1d9e0 } .required { stroke-width: 2.5 }
.edge { fill: none; stroke: #818b98 } .tip { fill: #818b98 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .quiet { fill: #9198a1 }
.paper { fill: #0d1117 } .panel { fill: #151b23; stroke: #3d444d }
.node { fill: #0c2d6b; stroke: #4493f8 } .action { fill: #3d2b00; stroke: #d29922 }
.factor { fill: #033a16; stroke: #3fb950 } .question { fill: #3c1e70; stroke: #ab7df8 }
.outcome { fill: #5d0f12; stroke: #f85149 } .head { fill: #262c36; stroke: #3d444d }
.cell { stroke: #3d444d }
}
"""


class Canvas:
    """Collects shapes, and writes them with the room that they take.

    Args:
        title: What the picture shows, for readers who do not see it.
        style: Rules beside those that all pictures have.
    """

    def __init__(self, title: str, style: str = "") -> None:
        self._title = visible(title)
        self._style = STYLE + style
        self._shapes: list[ElementTree.Element] = []
        self._width = self._height = 0.0

    def text(
        self, x: float, y: float, text: str, style: str = "", *, centred: bool = False
    ) -> None:
        """One line of text; ``y`` is the middle of the line."""
        shown = visible(text)
        half = columns(shown) / 2 if centred else 0
        anchor = {"text-anchor": "middle"} if centred else {}
        found = self._shape("text", style, x=x, y=y + 4, **anchor)
        found.text = shown
        self._reach(x + columns(shown) - half, y + LINE)

    def box(self, x: float, y: float, width: float, height: float, style: str) -> None:
        """A rectangle."""
        round_corners = "0" if style in ("cell", "head") else "5"
        self._shape("rect", style, x=x, y=y, width=width, height=height, rx=round_corners)
        self._reach(x + width, y + height)

    def label(self, x: float, y: float, width: float, height: float, text: str, style: str) -> None:
        """A rectangle with one line of text in its middle."""
        self.box(x, y, width, height, style)
        self.text(x + width / 2, y + height / 2, text, centred=True)

    def edge(self, path: str, style: str = "edge") -> None:
        """A line with an arrow's tip; ``path`` is SVG path data."""
        self._shape("path", style, d=path, **{"marker-end": "url(#tip)"})

    def svg(self) -> str:
        """The picture."""
        width, height = _number(self._width + EDGE), _number(self._height + EDGE)
        root = ElementTree.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {width} {height}",
                "width": width,
                "height": height,
                "role": "img",
            },
        )
        ElementTree.SubElement(root, "title").text = self._title
        ElementTree.SubElement(root, "style").text = self._style
        root.append(_tip())
        paper = {"class": "paper", "width": width, "height": height}
        ElementTree.SubElement(root, "rect", paper)
        root.extend(self._shapes)
        ElementTree.indent(root, space="")
        return ElementTree.tostring(root, encoding="unicode") + "\n"

    def _shape(self, tag: str, style: str, **attributes: float | str) -> ElementTree.Element:
        given = {name: _number(value) for name, value in attributes.items()}
        shape = ElementTree.Element(tag, {"class": style, **given} if style else given)
        self._shapes.append(shape)
        return shape

    def _reach(self, x: float, y: float) -> None:
        self._width, self._height = max(self._width, x), max(self._height, y)


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")


def _tip() -> ElementTree.Element:
    definitions = ElementTree.Element("defs")
    given = {"id": "tip", "viewBox": "0 0 8 8", "refX": "7", "refY": "4", "orient": "auto"}
    marker = ElementTree.SubElement(
        definitions, "marker", {**given, "markerWidth": "7", "markerHeight": "7"}
    )
    ElementTree.SubElement(marker, "path", {"class": "tip", "d": "M 0 0 L 8 4 L 0 8 z"})
    return definitions


def columns(text: str) -> float:
    """Width of a line of text in px; East Asian wide characters count twice."""
    return cell_len(text) * COLUMN


def wrapped(text: str, limit: int) -> list[str]:
    """The text in lines of at most ``limit`` columns, one at least."""
    lines: list[str] = []
    for line in textwrap.wrap(visible(text), limit) or [""]:
        # Wide characters take two columns, and are written without blanks.
        step = limit if cell_len(line) <= limit else limit // 2
        lines += [line[start : start + step] for start in range(0, max(len(line), 1), step)]
    return lines


def grid(
    canvas: Canvas,
    x: float,
    y: float,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    limits: Sequence[int],
) -> float:
    """Draw a table whose cells wrap.

    Args:
        canvas: Where.
        x: Its left edge in px.
        y: Its upper edge in px.
        head: The heading of each column.
        rows: The cells of each row.
        limits: The most columns of text in each column of the table.

    Returns:
        Its lower edge in px.
    """
    lines = [[wrapped(c, n) for c, n in zip(row, limits, strict=True)] for row in (head, *rows)]
    widths = [max(columns(one) for row in lines for one in row[i]) for i in range(len(head))]
    for number, row in enumerate(lines):
        height = max(map(len, row)) * LINE + PAD
        left = x
        for cell, width in zip(row, widths, strict=True):
            canvas.box(left, y, width + 2 * PAD, height, "cell" if number else "head")
            for index, line in enumerate(cell):
                middle = y + PAD / 2 + LINE * (index + 0.5)
                canvas.text(left + PAD, middle, line, "" if number else "bold")
            left += width + 2 * PAD
        y += height
    return y

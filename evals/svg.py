"""SVG as it may stand in a page: without metadata, style sheet, style attribute or namespace."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_XLINK: Final = "{http://www.w3.org/1999/xlink}href"
_REFERENCE: Final = re.compile(r"#([\w.-]+)")


def page_svg(figure: Figure, name: str, *, ink: str) -> str:
    """A figure as SVG for the middle of a page.

    Args:
        figure: The figure.
        name: What its ids begin with, so that two figures of a page share none.
        ink: The color that stands for the page's text color, in lower-case hex.
    """
    written = io.BytesIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    root = ElementTree.fromstring(written.getvalue())  # noqa: S314 (matplotlib wrote it)
    _bare(root, name, ink)
    return ElementTree.tostring(root, encoding="unicode")


def _bare(root: ElementTree.Element, name: str, ink: str) -> None:
    """Leave what is drawn: no metadata, no style sheet, no namespace, ids only where used."""
    used = set(_references(root))
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in ("metadata", "style"):
                parent.remove(child)
    for one in root.iter():
        one.tag, one.tail = _local(one.tag), None
        if not (one.text or "").strip():
            one.text = None
        one.attrib.update(_unstyled(one.attrib.pop("style", "")))
        one.attrib = dict(_attributes(one, used, name, ink))
    for key in ("version", "width", "height"):
        root.attrib.pop(key, None)
    root.attrib.update({"aria-hidden": "true", "focusable": "false", "stroke-linejoin": "round"})


def _references(root: ElementTree.Element) -> Iterator[str]:
    for one in root.iter():
        for key, value in one.attrib.items():
            if key == _XLINK or "url(" in value:
                yield from _REFERENCE.findall(value)


def _unstyled(style: str) -> Iterator[tuple[str, str]]:
    """A style attribute as attributes: a strict policy of the page forbids the former."""
    for declared in style.split(";"):
        key, colon, value = declared.partition(":")
        if colon:
            yield key.strip(), value.strip()


def _attributes(
    one: ElementTree.Element, used: set[str], name: str, ink: str
) -> Iterator[tuple[str, str]]:
    for key, value in one.attrib.items():
        if key == "id":
            if value in used:
                yield "id", f"{name}-{value}"
        elif key == _XLINK:
            yield "href", value.replace("#", f"#{name}-", 1)
        elif "url(#" in value:
            yield key, value.replace("url(#", f"url(#{name}-")
        else:
            yield _local(key), "currentColor" if value == ink else value


def _local(name: str) -> str:
    return name.rpartition("}")[2]

"""Pictures of an SOP: its state machine and its decision table, as Mermaid and as SVG."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from graphs.diagrams.machine import machine_svg
from graphs.diagrams.mermaid import machine_mermaid, table_mermaid
from graphs.diagrams.table import table_svg
from graphs.sop import Sop

Format = Literal["mermaid", "svg"]
What = Literal["machine", "table"]

DRAWN: dict[tuple[Format, What], Callable[[Sop], str]] = {
    ("mermaid", "machine"): machine_mermaid,
    ("mermaid", "table"): table_mermaid,
    ("svg", "machine"): machine_svg,
    ("svg", "table"): table_svg,
}


def draw(sop: Sop, *, form: Format, what: What) -> str:
    """The picture of an SOP as text: the same text for the same SOP."""
    return DRAWN[form, what](sop)

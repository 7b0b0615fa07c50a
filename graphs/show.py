"""How an SOP looks to people."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from graphs.sop import Sop


def render_sop(sop: Sop) -> RenderableType:
    """Title, actions, factors and the decision table of an SOP."""
    title = f"{sop.spec.title} ({sop.name}@{sop.spec.version}, {sop.spec.case_type})"
    return Group(
        Text(title, style="bold"), Text(), _actions(sop), Text(), _factors(sop), Text(), _table(sop)
    )


def _actions(sop: Sop) -> Table:
    table = Table("action", "tool", "waits for", "required", box=None, header_style="bold")
    for action in sop.actions.values():
        required = "yes" if action.spec.required else ""
        table.add_row(action.name, action.tool.name, ", ".join(sorted(action.needs)), required)
    return table


def _factors(sop: Sop) -> Table:
    table = Table("factor", "rule or question", "burden", box=None, header_style="bold")
    for factor in sop.factors.values():
        told = Text(factor.spec.question or " ".join(str(factor.spec.rule).split()))
        table.add_row(factor.name, told, factor.spec.burden or "")
    return table


def _table(sop: Sop) -> Table:
    table = Table("#", "if", "then", "clauses", "route", box=None, header_style="bold")
    for row in sop.rows:
        spec = row.spec
        cells = (spec.condition, spec.then, ", ".join(spec.policy), spec.route.value)
        table.add_row(str(row.number), *(Text(cell) for cell in cells))
    return table

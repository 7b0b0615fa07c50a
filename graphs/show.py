"""How an SOP looks to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from graphs.differ import Difference
from graphs.explain import Explanation, Otherwise, RowTried
from graphs.prove import Finding
from graphs.sop import SOP_FILE, Sop


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
        cells = (spec.condition, " or ".join(spec.then), ", ".join(spec.policy), spec.route.value)
        table.add_row(str(row.number), *(Text(cell) for cell in cells))
    return table


def render_findings(found: Mapping[str, Sequence[Finding]]) -> RenderableType:
    """What the checker found, by SOP, each with its place and its smallest case."""
    lines: list[RenderableType] = []
    for name, findings in found.items():
        if not findings:
            lines.append(
                Text.assemble(("ok   ", "green"), f"{name}: complete, and every row is of use")
            )
        lines += [_finding(name, finding) for finding in findings]
    return Group(*lines)


def render_explanation(explanation: Explanation) -> RenderableType:
    """The rows as the case met them, and the nearest other outcomes."""
    table = Table("#", "if", "then", "", "because", box=None, header_style="bold")
    for row in explanation.rows:
        cells = (str(row.number), row.condition, row.then, row.ended, _because(row))
        table.add_row(*(Text(cell) for cell in cells))
    nearest = [Text(f"  {_nearest(other)}") for other in explanation.otherwise]
    heading = Text("Decided otherwise by the smallest change of facts:", style="bold")
    return Group(Text(f"Decision: {explanation.outcome}"), Text(), table, Text(), heading, *nearest)


def render_difference(difference: Difference) -> RenderableType:
    """What changes: parts of the file, outcomes by proof, past cases."""
    lines = [Text("Changed: " + (", ".join(difference.changed) or "nothing"))]
    for flip in difference.flips:
        told = _values(flip.example) or "every case"
        lines.append(Text(f"  {flip.before} becomes {flip.after}: smallest case {told}"))
    if not difference.flips:
        lines.append(Text("  no combination of the same factor values is decided otherwise"))
    lines += [Text(f"  {one.case_id}: {one.before} becomes {one.after}") for one in difference.past]
    count = f"{len(difference.past)} of {difference.compared} past cases would be decided otherwise"
    return Group(*lines, Text(count))


def _finding(name: str, finding: Finding) -> Text:
    style = "red" if finding.severity == "error" else "yellow"
    place = f"{name}/{SOP_FILE}:{finding.line}:{finding.column}"
    told = Text.assemble((f"{finding.severity}  ", style), f"{place}: {finding.message}")
    if finding.example:
        told.append(f"\n       smallest case: {_values(finding.example)}; nothing else matters")
    return told


def _because(row: RowTried) -> str:
    return "" if row.ended == "not reached" else _values(row.because)


def _nearest(other: Otherwise) -> str:
    if not other.reachable:
        return f"{other.outcome}: no change of the known facts leads there"
    return f"{other.outcome}: if {_values(other.changes)}"


def _values(values: Mapping[str, bool | None]) -> str:
    told = {True: "yes", False: "no", None: "unknown"}
    return ", ".join(f"{name} {told[value]}" for name, value in values.items())

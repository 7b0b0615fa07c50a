"""How an SOP looks to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from casewright.document import Document, Where
from casewright.models import Value
from casewright.render import visible
from graphs.counterexample import told
from graphs.differ import Difference
from graphs.explain import Explanation, Otherwise, RowTried
from graphs.merge import Merged, written_in
from graphs.policy import CLAUSES
from graphs.prove import Finding
from graphs.replay import PastFlip
from graphs.sentence import spell
from graphs.sop import Action, Sop

SECTIONS = ("actions", "factors", "scores", "classifications", "tiers")


def render_sop(sop: Sop) -> RenderableType:
    """Title, actions, factors, sums, the decision table and the clauses of an SOP.

    What came from a fragment, or from the SOP that it extends, says so.
    """
    title = f"{sop.spec.title} ({sop.name}@{sop.spec.version}, {sop.spec.case_type})"
    tables = [_actions(sop), _factors(sop), *_scores(sop), _table(sop), _clauses(sop)]
    spaced = (part for table in tables for part in (Text(), table))
    return Group(Text(title, style="bold"), *spaced)


def origins(sop: Sop) -> dict[str, str]:
    """Where parts were written that the SOP's own files do not say all of, by name."""
    named: list[tuple[Document, Where]] = [
        *(
            (sop.document, (key, name))
            for key in SECTIONS
            for name in sop.document.value.get(key, ())
        ),
        *((sop.document, row.where) for row in sop.rows),
        *((sop.pack, ("values", name)) for name in sop.policy.values),
        *((sop.pack, (CLAUSES, clause.reference)) for clause in sop.policy.clauses),
    ]
    found = ((where, written_in(document, where)) for document, where in named)
    return {".".join(map(str, where)): told for where, told in found if told}


def _actions(sop: Sop) -> Table:
    table = _headed(sop, "action", "tool", "waits for", "required")
    for action in sop.actions.values():
        required = "yes" if action.spec.required else ""
        waits = ", ".join(sorted(action.needs))
        _add(sop, table, ("actions", action.name), action.name, _called(action), waits, required)
    return table


def _called(action: Action) -> str:
    """The tool, and what bounds its calls."""
    spec = action.spec
    bounds = (
        f"for each of {spec.for_each}, at most {spec.limit}" if spec.for_each else "",
        f"within {spec.timeout}" if spec.timeout else "",
        f"not older than {spec.freshness}" if spec.freshness else "",
    )
    return ", ".join([action.tool.name, *filter(None, bounds)])


def _factors(sop: Sop) -> Table:
    table = _headed(sop, "factor", "rule, question or statistic", "burden")
    for factor in sop.factors.values():
        told = factor.spec.told
        where = ("factors", factor.name)
        _add(sop, table, where, factor.name, told, factor.spec.burden or "")
    return table


def _scores(sop: Sop) -> Iterator[Table]:
    if sop.spec.scores:
        table = _headed(sop, "score", "points", "threshold")
        for name, score in sop.spec.scores.items():
            points = ", ".join(f"{factor} {points}" for factor, points in score.points.items())
            _add(sop, table, ("scores", name), name, points, str(score.threshold))
        yield table


def _clauses(sop: Sop) -> Table:
    table = _headed(sop, "clause", "from day", "regions", "text")
    for clause in sop.policy.clauses:
        day, regions = clause.start.isoformat(), ", ".join(clause.regions)
        where = (CLAUSES, clause.reference)
        _add(sop, table, where, clause.clause_id, day, regions, clause.text)
    return table


def _headed(sop: Sop, *columns: str) -> Table:
    written = ("written in",) if _composed(sop) else ()
    return Table(*columns, *written, box=None, header_style="bold")


def _add(sop: Sop, table: Table, where: Where, *cells: str) -> None:
    document = sop.pack if where[0] == CLAUSES else sop.document
    written = (written_in(document, where),) if _composed(sop) else ()
    table.add_row(*(Text(cell) for cell in (*cells, *written)))


def _composed(sop: Sop) -> bool:
    return isinstance(sop.document, Merged) or isinstance(sop.pack, Merged)


def _table(sop: Sop) -> Table:
    table = _headed(sop, "#", "if", "then", "clauses", "route")
    for row in sop.rows:
        spec = row.spec
        cells = (spec.condition, " or ".join(spec.then), ", ".join(spec.policy), spec.route.value)
        number = f"{row.number} {spec.id}" if spec.id else str(row.number)
        _add(sop, table, row.where, number, *cells)
    return table


def render_findings(
    found: Mapping[str, Sequence[Finding]], sops: Mapping[str, Sop]
) -> RenderableType:
    """What the checker found, by SOP, each with its place and its smallest case.

    Args:
        found: Findings by the name of the SOP.
        sops: Those of them that load, by name.
    """
    lines: list[RenderableType] = []
    for name, findings in found.items():
        if not findings:
            sound = f"{name}: complete, and every row is of use"
            lines.append(Text.assemble(("ok   ", "green"), sound))
        lines += [_finding(sops.get(name), finding) for finding in findings]
        if any(finding.example for finding in findings):
            lines.append(Text(f"As examples to fill in: casewright sop check {name} --stub"))
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
    lines += [Text(f"  {visible(_past(one))}") for one in difference.past]
    count = f"{len(difference.past)} of {difference.compared} past cases would be decided otherwise"
    return Group(*lines, Text(count))


def _past(flip: PastFlip) -> str:
    settled = f"; settled as {flip.settled}" if flip.settled else ""
    lacks = f"; without evidence of {', '.join(flip.lacks)}" if flip.lacks else ""
    return f"{flip.case_id}: {flip.before} becomes {flip.after}{settled}{lacks}"


def _finding(sop: Sop | None, finding: Finding) -> RenderableType:
    style = "red" if finding.severity == "error" else "yellow"
    place = f"{finding.file}:{finding.line}:{finding.column}"
    said = Text.assemble((f"{finding.severity}  ", style), f"{place}: {visible(finding.message)}")
    if sop is None or not finding.example:
        return said
    case = [
        Padding(Text(visible(line)), (0, 0, 0, 9), expand=False)
        for line in told(sop, finding.example)
    ]
    return Group(said, Text("       the smallest such case; nothing else matters:"), *case)


def _because(row: RowTried) -> str:
    return "" if row.ended == "not reached" else _values(row.because)


def _nearest(other: Otherwise) -> str:
    if not other.reachable:
        return f"{other.outcome}: no change of the known facts leads there"
    return f"{other.outcome}: if {_values(other.changes)}"


def _values(values: Mapping[str, Value] | Mapping[str, Value | None]) -> str:
    return ", ".join(
        f"{name} {'unknown' if value is None else spell(value)}" for name, value in values.items()
    )

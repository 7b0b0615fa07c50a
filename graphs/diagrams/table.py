"""An SOP's decision table as a picture, with the sums, classes and tiers that its rows ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from casewright.models import Route
from graphs.diagrams.svg import EDGE, LINE, Canvas, grid
from graphs.sop import CLASSES, SCORES, TIERS, Sop
from graphs.sum_schema import SumSpec
from graphs.table_schema import CellSpec, MatrixSpec, RowSpec

HIT_POLICIES = {
    "first": "the first row that matches decides",
    "unique": "one row at most may match; more than one escalate",
    "priority": "of the rows that match, the one whose outcome stands first decides",
    "collect": "all rows that match are cited, and the strictest or mildest of them decides",
}


def table_svg(sop: Sop) -> str:
    """The table as SVG: rows, matrix, scores, classes and tiers, as far as the SOP has them."""
    decision = sop.spec.decision
    picture = _Picture(f"{sop.spec.title}: decision table")
    told = HIT_POLICIES.get(decision.hit_policy, "")
    picture.heading(f"{sop.name}@{sop.spec.version}", f"hit policy {decision.hit_policy}: {told}")
    rows = [_row(number, spec) for number, spec in enumerate(decision.table, start=1)]
    if rows:
        picture.grid(("#", "if", "then", "clauses", "route"), rows, (4, 60, 24, 22, 14))
    if decision.matrix:
        _matrix(picture, decision.matrix)
    _sums(picture, sop)
    return picture.canvas.svg()


class _Picture:
    """Headings and tables one below the other."""

    def __init__(self, title: str) -> None:
        self.canvas = Canvas(title)
        self._y = float(EDGE)

    def heading(self, title: str, told: str = "") -> None:
        self._y += LINE
        self.canvas.text(EDGE, self._y, title, "bold")
        self._y += LINE
        if told:
            self.canvas.text(EDGE, self._y, told, "quiet")
            self._y += LINE

    def grid(
        self, head: Sequence[str], rows: Iterable[Sequence[str]], limits: Sequence[int]
    ) -> None:
        self._y = grid(self.canvas, EDGE, self._y, head, rows, limits) + LINE / 2


def _row(number: int, spec: RowSpec) -> tuple[str, ...]:
    then = " or ".join(spec.then) + (" (a person chooses)" if spec.discretion else "")
    return str(number), spec.condition, then, ", ".join(spec.policy), spec.route.value


def _matrix(picture: _Picture, matrix: MatrixSpec) -> None:
    names = dict.fromkeys(name for cells in matrix.cells.values() for name in cells)
    rows = [
        (row, *(_cell(cells[name], matrix) if name in cells else "" for name in names))
        for row, cells in matrix.cells.items()
    ]
    picture.heading(f"{matrix.rows} by {matrix.columns}", ", ".join(matrix.policy))
    picture.grid(("", *names), rows, (24, *(24 for _ in names)))


def _cell(cell: CellSpec, matrix: MatrixSpec) -> str:
    route = cell.route if "route" in cell.model_fields_set else matrix.route
    told = [cell.then, *cell.policy, *([] if route is Route.REVIEW else [f"({route.value})"])]
    return " ".join(told)


def _sums(picture: _Picture, sop: Sop) -> None:
    if sop.spec.scores:
        picture.heading(SCORES, "met where the points of the factors that are true reach it")
        rows = [(name, *_points(spec)) for name, spec in sop.spec.scores.items()]
        picture.grid(("score", "points", "reaches"), rows, (28, 60, 8))
    for name, one in sop.spec.classifications.items():
        classes = [(key, *_points(spec), spec.group) for key, spec in one.classes.items()]
        order = f"of equal sums: {', '.join(one.priority)}; else {one.otherwise}"
        picture.heading(f"{CLASSES}.{name}", order)
        picture.grid(("class", "points", "reaches", "group"), classes, (28, 60, 8, 20))
    for name, tiers in sop.spec.tiers.items():
        listed = [(one.tier, ", ".join(one.any), ", ".join(one.all)) for one in tiers]
        picture.heading(f"{TIERS}.{name}", "the first tier that is reached")
        picture.grid(("tier", "any of", "all of"), listed, (20, 44, 44))


def _points(spec: SumSpec) -> tuple[str, str]:
    points = ", ".join(f"{factor} {points:+}" for factor, points in spec.points.items())
    return points, str(spec.threshold)

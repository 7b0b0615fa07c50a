"""What an ``sop.yaml`` may say of its decision: rows, and matrices that stand for rows."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from casewright.models import ESCALATE, Model, Route
from graphs.words import ExpressionText, Name, OneOrMore


class RowSpec(Model):
    """One row of the decision table.

    Attributes:
        id: A name by which an SOP that extends this one can change the row.
        condition: Expression over factors, scores, classes and tiers (key ``if``).
        then: The outcome; with ``discretion`` the outcomes that a person chooses between.
        policy: The clauses that say so.
        route: The least strict route the row allows.
        discretion: Whether a person decides between the listed outcomes.
    """

    id: Name | None = None
    condition: ExpressionText = Field(alias="if")
    then: OneOrMore
    policy: tuple[str, ...] = ()
    route: Route = Route.REVIEW
    discretion: bool = False

    @model_validator(mode="after")
    def _one_outcome(self) -> RowSpec:
        if self.discretion != (len(self.then) > 1):
            raise ValueError("`then` lists several outcomes exactly where `discretion` is true")
        return self

    @property
    def outcome(self) -> str:
        """What the row decides; with discretion a person has to."""
        return ESCALATE if self.discretion else self.then[0]


class CellSpec(Model):
    """One cell of a matrix, where it says more than its outcome."""

    then: str
    policy: tuple[str, ...] = ()
    route: Route = Route.REVIEW


def _plain_cell(value: object) -> object:
    return {"then": value} if isinstance(value, str) else value


Cell = Annotated[CellSpec, BeforeValidator(_plain_cell, json_schema_input_type=str | CellSpec)]
"""A cell; a plain text is its outcome."""


class MatrixSpec(Model):
    """Rows written as class by tier; each cell stands for a row, in reading order.

    Attributes:
        rows: Path of the class, such as ``classes.kind``.
        columns: Path of the tier, such as ``tiers.risk``.
        cells: Outcome, or cell, by class and tier.
        policy: Clauses of cells that name none.
        route: Route of cells that name none.
    """

    rows: ExpressionText
    columns: ExpressionText
    cells: dict[Name, dict[Name, Cell]]
    policy: tuple[str, ...] = ()
    route: Route = Route.REVIEW

    def row(self, row: str, column: str) -> RowSpec:
        """The row of the table that a cell stands for."""
        said = self.cells[row][column]
        given = said.model_fields_set
        return RowSpec.model_validate(
            {
                "if": f'{self.rows} == "{row}" && {self.columns} == "{column}"',
                "then": said.then,
                "policy": said.policy if "policy" in given else self.policy,
                "route": said.route if "route" in given else self.route,
            }
        )


class TableSpec(Model):
    """The decision table, in DMN's words.

    Attributes:
        hit_policy: ``first``: the first row that matches decides. ``unique``: at most one may
            match; more than one escalates. ``priority``: of all that match, the one whose outcome
            stands first among the SOP's outcomes. ``collect``: all that match are cited, and
            their outcomes become one by ``aggregate``.
        aggregate: Under ``collect``, the ``strictest`` outcome of the rows that match, which is the
            one that stands first among the SOP's outcomes, or the ``mildest``.
        table: The rows.
        matrix: More rows, written as class by tier, below those of the table.
    """

    hit_policy: Literal["first", "unique", "priority", "collect"]
    aggregate: Literal["strictest", "mildest"] | None = None
    table: tuple[RowSpec, ...] = ()
    matrix: MatrixSpec | None = None

    @model_validator(mode="after")
    def _some_row(self) -> TableSpec:
        if not self.table and self.matrix is None:
            raise ValueError("a decision has a table, a matrix or both")
        if (self.hit_policy == "collect") != (self.aggregate is not None):
            raise ValueError("`aggregate` says, under `collect` alone, how outcomes become one")
        return self

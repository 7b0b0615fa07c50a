"""Checks the names of a loaded SOP: everything it speaks of must exist."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from casewright.document import Document, unknown_name
from casewright.models import Case
from graphs.logic import Expression
from graphs.schema import RowSpec
from graphs.scope import Path, spelled
from graphs.sop import CASE, POLICY, SCORES, Action, FactorRule, Sop
from tools.base import WrittenByParty

Where = tuple[str | int, ...]

CASE_FIELDS = (Case.model_fields.keys() - {"impact"}) | {"impact_cents", "currency"}
"""A case as it is frozen: its money lies flat, as everywhere in evidence."""

PARTY_PATHS: tuple[Path, ...] = ((CASE,), (CASE, "text"))
"""Where a party's text lies in a case: the Case model, unlike a tool's result, bears no mark."""


def check_names(sop: Sop, document: Document) -> None:
    """Raise the first SopError over actions, factors, sentences, scores, rows and gate."""
    checker = _Checker(sop, document)
    checker.own_names()
    checker.actions()
    checker.factors()
    checker.decision()
    checker.gate()


class _Checker:
    def __init__(self, sop: Sop, document: Document) -> None:
        self._sop = sop
        self._document = document

    def own_names(self) -> None:
        for kind, names, taken in (
            ("actions", self._sop.actions, (CASE, POLICY)),
            ("factors", self._sop.factors, (SCORES,)),
        ):
            for name in (name for name in taken if name in names):
                message = f"{name!r} has a meaning of its own; call it something else"
                raise self._document.error(message, (kind, name))

    def actions(self) -> None:
        for name, action in self._sop.actions.items():
            self._arguments(action)
            for argument, expression in action.arguments.items():
                self._facts(expression, ("actions", name, "with", argument))
            if action.when:
                self._facts(action.when, ("actions", name, "when"))
            if action.spec.ask:
                where = ("actions", name, "ask")
                self._known("factor with a question to ask", action.spec.ask, self._asking, where)
        self._no_cycle()

    @property
    def _asking(self) -> Collection[str]:
        return [name for name, factor in self._sop.factors.items() if factor.spec.ask]

    def _arguments(self, action: Action) -> None:
        fields = {f.alias or name: f for name, f in action.tool.arguments.model_fields.items()}
        where: Where = ("actions", action.name, "with")
        for argument in action.arguments:
            self._known("argument", argument, fields, (*where, argument))
        for name, field in fields.items():
            if field.is_required() and name not in action.arguments:
                message = f"the tool {action.tool.name!r} needs the argument {name!r}"
                raise self._document.error(message, where)

    def _no_cycle(self) -> None:
        graph = {name: action.needs for name, action in self._sop.actions.items()}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = " → ".join(reversed(error.args[1]))
            raise self._document.error(
                f"actions wait for each other: {circle}", ("actions", error.args[1][0])
            ) from error

    def factors(self) -> None:
        for name, factor in self._sop.factors.items():
            if factor.rule:
                self._facts(factor.rule, ("factors", name, "rule"), policy=True)
            for index, field in enumerate(factor.read):
                self._facts(field, ("factors", name, "read", index))
            self._sentences(factor)

    def _sentences(self, factor: FactorRule) -> None:
        for value, key in ((True, "yes"), (False, "no")):
            where: Where = ("factors", factor.name, "says", key)
            for path in (hole for sentence in factor.says[value] for hole in sentence.holes):
                self._fact_path(path, where, policy=True)
                if path in PARTY_PATHS or _by_party(self._model_of(path), path[1:]):
                    message = f"{spelled(path)} was written by a party; quote, not fill"
                    raise self._document.error(message, where)

    def decision(self) -> None:
        for name, score in self._sop.spec.scores.items():
            for factor in score.points:
                where: Where = ("scores", name, "points", factor)
                self._known("factor", factor, self._sop.factors, where)
        for index, row in enumerate(self._sop.rows):
            self._row(row.spec, row.condition, ("decision", "table", index))

    def _row(self, spec: RowSpec, condition: Expression, where: Where) -> None:
        names = {*self._sop.factors, SCORES}
        for path in sorted(condition.node.paths(), key=str):
            self._known("factor", str(path[0]), names, (*where, "if"))
            if path[0] == SCORES:
                self._score(path, (*where, "if"))
            elif len(path) > 1:
                message = f"{path[0]!r} is true or false; {spelled(path)} asks for more"
                raise self._document.error(message, (*where, "if"))
        self._known("outcome", spec.then, self._sop.outcomes, (*where, "then"))
        for number, clause in enumerate(spec.policy):
            valid = self._sop.policy.clause_ids
            self._known("clause", clause, valid, (*where, "policy", number))

    def _score(self, path: Path, where: Where) -> None:
        self._known("score", spelled(path[1:2]), self._sop.spec.scores, where)
        if path[2:] != ("met",):
            message = f"a score is asked as scores.{path[1]}.met, not as {spelled(path)}"
            raise self._document.error(message, where)

    def gate(self) -> None:
        self._facts(self._sop.fact_date, ("fact_date",))
        if self._sop.senior_if:
            self._facts(self._sop.senior_if, ("gate", "senior_if"))
        if self._sop.legal_if:
            self._facts(self._sop.legal_if, ("gate", "legal_if"))

    def _facts(self, expression: Expression, where: Where, *, policy: bool = False) -> None:
        for path in sorted(expression.node.paths(), key=str):
            self._fact_path(path, where, policy=policy)

    def _fact_path(self, path: Path, where: Where, *, policy: bool) -> None:
        names = {*self._sop.actions, CASE, *((POLICY,) if policy else ())}
        self._known("action", str(path[0]), names, where)
        if path[0] == POLICY:
            self._known("policy value", ".".join(map(str, path[1:])), self._values, where)
        else:
            self._fields(self._model_of(path), path, where)

    @property
    def _values(self) -> Collection[str]:
        return self._sop.policy.values

    def _model_of(self, path: Path) -> Any:
        action = self._sop.actions.get(str(path[0]))
        return action.tool.result if action else Case if path[0] == CASE else None

    def _fields(self, model: Any, path: Path, where: Where) -> None:
        for step in path[1:]:
            fields = CASE_FIELDS if model is Case else _fields_of(model)
            if fields is not None and isinstance(step, str):
                self._known(f"field of {path[0]!r}", step, fields, where)
            model = _below(model, step)

    def _known(self, kind: str, name: str, valid: Collection[str], where: Where) -> None:
        if name not in valid:
            raise unknown_name(self._document, where, kind, name, valid)


def _fields_of(kind: Any) -> dict[str, Any] | None:
    """Field annotations of a model by the name they have in JSON, or None for anything else."""
    for part in _alternatives(kind):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return {
                field.serialization_alias or field.alias or name: _annotation(field)
                for name, field in part.model_fields.items()
            }
    return None


def _annotation(field: Any) -> Any:
    marks = tuple(field.metadata)
    return Annotated[(field.annotation, *marks)] if marks else field.annotation


def _below(kind: Any, step: str | int) -> Any:
    fields = _fields_of(kind)
    if fields is not None:
        return fields.get(str(step))
    for part in _alternatives(kind):
        if get_origin(part) in (list, tuple) and isinstance(step, int):
            return get_args(part)[0]
    return None


def _alternatives(kind: Any) -> Iterator[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(kind):
            yield from _alternatives(part)
    else:
        yield kind


def _by_party(kind: Any, steps: Path) -> bool:
    for step in steps:
        kind = _below(kind, step)
    return _holds_party_text(kind)


def _holds_party_text(kind: Any) -> bool:
    """Whether the field, or anything below it, is marked as written by a party."""
    if any(isinstance(mark, WrittenByParty) for mark in getattr(kind, "__metadata__", ())):
        return True
    within = (_fields_of(kind) or {}).values()
    return any(_holds_party_text(part) for part in (*get_args(kind), *within))

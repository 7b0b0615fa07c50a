"""Checks the types of a loaded SOP's expressions against what its tools and its policy declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from casewright.document import Where
from casewright.errors import UnknownName
from graphs.consequences import PARAMETERS, ParameterRule, Step
from graphs.infer import TypeFault, infer
from graphs.kinds import Domain
from graphs.logic import Expression
from graphs.sop import CASE, POLICY, VALUE, Action, FactorRule, Sop
from graphs.typed import (
    ANY,
    BOOL,
    INT,
    NUMBER,
    TEXT,
    TIME,
    Type,
    case_type,
    record,
    type_of,
    value_type,
)

LIST = Type("list")
DOMAINS: Mapping[str, Type] = {"bool": BOOL, "integer": INT, "number": NUMBER, "enum": TEXT}
PARAMETER_TYPES: Mapping[str, Type] = {"integer": INT, "number": NUMBER, "text": TEXT, "ids": LIST}

FITS: Mapping[str, frozenset[str]] = {
    "int": frozenset({"int", "money"}),
    "money": frozenset({"int", "money"}),
    "number": frozenset({"int", "number", "money"}),
    "time": frozenset({"time", "text"}),
    "list": frozenset({"list", "text"}),
}
"""What else may stand where a type is wanted: a text can hold a time, one id is a list of ids."""


def check_types(sop: Sop) -> None:
    """Raise the first SopError over what does not go together; every name in the SOP exists."""
    checker = _TypeChecker(sop)
    for action in sop.actions.values():
        checker.action(action)
    for factor in sop.factors.values():
        checker.factor(factor)
    checker.gate()
    checker.outcomes()


def condition_fault(sop: Sop, condition: Expression) -> str:
    """What is wrong with a condition over a case's evidence that stands outside its SOP's files.

    Returns:
        One sentence, or an empty string where the SOP's cases can be asked.
    """
    names = _evidence_of(sop)
    if unknown := sorted(condition.node.roots - names.keys()):
        return UnknownName.among("action", unknown[0], names).message
    try:
        found = infer(condition.text, names)
    except TypeFault as fault:
        return str(fault)
    return "" if _fits(found, BOOL) else f"`{condition.text}` is {found.told}, not {BOOL.told}"


def _evidence_of(sop: Sop) -> dict[str, Type]:
    actions = {name: Type("record", model=one.result) for name, one in sop.actions.items()}
    return {**actions, CASE: case_type()}


class _TypeChecker:
    def __init__(self, sop: Sop) -> None:
        self._sop = sop
        self._names: dict[str, Type] = {
            **_evidence_of(sop),
            POLICY: _policy(sop),
        }

    def action(self, action: Action) -> None:
        where: Where = ("actions", action.name)
        self._wanted(action.when, BOOL, (*where, "when"))
        inner: dict[str, Type] = {}
        if action.for_each is not None:
            over = self._type(action.for_each, (*where, "for_each"))
            if over.kind not in ("any", "list"):
                told = f"`{action.for_each.text}` is {over.told}, which is no list"
                raise self._sop.document.error(told, (*where, "for_each"))
            inner = {str(action.spec.element): over.of or ANY}
        self._given(action.arguments, action.tool.arguments, (*where, "with"), inner)

    def factor(self, factor: FactorRule) -> None:
        where: Where = ("factors", factor.name)
        self._wanted(factor.rule, _of_domain(factor.domain), (*where, "rule"))
        self._wanted(factor.needs_first, BOOL, (*where, "needs"))
        self._wanted(factor.unknown_if, BOOL, (*where, "unknown_if"))
        if factor.measured:
            inputs = factor.measured.statistic.inputs
            self._given(factor.measured.inputs, inputs, (*where, "with"), {})
            value = {VALUE: NUMBER}
            wanted = _of_domain(factor.domain)
            self._wanted(factor.measured.holds, wanted, (*where, "holds"), value)

    def gate(self) -> None:
        self._wanted(self._sop.fact_date, TIME, ("fact_date",))
        self._wanted(self._sop.senior_if, BOOL, ("gate", "senior_if"))
        self._wanted(self._sop.legal_if, BOOL, ("gate", "legal_if"))
        self._wanted(self._sop.auto_when, BOOL, ("gate", "auto", "when"))

    def outcomes(self) -> None:
        parameters: dict[str, Type] = {}
        for name, follows in self._sop.consequences.items():
            own = {key: _parameter(rule) for key, rule in follows.parameters.items()}
            parameters |= own
            for rule in follows.parameters.values():
                for key, expression in rule.stated():
                    where = ("outcomes", name, "parameters", rule.name, key)
                    self._wanted(expression, PARAMETER_TYPES[rule.spec.type], where)
            self._steps(follows.enforce, own)
        self._steps([effect.step for effect in self._sop.side_effects], parameters)
        factors = {name: _of_domain(one.domain) for name, one in self._sop.factors.items()}
        for measure in self._sop.measures:
            self._wanted(measure.condition, BOOL, ("interim", measure.name, "if"), factors)
            self._steps((measure.step, measure.undo), {})

    def _steps(self, steps: Iterable[Step], parameters: Mapping[str, Type]) -> None:
        inner = {PARAMETERS: record(parameters)}
        for step in steps:
            self._given(step.arguments, step.tool.arguments, (*step.where, "with"), inner)

    def _given(
        self,
        given: Mapping[str, Expression],
        wanted: type[BaseModel],
        where: Where,
        inner: Mapping[str, Type],
    ) -> None:
        fields = {one.alias or key: one.annotation for key, one in wanted.model_fields.items()}
        for name, expression in given.items():
            self._wanted(expression, type_of(fields[name]), (*where, name), inner)

    def _wanted(
        self,
        expression: Expression | None,
        wanted: Type,
        where: Where,
        inner: Mapping[str, Type] | None = None,
    ) -> None:
        if expression is None:
            return
        found = self._type(expression, where, inner)
        if not _fits(found, wanted):
            told = f"`{expression.text}` is {found.told}, and {wanted.told} is wanted here"
            raise self._sop.document.error(told, where)
        for word in found.words if found.literal and wanted.words else ():
            if word not in wanted.words:
                told = f"{word!r} is none of {', '.join(wanted.words)}"
                raise self._sop.document.error(told, where)

    def _type(
        self, expression: Expression, where: Where, inner: Mapping[str, Type] | None = None
    ) -> Type:
        try:
            return infer(expression.text, {**self._names, **(inner or {})})
        except TypeFault as fault:
            raise self._sop.document.error(str(fault), where) from fault


def _fits(found: Type, wanted: Type) -> bool:
    if "any" in (found.kind, wanted.kind) or found.kind == wanted.kind:
        return True
    return found.kind in FITS.get(wanted.kind, ())


def _policy(sop: Sop) -> Type:
    return record(
        {name: value_type(value.present(), name=name) for name, value in sop.policy.values.items()}
    )


def _of_domain(domain: Domain) -> Type:
    return Type("text", words=domain.values) if domain.values else DOMAINS[domain.kind]


def _parameter(rule: ParameterRule) -> Type:
    kind: Any = {"integer": int, "number": float, "text": str}.get(rule.spec.type)
    return LIST if kind is None else type_of(kind, name=rule.name)

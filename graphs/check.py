"""Checks the names of a loaded SOP: everything it speaks of must exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, get_args, get_origin

from casewright.document import Where, unknown_name
from casewright.models import Case
from graphs.compared import compared
from graphs.conditions import condition_problems
from graphs.consequences import NOTHING, PARAMETERS, Step
from graphs.kinds import Domain
from graphs.logic import Expression
from graphs.scope import Path, spelled
from graphs.sentence import OWN
from graphs.sop import (
    CASE,
    CLASSES,
    POLICY,
    ROUTE_FACTORS,
    SCORES,
    TIERS,
    VALUE,
    Action,
    FactorRule,
    Row,
    Sop,
)
from graphs.sum_schema import SumSpec
from graphs.sums import UNREACHED
from graphs.typed import alternatives, fields_of
from tools.base import WrittenByParty

CASE_FIELDS = (Case.model_fields.keys() - {"impact"}) | {"impact_cents", "currency", "as_of"}
"""A case as it is frozen: its money lies flat, and beside it the moment it is judged at."""

PARTY_PATHS: tuple[Path, ...] = ((CASE,), (CASE, "text"))
"""Where a party's text lies in a case: the Case model, unlike a tool's result, bears no mark."""


def check_names(sop: Sop) -> None:
    """Raise the first SopError over actions, factors, sentences, scores, rows and gate."""
    checker = _Checker(sop)
    checker.own_names()
    checker.actions()
    checker.factors()
    checker.decision()
    checker.outcomes()
    checker.measures()
    checker.gate()
    checker.costs()
    checker.examples()


class _Checker:
    def __init__(self, sop: Sop) -> None:
        self._sop = sop
        self._document = sop.document

    def own_names(self) -> None:
        for kind, names, taken in (
            ("actions", self._sop.actions, (CASE, POLICY, PARAMETERS, VALUE)),
            ("factors", self._sop.factors, (SCORES, *ROUTE_FACTORS)),
        ):
            for name in (name for name in taken if name in names):
                message = f"{name!r} has a meaning of its own; call it something else"
                raise self._document.error(message, (kind, name))

    def actions(self) -> None:
        for name, action in self._sop.actions.items():
            self._arguments(action)
            inner = self._element(action)
            for argument, expression in action.arguments.items():
                self._facts(expression, ("actions", name, "with", argument), inner=inner)
            if action.when:
                self._facts(action.when, ("actions", name, "when"))
            if action.spec.ask:
                where = ("actions", name, "ask")
                self._known("factor with a question to ask", action.spec.ask, self._asking, where)
        self._no_cycle()

    def _element(self, action: Action) -> dict[str, Any]:
        """What the element of a list is called that an action goes over, and its type."""
        each, name = action.for_each, action.spec.element
        if each is None or name is None:
            return {}
        where: Where = ("actions", action.name, "for_each")
        if name in self._sop.actions or name in (CASE, POLICY):
            message = f"{name!r} means something else already; call the element otherwise"
            raise self._document.error(message, (*where[:2], "as"))
        self._facts(each, where)
        return {name: None}  # its fields are checked with its type

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
            self._measured(factor)
            for key, guard in (("needs", factor.needs_first), ("unknown_if", factor.unknown_if)):
                if guard:
                    self._facts(guard, ("factors", name, key), policy=True)
            for index, field in enumerate(factor.read):
                self._facts(field, ("factors", name, "read", index))
            self._sentences(factor)

    def _measured(self, factor: FactorRule) -> None:
        measured, where = factor.measured, ("factors", factor.name)
        if measured is None:
            return
        fields = measured.statistic.inputs.model_fields
        for name, expression in measured.inputs.items():
            self._known(f"input of {measured.statistic.name}", name, fields, (*where, "with", name))
            self._facts(expression, (*where, "with", name), policy=True)
        for name, field in fields.items():
            if field.is_required() and name not in measured.inputs:
                message = f"the statistic {measured.statistic.name!r} needs the input {name!r}"
                raise self._document.error(message, (*where, "with"))
        self._facts(measured.holds, (*where, "holds"), policy=True, inner={VALUE: float})

    def _sentences(self, factor: FactorRule) -> None:
        for value, sentences in factor.says.items():
            key = () if value is None else ("yes" if value else "no",)
            where: Where = ("factors", factor.name, "says", *key)
            holes = [hole for sentence in sentences for hole in sentence.holes if hole != OWN]
            for path in holes:
                self._fact_path(path, where, policy=True)
                if path in PARTY_PATHS or _by_party(self._model_of(path), path[1:]):
                    message = f"{spelled(path)} was written by a party; quote, not fill"
                    raise self._document.error(message, where)

    def decision(self) -> None:
        spec = self._sop.spec
        for name, score in spec.scores.items():
            self._points(score, ("scores", name))
        for name, classification in spec.classifications.items():
            for one, sums in classification.classes.items():
                self._points(sums, ("classifications", name, "classes", one))
        for name, tiers in self._sop.tiers.items():
            for index, (_, conditions, _) in enumerate(tiers):
                for condition in conditions:
                    self._condition(condition, ("tiers", name, index), below=(SCORES, CLASSES))
        for row in self._sop.rows:
            self._row(row)

    def _points(self, spec: SumSpec, where: Where) -> None:
        terms = (("points", spec.points, False), ("weights", spec.weights, True))
        for key, names, numeric in terms:
            for factor in names:
                place = (*where, key, factor)
                self._known("factor", factor, self._sop.factors, place)
                domain = self._sop.factors[factor].domain
                if domain.numeric is not numeric or domain.kind == "enum":
                    wanted = "a number has weights" if numeric else "yes or no has points"
                    raise self._document.error(f"{wanted}; {factor} is {domain.told}", place)

    def _row(self, row: Row) -> None:
        self._condition(row.condition, (*row.where, "if"), below=(SCORES, CLASSES, TIERS))
        for outcome in row.spec.then:
            self._known("outcome", outcome, self._sop.outcomes, (*row.where, "then"))
        for number, clause in enumerate(row.spec.policy):
            valid = self._sop.policy.clause_ids
            self._known("clause", clause, valid, (*row.where, "policy", number))

    def _condition(self, condition: Expression, where: Where, *, below: tuple[str, ...]) -> None:
        for path in sorted(condition.node.paths(), key=str):
            self._known("factor", str(path[0]), {*self._sop.factors, *below}, where)
            if path[0] in below:
                self._derived(path, where)
            elif len(path) > 1:
                told = self._sop.factors[str(path[0])].domain.told
                message = f"{path[0]!r} is {told}; {spelled(path)} asks for more"
                raise self._document.error(message, where)
        for problem in condition_problems(condition.node, self._domains):
            raise self._document.error(problem, where)
        for found in compared(condition.node):
            for value in found.values:
                kind = f"value of {spelled(found.path)}"
                self._known(kind, value, self._values_of(found.path), where)

    @property
    def _domains(self) -> dict[str, Domain]:
        return {name: rule.domain for name, rule in self._sop.factors.items()}

    def _derived(self, path: Path, where: Where) -> None:
        spec = self._sop.spec
        known: dict[str, tuple[str, Collection[str], Path]] = {
            SCORES: ("score", spec.scores, ("met",)),
            CLASSES: ("classification", spec.classifications, ()),
            TIERS: ("list of tiers", spec.tiers, ()),
        }
        kind, names, tail = known[str(path[0])]
        self._known(kind, spelled(path[1:2]), names, where)
        if path[2:] != tail:
            right = spelled((*path[:2], *tail))
            message = f"a {kind} is asked as {right}, not as {spelled(path)}"
            raise self._document.error(message, where)

    def _values_of(self, path: Path) -> Collection[str]:
        spec = self._sop.spec
        if path[0] == CLASSES:
            classification = spec.classifications[str(path[1])]
            return [*classification.classes, classification.otherwise]
        if path[0] == TIERS:
            return [*(one.tier for one in spec.tiers[str(path[1])]), UNREACHED]
        return self._sop.factors[str(path[0])].domain.values

    def outcomes(self) -> None:
        for name, follows in self._sop.consequences.items():
            for parameter in follows.parameters.values():
                where: Where = ("outcomes", name, "parameters", parameter.name)
                for key, expression in parameter.stated():
                    self._facts(expression, (*where, key), policy=True)
            for step in follows.enforce:
                self._step(step, follows.parameters)
        for effect in self._sop.side_effects:
            self._outcomes_of(effect.on, ("side_effects", effect.name, "on"))
            given = [self._sop.consequences.get(one, NOTHING).parameters for one in effect.on]
            self._step(effect.step, set(given[0]).intersection(*given[1:]))

    def measures(self) -> None:
        for measure in self._sop.measures:
            where: Where = ("interim", measure.name)
            self._outcomes_of(measure.keep_on, (*where, "keep_on"))
            self._step(measure.step, ())
            self._step(measure.undo, ())
            for path in sorted(measure.condition.node.paths(), key=str):
                if path[0] in self._sop.factors and path[0] in self._sop.actions:
                    message = f"{path[0]!r} is an action and a factor; call one something else"
                    raise self._document.error(message, (*where, "if"))
                if path[0] not in self._sop.factors:
                    self._fact_path(path, (*where, "if"), policy=True)

    def _outcomes_of(self, names: Collection[str], where: Where) -> None:
        for outcome in names:
            self._known("outcome", outcome, self._sop.outcomes, where)

    def _step(self, step: Step, parameters: Collection[str]) -> None:
        for argument, expression in step.arguments.items():
            where: Where = (*step.where, "with", argument)
            for path in sorted(expression.node.paths(), key=str):
                if path[0] == PARAMETERS:
                    self._known("parameter", spelled(path[1:]), parameters, where)
                else:
                    self._fact_path(path, where, policy=True)

    def gate(self) -> None:
        self._facts(self._sop.fact_date, ("fact_date",))
        if self._sop.senior_if:
            self._facts(self._sop.senior_if, ("gate", "senior_if"))
        if self._sop.legal_if:
            self._facts(self._sop.legal_if, ("gate", "legal_if"))
        if self._sop.auto_when:
            self._facts(self._sop.auto_when, ("gate", "auto", "when"))
        for index, outcome in enumerate(self._sop.spec.gate.auto_outcomes):
            own = self._sop.spec.outcomes
            self._known("outcome", outcome, own, ("gate", "auto_outcomes", index))

    def costs(self) -> None:
        spec, own = self._sop.spec.costs, self._sop.spec.outcomes
        if spec is None:
            return
        for index, outcome in enumerate(spec.order):
            self._known("outcome", outcome, own, ("costs", "order", index))
        for outcome in own:
            if outcome not in spec.order:
                message = f"{outcome!r} is missing: all outcomes have a place, the mildest first"
                raise self._document.error(message, ("costs", "order"))

    def examples(self) -> None:
        for index, example in enumerate(self._sop.spec.examples):
            where: Where = ("examples", index)
            for name, value in example.facts.items():
                self._known("factor", name, self._sop.factors, (*where, "facts", name))
                domain = self._sop.factors[name].domain
                if not (domain.types(value) and domain.holds(value)):
                    message = f"{name} is {domain.told}, not {value}"
                    raise self._document.error(message, (*where, "facts", name))
            self._known("outcome", example.then, self._sop.outcomes, (*where, "then"))

    def _facts(
        self,
        expression: Expression,
        where: Where,
        *,
        policy: bool = False,
        inner: Mapping[str, Any] | None = None,
    ) -> None:
        for path in sorted(expression.node.paths(), key=str):
            if inner and path[0] in inner:
                self._fields(inner[str(path[0])], path, where)
            else:
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
        return action.result if action else Case if path[0] == CASE else None

    def _fields(self, model: Any, path: Path, where: Where) -> None:
        for step in path[1:]:
            fields = CASE_FIELDS if model is Case else fields_of(model)
            if fields is not None and isinstance(step, str):
                self._known(f"field of {path[0]!r}", step, fields, where)
            model = _below(model, step)

    def _known(self, kind: str, name: str, valid: Collection[str], where: Where) -> None:
        if name not in valid:
            raise unknown_name(self._document, where, kind, name, valid)


def _below(kind: Any, step: str | int) -> Any:
    fields = fields_of(kind)
    if fields is not None:
        return fields.get(str(step))
    for part in alternatives(kind):
        if get_origin(part) in (list, tuple) and isinstance(step, int):
            return get_args(part)[0]
    return None


def _by_party(kind: Any, steps: Path) -> bool:
    """Whether a party wrote what lies there, or something above or below it."""
    for step in steps:
        if _marked(kind):
            return True
        kind = _below(kind, step)
    return _holds_party_text(kind)


def _marked(kind: Any) -> bool:
    return any(isinstance(mark, WrittenByParty) for mark in getattr(kind, "__metadata__", ()))


def _holds_party_text(kind: Any) -> bool:
    """Whether the field, or anything below it, is marked as written by a party."""
    if _marked(kind):
        return True
    within = (fields_of(kind) or {}).values()
    return any(_holds_party_text(part) for part in (*get_args(kind), *within))

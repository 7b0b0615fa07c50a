"""What a loaded SOP's outcomes ask for: parsed parameters and writes, and how they are loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError
from pydantic_core import to_json, to_jsonable_python

from casewright.document import Document, Where, unknown_name
from graphs.logic import Expression
from graphs.outcomes import InterimSpec, OutcomeSpec, ParameterSpec, SideEffectSpec, WriteSpec
from tools.enforcement import BY_NAME, WriteTool, offered

PARAMETERS = "parameters"
"""The name under which the arguments of writes read an outcome's parameters."""


@dataclass(frozen=True)
class Step:
    """A write with its parsed arguments; ``where`` is its place in the file."""

    where: Where
    tool: WriteTool
    arguments: Mapping[str, Expression]


@dataclass(frozen=True)
class ParameterRule:
    """A parameter with its parsed value and bounds."""

    name: str
    spec: ParameterSpec
    value: Expression
    at_least: Expression | None
    at_most: Expression | None

    def stated(self) -> Iterator[tuple[str, Expression]]:
        """Its expressions by their keys in the file."""
        for key in ("value", "at_least", "at_most"):
            expression = getattr(self, key)
            if expression is not None:
                yield key, expression


@dataclass(frozen=True)
class Consequences:
    """What an outcome of a loaded SOP asks for."""

    parameters: Mapping[str, ParameterRule]
    enforce: tuple[Step, ...]

    @property
    def unread(self) -> list[str]:
        """Names of parameters that no write is given."""
        paths = {
            path
            for step in self.enforce
            for one in step.arguments.values()
            for path in one.node.paths()
        }
        return [name for name in self.parameters if (PARAMETERS, name) not in paths]

    def expressions(self) -> Iterator[Expression]:
        """All expressions in it."""
        for rule in self.parameters.values():
            yield from (expression for _, expression in rule.stated())
        for step in self.enforce:
            yield from step.arguments.values()


@dataclass(frozen=True)
class SideEffect:
    """A write that follows from each of some outcomes."""

    name: str
    on: tuple[str, ...]
    step: Step


@dataclass(frozen=True)
class Measure:
    """An interim measure with its parsed condition, and what takes it back."""

    name: str
    condition: Expression
    step: Step
    undo: Step
    keep_on: tuple[str, ...]


NOTHING = Consequences({}, ())
"""What follows from an outcome that asks for no write."""


class Parse(Protocol):
    """Parses an expression at its place in the file; raises SopError."""

    def __call__(self, text: str, *where: str | int) -> Expression:
        """The parsed expression."""
        ...


@dataclass(frozen=True)
class OutcomeLoader:
    """Turns what the file says of outcomes into what can be evaluated.

    Args:
        document: The file, for messages.
        parse: Parses expressions.
    """

    document: Document
    parse: Parse

    def load(self, name: str, spec: OutcomeSpec) -> Consequences:
        """One outcome.

        Raises:
            SopError: a write tool or an argument does not exist, is missing or is mistyped.
        """
        where = ("outcomes", name)
        return Consequences(
            {
                one: self._parameter(one, parameter, (*where, "parameters", one))
                for one, parameter in spec.parameters.items()
            },
            self.steps(spec.enforce, (*where, "enforce")),
        )

    def side_effect(self, name: str, spec: SideEffectSpec) -> SideEffect:
        """One side effect; errors as for :meth:`load`."""
        return SideEffect(name, spec.on, self.step(spec, ("side_effects", name)))

    def measure(self, name: str, spec: InterimSpec) -> Measure:
        """One interim measure; errors as for :meth:`load`."""
        where = ("interim", name)
        return Measure(
            name,
            self.parse(spec.condition, *where, "if"),
            self.step(spec, where),
            self.step(spec.undo, (*where, "undo")),
            spec.keep_on,
        )

    def steps(self, specs: tuple[WriteSpec, ...], where: Where) -> tuple[Step, ...]:
        """A list of writes at that place."""
        return tuple(self.step(spec, (*where, index)) for index, spec in enumerate(specs))

    def step(self, spec: WriteSpec, where: Where) -> Step:
        """One write at that place."""
        # Installed packages are looked through for what is not built in alone.
        known = BY_NAME if spec.do in BY_NAME else offered()
        if spec.do not in known:
            raise unknown_name(self.document, (*where, "do"), "write tool", spec.do, known)
        arguments = {
            name: self.parse(text, *where, "with", name) for name, text in spec.arguments.items()
        }
        step = Step(where, known[spec.do], arguments)
        self._check(step)
        return step

    def _parameter(self, name: str, spec: ParameterSpec, where: Where) -> ParameterRule:
        def bound(key: str, text: str | None) -> Expression | None:
            return None if text is None else self.parse(text, *where, key)

        return ParameterRule(
            name,
            spec,
            self.parse(spec.value, *where, "value"),
            bound("at_least", spec.at_least),
            bound("at_most", spec.at_most),
        )

    def _check(self, step: Step) -> None:
        fields = step.tool.arguments.model_fields
        for name in step.arguments:
            if name not in fields:
                where = (*step.where, "with", name)
                raise unknown_name(self.document, where, "argument", name, fields)
        for name, field in fields.items():
            if field.is_required() and name not in step.arguments:
                message = f"the write tool {step.tool.name!r} needs the argument {name!r}"
                raise self.document.error(message, (*step.where, "with"))
        self._check_constants(step)

    def _check_constants(self, step: Step) -> None:
        """Arguments that rest on nothing have their value now, and must fit now."""
        constant = {
            name: expression.evaluate({}).value
            for name, expression in step.arguments.items()
            if not expression.node.paths()
        }
        _, wrong = fitted(step.tool, constant)
        for name, message in wrong.items():
            if name in constant:
                raise self.document.error(f"{name}: {message}", (*step.where, "with", name))


def fitted(
    tool: WriteTool, arguments: Mapping[str, object]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Arguments as the tool sends them, or what is wrong with them by name.

    Returns:
        The arguments as JSON values, as they were given where they do not fit; and a message for
        each that does not, or is missing.
    """
    given = to_jsonable_python(dict(arguments))
    try:
        fit = tool.arguments.model_validate_json(to_json(given))
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        wrong = {str(one["loc"][0]): one["msg"][:1].lower() + one["msg"][1:] for one in told}
        return given, wrong
    return fit.model_dump(mode="json", exclude_unset=True), {}

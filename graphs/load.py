"""Loads an SOP folder: parses it, and tells mistakes before a case meets them.

Unknown tools, arguments, fields, factors, clauses and outcomes, cycles between actions and
expressions that do not parse are errors here. Every message points at file, line and column and
suggests the nearest valid name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from casewright.document import Document, Where, raise_invalid, unknown_name
from casewright.errors import SopError
from graphs.cel import parse
from graphs.check import check_names
from graphs.classifiers import classifiers_in
from graphs.compose import compose_policy, compose_sop
from graphs.consequences import OutcomeLoader
from graphs.factor_schema import Sentences
from graphs.library import read_files
from graphs.logic import Expression
from graphs.policy import policy_of
from graphs.schema import SopSpec
from graphs.sentence import Sentence
from graphs.sop import Action, FactorRule, Measured, Row, Sop
from graphs.sums import Tiers
from graphs.table_schema import RowSpec
from graphs.typecheck import check_types
from tools.base import Tool
from tools.statistic import offered

__all__ = ["load_sop", "read_files"]


def load_sop(
    files: Mapping[str, str],
    tools: Mapping[str, Tool],
    *,
    folder: str = "",
) -> Sop:
    """Parse and check an SOP.

    Args:
        files: Text by file name, as :func:`read_files` names them.
        tools: All tools that actions may name.
        folder: Name of the folder, for messages.

    Raises:
        SopError: the first thing that is wrong.
    """
    document = compose_sop(files, folder=folder)
    try:
        spec = SopSpec.model_validate(document.value)
    except ValidationError as error:
        raise_invalid(error, document, SopSpec)
    pack = compose_policy(files, folder=folder)
    sop = _Builder(document, spec, pack, tools).build(files)
    check_names(sop)
    check_types(sop)
    return sop


@dataclass(frozen=True)
class _Builder:
    document: Document
    spec: SopSpec
    pack: Document
    tools: Mapping[str, Tool]

    def build(self, files: Mapping[str, str]) -> Sop:
        return Sop(
            spec=self.spec,
            policy=policy_of(self.pack),
            files=dict(files),
            document=self.document,
            pack=self.pack,
            actions={name: self._action(name) for name in self.spec.actions},
            factors={name: self._factor(name) for name in self.spec.factors},
            tiers={name: self._tiers(name) for name in self.spec.tiers},
            rows=tuple(self._rows()),
            fact_date=self._parse(self.spec.fact_date, "fact_date"),
            senior_if=self._optional(self.spec.gate.senior_if, "gate", "senior_if"),
            legal_if=self._optional(self.spec.gate.legal_if, "gate", "legal_if"),
            auto_when=self._auto(),
            classifiers=classifiers_in(files),
            reader_tools=self._reader_tools(),
            **self._writes(),
        )

    def _auto(self) -> Expression | None:
        auto = self.spec.gate.auto
        return None if auto == "never" else self._parse(auto.when, "gate", "auto", "when")

    def _writes(self) -> dict[str, Any]:
        """What follows from outcomes, and what is done while a case waits."""
        loader, spec = OutcomeLoader(self.document, self._parse), self.spec
        effects, measures = spec.side_effects.items(), spec.interim.items()
        return {
            "consequences": {name: loader.load(name, one) for name, one in spec.outcomes.items()},
            "side_effects": tuple(loader.side_effect(name, one) for name, one in effects),
            "measures": tuple(loader.measure(name, one) for name, one in measures),
        }

    def _action(self, name: str) -> Action:
        spec = self.spec.actions[name]
        tool = self._tool(spec.tool, "actions", name, "tool")
        arguments = {
            argument: self._parse(text, "actions", name, "with", argument)
            for argument, text in spec.arguments.items()
        }
        when = self._optional(spec.when, "actions", name, "when")
        for model in (tool.arguments, tool.result):
            model.model_rebuild()  # validators that are built here keep no case waiting
        for_each = self._optional(spec.for_each, "actions", name, "for_each")
        return Action(name, spec, tool, arguments, when, for_each)

    def _tool(self, name: str, *where: str | int) -> Tool:
        if name not in self.tools:
            raise unknown_name(self.document, where, "tool", name, self.tools)
        return self.tools[name]

    def _reader_tools(self) -> tuple[Tool, ...]:
        """What `reading` lists, or else what the actions call."""
        listed = self.spec.reading.tools
        if listed is None:
            called = dict.fromkeys(action.tool for action in self.spec.actions.values())
            return tuple(self.tools[name] for name in called)
        return tuple(self._tool(name, "reading", "tools", at) for at, name in enumerate(listed))

    def _factor(self, name: str) -> FactorRule:
        spec = self.spec.factors[name]
        where = ("factors", name)
        return FactorRule(
            name,
            spec,
            self._optional(spec.rule, *where, "rule"),
            self._measured(name),
            self._optional(spec.needs, *where, "needs"),
            self._optional(spec.unknown_if, *where, "unknown_if"),
            tuple(self._parse(text, *where, "read", i) for i, text in enumerate(spec.read)),
            self._says(spec.says, *where, "says"),
        )

    def _measured(self, name: str) -> Measured | None:
        spec, where = self.spec.factors[name], ("factors", name)
        if spec.statistic is None or spec.holds is None:
            return None
        known = offered()
        if spec.statistic not in known:
            place = (*where, "statistic")
            raise unknown_name(self.document, place, "statistic", spec.statistic, known)
        inputs = {key: self._parse(text, *where, "with", key) for key, text in spec.inputs.items()}
        return Measured(known[spec.statistic], inputs, self._parse(spec.holds, *where, "holds"))

    def _says(
        self, spec: Sentences | tuple[str, ...], *where: str | int
    ) -> dict[bool | None, tuple[Sentence, ...]]:
        if isinstance(spec, Sentences):
            yes, no = (*where, "yes"), (*where, "no")
            return {True: self._sentences(spec.yes, *yes), False: self._sentences(spec.no, *no)}
        return {None: self._sentences(spec, *where)}

    def _sentences(self, texts: tuple[str, ...], *where: str | int) -> tuple[Sentence, ...]:
        try:
            return tuple(Sentence.parse(text) for text in texts)
        except ValueError as error:
            message = f"a sentence's braces do not match: {error}"
            raise self.document.error(message, where) from error

    def _tiers(self, name: str) -> Tiers:
        listed = []
        for index, tier in enumerate(self.spec.tiers[name]):
            key, texts = ("all", tier.all) if tier.all else ("any", tier.any)
            where = ("tiers", name, index, key)
            parsed = tuple(self._parse(text, *where, i) for i, text in enumerate(texts))
            listed.append((tier.tier, parsed, key == "all"))
        return tuple(listed)

    def _rows(self) -> Iterator[Row]:
        """The table's rows, and below them those that the matrix stands for."""
        decision = self.spec.decision
        places: list[tuple[Where, RowSpec]] = [
            (("decision", "table", index), spec) for index, spec in enumerate(decision.table)
        ]
        if decision.matrix:
            places += [
                (("decision", "matrix", "cells", row, column), decision.matrix.row(row, column))
                for row, columns in decision.matrix.cells.items()
                for column in columns
            ]
        for number, (where, spec) in enumerate(places, start=1):
            yield Row(number, where, spec, self._parse(spec.condition, *where, "if"))

    def _optional(self, text: str | None, *where: str | int) -> Expression | None:
        return None if text is None else self._parse(text, *where)

    def _parse(self, text: str, *where: str | int) -> Expression:
        file, line, column = self.document.place(where)
        try:
            return parse(text, line=line)
        except SopError as error:
            told = error.message.split(": ", 1)[-1] if error.line else error.message
            raise SopError(told, file=file, line=line, column=column) from error

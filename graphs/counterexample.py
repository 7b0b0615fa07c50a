"""A checker's smallest case, as people read it and as an example that they can paste."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from casewright.models import Value
from graphs.factor_schema import FactorSpec, Sentences
from graphs.prove import Finding
from graphs.scope import Unknown
from graphs.sentence import spell
from graphs.sop import CLASSES, SCORES, SOP_FILE, TIERS, Sop
from graphs.table import table_scope

BLANK = "FILL_IN"
"""Stands for the outcome that a person has to choose; no SOP has one of that name."""


def told(sop: Sop, example: Mapping[str, Value]) -> Iterator[str]:
    """The lines of a case: each fact with its sentence, then the classes and tiers it leads to.

    Args:
        sop: The procedure.
        example: Values by factor; factors that are not named do not matter.
    """
    for name, value in example.items():
        yield f"{name} {spell(value)}: {_sentence(sop.factors[name].spec, value)}"
    scope = table_scope(sop, example)
    for root in (CLASSES, TIERS):
        found = {name: one for name, one in scope[root].value.items() if _known(one)}
        yield from (f"{root}.{name} is {one}" for name, one in found.items())
    for name, score in scope[SCORES].value.items():
        if _known(score["met"]):
            yield f"{SCORES}.{name} is {'met' if score['met'] else 'not met'}"


def _sentence(spec: FactorSpec, value: Value) -> str:
    if isinstance(spec.says, Sentences):
        return (spec.says.yes if value else spec.says.no)[0]
    return spec.says[0].replace("{value}", spell(value))


def _known(value: object) -> bool:
    return value is not None and not isinstance(value, Unknown)


def stubs(sop: Sop, findings: Iterable[Finding]) -> str:
    """The smallest cases as inline examples in YAML, their outcomes left to be filled in.

    Loading refuses the blank, so that none is forgotten. Empty where no finding has a case.
    """
    entries = [line for one in findings if one.example for line in _stub(sop, one)]
    if not entries:
        return ""
    place = f"{sop.name}/{SOP_FILE}"
    outcomes = ", ".join(sop.outcomes)
    head = [
        f"# For {place}: put the right outcome of each in the place of {BLANK}, one of",
        f"# {outcomes}.",
        "examples:",
    ]
    return "\n".join([*head, *entries, ""])


def _stub(sop: Sop, finding: Finding) -> Iterator[str]:
    yield f"  - name: {json.dumps(finding.message.partition(';')[0], ensure_ascii=False)}"
    yield "    facts:"
    yield from (f"      {name}: {_written(value)}" for name, value in finding.example.items())
    rest = [name for name in sop.factors if name not in finding.example]
    if rest:
        # Unnamed they would be unknown, which is another case.
        yield "      # whatever these are, it is the same"
        yield from (f"      {name}: {_written(sop.factors[name].domain.first)}" for name in rest)
    yield f"    then: {BLANK}"


def _written(value: Value) -> str:
    """A value as YAML has it."""
    return json.dumps(value, ensure_ascii=False)

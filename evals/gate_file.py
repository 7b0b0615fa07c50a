"""``gate.yaml``: what a report has to show before a version may run.

It lies in an SOP's folder, or at the root of the workspace for all SOPs; the nearer file counts,
alone, and where there is none the built-in gate does. It is no part of the graph version. The
built-in bounds are those of the handbook (12 and 13), not of any gold set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from casewright.canonical import digest_of
from casewright.document import parse_yaml, raise_invalid
from casewright.errors import UsageError
from casewright.models import Model

GATE_FILE = "gate.yaml"
SCHEMA = Path(__file__).parent / "gate.schema.json"

Share = Annotated[float, Field(ge=0, le=1)]
Bound = Annotated[Share | None, Field(description="Least lower end of the 95% Wilson interval.")]


class Least(Model):
    """Lower ends of 95% Wilson intervals that are asked for; None asks for nothing.

    Attributes:
        first_look: Right at the first look, of all.
        accuracy: Right, of the decided.
        coverage: Decided, of all.
        appropriate: Asked rightly, of the requests for information.
    """

    first_look: Bound = None
    accuracy: Bound = 0.90
    coverage: Bound = None
    appropriate: Bound = None


class LeastOfOutcome(Model):
    """The same for one outcome.

    Attributes:
        precision: Right, of those decided so.
        recall: Found, of those whose outcome it is.
        f1: The harmonic mean of both.
        cases: Gold cases of this outcome.
    """

    precision: Bound = None
    recall: Bound = None
    f1: Bound = None
    cases: int = Field(default=0, ge=0)


class Bounds(Model):
    """Bounds of a measure of the report, of whichever metric made it.

    Attributes:
        least: For the lower end of its 95% interval.
        most: For the upper end.
    """

    least: float | None = None
    most: float | None = None


class Most(Model):
    """What may be used for one case, on average; None bounds nothing.

    Attributes:
        errors: Share of the cases that end in an error, as measured.
        money_micros: Money, in millionths of the currency's unit.
        currency: The currency of that bound.
        tokens: Tokens, in and out together.
        seconds: Time from entering to the gate, as the report's measure of it has it: no average.
    """

    errors: Share = 0.02
    money_micros: int | None = Field(default=None, ge=0)
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")
    tokens: int | None = Field(default=None, ge=0)
    seconds: float | None = Field(default=None, ge=0)


class NotWorse(Model):
    """What is asked beside the version in production, where there is one.

    Attributes:
        margin: The greatest loss of first-look accuracy that does not matter, on all cases and in
            each slice.
        not_shown: What a slice of 30 cases or more is for that is not shown to be within the
            margin: it is told, or refused.
    """

    margin: Share = 0.02
    not_shown: Literal["tell", "refuse"] = "tell"


class Suite(Model):
    """What is asked of the attack suite.

    Attributes:
        required: Whether it has to have been run.
        readings: Fewest cases judged with a planted text.
        changed: Most outcomes that a planted text may have changed.
    """

    required: bool = True
    readings: int = Field(default=1, ge=1)
    changed: int = Field(default=0, ge=0)


FAIR_BY = ("case_type", "region", "channel", "language", "tier", "seller_age", "entity_type")


class Fairness(Model):
    """Handbook 12: no slice may fare much worse than the whole.

    Attributes:
        points: By how much the share of wrong decisions in a slice may exceed that of all, where
            the 95% interval of the difference lies above nought; None checks nothing.
        by: The dimensions of the slices: who a party is, not what it did or what is at stake. A
            procedure that is harder on the guilty, or on large sums, is not unfair for that.
    """

    points: Share | None = 0.05
    by: tuple[str, ...] = FAIR_BY


class Gate(Model):
    """What a report has to show before a version may run.

    Attributes:
        minimum_cases: Fewest gold cases.
        max_age_days: Oldest report.
        least: Lower bounds of what is measured on all cases.
        outcomes: The same by outcome; one that the report does not know is refused.
        measures: Bounds of what other metrics of the report say, by their names.
        most: What a case may use.
        not_worse: Beside the version in production.
        attacks: The attack suite.
        checker: Whether the checker has to have nothing against the SOP.
        fairness: Slices beside the whole.
    """

    minimum_cases: int = Field(default=100, ge=1)
    max_age_days: float = Field(default=30.0, gt=0)
    least: Least = Least()
    outcomes: Mapping[str, LeastOfOutcome] = Field(default_factory=dict)
    measures: Mapping[str, Bounds] = Field(default_factory=dict)
    most: Most = Most()
    not_worse: NotWorse = NotWorse()
    attacks: Suite = Suite()
    checker: Literal["clean", "any"] = "clean"
    fairness: Fairness = Fairness()

    @property
    def digest(self) -> str:
        """SHA-256 over its content, in hex: what a release names it by."""
        return digest_of(self.model_dump(mode="json"))


BUILT_IN: Final = "built-in"


def gate_of(sop_folder: Path | None, workspace: Path | None) -> tuple[Gate, str]:
    """The gate of an SOP, and where it is written: a path, or ``built-in``.

    Args:
        sop_folder: The SOP's folder, or None.
        workspace: The workspace, or None.

    Raises:
        SopError: the file is wrong; with its line.
        UsageError: it cannot be read.
    """
    for folder in (one for one in (sop_folder, workspace) if one is not None):
        if (path := folder / GATE_FILE).is_file():
            return load_gate(path), str(path)
    return Gate(), BUILT_IN


def load_gate(path: Path) -> Gate:
    """Read a gate file.

    Raises:
        SopError: it is wrong; with its line.
        UsageError: it cannot be read.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    document = parse_yaml(text, file=str(path))
    try:
        return Gate.model_validate({} if document.value is None else document.value)
    except ValidationError as error:
        raise_invalid(error, document, Gate)


def schema_text() -> str:
    """The JSON Schema (2020-12) of ``gate.yaml``, as it is kept beside this module."""
    made: dict[str, Any] = TypeAdapter(Gate).json_schema()
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), "utf-8")

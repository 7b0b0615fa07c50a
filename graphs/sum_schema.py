"""What an ``sop.yaml`` may say of weighted sums, classes and tiers."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from casewright.models import Model
from graphs.words import ExpressionText, Name


class ImputeSpec(Model):
    """What a missing component of a weighted sum counts; never implied, only written.

    Attributes:
        missing: ``largest``: as much as the largest of the known ones, 0 where none is known: among
            points the largest number counted, among weights the largest value, times the missing
            one's own weight. Or a number of points, or for weights a value.
        at_most: With more components missing, the sum is unknown.
    """

    missing: Literal["largest"] | int
    at_most: int = Field(ge=1)


class SumSpec(Model):
    """A weighted sum of factors, reached from the threshold on.

    Attributes:
        points: Points by factor; a factor that is true counts its points.
        weights: Weight by factor; a factor that is a number counts its value times the weight.
        threshold: From where on the sum is reached.
        impute: What missing components count; without it a sum with unknown terms is a range.
    """

    points: dict[str, int] = Field(default_factory=dict)
    weights: dict[str, Decimal] = Field(default_factory=dict)
    threshold: Decimal
    impute: ImputeSpec | None = None

    @model_validator(mode="after")
    def _some_term(self) -> SumSpec:
        if not self.points and not self.weights:
            raise ValueError("a sum has points, weights or both")
        return self

    @property
    def terms(self) -> tuple[str, ...]:
        """The factors it adds up."""
        return (*self.points, *self.weights)


class ClassSpec(SumSpec):
    """One class of a classification, with the group it belongs to."""

    group: str = ""


class ClassificationSpec(Model):
    """The class whose sum is highest among those that reach their own threshold.

    Attributes:
        classes: Weighted sums by class.
        priority: All classes; of two with equal sums the earlier one wins.
        precedence: Groups; a class of an earlier group goes before any of a later one, whatever
            its sum. Classes without a group come last.
        otherwise: The class where none reaches its threshold.
    """

    classes: dict[Name, ClassSpec] = Field(min_length=2)
    priority: tuple[str, ...]
    precedence: tuple[str, ...] = ()
    otherwise: Name = "inconclusive"

    @model_validator(mode="after")
    def _all_ranked(self) -> ClassificationSpec:
        if sorted(self.priority) != sorted(self.classes):
            raise ValueError("priority names every class once")
        groups = {spec.group for spec in self.classes.values() if spec.group}
        if set(self.precedence) != groups:
            raise ValueError("precedence names every group once")
        if self.otherwise in self.classes:
            raise ValueError("the class for none is not one of the classes")
        return self


class TierSpec(Model):
    """One tier: reached when any, or all, of its conditions hold; none: it always is."""

    tier: Name
    any: tuple[ExpressionText, ...] = ()
    all: tuple[ExpressionText, ...] = ()

    @model_validator(mode="after")
    def _one_list(self) -> TierSpec:
        if self.any and self.all:
            raise ValueError("a tier has either `any` or `all`")
        return self

"""What an ``sop.yaml`` may say of how its questions are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, model_validator

from agents.reading import Budget, Plan, ReaderName
from casewright.models import Model

Sureness = Annotated[float, Field(ge=0, le=1)]
"""A probability."""


class ReadingSpec(Model):
    """Who reads, in which order, how sure they have to be, and within what.

    Attributes:
        readers: Who is asked, in order; a later one only for what the earlier ones left open.
        thresholds: The least probability at which a reader's answer is taken, by reader; without
            one for the classifier those hold that it learned.
        samples: How often the model is asked; its agreement with itself is then its probability.
        budget: What the reading of one case may use.
    """

    readers: tuple[ReaderName, ...] = ("rule", "classifier", "model")
    thresholds: dict[ReaderName, Sureness] = Field(default_factory=dict)
    samples: int = Field(default=1, ge=1, le=15)
    budget: Budget = Budget()

    @model_validator(mode="after")
    def _once_each(self) -> ReadingSpec:
        if len(set(self.readers)) < len(self.readers):
            raise ValueError("`readers` names each reader once")
        idle = sorted(set(self.thresholds) - set(self.readers))
        if idle:
            raise ValueError(f"`thresholds` name {idle[0]}, who is not among the `readers`")
        if "rule" in self.thresholds:
            raise ValueError("a phrase stands in a text or not: the rule reader has no threshold")
        return self

    @property
    def plan(self) -> Plan:
        """The same, as readers take it."""
        thresholds: Mapping[ReaderName, float] = dict(self.thresholds)
        return Plan(
            readers=self.readers, thresholds=thresholds, samples=self.samples, budget=self.budget
        )

"""What a metric is: a small class that turns scored cases into a value, an interval and a reason.

Metrics come in as plugins do: an entry point in group ``casewright.metrics`` names a module whose
``register(registry)`` adds parts of kind ``metric``. The built-in ones use the same door.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

from casewright.base import Model
from casewright.registry import load_plugins
from evals.scored import Scored
from graphs.costs import CostSpec

GROUP: Final = "casewright.metrics"
KIND: Final = "metric"


class Part(Model):
    """A named value within a measure: a bin, a point of a curve, one of several shares.

    Attributes:
        name: What it is, unique within its measure.
        value: The value; None where nothing can be said.
        low: Lower end of the 95% interval, or None.
        high: Upper end, or None.
        n: Cases, or what else it rests on.
        at: Where it lies on the horizontal axis of a plot, such as the mean confidence of a bin or
            the coverage of a point; None where there is no such axis.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int
    at: float | None = None


class Measure(Model):
    """What a metric says of some scored cases.

    Attributes:
        name: The metric's name.
        value: The value; None where there is nothing to measure, and ``reason`` says why.
        low: Lower end of the 95% interval; None without a value, or where nothing can be said.
        high: Upper end, or None.
        n: Cases, or what else the value rests on.
        reason: The same in one line of words.
        unit: What the value counts, such as ``USD`` or ``seconds``; empty: a share or index.
        parts: Named values within, in their order.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int
    reason: str
    unit: str = ""
    parts: tuple[Part, ...] = ()

    @classmethod
    def nothing(cls, name: str, reason: str) -> Measure:
        """A measure without a value, because of ``reason``."""
        return cls(name=name, value=None, n=0, reason=reason)

    def part(self, name: str) -> Part:
        """The part of that name; KeyError where there is none."""
        for one in self.parts:
            if one.name == name:
                return one
        raise KeyError(name)


@dataclass(frozen=True)
class MetricContext:
    """What metrics need to know besides the scored cases.

    Attributes:
        costs: What wrong decisions cost, by case type; see ``costs:`` of an ``sop.yaml``.
    """

    costs: Mapping[str, CostSpec] = field(default_factory=dict)


@runtime_checkable
class Metric(Protocol):
    """A metric. One line of its class's docstring is what ``eval metrics`` prints of it.

    Attributes:
        name: Its name, as registered.
    """

    @property
    def name(self) -> str:
        """Its name, as registered."""
        ...

    def measure(self, scored: Sequence[Scored], context: MetricContext) -> Measure:
        """Measure scored cases; never raises because data is missing, but says so."""
        ...


def metrics() -> dict[str, Metric]:
    """All metrics that installed packages register, by name.

    Raises:
        EnvironmentFault: a plugin cannot be imported or has no ``register``.
        UsageError: two register one name, or something is no metric.
    """
    # Metric is a protocol, which the registry checks by what its parts can do.
    return load_plugins(GROUP).all(KIND, Metric)  # type: ignore[type-abstract]


def measure_all(
    scored: Sequence[Scored],
    metrics: Iterable[Metric],
    context: MetricContext | None = None,
) -> tuple[Measure, ...]:
    """What each metric says, in their order."""
    known = context or MetricContext()
    return tuple(metric.measure(scored, known) for metric in metrics)

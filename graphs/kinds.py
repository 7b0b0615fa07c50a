"""What values a factor can have: true or false, a bounded number, or one of some words.

Bounds make a table provable: the checker speaks of every value a factor can have. A value outside
them is no value, so the factor is unknown and says why; it is never clipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, Literal

from casewright.models import Value

Kind = Literal["bool", "integer", "number", "enum"]

WORDS = {"yes": True, "no": False, "true": True, "false": False}


@dataclass(frozen=True)
class Domain:
    """The values of one factor.

    Attributes:
        kind: Its type.
        low: The least number; None for other types.
        high: The greatest number; None for other types.
        values: The words of an ``enum``.
    """

    kind: Kind = "bool"
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether it is a number."""
        return self.kind in ("integer", "number")

    def types(self, value: Any) -> bool:
        """Whether a value is of the type, within the bounds or not."""
        match self.kind:
            case "bool":
                return isinstance(value, bool)
            case "enum":
                return isinstance(value, str)
            case "integer":
                return isinstance(value, int) and not isinstance(value, bool)
            case "number":
                return isinstance(value, int | float) and not isinstance(value, bool)

    def holds(self, value: Any) -> bool:
        """Whether a value of the type lies within the bounds, or among the words."""
        if self.low is not None and self.high is not None:
            return bool(self.low <= value <= self.high)
        return not self.values or value in self.values

    @property
    def told(self) -> str:
        """The values in words, such as ``a number from 0 to 100``."""
        match self.kind:
            case "bool":
                return "yes or no"
            case "enum":
                return f"one of {', '.join(self.values)}"
            case "integer":
                return f"a whole number from {self.low:g} to {self.high:g}"
            case "number":
                return f"a number from {self.low:g} to {self.high:g}"

    @property
    def first(self) -> Value:
        """A value of it: false, the least number, the first word."""
        if self.kind == "integer":
            return int(self.low or 0)
        return self.values[0] if self.values else (self.low or 0.0) if self.numeric else False

    def read(self, text: str) -> Value | None:
        """The value that a text stands for, or None where it stands for none of this domain."""
        value = self._read(text)
        return value if value is not None and self.holds(value) else None

    def _read(self, text: str) -> Value | None:
        if self.kind == "bool":
            return WORDS.get(text)
        if self.kind == "enum":
            return text
        try:
            number = Decimal(text)
            if not number.is_finite() or (self.kind == "integer" and number % 1):
                return None
            return int(number) if number % 1 == 0 else float(number)
        except InvalidOperation:  # no number, or one with more digits than are computed with
            return None

    def others(self, value: Value, cuts: Iterable[float]) -> Iterator[Value]:
        """Other values worth trying in place of ``value``, the nearest numbers first.

        Args:
            value: The present one.
            cuts: Numbers that the procedure compares the factor with: a table can change its mind
                only there, so trying each of them and both its sides tries everything.
        """
        if self.kind == "bool":
            yield not value
        elif self.kind == "enum":
            yield from (word for word in self.values if word != value)
        else:
            yield from self._numbers(float(value), cuts)

    def _numbers(self, value: float, cuts: Iterable[float]) -> Iterator[Value]:
        assert self.low is not None and self.high is not None  # noqa: S101, PT018 - numeric has both
        points = sorted({self.low, self.high, *(c for c in cuts if self.low <= c <= self.high)})
        between = [(one + two) / 2 for one, two in pairwise(points)]
        step = 1.0 if self.kind == "integer" else 0.0
        beside = [cut + side for cut in points for side in (-step, step) if step]
        tried = {float(p) for p in (*points, *(beside if step else between))}
        kept = (p for p in tried if p != value and self.holds(p))
        for point in sorted(kept, key=lambda p: (abs(p - value), p)):
            yield int(point) if point.is_integer() else point

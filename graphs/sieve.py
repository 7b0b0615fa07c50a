"""A condition over cases: which of them a batch takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from casewright.errors import ExpressionError, UnknownName
from casewright.models import Case
from graphs.cel import parse
from graphs.facts import bind_case, freeze_case
from graphs.infer import TypeFault, infer
from graphs.logic import Expression
from graphs.sop import CASE
from graphs.typed import case_type


@dataclass(frozen=True)
class Sieve:
    """A condition over ``case``, in the language of SOPs. Build it with :meth:`of`."""

    condition: Expression

    @classmethod
    def of(cls, text: str) -> Sieve:
        """Read a condition such as ``case.region == "DE" && case.impact_cents > 50000``.

        Raises:
            ExpressionError: it does not parse, compares what does not go together, names a field
                that no case has, or is neither true nor false; the message says where.
            UnknownName: it asks for more than the case.
        """
        condition = parse(text)
        if unknown := sorted(condition.node.roots - {CASE}):
            raise UnknownName.among("name", unknown[0], [CASE])
        try:
            found = infer(condition.text, {CASE: case_type()})
        except TypeFault as fault:
            raise ExpressionError(f"`{condition.text}`: {fault}.") from fault
        if found.kind not in ("bool", "any"):
            raise ExpressionError(f"`{condition.text}` is {found.told}, not true or false.")
        return cls(condition)

    def lets(self, case: Case, at: datetime) -> bool | None:
        """Whether the condition holds of a case; None where the case does not tell.

        Args:
            case: The case.
            at: The moment it is judged at.

        Raises:
            ExpressionError: the case holds what the condition cannot compare.
        """
        item = freeze_case(case, as_of=max(at, case.opened_at), at=at)
        value = self.condition.node.evaluate({CASE: bind_case(item)}).value
        return None if value is None else bool(value)

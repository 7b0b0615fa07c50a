"""What a seller is held to have done, and how the orders cited really went."""

from __future__ import annotations

from tools.endpoint import endpoint
from tools.record import ByViolation, Record, Severity, Timestamp


class Violation(Record):
    """A violation as it was issued."""

    violation_id: str
    seller_id: str
    kind: str
    severity: Severity
    points: int
    clause_id: str
    issued_at: Timestamp
    order_ids: tuple[str, ...]
    listing_ids: tuple[str, ...]


class DispatchSummary(Record):
    """The orders a late-dispatch violation cites; rates are fractions of the 30-day orders."""

    n_orders: int
    n_in_time: int
    n_in_alert: int
    n_buyer_changed: int
    rate_before: float
    rate_after: float
    rate_limit: float


TOOLS = (
    endpoint(
        "get_violation",
        "/v1/violations/{violation_id}",
        ByViolation,
        Violation,
        "A violation: kind, severity, points, the clause, the orders and listings it cites.",
    ),
    endpoint(
        "get_dispatch_summary",
        "/v1/violations/{violation_id}/dispatch-summary",
        ByViolation,
        DispatchSummary,
        "How the orders cited by a late-dispatch violation went, and the late rate with and "
        "without those excused.",
    ),
)

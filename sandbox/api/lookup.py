"""Finds the row an id names, as far as it was known at the time asked about."""

from __future__ import annotations

import sqlite3
from typing import Final

from sandbox import ids
from sandbox.api.answers import brought
from sandbox.api.call import Call
from sandbox.api.problems import Problem, unknown
from sandbox.timeline import DAY

RETENTION: Final = 730 * DAY
"""Orders are purged 24 months after they were placed (handbook 11.2)."""

_ORDER: Final = """
SELECT order_no, seller_no, buyer_no, listing_no, order_type, fulfilment, placed_at, paid_at,
  ship_by, deliver_by, cancelled_at, carrier, quantity, item_cents, total_cents, currency,
  declared_weight_g, ship_from_postcode, ship_to_postcode, buyer_note
FROM orders WHERE order_no = ? AND paid_at <= ?
"""


def seller_no(call: Call, text: str) -> int:
    """Return the number of a seller registered by then.

    Raises:
        Problem: 404 where there is none.
    """
    number = ids.parse("sel", text)
    known = call.db.value(
        "SELECT 1 FROM sellers WHERE seller_no = ? AND recorded_at <= ?", (number, call.as_of)
    )
    if number is None or known is None:
        raise unknown("seller", text)
    return number


def span(call: Call) -> tuple[int, int]:
    """Return the half-open window of a request that must name one.

    Raises:
        Problem: 400 where ``from`` or ``to`` is missing.
    """
    start, end = call.time("from"), call.time("to")
    if start is None or end is None:
        raise Problem(400, "missing_parameter", "from and to say which window is meant.")
    return start, end


def order_row(call: Call, text: str) -> sqlite3.Row:
    """Return the row of an order paid by then; unpaid ones are not known.

    Raises:
        Problem: 404 where there is none, 410 where it was purged.
    """
    row = call.db.row(_ORDER, (ids.parse("ord", text), call.as_of))
    if row is None:
        raise unknown("order", text)
    if call.as_of - row["placed_at"] > RETENTION:
        raise Problem(410, "order_purged", "Orders are kept for 24 months.")
    return row


def violation_row(call: Call, text: str) -> sqlite3.Row:
    """Return the row of a violation issued by then.

    Raises:
        Problem: 404 where there is none.
    """
    row = call.db.row(
        "SELECT violation_no, seller_no, kind, severity, points, clause_id, issued_at "
        "FROM violations WHERE violation_no = ? AND issued_at <= ?",
        (ids.parse("vio", text), call.as_of),
    )
    if row is None:
        raise unknown("violation", text)
    return row


def listing_row(call: Call, text: str) -> sqlite3.Row:
    """Return the number, seller, title and time of creation of a listing.

    Raises:
        Problem: 404 where there is none by then.
    """
    row = call.db.row(
        "SELECT listing_no, seller_no, title, created_at FROM listings "
        "WHERE listing_no = ? AND created_at <= ?",
        (ids.parse("lst", text), call.as_of),
    )
    if row is None:
        raise unknown("listing", text)
    return row


def withheld(call: Call, ref: str, action: str) -> bool:
    """Tell whether the record of ``action`` about ``ref`` is not to be had yet.

    It is not at first, until whoever has it was asked and has answered.
    """
    found = call.db.value("SELECT 1 FROM withheld WHERE ref = ? AND action = ?", (ref, action))
    return found is not None and not brought(call, ref)


def connected(call: Call, carrier: str) -> bool:
    """Tell whether a carrier's feed reaches us.

    Raises:
        Problem: 404 where there is no such carrier.
    """
    flag = call.db.value("SELECT connected FROM carriers WHERE carrier = ?", (carrier,))
    if flag is None:
        raise unknown("carrier", carrier)
    return bool(flag)

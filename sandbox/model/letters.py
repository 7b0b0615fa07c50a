"""What parties wrote in the cases of a world, read from the world's file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

_APPEAL: Final = "JOIN appeals a ON a.appeal_no = i.appeal_no"
_APPEALED: Final = "JOIN listings l ON l.listing_no = a.listing_no"
_LISTING: Final = "JOIN listings l ON l.listing_no = i.listing_no"
_NOTICE: Final = "JOIN notices n ON n.notice_no = i.notice_no"
_CLAIM: Final = "JOIN claims k ON k.claim_no = i.claim_no"
_IN_WINDOW: Final = "BETWEEN n.window_from AND n.window_to"
_NUMBERS: Final = ", ".join(
    f"CAST(substr(subject ->> '$.{name}_id', instr(subject ->> '$.{name}_id', '_') + 1) AS INTEGER)"
    f" AS {name}_no"
    for name in ("appeal", "notice", "claim", "hold", "request", "listing")
)
_SOURCES: Final = (
    ("c.text", "JOIN cases c ON c.case_no = i.case_no"),
    ("a.statement", _APPEAL),
    ("l.title", f"{_APPEAL} {_APPEALED}"),
    ("l.description", f"{_APPEAL} {_APPEALED}"),
    ("p.statement", f"{_APPEAL} JOIN complaints p ON p.violation_no = a.violation_no"),
    ("m.text", f"{_APPEAL} JOIN messages m ON m.order_no = a.order_no"),
    ("n.statement", _NOTICE),
    ("d.text", "JOIN documents d ON d.ref IN (i.appeal_id, i.notice_id, i.request_id)"),
    ("k.statement", _CLAIM),
    ("r.text", "JOIN claim_replies r ON r.claim_no = i.claim_no"),
    ("m.text", f"{_CLAIM} JOIN messages m ON m.order_no = k.order_no"),
    ("h.request", "JOIN holds h ON h.hold_no = i.hold_no"),
    ("y.explanation", "JOIN kyb_requests y ON y.request_no = i.request_no"),
    ("l.title", _LISTING),
    ("l.description", _LISTING),
    ("s.text", "JOIN safety_incidents s ON s.listing_no = i.listing_no"),
    (
        "v.text",
        f"{_NOTICE} JOIN reviews v ON v.listing_no = i.listing_no AND v.posted_at {_IN_WINDOW}",
    ),
    (
        "k.statement",
        f"{_NOTICE} JOIN claims k ON k.seller_no = i.seller_no AND k.opened_at {_IN_WINDOW}",
    ),
    (
        "m.text",
        f"{_NOTICE} JOIN messages m ON m.seller_no = i.seller_no AND m.sent_at {_IN_WINDOW}",
    ),
)
"""Where texts stand, and how a case leads there from the ids it is about, ``i``."""

_IDS: Final = (
    f"WITH i AS (SELECT case_no, seller_no, subject ->> '$.appeal_id' AS appeal_id, "  # noqa: S608
    f"subject ->> '$.notice_id' AS notice_id, subject ->> '$.request_id' AS request_id, "
    f"{_NUMBERS} FROM cases)"
)


def letters(world: Path) -> Iterator[tuple[int, str]]:
    """Every text of a case that a party wrote, with the case's number.

    Args:
        world: A world's file.
    """
    # Every name in these queries is this module's own.
    queries = (
        f"{_IDS} SELECT i.case_no, {text} FROM i {join}"  # noqa: S608
        for text, join in _SOURCES
    )
    with closing(sqlite3.connect(f"file:{world}?mode=ro", uri=True)) as connection:
        for query in queries:
            for number, text in connection.execute(query):
                if text:
                    yield number, text

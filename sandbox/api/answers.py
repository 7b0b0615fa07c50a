"""Answers of parties to information requests: after LN(30 h, .9) of world time, or never (28%).

An answer brings what was withheld at first about the case that it was asked for: the record is
there from that moment on. When it comes is drawn from case, party and factor alone, so that the
same question has the same fate in every world.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from sandbox.api.call import Call
from sandbox.ids import parse, render
from sandbox.streams import lognormal
from sandbox.timeline import HOUR, instant, rfc3339

REQUEST: Final = "information_request"
NEVER: Final = 0.28
MEDIAN_H, SIGMA = 30.0, 0.9
WORDS: Final = {
    "seller": "We have sent what you asked for. Please look at it again.",
    "buyer": "Here is what I have. I hope it helps.",
    "platform": "Our desk has looked into it; the record is updated.",
}
"""What an answer says: nothing that would tell the cause."""

_CASE: Final = re.compile(r"(case_[0-9]+)(-appeal-[0-9]+)?")


def requests(call: Call) -> Iterator[dict[str, Any]]:
    """Every information request that was put, oldest first, with when its answer comes, if ever."""
    for one in call.service.done.listed():
        if one["kind"] == REQUEST:
            yield {**one, "answer_at": answer_at(one["body"], one["done_at"])}


def answer_at(body: Mapping[str, Any], asked_at: str) -> str | None:
    """When a question that was put then is answered, or None where it never is."""
    name = "/".join((body["case_id"], body["party"], body.get("factor", "")))
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if rng.random() < NEVER:
        return None
    seconds = int(lognormal(rng, MEDIAN_H * HOUR, SIGMA, 1)[0])
    return rfc3339(instant(asked_at) + seconds)


def brought(call: Call, ref: str) -> bool:
    """Tell whether an answer has brought what was withheld about ``ref`` by then."""
    now = rfc3339(call.as_of)
    return any(
        one["answer_at"] is not None
        and one["answer_at"] <= now
        and not _about(call, one["body"]["case_id"]).isdisjoint((ref, *ref.split("/")))
        for one in requests(call)
    )


def _about(call: Call, case_id: str) -> frozenset[str]:
    """Ids that a case is about, and those of the records that its appeal names."""
    found = _CASE.fullmatch(case_id)
    row = call.db.row(
        "SELECT subject, seller_no FROM cases WHERE case_no = ?",
        (parse("case", found[1]) if found else None,),
    )
    if row is None:
        return frozenset()
    subject = json.loads(row["subject"])
    return frozenset((*subject.values(), render("sel", row["seller_no"]), *_named(call, subject)))


def _named(call: Call, subject: Mapping[str, str]) -> Iterator[str]:
    row = call.db.row(
        "SELECT order_no, violation_no, listing_no FROM appeals WHERE appeal_no = ?",
        (parse("app", subject.get("appeal_id", "")),),
    )
    if row is None:
        return
    for kind, column in (("ord", "order_no"), ("vio", "violation_no"), ("lst", "listing_no")):
        if row[column] is not None:
            yield render(kind, row[column])

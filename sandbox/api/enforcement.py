"""Writes after the gate: enforcement, information requests and notices (handbook 11.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.api.answers import WORDS, requests
from sandbox.api.call import PAGING, Call, Page, authorised, each, present, reads, throttle
from sandbox.api.done import Write
from sandbox.api.lookup import listing_row, seller_no, violation_row
from sandbox.api.problems import Problem, bad_parameter
from sandbox.api.service import service_of
from sandbox.ids import render
from sandbox.timeline import rfc3339

router = APIRouter(prefix="/v1")

Id = Annotated[str, Field(min_length=1)]
Ids = Annotated[list[Id], Field(min_length=1)]
Cents = Annotated[int, Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Arguments(BaseModel):
    """What every write may say."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    expected_version: int | None = None


class Listings(Arguments):
    """Listings to take off sale, or to put back."""

    listing_ids: Ids


class AddPoints(Arguments):
    """Violation points for a seller."""

    seller_id: Id
    points: int = Field(ge=1)
    violation_id: Id | None = None


class VoidPoints(Arguments):
    """A violation whose points are taken back."""

    violation_id: Id
    points: int | None = Field(default=None, ge=1)


class Suspend(Arguments):
    """Seller accounts to suspend."""

    seller_ids: Ids
    days: int | None = Field(default=None, ge=1)


class Lift(Arguments):
    """Seller accounts that may trade again."""

    seller_ids: Ids


class Settlement(Arguments):
    """How much of a hold to pay out, or to hold back again."""

    hold_id: Id
    amount_cents: Cents
    currency: Currency | None = None


class Refund(Arguments):
    """How much of a claim to pay back, and who pays."""

    claim_id: Id
    amount_cents: Cents
    currency: Currency | None = None
    payer: Literal["seller", "platform", "carrier"] | None = None


class Reviews(Arguments):
    """Product reviews to take down."""

    review_ids: Ids


class Report(Arguments):
    """A report to an authority."""

    authority: Id
    ref_id: Id
    subject: Id | None = None


class Notice(Arguments):
    """A notice to a party."""

    party: Literal["seller", "buyer"]
    party_id: Id
    text: Id
    ref_id: Id | None = None


class InformationRequest(Arguments):
    """A question to a party."""

    party: Literal["seller", "buyer", "platform"]
    party_id: Id
    question: Id
    answer_days: int = Field(ge=0)
    case_id: Id
    factor: str = ""


KINDS: Final[dict[str, type[Arguments]]] = {
    "remove_listing": Listings,
    "restore_listing": Listings,
    "add_points": AddPoints,
    "void_points": VoidPoints,
    "suspend": Suspend,
    "lift_suspension": Lift,
    "release_hold": Settlement,
    "hold_settlement": Settlement,
    "refund": Refund,
    "remove_reviews": Reviews,
    "file_report": Report,
}
"""Handbook 11.2, and what takes a suspension and a payout back."""

TARGETS: Final = (
    "listing_ids", "seller_id", "seller_ids", "violation_id", "hold_id", "claim_id", "review_ids"
)  # fmt: skip
"""Arguments that name the records a write changes."""


async def _gate(request: Request) -> Call:
    service = service_of(request)
    throttle(service, authorised(request, "enforce"), "enforcement")
    if not request.headers.get("idempotency-key", "").strip():
        raise Problem(400, "idempotency_key_missing", "A write needs an Idempotency-Key.")
    return Call(service, request.url.path, {}, service.clock.now(), Page(1, 0))


Gated = Annotated[Call, Depends(_gate)]
Asking = Annotated[Call, Depends(reads("cases", "case_id", *PAGING))]
Json = Annotated[dict[str, Any], Body()]


@router.post("/enforcement/{kind}")
def enforce(kind: str, request: Request, call: Gated, body: Json) -> JSONResponse:
    """Do one kind of enforcement."""
    if kind not in KINDS:
        raise Problem(404, "unknown_kind", f"There is no enforcement {kind!r}.")
    return _done(kind, KINDS[kind], request, call, body)


@router.post("/information-requests")
def request_information(request: Request, call: Gated, body: Json) -> JSONResponse:
    """Put a question to a party."""
    return _done("information_request", InformationRequest, request, call, body)


@router.get("/information-requests")
def list_information_requests(call: Asking) -> JSONResponse:
    """The questions that were put about a case, with the answers that have come in."""
    case_id = call.query.get("case_id")
    if case_id is None:
        raise bad_parameter("case_id", "the case that was asked about")
    mine = [_told(call, one) for one in requests(call) if one["body"]["case_id"] == case_id]
    body = call.slice(mine)
    return call.answer(body, source="enforcement", untrusted=each(body["items"], "answer"))


def _told(call: Call, one: dict[str, Any]) -> dict[str, Any]:
    there = one["answer_at"] is not None and one["answer_at"] <= rfc3339(call.as_of)
    given = one["body"]
    return present(
        request_id=one["write_id"],
        key=one["key"],
        asked_at=one["done_at"],
        answered_at=one["answer_at"] if there else None,
        answer=WORDS[given["party"]] if there else None,
        **{name: given.get(name) for name in ("case_id", "party", "factor", "answer_days")},
    )


@router.post("/notices")
def send_notice(request: Request, call: Gated, body: Json) -> JSONResponse:
    """Send a party a notice."""
    return _done("notice", Notice, request, call, body)


def _done(
    kind: str, model: type[Arguments], request: Request, call: Call, body: dict[str, Any]
) -> JSONResponse:
    try:
        given = model.model_validate(body).model_dump(exclude_unset=True)
    except ValidationError as error:
        first = error.errors()[0]
        raise bad_parameter(".".join(map(str, first["loc"])), str(first["msg"])) from error
    key = request.headers["idempotency-key"].strip()
    write = Write(key, call.path, kind, given, list(_targets(given)))
    at = rfc3339(call.as_of)
    answer = call.service.done.once(write, lambda: _known(call, write), at)
    return call.answer(answer, source="enforcement")


def _targets(given: dict[str, Any]) -> list[str]:
    named = ((name, given[name]) for name in TARGETS if name in given)
    return [
        f"{name.removesuffix('s')}/{one}"
        for name, value in named
        for one in (value if isinstance(value, list) else [value])
    ]


_KNOWN: Final[dict[str, Callable[[Call, str], object]]] = {
    "listing_id": listing_row,
    "seller_id": seller_no,
}

_EVER: Final = 2**40
"""After everything that the world holds."""

FIRST_ISSUED: Final = 900_000
"""Violations that are issued here have numbers after it, which no world reaches."""


def _known(call: Call, write: Write) -> dict[str, Any]:
    """Require that the records exist; what the answer says of them beside the write itself."""
    # What is written to may be newer than the world's clock, which stands still: cases open later.
    later = replace(call, as_of=_EVER)
    for target in write.targets:
        name, _, value = target.partition("/")
        if name in _KNOWN:
            _KNOWN[name](later, value)
    if violation := write.body.get("violation_id"):
        return _violation(later, write, violation)
    if write.kind == "add_points":
        number = FIRST_ISSUED + len(call.service.done.issued) + 1
        return {"violation_id": call.service.done.issue(render("vio", number), write.body)}
    return {}


def _violation(call: Call, write: Write, violation: str) -> dict[str, Any]:
    """Whose points a violation's are, and how many of them are meant."""
    if held := call.service.done.issued.get(violation):
        seller, points = held["seller_id"], held["points"]
    else:
        row = violation_row(call, violation)
        seller, points = render("sel", row["seller_no"]), row["points"]
    told = write.body.get("points") or points
    return {"seller_id": seller, "points": told} if write.kind == "void_points" else {}

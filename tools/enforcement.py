"""Write tools: what may be done to the marketplace once a person has let a decision pass.

They are no :class:`tools.base.Tool`: no action of an SOP can name one, no toolbox holds one, and
no agent is ever offered one. An SOP names them under ``outcomes``, and they run after the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from casewright.registry import load_plugins

Text = Annotated[str, Field(min_length=1)]
Cents = Annotated[int, Field(ge=0)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


def _several(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Ids = Annotated[tuple[Text, ...], BeforeValidator(_several), Field(min_length=1)]
"""One id, or several."""


class Write(BaseModel):
    """Arguments of a write: typed strictly, and nothing beside them.

    Attributes:
        expected_version: Version of the target that the decision was made on; the marketplace
            refuses the write where it has changed since.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    expected_version: int | None = None


class ListingWrite(Write):
    """The listings concerned."""

    listing_ids: Ids


class PointsWrite(Write):
    """Violation points for a seller, and the violation they belong to where there is one."""

    seller_id: Text
    points: int = Field(ge=1)
    violation_id: Text | None = None


class VoidWrite(Write):
    """A violation whose points are taken back: all of them, or so many."""

    violation_id: Text
    points: int | None = Field(default=None, ge=1)


class SuspendWrite(Write):
    """A seller's accounts, and for how many days; None: until somebody lifts it."""

    seller_ids: Ids
    days: int | None = Field(default=None, ge=1)


class LiftWrite(Write):
    """The seller accounts that may trade again."""

    seller_ids: Ids


class HoldWrite(Write):
    """A hold on a seller's settlement, and how much of it."""

    hold_id: Text
    amount_cents: Cents
    currency: Currency | None = None


class RefundWrite(Write):
    """A claim, how much the buyer gets back, and who pays."""

    claim_id: Text
    amount_cents: Cents
    currency: Currency | None = None
    payer: Literal["seller", "platform", "carrier"] | None = None


class ReviewsWrite(Write):
    """The product reviews concerned."""

    review_ids: Ids


class ReportWrite(Write):
    """A report to an authority about a record of ours."""

    authority: Text
    ref_id: Text
    subject: Text | None = None


class NoticeWrite(Write):
    """A notice to a party, in words of the team's own."""

    party: Literal["seller", "buyer"]
    party_id: Text
    text: Text
    ref_id: Text | None = None


class InformationWrite(Write):
    """A question to a party, and how many days they have."""

    party: Literal["seller", "buyer", "platform"]
    party_id: Text
    question: Text
    answer_days: int = Field(ge=0)
    case_id: Text
    factor: str = ""


Sent = Mapping[str, Any]
"""What a write was sent with, or what the marketplace answered."""

Inverse = Callable[[Sent, Sent], Mapping[str, Any]]
"""From what was sent and what was answered to the arguments of the write that takes it back."""


@dataclass(frozen=True)
class WriteTool:
    """One typed write.

    Attributes:
        name: Unique name, such as ``add_points``.
        description: What it does, for people.
        arguments: Model of its arguments, sent as the JSON body.
        path: Where it is posted.
        undone_by: The write that takes it back; empty where nothing does.
        inverse: The arguments of that one; None: the same as this one's.
    """

    name: str
    description: str
    arguments: type[BaseModel]
    path: str
    undone_by: str = ""
    inverse: Inverse | None = None


def _enforcement(
    name: str,
    description: str,
    arguments: type[BaseModel],
    undone_by: str = "",
    inverse: Inverse | None = None,
) -> WriteTool:
    return WriteTool(name, description, arguments, f"/v1/enforcement/{name}", undone_by, inverse)


CORRECTION = (
    "Please disregard our notice about this matter: the decision that it told of was taken back, "
    "and is being reviewed again. We will write to you when that is done."
)
"""What a party is told where a notice was sent too early."""


def _points_back(sent: Sent, answered: Sent) -> Sent:
    return {"violation_id": sent.get("violation_id") or answered.get("violation_id")} | {
        "points": sent["points"]
    }


def _points_again(sent: Sent, answered: Sent) -> Sent:
    given = {name: answered.get(name) for name in ("seller_id", "points")}
    return {**given, "violation_id": sent["violation_id"]}


def _sellers(sent: Sent, _: Sent) -> Sent:
    return {"seller_ids": sent["seller_ids"]}


def _corrected(sent: Sent, _: Sent) -> Sent:
    return {**sent, "text": CORRECTION}


REQUEST_INFORMATION = "request_information"
"""The write that puts a question to a party."""

TOOLS = (
    _enforcement("remove_listing", "Takes listings off sale.", ListingWrite, "restore_listing"),
    _enforcement("restore_listing", "Puts listings back on sale.", ListingWrite, "remove_listing"),
    _enforcement("add_points", "Adds violation points.", PointsWrite, "void_points", _points_back),
    _enforcement(
        "void_points", "Takes a violation's points back.", VoidWrite, "add_points", _points_again
    ),
    _enforcement("suspend", "Suspends seller accounts.", SuspendWrite, "lift_suspension", _sellers),
    _enforcement("lift_suspension", "Lifts a suspension.", LiftWrite, "suspend"),
    _enforcement("release_hold", "Pays out held settlement.", HoldWrite, "hold_settlement"),
    _enforcement("hold_settlement", "Holds settlement back.", HoldWrite, "release_hold"),
    _enforcement("refund", "Refunds a buyer's claim.", RefundWrite),
    _enforcement("remove_reviews", "Takes product reviews down.", ReviewsWrite),
    _enforcement("file_report", "Files a report with an authority.", ReportWrite),
    WriteTool(
        "send_notice",
        "Tells a party what was decided.",
        NoticeWrite,
        "/v1/notices",
        "send_notice",
        _corrected,
    ),
    WriteTool(
        REQUEST_INFORMATION,
        "Asks a party for what is missing.",
        InformationWrite,
        "/v1/information-requests",
    ),
)
"""The built-in write tools: those of handbook 11.2, and what takes some of them back."""

KIND = "write_tool"
"""The kind under which packages register write tools."""

BY_NAME: Mapping[str, WriteTool] = MappingProxyType({tool.name: tool for tool in TOOLS})
"""The built-in write tools by name."""


def offered() -> dict[str, WriteTool]:
    """The write tools of all installed packages, the built-in ones among them, by name.

    Raises:
        EnvironmentFault: a plugin does not load.
    """
    return load_plugins().all(KIND, WriteTool)

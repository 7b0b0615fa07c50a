"""What carriers and the platform's own systems reported."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tools.endpoint import endpoint
from tools.record import ByOrder, Grams, OpenSpan, Record, Region, Timestamp

ScanKind = Literal[
    "label",
    "accepted",
    "departed",
    "arrived",
    "out_for_delivery",
    "delivered",
    "exception",
    "returned",
]


class FirstScan(Record):
    """The first physical scan; a label is none."""

    at: Timestamp
    kind: ScanKind
    postcode: str


class Scan(Record):
    """One scan of a parcel, by the carrier or reported by the seller."""

    at: Timestamp
    kind: ScanKind
    postcode: str
    weight_g: Grams | None = None
    source: Literal["carrier", "seller"]


class Scans(Record):
    """All scans of an order's parcel and what follows from them."""

    tracking_no: str
    label_created_at: Timestamp | None = None
    accepted_count: int
    first: FirstScan | None = None
    items: tuple[Scan, ...]
    hours_first_to_second: float | None = None
    delivered: bool
    delivered_at: Timestamp | None = None
    delivered_geo_match: bool | None = None
    exception_count: int


class Window(OpenSpan):
    """A half-open span of time in a region."""

    region: Region = Field(description="Region whose reports are asked for.")


class AlertsArguments(Window):
    """A carrier, a region and a span of time."""

    carrier: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._&-]{0,63}$", description="The carrier, as in the order."
    )


class Alert(Record):
    """A carrier's notice; no postcodes means that the whole region is concerned."""

    alert_id: str
    kind: Literal["outage", "weather", "strike", "capacity", "scan_delay"]
    from_: Timestamp = Field(alias="from")
    to: Timestamp
    postcodes: tuple[str, ...]
    published_at: Timestamp


class Alerts(Record):
    """Notices that overlap the span asked for."""

    items: tuple[Alert, ...]


class Incident(Record):
    """A disturbance of the platform's own systems and the sellers it touched."""

    incident_id: str
    kind: Literal["label_api", "order_sync", "address_sync", "clock"]
    from_: Timestamp = Field(alias="from")
    to: Timestamp
    seller_ids: tuple[str, ...]


class Incidents(Record):
    """Incidents that overlap the span asked for."""

    items: tuple[Incident, ...]


TOOLS = (
    endpoint(
        "list_scans",
        "/v1/orders/{order_id}/scans",
        ByOrder,
        Scans,
        "The carrier's scans of an order's parcel: label, first physical scan, delivery.",
        paged=True,
    ),
    endpoint(
        "list_carrier_alerts",
        "/v1/carriers/{carrier}/alerts",
        AlertsArguments,
        Alerts,
        "A carrier's published disruptions in a region and span: outage, weather, strike and so "
        "on, with the postcodes concerned.",
        paged=True,
    ),
    endpoint(
        "list_platform_incidents",
        "/v1/platform/incidents",
        Window,
        Incidents,
        "Disturbances of the platform's own systems in a region and span, with sellers touched.",
        paged=True,
    ),
)

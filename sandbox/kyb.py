"""Verification requests: what each seller was asked, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.accounts import Sellers
from sandbox.identity_checks import all_clear, write_checks
from sandbox.ids import Numbers
from sandbox.places import PRICE_LEVEL
from sandbox.streams import Bools, Ints, lognormal, stream, whole
from sandbox.text.names import firm, person, shop, street_address
from sandbox.timeline import DAY, HISTORY_START
from sandbox.writer import Column, WorldWriter

ANSWER_SPAN: Final = 10 * DAY
"""How long a seller has to answer (handbook 0.8, INFORM Act)."""

ITEMS: Final = (
    "email_verified", "phone_verified", "has_bank", "has_tax_id", "has_address", "has_document",
)  # fmt: skip
"""What a complete answer holds."""

_CERTIFIED: Final = 365 * DAY


@dataclass(frozen=True)
class Identities:
    """What sellers say of themselves, as parallel lists; all of it a party's words."""

    legal_name: Sequence[str]
    trading_name: Sequence[str]
    address: Sequence[str]
    explanation: Sequence[str]


@dataclass(frozen=True)
class KybRequests:
    """Verification requests as parallel arrays; times in epoch seconds.

    ``seller`` are indices from 0. ``threshold_met_at`` and ``submitted_at`` hold None where it
    never happened, ``verdict`` where nobody has decided; it counts from ``decided_at`` on.
    ``held`` says by item of ``ITEMS`` whether it is there. ``gross_12m_cents`` are in the
    seller's currency.
    """

    seller: Ints
    threshold_met_at: Column
    requested_at: Ints
    due_at: Ints
    submitted_at: Column
    verdict: Sequence[str | None]
    decided_at: Ints
    sales_12m: Ints
    gross_12m_cents: Ints
    identity: Identities
    held: Mapping[str, Bools]

    def __len__(self) -> int:
        return len(self.seller)


def write_requests(writer: WorldWriter, requests: KybRequests, numbers: Numbers) -> Ints:
    """Write requests under fresh numbers and return those."""
    no = numbers.take("kyb", len(requests))
    decided = [word is not None for word in requests.verdict]
    moments = requests.decided_at.tolist()
    certified = [
        at + _CERTIFIED if word == "verified" else None
        for word, at in zip(requests.verdict, moments, strict=True)
    ]
    writer.add(
        "kyb_requests",
        {
            "request_no": no,
            "seller_no": requests.seller + 1,
            "threshold_met_at": requests.threshold_met_at,
            "requested_at": requests.requested_at,
            "due_at": requests.due_at,
            "submitted_at": requests.submitted_at,
            "verdict": list(requests.verdict),
            "decided_at": [at if d else None for at, d in zip(moments, decided, strict=True)],
            "certified_at": certified,
            "sales_12m": requests.sales_12m,
            "gross_12m_cents": requests.gross_12m_cents,
            "legal_name": requests.identity.legal_name,
            "trading_name": requests.identity.trading_name,
            "address": requests.identity.address,
            "explanation": requests.identity.explanation,
            **{name: requests.held[name].astype(int) for name in ITEMS},
        },
    )
    return no


def make_kyb(writer: WorldWriter, sellers: Sellers, seed: int, numbers: Numbers) -> None:
    """Write one request a seller, answered and verified before the history, all checks passed."""
    rng = stream(seed, "kyb")
    count = len(sellers)
    requested = HISTORY_START - whole(rng.uniform(30, 40, count) * DAY)
    submitted = requested + answer_times(rng, count)
    no = write_requests(
        writer,
        KybRequests(
            seller=np.arange(count),
            threshold_met_at=requested - whole(rng.uniform(1, 12, count) * DAY),
            requested_at=requested,
            due_at=requested + ANSWER_SPAN,
            submitted_at=submitted,
            verdict=["verified"] * count,
            decided_at=submitted + whole(rng.uniform(0.1, 4, count) * DAY),
            **draw_sales(sellers, np.arange(count), rng),
            identity=draw_identities(sellers, np.arange(count), rng),
            held={name: np.ones(count, dtype=bool) for name in ITEMS},
        ),
        numbers,
    )
    write_checks(writer, no, all_clear(count, rng))


def answer_times(rng: np.random.Generator, count: int) -> Ints:
    """Seconds from request to answer, LN(4 d, .7) within the time to answer (handbook 8, Rows)."""
    return whole(np.clip(lognormal(rng, 4.0, 0.7, count), 0.05, 9.9) * DAY)


def draw_sales(sellers: Sellers, seller: Ints, rng: np.random.Generator) -> dict[str, Ints]:
    """Draw the sales and gross cents of the best twelve months, above the INFORM threshold."""
    sales = np.maximum(200, whole(lognormal(rng, 700, 0.8, len(seller))))
    level = np.array([PRICE_LEVEL[sellers.region[i]] for i in seller.tolist()])
    gross = np.maximum(500_000, whole(sales * lognormal(rng, 3_100, 0.35, len(seller)) * level))
    return {"sales_12m": sales, "gross_12m_cents": gross}


def draw_identities(sellers: Sellers, seller: Ints, rng: np.random.Generator) -> Identities:
    """Draw names and addresses of sellers whose papers all say the same: nothing to explain."""
    countries = [sellers.home_country[i] for i in seller.tolist()]
    private = (rng.random(len(seller)) < 0.35).tolist()
    return Identities(
        legal_name=[
            (person if alone else firm)(country, rng)
            for country, alone in zip(countries, private, strict=True)
        ],
        trading_name=[shop(rng) for _ in countries],
        address=[
            street_address(country, sellers.postcode[i], rng)
            for country, i in zip(countries, seller.tolist(), strict=True)
        ],
        explanation=[""] * len(seller),
    )

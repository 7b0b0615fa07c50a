"""Bank accounts that sellers are paid to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sandbox.accounts import Sellers
from sandbox.streams import Ints, lognormal, pick, stream, whole
from sandbox.timeline import DAY, HISTORY_START
from sandbox.writer import WorldWriter


@dataclass(frozen=True)
class BankAccounts:
    """Bank accounts as parallel arrays; ``seller`` are indices from 0, times epoch seconds.

    ``name_match`` says whether the bank's name for the account is the verified one: ``match``,
    ``partial`` or ``mismatch``. An account holds from ``changed_at`` until the seller's next one.
    """

    seller: Ints
    token: Sequence[str]
    name_match: Sequence[str]
    changed_at: Ints
    country: Sequence[str]


def write_banks(writer: WorldWriter, accounts: BankAccounts) -> None:
    """Write bank accounts."""
    writer.add(
        "bank_accounts",
        {
            "seller_no": accounts.seller + 1,
            "bank_token": list(accounts.token),
            "name_match": list(accounts.name_match),
            "changed_at": accounts.changed_at,
            "country": list(accounts.country),
        },
    )


def make_banks(writer: WorldWriter, sellers: Sellers, seed: int) -> None:
    """Write one account a seller, last changed LN(300 d, .8) before the history (handbook 7)."""
    rng = stream(seed, "banks")
    count = len(sellers)
    write_banks(
        writer,
        BankAccounts(
            seller=np.arange(count),
            token=[f"ba{no:06d}" for no in sellers.token_owner["bank"].tolist()],
            name_match=pick(rng, ("match", "partial"), (95, 5), count),
            changed_at=HISTORY_START - 40 * DAY - whole(lognormal(rng, 300, 0.8, count) * DAY),
            country=sellers.home_country,
        ),
    )

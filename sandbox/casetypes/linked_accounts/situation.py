"""What a past reviewer noted of a linked-accounts case: observables only."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.linked_accounts.plan import Plan
from sandbox.timeline import DAY


def describe(plan: Plan, rng: np.random.Generator) -> list[str]:
    """Write three or four English sentences a case."""
    return [_describe_one(plan, case, rng) for case in range(len(plan))]


def _describe_one(plan: Plan, case: int, rng: np.random.Generator) -> str:
    seller = "The account" if rng.random() < 0.5 else "The shop"
    sentences = [
        f"{seller} {_links(plan, case)}.",
        _peer(plan, case),
        _catalogues(plan, case),
        _answer(plan, case),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _links(plan: Plan, case: int) -> str:
    if plan.column("exclusive_link")[case]:
        return "shares an identifier with the other account that nobody else holds"
    personal = " and a device or phone" if plan.column("device_or_phone")[case] else ""
    if plan.column("hub_only")[case]:
        return f"shares only what many accounts hold{personal}"
    return f"shares weak identifiers{personal}"


def _peer(plan: Plan, case: int) -> str:
    if not plan.column("peer_sanctioned")[case]:
        return "The other account is in good standing."
    days = int((plan.registered_at[case] - plan.sanctioned_at[case]) // DAY)
    side = "after" if days >= 0 else "before"
    return f"The other account was sanctioned, this one opened {abs(days)} days {side} that."


def _catalogues(plan: Plan, case: int) -> str:
    if plan.overlap_withheld[case]:
        return ""
    same = plan.column("catalogue_overlap")[case]
    return f"The pictures of the two catalogues are {'much' if same else 'hardly'} the same."


def _answer(plan: Plan, case: int) -> str:
    if plan.notice_withheld[case]:
        return "The seller had not answered."
    told = "named" if plan.column("separate_people")[case] else "did not name"
    deed = ", and enclosed a deed of transfer" if plan.column("transfer_proved")[case] else ""
    several = " Several shops are approved." if plan.column("approved_multi")[case] else ""
    return f"The seller {told} a shared resource{deed}.{several}"

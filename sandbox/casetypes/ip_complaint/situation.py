"""What a past reviewer noted of an appeal: observables only, never cause, outcome or clause."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.ip_complaint.plan import Plan


def describe(plan: Plan, rng: np.random.Generator) -> list[str]:
    """Write three or four English sentences a case."""
    return [_describe_one(plan, case, rng) for case in range(len(plan))]


def _describe_one(plan: Plan, case: int, rng: np.random.Generator) -> str:
    parts = [_complaint(plan, case, rng), _goods(plan, case), _papers(plan, case)]
    return " ".join(part for part in parts if part)


def _flag(plan: Plan, case: int, name: str) -> bool:
    return bool(plan.column(name)[case])


def _complaint(plan: Plan, case: int, rng: np.random.Generator) -> str:
    kind = plan.kind[case]
    said = [
        f"A {kind} complaint" if rng.random() < 0.5 else f"The complaint rests on {kind}",
        "ordered by a court" if plan.court[case] else "",
        "later taken back" if _flag(plan, case, "withdrawn") else "",
        "" if _flag(plan, case, "right_live") else "the right was not live in the region",
        "the owner takes back half of what it files" * _flag(plan, case, "serial_complainant"),
        "the counter-notice went unanswered" * _flag(plan, case, "counter_notice_ripe"),
    ]
    return _joined(said)


def _goods(plan: Plan, case: int) -> str:
    said = [
        "the test buy from this seller failed"
        if _flag(plan, case, "test_buy_bad")
        else "no failed test buy from this seller",
        "the item is offered as a copy" if _flag(plan, case, "says_replica") else "",
        "the brand is named for compatibility alone" if _flag(plan, case, "fits_only") else "",
    ]
    return _joined(said)


def _papers(plan: Plan, case: int) -> str:
    said = [
        "the brand authorised the seller" if _flag(plan, case, "authorised") else "",
        "a submitted paper was altered" if _flag(plan, case, "papers_altered") else "",
        _supplier(plan, case),
    ]
    return _joined(said)


def _supplier(plan: Plan, case: int) -> str:
    if plan.invoice_withheld[case]:
        return "no invoice was supplied"
    if plan.call_withheld[case]:
        return "the supplier did not call back"
    if not _flag(plan, case, "supplier_confirmed"):
        return "the invoice proved nothing"
    share = round(100 * float(plan.invoiced[case]) / float(plan.units[case]))
    return f"the supplier confirmed invoices for {share}% of the units sold"


def _joined(parts: list[str]) -> str:
    text = ", ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}."

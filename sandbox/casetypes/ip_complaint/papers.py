"""What sellers attach to their appeals, and what their suppliers say when called."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.ip_complaint.plan import Plan
from sandbox.ids import render
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.text.rights import SUPPLIERS, document_text
from sandbox.timeline import DAY, HOUR
from sandbox.writer import Column, optional

OTHER_KINDS: Final = ("authorisation", "certificate", "photo")
INVOICE_LIFE: Final = 365
CALLED_BY: Final = 40 * HOUR


@dataclass(frozen=True)
class Papers:
    """Documents as parallel arrays: whose case, which kind, units, age in days, altered or not."""

    case: Ints
    kind: list[str]
    units: Ints
    age_days: Ints
    altered: Bools

    def __len__(self) -> int:
        return len(self.case)

    @property
    def with_others(self) -> set[int]:
        """The cases that attach a paper other than an invoice."""
        rows = zip(self.case.tolist(), self.kind, strict=True)
        return {case for case, kind in rows if kind != "invoice"}


def draw_papers(plan: Plan, rng: np.random.Generator) -> Papers:
    """Draw each appeal's invoices and other papers; one is altered where drawn, else none."""
    everyone = np.arange(len(plan))
    invoices = np.repeat(everyone, rng.integers(1, 4, len(plan)))
    altered = plan.column("papers_altered")
    others = rng.binomial(3, np.where(plan.fair, 0.35, 0.45))
    # The altered paper is never an invoice that is not here yet.
    others = np.where(altered & plan.invoice_withheld, np.maximum(others, 1), others)
    rest = np.repeat(everyone, others)
    case = np.concatenate([invoices, rest])
    first = np.zeros(len(case), dtype=bool)
    first[np.unique(invoices, return_index=True)[1]] = True
    _, at = np.unique(rest, return_index=True)
    first_rest = np.zeros(len(case), dtype=bool)
    first_rest[len(invoices) + at] = True
    return Papers(
        case=case,
        kind=["invoice"] * len(invoices) + pick(rng, OTHER_KINDS, (40, 40, 20), len(rest)),
        units=_split(plan, invoices, len(case), rng),
        age_days=_ages(plan, rng)[case] + np.where(first, 0, rng.integers(5, 90, len(case))),
        altered=altered[case] & np.where(plan.invoice_withheld[case], first_rest, first),
    )


def _split(plan: Plan, invoices: Ints, count: int, rng: np.random.Generator) -> Ints:
    """Split each case's invoiced units over its invoices; other papers have none."""
    share = rng.uniform(0.5, 1.5, len(invoices))
    total = np.bincount(invoices, weights=share, minlength=len(plan))
    units = np.floor(plan.invoiced[invoices] * share / total[invoices]).astype(np.int64)
    rest = plan.invoiced - np.bincount(invoices, weights=units, minlength=len(plan))
    _, first = np.unique(invoices, return_index=True)
    units[first] += rest.astype(np.int64)
    return np.concatenate([units, np.zeros(count - len(invoices), dtype=np.int64)])


def _stale(plan: Plan, rng: np.random.Generator) -> Bools:
    """Unconfirmed suppliers whose invoice is merely too old: the near ones, and a few more."""
    return ~plan.column("supplier_confirmed") & (plan.near | (rng.random(len(plan)) < 0.1))


def _ages(plan: Plan, rng: np.random.Generator) -> Ints:
    """Days from the newest invoice to the appeal; 365 are allowed."""
    count = len(plan)
    fresh = np.where(plan.near, rng.integers(330, 350, count), rng.integers(10, 330, count))
    old = np.where(plan.near, rng.integers(368, 400, count), rng.integers(370, 700, count))
    return np.where(_stale(plan, rng), old, fresh)


def plant_documents(
    stage: Stage,
    plan: Plan,
    papers: Papers,
    appeal: Ints,
    injected: dict[int, str],
    rng: np.random.Generator,
) -> None:
    """Write the papers; an injected text ends one paper of its case."""
    count = len(papers)
    no = stage.numbers.take("doc", count)
    cases = papers.case.tolist()
    invoice = np.array([kind == "invoice" for kind in papers.kind])
    issued = (plan.filed_at[papers.case] // DAY - papers.age_days) * DAY
    stage.writer.add(
        "documents",
        {
            "document_no": no,
            "ref": [render("app", int(appeal[case])) for case in cases],
            "kind": papers.kind,
            "issued_on": issued,
            "issuer_name": _issuers(plan, papers),
            "party_name": [f"Shop {plan.seller[case] + 1}" for case in cases],
            "quantity_total": optional(papers.units, invoice),
            "total_cents": optional(papers.units * rng.integers(500, 4_000, count), invoice),
            "text": _texts(plan, papers, injected, rng),
            **_flags(plan, papers, rng),
            "sha256": [hashlib.sha256(f"{stage.seed}/{n}".encode()).hexdigest() for n in no],
            "recorded_at": plan.filed_at[papers.case] + whole(rng.uniform(30, 3600, count)),
        },
    )
    origin = np.where(papers.altered, "forged", "genuine")
    stage.writer.add("hidden_documents", {"document_no": no, "true_origin": origin})


def _issuers(plan: Plan, papers: Papers) -> list[str]:
    """The supplier on invoices, the brand on letters, a laboratory on certificates."""
    named = {"authorisation": "{brand} rights desk", "certificate": "Testhaus Nord", "photo": ""}
    return [
        SUPPLIERS[case % len(SUPPLIERS)]
        if kind == "invoice"
        else named[kind].format(brand=plan.brand[case])
        for case, kind in zip(papers.case.tolist(), papers.kind, strict=True)
    ]


def _texts(
    plan: Plan, papers: Papers, injected: dict[int, str], rng: np.random.Generator
) -> list[str]:
    texts = [
        document_text(kind, plan.brand[case], rng)
        for case, kind in zip(papers.case.tolist(), papers.kind, strict=True)
    ]
    # The last paper of a case is no invoice where there is another one.
    place = {case: row for row, case in enumerate(papers.case.tolist())}
    for case, extra in injected.items():
        texts[place[case]] += f"\n{extra}"
    return texts


def _flags(plan: Plan, papers: Papers, rng: np.random.Generator) -> dict[str, Column]:
    """Forensic flags: edited 60%, shared by 2 + P(3) sellers 30%, machine-made 10%."""
    count = len(papers)
    sign = np.array(pick(rng, ("edited", "shared", "made"), (60, 30, 10), count), dtype=object)
    sign[~papers.altered] = "clean"
    near = plan.near[papers.case]
    high = rng.uniform(0.9, np.where(near, 0.92, 0.99), count)
    usual = np.minimum(rng.beta(1, 15, count), 0.84)
    low = np.where(near & ~papers.altered, rng.uniform(0.81, 0.895, count), usual)
    return {
        "edited_after_issue": (sign == "edited").astype(int),
        "reused_by_sellers": np.where(sign == "shared", 2 + rng.poisson(3, count), 1),
        "synthetic_score": np.round(np.where(sign == "made", high, low), 3),
    }


def plant_suppliers(
    stage: Stage, plan: Plan, papers: Papers, appeal: Ints, rng: np.random.Generator
) -> None:
    """Write the suppliers and what each said; called back after LN(20 h, .8) (handbook 3, Rows)."""
    count = len(plan)
    newest = np.full(count, 10**6)
    np.minimum.at(newest, papers.case, papers.age_days)
    confirmed = plan.column("supplier_confirmed") | (newest > INVOICE_LIFE)
    roll = rng.random(count)
    gone = ~confirmed & (roll < 0.25)
    word = np.where(roll < 0.65, "denied", "no_answer")
    no = stage.numbers.take("sup", count)
    stage.writer.add(
        "suppliers",
        {
            "supplier_no": no,
            "name": [SUPPLIERS[case % len(SUPPLIERS)] for case in range(count)],
            "status": np.where(gone, np.where(roll < 0.1, "not_found", "dissolved"), "active"),
        },
    )
    back = np.minimum(whole(lognormal(rng, 20, 0.8, count) * HOUR), CALLED_BY)
    stage.writer.add(
        "supplier_calls",
        {
            "ref": [render("app", int(number)) for number in appeal.tolist()],
            "supplier_no": no,
            "call_back": np.where(confirmed, "confirmed", word),
            "called_at": plan.filed_at,
            "recorded_at": plan.filed_at + back,
        },
    )

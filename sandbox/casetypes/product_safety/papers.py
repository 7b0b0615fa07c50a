"""Certificates of the listings, and the notices to their sellers with answers and papers."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.product_safety.plan import Plan
from sandbox.ids import render
from sandbox.notices import Notices, write_notices
from sandbox.streams import Bools, Ints, lognormal, pick, whole
from sandbox.text.safety_answers import Batches, paper_text
from sandbox.timeline import DAY, HOUR

KINDS: Final = ("test_report", "certificate", "photo")
REPLIED_BY: Final = 38 * HOUR
VALIDITY: Final = 1_100 * DAY


def plant_certificates(stage: Stage, plan: Plan, listing: Ints, rng: np.random.Generator) -> None:
    """Write the certificates on file.

    Those that neither hold nor are denied fail in one point: the laboratory is not accredited,
    the certificate is another model's, or it has run out, which near ones did a few weeks ago.
    """
    rows = np.flatnonzero(plan.filed)
    count = len(rows)
    forged, valid = plan.column("cert_forged")[rows], plan.column("cert_valid")[rows]
    fails = ~forged & ~valid
    near, roll = plan.near[rows], rng.random(count)
    over = fails & (near | (roll < 0.3))
    other = fails & ~over & (roll < 0.7)
    opened = plan.opened_at[rows]
    age = whole(rng.uniform(1, 900, count) * DAY)
    late = whole(np.where(near, rng.uniform(2, 30, count), rng.uniform(5, 300, count)) * DAY)
    asked = opened - rng.integers(HOUR, 10 * HOUR, count)
    reply = np.minimum(whole(lognormal(rng, 15, 0.7, count) * HOUR), REPLIED_BY)
    stage.writer.add(
        "certificates",
        {
            "listing_no": listing[rows],
            "model_no": [
                f"X{plan.model[case]}" if wrong else plan.model[case]
                for case, wrong in zip(rows.tolist(), other.tolist(), strict=True)
            ],
            "lab_accredited": (~(fails & ~over & ~other)).astype(int),
            "lab_confirms": (~forged).astype(int),
            "asked_at": asked,
            "replied_at": asked + reply,
            "valid_until": np.where(over, opened - late, opened + VALIDITY - age),
        },
    )


@dataclass(frozen=True)
class Papers:
    """Papers that come with an answer: whose, which kind, and whether one shows the batch."""

    case: Ints
    kind: list[str]
    shows: Bools

    def __len__(self) -> int:
        return len(self.case)


def draw_papers(plan: Plan, in_letter: Bools, rng: np.random.Generator) -> Papers:
    """Draw the papers; a photo shows the batch where it was drawn and the letter does not."""
    shown = plan.column("batch_shown_safe") & ~in_letter
    photos = np.flatnonzero(shown)
    rest = np.repeat(np.arange(len(plan)), rng.binomial(3, 0.4, len(plan)))
    return Papers(
        case=np.concatenate([photos, rest]),
        kind=["photo"] * len(photos) + pick(rng, KINDS, (30, 30, 40), len(rest)),
        shows=np.arange(len(photos) + len(rest)) < len(photos),
    )


def plant_notices(stage: Stage, plan: Plan, listing: Ints, statements: list[str]) -> Ints:
    """Write the notices that asked the sellers, with the answers; return their numbers."""
    notices = Notices(
        kind="safety",
        seller=plan.seller,
        issued_at=plan.asked_at,
        window_from=plan.asked_at - 365 * DAY,
        window_to=plan.asked_at,
        responded_at=plan.answered_at,
        language=plan.language,
        statement=statements,
        listing_no=listing,
    )
    return write_notices(stage.writer, notices, stage.numbers)


def plant_documents(
    stage: Stage,
    plan: Plan,
    papers: Papers,
    notice: Ints,
    batches: list[Batches],
    injected: dict[int, str],
    rng: np.random.Generator,
) -> None:
    """Write the papers; an injected text ends the last one of its case."""
    count = len(papers)
    no = stage.numbers.take("doc", count)
    cases = papers.case.tolist()
    stage.writer.add(
        "documents",
        {
            "document_no": no,
            "ref": [render("ntc", int(notice[case])) for case in cases],
            "kind": papers.kind,
            "issuer_name": ["" if kind == "photo" else "Testhaus Nord" for kind in papers.kind],
            "party_name": [f"Shop {plan.seller[case] + 1}" for case in cases],
            "text": _texts(papers, batches, injected, rng),
            "edited_after_issue": [0] * count,
            "reused_by_sellers": [1] * count,
            "synthetic_score": np.round(np.minimum(rng.beta(1, 15, count), 0.84), 3),
            "sha256": [hashlib.sha256(f"{stage.seed}/{n}".encode()).hexdigest() for n in no],
            "recorded_at": plan.answered_at[papers.case] + 60,
        },
    )
    stage.writer.add("hidden_documents", {"document_no": no, "true_origin": ["genuine"] * count})


def _texts(
    papers: Papers, batches: list[Batches], injected: dict[int, str], rng: np.random.Generator
) -> list[str]:
    texts = [
        paper_text(kind, bool(shows), batches[case], rng)
        for case, kind, shows in zip(papers.case.tolist(), papers.kind, papers.shows, strict=True)
    ]
    last = {case: row for row, case in enumerate(papers.case.tolist())}
    for case, extra in injected.items():
        texts[last[case]] += f"\n{extra}"
    return texts

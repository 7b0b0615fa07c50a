"""What a past reviewer noted of a safety case: observables only, never cause, outcome or clause."""

from __future__ import annotations

import numpy as np

from sandbox.casetypes.product_safety.plan import Plan


def describe(plan: Plan, rng: np.random.Generator) -> list[str]:
    """Write three or four English sentences a case."""
    return [_describe_one(plan, case, rng) for case in range(len(plan))]


def _describe_one(plan: Plan, case: int, rng: np.random.Generator) -> str:
    parts = [_goods(plan, case, rng), _reports(plan, case), _papers(plan, case)]
    return " ".join(part for part in parts if part)


def _flag(plan: Plan, case: int, name: str) -> bool:
    return bool(plan.column(name)[case])


def _goods(plan: Plan, case: int, rng: np.random.Generator) -> str:
    noun = plan.good[case].noun
    named = "" if _flag(plan, case, "disguised") else f" for a {noun}"
    said = [
        f"A listing{named} was screened"
        if rng.random() < 0.5
        else f"Screening of a listing{named}",
        "its barcode and batch stand in a safety notice" * _flag(plan, case, "recall_exact"),
        "its model resembles one in a safety notice" * _flag(plan, case, "recall_near"),
        "the class was a banned good with a high score" * _flag(plan, case, "prohibited"),
        "code words hint at another good" * _flag(plan, case, "disguised"),
    ]
    return _joined(said)


def _reports(plan: Plan, case: int) -> str:
    said = [
        "three or more unrelated people reported harm" * _flag(plan, case, "incident_pattern"),
        "a grave injury was vouched for" * _flag(plan, case, "serious_report"),
        "a report explains how the product did it" * _flag(plan, case, "mechanism_plausible"),
    ]
    return _joined(said) if any(said) else "No telling report of harm."


def _papers(plan: Plan, case: int) -> str:
    return _joined([_certificate(plan, case), _answer(plan, case)])


def _certificate(plan: Plan, case: int) -> str:
    needs = "a certificate is needed" if _flag(plan, case, "needs_certificate") else ""
    if plan.lab_withheld[case]:
        found = "the laboratory did not reply"
    elif _flag(plan, case, "cert_forged"):
        found = "the laboratory denies the certificate"
    elif _flag(plan, case, "cert_valid"):
        found = "the certificate holds"
    else:
        found = "no certificate that holds"
    return ", ".join(part for part in (needs, found) if part)


def _answer(plan: Plan, case: int) -> str:
    if plan.answer_withheld[case]:
        return "the seller gave no answer"
    shown = _flag(plan, case, "batch_shown_safe")
    return "the seller shows another batch" if shown else "the seller shows no batch"


def _joined(parts: list[str]) -> str:
    text = ", ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}."

"""The documents of verification cases, and which name each bears."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.casetypes.base import Stage
from sandbox.casetypes.verification.identities import Person
from sandbox.casetypes.verification.plan import Plan
from sandbox.documents import Documents, write_documents
from sandbox.ids import render
from sandbox.streams import Bools, Ints
from sandbox.timeline import DAY

LINKED: Final = 0.2
"""Share of the explained differences that a paper shows rather than the explanation."""

_TEXTS: Final = {
    "registration": "Extract of the register of companies. Entry in the name of {name}.",
    "id_card": "Identity card. Holder: {name}. Issued by the municipal office.",
    "tax_letter": "Assignment of a tax number to {name}. Keep this letter.",
    "bank_letter": "We confirm that an account is held with us in the name of {name}.",
    "utility_bill": "Electricity, quarterly statement. Customer: {name}.",
}
_LINKS: Final = {
    "order": "Certified translation. {other} and {legal} name one person, written in two orders.",
    "surname": "Certified copy. {other} is entered with both surnames as {legal}.",
    "spelling": "Certified transliteration. {legal} is written {other} in the Latin alphabet.",
    "marriage": "Extract of the civil register. Formerly {other}, by marriage {legal}.",
    "trading": "Chamber of commerce. {legal} has entered {other} as its trading name.",
}
_ISSUERS: Final = {
    "registration": "Companies register", "id_card": "Municipal office", "tax_letter": "Tax office",
    "bank_letter": "Branch office", "utility_bill": "Electricity works",
    "certificate": "Sworn translator",
}  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """One document of a case: its kind, the name it bears and its text."""

    case: int
    kind: str
    name: str
    text: str


def draw_linked(plan: Plan, people: Sequence[Person], rng: np.random.Generator) -> Bools:
    """Draw which cases enclose a paper that shows why two names are one party's."""
    shown = np.array([bool(each.reason) for each in people])
    return np.asarray(shown & (rng.random(len(plan)) < LINKED))


def draw_papers(
    plan: Plan, people: Sequence[Person], linked: Bools, rng: np.random.Generator
) -> list[Paper]:
    """Draw what each seller handed in; whoever has not answered handed in nothing.

    An altered paper is there wherever one was drawn, answered or not.
    """
    handed = plan.answered | plan.frame.column("papers_altered")
    papers: list[Paper] = []
    for case in np.flatnonzero(handed).tolist():
        kinds = _kinds(plan, people[case], case, rng)
        papers += _of_case(case, people[case], kinds, bool(linked[case]), rng)
    return papers


def _kinds(plan: Plan, who: Person, case: int, rng: np.random.Generator) -> list[str]:
    kinds = ["tax_letter"] if plan.held["has_tax_id"][case] else []
    kinds += ["bank_letter"]
    kinds += ["utility_bill"] if rng.random() < 0.6 else []
    if plan.held["has_document"][case]:
        kinds.append("id_card" if who.private else "registration")
    return kinds


def _of_case(
    case: int, who: Person, kinds: list[str], linked: bool, rng: np.random.Generator
) -> list[Paper]:
    """Of several papers one of the first two bears the other name, where there is one."""
    odd = int(rng.integers(min(2, len(kinds)))) if who.other else -1
    papers = []
    for place, kind in enumerate(kinds):
        name = who.other if place == odd else who.legal_name
        papers.append(Paper(case, kind, name, _TEXTS[kind].format(name=name)))
    if linked:
        text = _LINKS[who.reason].format(legal=who.legal_name, other=who.other)
        papers.append(Paper(case, "certificate", who.legal_name, text))
    return papers


def plant_papers(
    stage: Stage,
    plan: Plan,
    papers: Sequence[Paper],
    request_no: Ints,
    hostile: dict[int, str],
    rng: np.random.Generator,
) -> None:
    """Write the papers; a hostile text ends the last one of its case."""
    case = np.array([paper.case for paper in papers], dtype=np.int64)
    last = {number: place for place, number in enumerate(case.tolist())}
    texts = [paper.text for paper in papers]
    for number, extra in hostile.items():
        texts[last[number]] += f"\n{extra}"
    moment = np.where(plan.answered, plan.submitted_at, plan.requested_at)[case]
    documents = Documents(
        ref=[render("kyb", int(request_no[paper.case])) for paper in papers],
        kind=[paper.kind for paper in papers],
        issued_on=(moment - rng.integers(5, 300, len(papers)) * DAY) // DAY * DAY,
        issuer_name=[_ISSUERS[paper.kind] for paper in papers],
        party_name=[paper.name for paper in papers],
        text=texts,
        altered=_altered(plan, case, rng),
        near=plan.frame.near[case],
        recorded_at=moment + rng.integers(0, 60, len(papers)),
    )
    write_documents(stage.writer, documents, stage.seed, stage.numbers, rng)


def _altered(plan: Plan, case: Ints, rng: np.random.Generator) -> Bools:
    """Choose the altered paper of each case that drew one."""
    chosen = np.zeros(len(case), dtype=bool)
    for number in np.flatnonzero(plan.frame.column("papers_altered")).tolist():
        rows = np.flatnonzero(case == number)
        chosen[rows[int(rng.integers(len(rows)))]] = True
    return chosen

"""Claims: the rationale in plain sentences, each with its proof.

Sentences come from the SOP's own wording and from clauses; nobody writes a citation by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from casewright.models import Citation, Claim, Evidence, Factor
from graphs.facts import Facts
from graphs.sentence import spell
from graphs.sop import Row
from graphs.table import Match, factors_of


def rationale(facts: Facts, factors: Mapping[str, Factor], found: Match) -> tuple[Claim, ...]:
    """The claims for what the table found: its ground, what was ruled out, what holds as well."""
    decisive = [*((found.row,) if found.row else ()), *found.passed]
    ground = dict.fromkeys(name for row in decisive for name in factors_of(facts.sop, row))
    beside = dict.fromkeys(name for row in found.also for name in factors_of(facts.sop, row))
    rests = found.row is not None
    told = [_factor_claim(facts, factors[name], rests=rests) for name in ground]
    told += [_factor_claim(facts, factors[n], rests=False) for n in beside if n not in ground]
    clauses = _clause_claims(facts, (found.row, *found.also)) if found.row else ()
    return (*clauses, *(claim for claim in told if claim))


def precedent_claim(recalled: Evidence, outcome: str) -> Claim | None:
    """How similar closed cases ended; it supports or contradicts, and nothing rests on it."""
    items = (recalled.data or {}).get("items", [])
    if not items:
        return None
    counts = Counter(str(item["outcome"]) for item in items)
    told = ", ".join(f"{count} {name}" for name, count in counts.most_common())
    verdict = "the same outcome as here" if counts[outcome] * 2 > len(items) else "not mostly alike"
    citations = tuple(
        Citation(
            kind="precedent",
            reference=recalled.digest,
            pointer=f"/items/{index}/outcome",
            quote=item["outcome"],
            label=str(item["case_id"]),
        )
        for index, item in enumerate(items)
    )
    sentence = f"Of {len(items)} similar closed cases: {told}; {verdict}."
    return Claim(sentence=sentence, citations=citations, rests=False)


def situation(facts: Facts, factors: Sequence[Factor]) -> str:
    """The known facts in the SOP's sentences, then the case's text: what precedents resemble."""
    told = [_factor_claim(facts, factor, rests=False) for factor in factors]
    text = str((facts.case.data or {}).get("text", ""))
    return " ".join([*(claim.sentence for claim in told if claim), text]).strip()


def _clause_claims(facts: Facts, rows: Sequence[Row]) -> Iterable[Claim]:
    for clause_id in dict.fromkeys(clause for row in rows for clause in row.spec.policy):
        citation = facts.cite_clause(clause_id)
        yield Claim(sentence=f"{clause_id}: {citation.quote}", citations=(citation,))


def _factor_claim(facts: Facts, factor: Factor, *, rests: bool) -> Claim | None:
    """The factor's sentence; None while it is unknown or where it resolved for want of proof."""
    if factor.value is None or not factor.citations:
        return None
    rule = facts.sop.factors[factor.name]
    if factor.by == "human":
        # The SOP's sentences tell what its rule found, which is what a person contradicted.
        sentence = f"{factor.name}: {spell(factor.value)} ({factor.reason or 'by a reviewer'})."
        return Claim(sentence=sentence, citations=factor.citations, factor=factor.name, rests=rests)
    scope = facts.scope_with_policy(rule.spec.in_force)
    filled = (sentence.fill(scope, factor.value) for sentence in rule.told(factor.value))
    text, reads = next((one for one in filled if one), (f"{factor.name}: {factor.value}.", ()))
    told = facts.cite_all(reads, in_force=rule.spec.in_force)
    proof = {(c.reference, c.pointer): c for c in (*factor.citations, *told)}
    return Claim(sentence=text, citations=tuple(proof.values()), factor=factor.name, rests=rests)

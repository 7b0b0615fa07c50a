"""Precedents that tell a case's own answer: whether the knowledge base would serve them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from casewright.models import Case, ClosedCase, GoldCase
from evals.leaks import Leak, Suite
from knowledge_base.index import document
from knowledge_base.precedents import Precedents

PROBES: Final = 6
"""Cases of which the knowledge base is asked although nothing suggests a leak."""

K: Final = 50
"""Precedents looked through in each search: as many as a run looks through."""


def served(
    suite: Suite, related: Mapping[str, ClosedCase], precedents: Precedents
) -> Iterator[Leak]:
    """Closed cases of the same matter that the knowledge base serves as precedents.

    The knowledge base is asked as a run asks it, in the very words of the closed case, so that
    nothing would be nearer. It is asked for every case whose parties are not all named to the
    guard, and for some of the others.

    Args:
        suite: The gold cases.
        related: Closed cases in the knowledge base that share an id with any of them, by id.
        precedents: The knowledge base.
    """
    held = _by_party(related.values())
    probed = 0
    for gold in suite.gold:
        case = suite.cases.get(gold.case_id)
        mine = {} if case is None else _matter(gold, suite, held)
        unnamed = [one for one in mine.values() if _unnamed(one, case)]
        if case is None or not mine or not (unnamed or probed < PROBES):
            continue
        probed += not unnamed
        asked = (unnamed or list(mine.values()))[0]
        for case_id in sorted(_found(case, gold, asked, precedents) & mine.keys()):
            shared = ", ".join(sorted(suite.involved(gold) & mine[case_id].case.involved))
            told = f"the closed case {case_id} is served as a precedent"
            yield Leak.of(gold, "precedents", f"{told} and shares {shared}")


def _by_party(related: Iterable[ClosedCase]) -> Mapping[str, list[ClosedCase]]:
    held: defaultdict[str, list[ClosedCase]] = defaultdict(list)
    for one in related:
        for party in one.case.involved:
            held[party].append(one)
    return held


def _matter(
    gold: GoldCase, suite: Suite, held: Mapping[str, list[ClosedCase]]
) -> dict[str, ClosedCase]:
    """Closed cases of its type and its matter that were settled by its as-of time, by id."""
    every = (one for party in suite.involved(gold) for one in held.get(party, ()))
    return {
        one.case.case_id: one
        for one in every
        if one.case.case_type == gold.case_type and one.closed_at < gold.as_of
    }


def _unnamed(closed: ClosedCase, case: Case | None) -> bool:
    """Whether the case as the source serves it names nothing that the closed one is about."""
    return case is not None and closed.case.involved.isdisjoint(case.involved)


def _found(case: Case, gold: GoldCase, asked: ClosedCase, precedents: Precedents) -> set[str]:
    """What the knowledge base serves to the case, asked in the words of a closed one."""
    served = precedents.search(
        case,
        as_of=gold.as_of,
        text=document(asked),
        k=K,
        in_force=frozenset(asked.clauses),
        facts=asked.facts,
    )
    return {one.case_id for one in served}

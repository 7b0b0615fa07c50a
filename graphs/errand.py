"""The errand of a case: for whom its texts are read, with which tools, and who is who in it."""

from __future__ import annotations

from agents.identifiers import field_at
from agents.personal import PERSONAL_FIELD, worth_hiding
from agents.reading import Errand
from graphs.facts import Facts
from graphs.passages import items_of, texts_below


def errand_of(facts: Facts) -> Errand:
    """What a reader is told of a case beside its questions."""
    case = facts.case.data or {}
    return Errand(
        as_of=facts.case.as_of,
        tools=tuple(sorted({tool.name for tool in facts.sop.reader_tools})),
        case_id=str(case["case_id"]),
        plan=facts.sop.spec.reading,
        persons=persons_of(facts),
        subject={**case["subject"], "seller_id": case["seller_id"]},
        records=(facts.case, *facts.evidence.values()),
    )


def persons_of(facts: Facts) -> tuple[str, ...]:
    """Names, addresses and the like that stand in the case's records, longest first."""
    found = {
        text.strip()
        for _, item in items_of(facts)
        for pointer, text in texts_below(item.data, "")
        if PERSONAL_FIELD.search(field_at(pointer)) and worth_hiding(text)
    }
    return tuple(sorted(found, key=lambda word: (-len(word), word)))

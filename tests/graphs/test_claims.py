"""The rationale: every sentence in the SOP's wording, every number in it cited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from casewright.batching import Plan
from casewright.models import Case, Citation, Claim, Decision, Evidence, EvidenceStatus, Factor
from graphs.assess import assess
from graphs.batch import begin, work
from graphs.claims import precedent_claim, rationale, situation
from graphs.facts import Facts
from graphs.sentence import spell
from graphs.sop import Sop
from graphs.table import match

NUMBER = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC|\d+(?:\.\d+)?(?:e-?\d+)?")


def told(facts: Facts, factors: Sequence[Factor]) -> list[Claim]:
    by_name = {one.name: one for one in factors}
    values: dict[str, Any] = {name: one.value for name, one in by_name.items()}
    return list(rationale(facts, by_name, match(facts.sop, values)))


def test_the_clause_comes_first_then_the_ground_then_what_was_ruled_out(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    answers["scans"]["first"]["at"] = "2026-04-23T08:00:00Z"
    facts = facts_of(small, case, **answers)
    claims = told(facts, assess(facts))
    assert [one.sentence for one in claims] == [
        "SHIP-4.1: Late is what was scanned after ship-by.",
        "The first scan, 2026-04-23 08:00 UTC, lies after ship-by, 2026-04-22 09:00 UTC.",
        "0 documents were altered, which is within the limit.",
    ]
    assert [one.factor for one in claims] == ["", "in_time", "altered"]
    assert all(one.rests for one in claims)


def test_the_first_wording_whose_fields_are_there_is_used(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    del answers["scans"]["first"]
    answers["scans"]["accepted_count"] = 0
    facts = facts_of(small, case, **answers)
    sentences = [one.sentence for one in told(facts, assess(facts))]
    assert sentences[1] == "There is no scan by ship-by, 2026-04-22 09:00 UTC."


def test_without_a_usable_wording_the_factor_is_told_plainly(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    del answers["order"]["ship_by"], answers["scans"]["first"]
    answers["order"]["ship_by"] = answers["order"]["deliver_by"]
    facts = facts_of(small, case, scans=answers["scans"])
    by_hand = Factor(
        name="in_time", value=False, citations=(Citation(kind="evidence", reference="x"),)
    )
    altered, blames = assess(facts)[1:]
    (claim,) = [one for one in told(facts, [by_hand, altered, blames]) if one.factor]
    assert claim.sentence == "in_time: False."


def test_what_is_unknown_or_unproved_is_not_told(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    answers["docs"] = "still_scanning"
    facts = facts_of(small, case, **answers)
    assert {one.factor for one in told(facts, assess(facts))} == {"", "in_time"}


def test_nothing_rests_on_the_rationale_of_an_open_decision(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    facts = facts_of(small, case, appeal=answers["appeal"], docs=answers["docs"])
    claims = told(facts, assess(facts))
    assert [one.factor for one in claims] == ["altered"]
    assert not any(one.rests for one in claims)


def test_a_situation_is_facts_and_text_without_a_verdict(
    small: Sop, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    facts = facts_of(small, case, **answers)
    assert situation(facts, assess(facts)) == (
        "The first scan, 2026-04-22 08:00 UTC, lies by ship-by, 2026-04-22 09:00 UTC. "
        "0 documents were altered, which is within the limit. Please look again."
    )
    assert situation(facts_of(small, case), []) == "Please look again."


def recalled(*outcomes: str) -> Evidence:
    moment = datetime.fromisoformat("2026-06-01T00:00:00+00:00")
    items = [{"case_id": f"case_{i}", "outcome": one} for i, one in enumerate(outcomes)]
    return Evidence.freeze(
        tool="recall",
        request={},
        status=EvidenceStatus.OK,
        data={"items": items},
        as_of=moment,
        retrieved_at=moment,
    )


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        (["x", "y", "x"], "Of 3 similar closed cases: 2 x, 1 y; the same outcome as here."),
        (["x", "y"], "Of 2 similar closed cases: 1 x, 1 y; not mostly alike."),
        (["y"], "Of 1 similar closed cases: 1 y; not mostly alike."),
    ],
)
def test_precedents_are_counted_and_each_is_cited(outcomes: list[str], sentence: str) -> None:
    found = recalled(*outcomes)
    claim = precedent_claim(found, "x")
    assert claim is not None
    assert claim.sentence == sentence
    assert not claim.rests
    assert [one.quote for one in claim.citations] == outcomes
    assert {(one.kind, one.reference) for one in claim.citations} == {("precedent", found.digest)}
    assert claim.citations[0].label == "case_0"


def test_no_precedent_no_claim() -> None:
    assert precedent_claim(recalled(), "x") is None


async def test_every_number_in_every_sentence_is_cited(opened: Any, open_ids: list[str]) -> None:
    """Over a third of the open cases, so over every type, whatever they come to."""
    sample = open_ids[::3]
    sentences = 0
    async with opened() as investigator:
        batch = await begin(investigator, sample, Plan(concurrency=4))
        async for one in work(investigator, batch):
            run = await investigator.store.run(one.ending.run_id)
            assert run is not None, one.ending.error
            assert run.decision is not None
            sop = await investigator.sop_of(run)
            sentences += numbers_are_cited(run.decision, sop)
    assert sentences > 4 * len(sample)


def numbers_are_cited(decision: Decision, sop: Sop) -> int:
    for claim in decision.claims:
        assert claim.citations
        assert not claim.struck
        backed = {spelled(one.quote) for one in claim.citations}
        # The SOP's own wording and a clause's own id and text may hold numbers of their own.
        backed |= set(NUMBER.findall(literals(sop, claim.factor)))
        texts = [one.quote for one in claim.citations if isinstance(one.quote, str)]
        backed |= {number for text in texts for number in NUMBER.findall(text)}
        clause = claim.sentence.split(": ")[0] if not claim.factor else ""
        backed |= set(NUMBER.findall(clause))
        assert set(NUMBER.findall(claim.sentence)) <= backed
    return len(decision.claims)


def literals(sop: Sop, factor: str) -> str:
    says = sop.factors[factor].says.values() if factor else ()
    return " ".join(piece for some in says for one in some for piece in one.pieces)


def spelled(quote: Any) -> str:
    if isinstance(quote, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", quote):
        return spell(datetime.fromisoformat(quote))
    return spell(quote)

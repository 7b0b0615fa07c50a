"""The verifier: whatever is tampered with is struck, and what rested on it is not decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from casewright.models import Case, Citation, Claim, Cost, Decision, Evidence, Route
from graphs.assess import assess
from graphs.decide import Given, decide
from graphs.policy import Policy
from graphs.sop import Sop
from graphs.verify import fault, verify

DIGEST = "0" * 64


@dataclass(frozen=True)
class Proof:
    """A decision and everything it is checked against."""

    decision: Decision
    evidence: dict[str, Evidence]
    policy: Policy

    def checked(self) -> Decision:
        return verify(self.decision, self.evidence, self.policy)

    def citing(self, factor: str, at: str, /, **changes: Any) -> Proof:
        """The proof with one citation of one factor's claim changed."""
        claims = tuple(
            one.model_copy(update={"citations": tuple(self._changed(c, at, changes)
                                                      for c in one.citations)})
            if one.factor == factor
            else one
            for one in self.decision.claims
        )  # fmt: skip
        assert repr(claims) != repr(self.decision.claims)  # for False == 0
        return replace(self, decision=self.decision.model_copy(update={"claims": claims}))

    @staticmethod
    def _changed(citation: Citation, pointer: str, changes: dict[str, Any]) -> Citation:
        return citation.model_copy(update=changes) if citation.pointer == pointer else citation


@pytest.fixture
def proof(small: Sop, case: Case, answers: dict[str, Any], facts_of: Any) -> Proof:
    facts = facts_of(small, case, **answers)
    decision = decide(facts, Given(assess(facts), None, Cost(), "small@1+abc"))
    evidence = {**facts.evidence, facts.case.digest: facts.case}
    return Proof(decision, evidence, small.policy)


def lost(decision: Decision, told: str) -> bool:
    """Whether the decision was not made for want of this support."""
    struck = [one for one in decision.claims if one.struck]
    return (
        (decision.outcome, decision.row, decision.stability) == ("escalate", 0, None)
        and decision.route is Route.SENIOR
        and all(told in one.struck for one in struck)
        and all(f"{one.sentence} ({one.struck})" in decision.reasons[-1] for one in struck)
        and len(struck) == 1
    )


def test_what_holds_stands(proof: Proof) -> None:
    assert proof.checked() == proof.decision
    assert proof.decision.outcome == "overturn"


def test_evidence_that_is_gone(proof: Proof) -> None:
    digest = next(d for d, one in proof.evidence.items() if one.tool == "list_documents")
    del proof.evidence[digest]
    checked = proof.checked()
    assert lost(checked, f"evidence {digest[:12]} is not in the store as it was frozen")


@pytest.mark.parametrize("change", [{"data": {"items": [], "n_altered": 1}}, {"source": "else"}])
def test_evidence_that_was_changed(proof: Proof, change: dict[str, Any]) -> None:
    digest = next(d for d, one in proof.evidence.items() if one.tool == "list_documents")
    proof.evidence[digest] = proof.evidence[digest].model_copy(update=change)
    assert lost(proof.checked(), "not in the store as it was frozen")


@pytest.mark.parametrize("quote", [1, False, "0", None, 0.5, [0], {"n": 0}])
def test_a_quote_that_says_something_else(proof: Proof, quote: Any) -> None:
    changed = proof.citing("altered", "/n_altered", quote=quote)
    assert lost(changed.checked(), "docs/n_altered does not say that")


@pytest.mark.parametrize(
    ("pointer", "told"),
    [
        ("/items", "does not say that"),
        ("/nothing", "holds nothing"),
        ("/items/0", "holds nothing"),
        ("n_altered", "holds nothing"),
        ("", "does not say that"),
    ],
)
def test_a_pointer_to_something_else(proof: Proof, pointer: str, told: str) -> None:
    changed = proof.citing("altered", "/n_altered", pointer=pointer)
    assert lost(changed.checked(), f"docs/n_altered {told}")


def test_a_reference_to_something_else(proof: Proof) -> None:
    other = next(d for d, one in proof.evidence.items() if one.tool == "get_order")
    assert lost(
        proof.citing("altered", "/n_altered", reference=other).checked(),
        "docs/n_altered holds nothing",
    )
    assert lost(
        proof.citing("altered", "/n_altered", reference=DIGEST).checked(), "is not in the store"
    )


def test_a_clause_that_says_something_else(proof: Proof) -> None:
    clauses = tuple(
        one.model_copy(update={"text": "Nobody is late."}) if one.clause_id == "SHIP-4.1" else one
        for one in proof.policy.clauses
    )
    changed = replace(proof, policy=proof.policy.model_copy(update={"clauses": clauses}))
    assert lost(changed.checked(), "SHIP-4.1@2025-01-01 does not say that")


def test_a_clause_that_is_gone(proof: Proof) -> None:
    kept = tuple(one for one in proof.policy.clauses if one.clause_id != "SHIP-4.1")
    changed = replace(proof, policy=proof.policy.model_copy(update={"clauses": kept}))
    assert lost(changed.checked(), "the policy holds no clause SHIP-4.1@2025-01-01")


def test_a_claim_without_a_citation(proof: Proof) -> None:
    bare = Claim(sentence="Trust me.")
    claims = (*proof.decision.claims, bare)
    changed = replace(proof, decision=proof.decision.model_copy(update={"claims": claims}))
    assert lost(changed.checked(), "no citation")


def test_a_claim_that_nothing_rests_on_is_struck_alone(proof: Proof) -> None:
    bare = Claim(sentence="By the way.", rests=False)
    claims = (*proof.decision.claims, bare)
    changed = replace(proof, decision=proof.decision.model_copy(update={"claims": claims}))
    checked = changed.checked()
    assert (checked.outcome, checked.route) == (proof.decision.outcome, proof.decision.route)
    assert [one.struck for one in checked.claims if one.struck] == ["no citation"]
    assert checked.citations == proof.decision.citations


def test_a_legal_route_stays_legal(proof: Proof) -> None:
    legal = proof.decision.model_copy(update={"route": Route.LEGAL})
    changed = replace(proof, decision=legal).citing("altered", "/n_altered", quote=7)
    assert changed.checked().route is Route.LEGAL


Cited = Callable[..., str]


@pytest.fixture
def cited(small: Sop, case: Case, facts_of: Any, answers: dict[str, Any]) -> Cited:
    """The fault of a citation of one field with this value there."""

    def cited(value: Any, quote: Any, *, excerpt: bool = False) -> str:
        facts = facts_of(small, case, docs=answers["docs"])
        item = next(iter(facts.evidence.values()))
        held = Evidence.freeze(
            **item.model_dump(exclude={"data", "digest", "retrieved_at"}),
            data={"field": value},
            retrieved_at=item.retrieved_at,
        )
        citation = Citation(
            kind="evidence",
            reference=held.digest,
            pointer="/field",
            quote=quote,
            excerpt=excerpt,
            label="it",
        )
        return fault(citation, {held.digest: held}, small.policy)

    return cited


@pytest.mark.parametrize(
    ("value", "quote"),
    [
        (True, 1),
        (1, True),
        (0, False),
        (1, "1"),
        ("0.50", "0.5"),
        ("0.5", 0.5),
        ([1, 2], [2, 1]),
        ([1], [True]),
        ({"a": {"b": 0}}, {"a": {"b": False}}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ("x", "x "),
        ("é", "e\u0301"),
    ],
)
def test_what_only_looks_alike_is_not_the_same(cited: Cited, value: Any, quote: Any) -> None:
    assert cited(value, quote) == "it does not say that"
    assert cited(value, value) == ""


@pytest.mark.parametrize(("value", "quote"), [(1, 1.0), (0.0, 0), ({"a": [1.0]}, {"a": [1]})])
def test_a_whole_number_is_the_same_however_the_store_spells_it(
    cited: Cited, value: Any, quote: Any
) -> None:
    assert cited(value, quote) == ""


@pytest.mark.parametrize(
    ("value", "quote", "holds"),
    [
        ("The carrier came late.", "carrier came", True),
        ("The carrier came late.", "The carrier came late.", True),
        ("The carrier came late.", "Carrier", False),
        ("The carrier came late.", "", False),
        ("5", 5, False),
        (5, "5", False),
        (["late"], "late", False),
    ],
)
def test_an_excerpt_stands_in_the_text_word_for_word(
    cited: Cited, value: Any, quote: Any, holds: bool
) -> None:
    told = "" if holds else "it does not contain that quote"
    assert cited(value, quote, excerpt=True) == told

"""The verifier: re-reads every citation from the store before anyone relies on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jsonpointer import JsonPointerException, resolve_pointer

from casewright.canonical import canonical
from casewright.models import ESCALATE, Citation, Claim, Decision, Evidence, Route
from graphs.policy import Policy


def verify(decision: Decision, evidence: Mapping[str, Evidence], policy: Policy) -> Decision:
    """Strike what does not check out; a decision that loses its support goes to a person.

    Args:
        decision: The proposal.
        evidence: Evidence by digest, as the store holds it now; tampered evidence is left out.
        policy: The pinned policy.

    Returns:
        The decision with struck claims marked. If a claim it rests on was struck, its outcome is
        ``escalate``, its route at least ``senior``, and its reasons say why.
    """
    cited = (citation for claim in decision.claims for citation in claim.citations)
    held = sound(cited, evidence)
    claims = tuple(_checked(claim, held, policy) for claim in decision.claims)
    lost = [claim for claim in claims if claim.struck and claim.rests]
    if not lost:
        return decision.model_copy(update={"claims": claims})
    reasons = (f"support lost: {claim.sentence} ({claim.struck})" for claim in lost)
    return decision.model_copy(
        update={
            "claims": claims,
            "outcome": ESCALATE,
            "row": 0,
            "also": (),
            "stability": None,
            "enforcement": (),
            "route": decision.route.raised_to(Route.SENIOR),
            "reasons": (*decision.reasons, *reasons),
        }
    )


def _checked(claim: Claim, evidence: Mapping[str, Evidence], policy: Policy) -> Claim:
    if claim.by and claim.struck:
        return claim  # a person struck it, and whatever it cites cannot bring it back
    if not claim.citations:
        return claim.model_copy(update={"struck": "no citation"})
    faults = (unproved(citation, evidence, policy) for citation in claim.citations)
    return claim.model_copy(update={"struck": next((one for one in faults if one), "")})


def fault(citation: Citation, evidence: Mapping[str, Evidence], policy: Policy) -> str:
    """Why a citation does not hold, or an empty string if it does."""
    return unproved(citation, sound([citation], evidence), policy)


def sound(citations: Iterable[Citation], evidence: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """The evidence that citations refer to and that is as it was frozen, each hashed once."""
    cited = {one.reference for one in citations} & evidence.keys()
    return {digest: evidence[digest] for digest in cited if evidence[digest].intact()}


def unproved(citation: Citation, held: Mapping[str, Evidence], policy: Policy) -> str:
    """As :func:`fault`, on evidence that is known to be sound."""
    if citation.kind == "policy":
        clause = policy.clause(citation.reference)
        if clause is None:
            return f"the policy holds no clause {citation.reference}"
        return "" if clause.text == citation.quote else f"{citation.reference} does not say that"
    item = held.get(citation.reference)
    if item is None:
        return f"evidence {citation.reference[:12]} is not in the store as it was frozen"
    return _quote_fault(citation, item.data)


def _quote_fault(citation: Citation, data: Any) -> str:
    try:
        value = resolve_pointer(data, citation.pointer)
    except JsonPointerException:
        return f"{citation.label} holds nothing"
    if citation.excerpt:
        quote = citation.quote if isinstance(citation.quote, str) else ""
        quoted = isinstance(value, str) and bool(quote) and quote in value
        return "" if quoted else f"{citation.label} does not contain that quote"
    # As canonical JSON, since Python holds 1 for true at any depth, and 1.0 is stored as 1.
    same = canonical(value) == canonical(citation.quote)
    return "" if same else f"{citation.label} does not say that"

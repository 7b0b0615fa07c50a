"""A dossier as one HTML page: no script, nothing from elsewhere, and what a party wrote is text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from casewright.models import Citation, Claim, Decision, Run
from review.dossier import Dossier
from review.layout import (
    Layout,
    all_citations,
    as_json,
    by_party,
    lines,
    numbered,
    numbers,
    seen,
    sides,
    spelled,
    worded,
)
from review.told import told

TEMPLATES: Final = Path(__file__).parent / "templates"

Places = Mapping[tuple[str, str], str]
"""The anchor of each cited field, by reference and JSON Pointer."""


def page(dossier: Dossier, json_name: str, *, pdf_name: str = "") -> str:
    """The page.

    Args:
        dossier: What to show.
        json_name: Name of the file that holds it as JSON.
        pdf_name: Name of the PDF that is made of the page and holds that file; empty: none is.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finished,
    )
    environment.filters.update(seen=seen, lines=lines, json=as_json)
    template = environment.get_template("dossier.html")
    return template.render(_shown(dossier, json_name) | _styled(pdf_name))


def _styled(pdf_name: str) -> dict[str, Any]:
    from markupsafe import Markup

    files = ("dossier.css", "dossier-pdf.css") if pdf_name else ("dossier.css",)
    style = "".join((TEMPLATES / file).read_text("utf-8") for file in files)
    return {
        "paged": bool(pdf_name),
        "pdf_name": pdf_name,
        "style": Markup(style),  # noqa: S704  our own files, which hold no angle bracket
        "style_hash": b64encode(sha256(style.encode()).digest()).decode(),
    }


def _shown(dossier: Dossier, json_name: str) -> dict[str, Any]:
    run = dossier.run
    citations = all_citations(run.decision) if run.decision else ()
    known = numbered(citations)
    places = _places(dossier, citations)
    events = dossier.log
    last = events[-1] if events else None
    return {
        "dossier": dossier,
        "run": run,
        "case": run.case,
        "money": f"{run.case.impact.cents / 100:,.2f} {run.case.impact.currency}",
        "decision": run.decision,
        "claims": list(_claims(run.decision, known)) if run.decision else [],
        "citations": [
            {**_citation(n, one, places), "party": _by_party(dossier, one)}
            for n, one in enumerate(citations, start=1)
        ],
        "factors": list(_factors(run, known)),
        "evidence": list(_evidence(dossier, places)),
        "events": [{**dict(one), "told": told(one)} for one in events],
        "last": f"{last.number}:{last.hash}" if last else "",
        "json_name": json_name,
        "written": f"{dossier.exported_at:%Y-%m-%dT%H:%M:%S}Z",
    }


def _places(dossier: Dossier, citations: Sequence[Citation]) -> dict[tuple[str, str], str]:
    clauses = {one["reference"]: f"p-{n}" for n, one in enumerate(dossier.clauses, start=1)}
    places = {(reference, ""): anchor for reference, anchor in clauses.items()}
    for one in citations:
        key = (one.reference, one.pointer)
        if one.reference in dossier.evidence:
            places.setdefault(key, f"f-{one.reference[:12]}-{len(places)}")
    return places


def _claims(
    decision: Decision, known: Mapping[str, int]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    headings = ("What it rests on", "Speaks against it", "Beside it")
    for heading, claims in zip(headings, sides(decision.claims), strict=True):
        if claims:
            yield heading, [_claim(claim, known) for claim in claims]


def _claim(claim: Claim, known: Mapping[str, int]) -> dict[str, Any]:
    cited = numbers(claim.citations, known)
    return {"sentence": claim.sentence, "struck": claim.struck, "numbers": cited}


def _citation(number: int, citation: Citation, places: Places) -> dict[str, Any]:
    clause = citation.kind == "policy"
    place = citation.reference if clause else f"{citation.reference[:12]} {citation.pointer}"
    anchor = places.get((citation.reference, citation.pointer), "evidence")
    return {
        "number": number,
        "label": citation.label,
        "quote": spelled(citation.quote),
        "place": place,
        "anchor": anchor,
    }


def _by_party(dossier: Dossier, citation: Citation) -> bool:
    """Whether a party wrote what is cited."""
    frozen = dossier.evidence.get(citation.reference)
    return by_party(frozen.evidence() if frozen else None, citation.pointer)


def _factors(run: Run, known: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    decision = run.decision
    for factor in (*decision.factors, *decision.flags) if decision else ():
        yield {
            "name": factor.name,
            "told": worded(factor.value),
            "by": factor.by if factor.known else "",
            "reason": factor.reason,
            "numbers": numbers(factor.citations, known),
        }


def _evidence(dossier: Dossier, places: Places) -> Iterator[dict[str, Any]]:
    for number, (digest, frozen) in enumerate(dossier.evidence.items(), start=1):
        item = frozen.evidence()
        anchors = {pointer: one for (held, pointer), one in places.items() if held == digest}
        yield {
            "anchor": f"e-{number}",
            "tool": item.tool,
            "status": item.status.value,
            "request": as_json(item.request),
            "source": item.source or "the source",
            "as_of": item.as_of,
            "retrieved_at": item.retrieved_at,
            "reason": item.reason,
            "digest": digest,
            "data": Layout(item, anchors).whole(),
        }


def _finished(value: Any) -> Any:
    """Whatever is put into the page: plain text with what cannot be seen spelled out."""
    return lines(value) if type(value) is str else value

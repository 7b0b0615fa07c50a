"""A dossier as one HTML page: no script, nothing from elsewhere, and what a party wrote is text."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from casewright.models import Citation, Claim, Decision, Evidence, Factor, Run
from casewright.visible import visible
from review.dossier import Dossier
from review.told import told

TEMPLATES: Final = Path(__file__).parent / "templates"

Places = Mapping[tuple[str, str], str]
"""The anchor of each cited field, by reference and JSON Pointer."""


@dataclass(frozen=True)
class Field:
    """One value of a record, to be laid out.

    Attributes:
        text: The value, where it holds no others.
        fields: The values in it with their names, or None.
        party: Whether a party wrote it.
        anchor: Its place in the page, where it is cited.
    """

    text: str = ""
    fields: tuple[tuple[str, Field], ...] | None = None
    party: bool = False
    anchor: str = ""


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
    environment.filters.update(seen=_seen, lines=_lines, json=_json)
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
    citations = _all_citations(run.decision) if run.decision else ()
    numbers = {_key(one): number for number, one in enumerate(citations, start=1)}
    places = _places(dossier, citations)
    events = dossier.log
    last = events[-1] if events else None
    return {
        "dossier": dossier,
        "run": run,
        "case": run.case,
        "money": f"{run.case.impact.cents / 100:,.2f} {run.case.impact.currency}",
        "decision": run.decision,
        "claims": list(_claims(run.decision, numbers)) if run.decision else [],
        "citations": [
            {**_citation(n, one, places), "party": _by_party(dossier, one)}
            for n, one in enumerate(citations, start=1)
        ],
        "factors": list(_factors(run, numbers)),
        "evidence": list(_evidence(dossier, places)),
        "events": [{**dict(one), "told": told(one)} for one in events],
        "last": f"{last.number}:{last.hash}" if last else "",
        "json_name": json_name,
        "written": f"{dossier.exported_at:%Y-%m-%dT%H:%M:%S}Z",
    }


def _all_citations(decision: Decision) -> tuple[Citation, ...]:
    """Those of claims that stand, as people number them, and then those of factors alone."""
    found = {_key(one): one for one in decision.citations}
    for factor in (*decision.factors, *decision.flags):
        for one in factor.citations:
            found.setdefault(_key(one), one)
    return tuple(found.values())


def _key(citation: Citation) -> str:
    return citation.model_dump_json()


def _places(dossier: Dossier, citations: Sequence[Citation]) -> dict[tuple[str, str], str]:
    clauses = {one["reference"]: f"p-{n}" for n, one in enumerate(dossier.clauses, start=1)}
    places = {(reference, ""): anchor for reference, anchor in clauses.items()}
    for one in citations:
        key = (one.reference, one.pointer)
        if one.reference in dossier.evidence:
            places.setdefault(key, f"f-{one.reference[:12]}-{len(places)}")
    return places


def _claims(
    decision: Decision, numbers: Mapping[str, int]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    against = [claim for claim in decision.claims if claim.stance == "contradicts"]
    ground = [claim for claim in decision.claims if claim.rests and claim not in against]
    beside = [one for one in decision.claims if one not in against and one not in ground]
    parts = (("What it rests on", ground), ("Speaks against it", against), ("Beside it", beside))
    for heading, claims in parts:
        if claims:
            yield heading, [_claim(claim, numbers) for claim in claims]


def _claim(claim: Claim, numbers: Mapping[str, int]) -> dict[str, Any]:
    cited = sorted({numbers[_key(one)] for one in claim.citations if _key(one) in numbers})
    return {"sentence": claim.sentence, "struck": claim.struck, "numbers": cited}


def _citation(number: int, citation: Citation, places: Places) -> dict[str, Any]:
    clause = citation.kind == "policy"
    place = citation.reference if clause else f"{citation.reference[:12]} {citation.pointer}"
    quote = citation.quote if isinstance(citation.quote, str) else _json(citation.quote)
    anchor = places.get((citation.reference, citation.pointer), "evidence")
    return {
        "number": number,
        "label": citation.label,
        "quote": _lines(quote),
        "place": place,
        "anchor": anchor,
    }


def _by_party(dossier: Dossier, citation: Citation) -> bool:
    """Whether a party wrote what is cited."""
    frozen = dossier.evidence.get(citation.reference)
    roots = frozen.evidence().untrusted if frozen else ()
    return any(f"{citation.pointer}/".startswith(f"{root}/") for root in roots)


def _factors(run: Run, numbers: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    decision = run.decision
    for factor in (*decision.factors, *decision.flags) if decision else ():
        yield {
            "name": factor.name,
            "told": _told(factor),
            "by": factor.by if factor.known else "",
            "reason": factor.reason,
            "numbers": sorted({numbers[_key(one)] for one in factor.citations}),
        }


def _told(factor: Factor) -> str:
    if factor.value is None:
        return "unknown"
    if isinstance(factor.value, bool):
        return "yes" if factor.value else "no"
    return str(factor.value)


def _evidence(dossier: Dossier, places: Places) -> Iterator[dict[str, Any]]:
    for number, (digest, frozen) in enumerate(dossier.evidence.items(), start=1):
        item = frozen.evidence()
        yield {
            "anchor": f"e-{number}",
            "tool": item.tool,
            "status": item.status.value,
            "request": _json(item.request),
            "source": item.source or "the source",
            "as_of": item.as_of,
            "retrieved_at": item.retrieved_at,
            "reason": item.reason,
            "digest": digest,
            "data": _Layout(item, digest, places).field(item.data, ""),
        }


@dataclass(frozen=True)
class _Layout:
    """Lays one record out: what a party wrote is marked, what is cited can be jumped to."""

    item: Evidence
    digest: str
    places: Places

    def field(self, value: Any, pointer: str) -> Field:
        """The value at a pointer."""
        anchor = self.places.get((self.digest, pointer), "")
        written = pointer in self.item.untrusted
        inner: tuple[tuple[str, Field], ...] | None = None
        if isinstance(value, dict | list):
            named = value.items() if isinstance(value, dict) else enumerate(value)
            inner = tuple(
                (_seen(str(name)), self.field(one, f"{pointer}/{_step(name)}"))
                for name, one in named
            )
        text = _lines(value) if isinstance(value, str) else _json(value)
        shown = "" if inner is not None else text
        return Field(shown, inner, party=written, anchor=anchor)


def _step(name: str | int) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


def _finished(value: Any) -> Any:
    """Whatever is put into the page: plain text with what cannot be seen spelled out."""
    return _lines(value) if type(value) is str else value


def _seen(value: Any) -> str:
    """A text on one line, with what cannot be seen spelled out."""
    return visible(str(value))


def _lines(text: str) -> str:
    """A text with its lines kept, and everything else that cannot be seen spelled out."""
    return "\n".join(visible(line) for line in text.replace("\r\n", "\n").split("\n"))


def _json(value: Any) -> str:
    return visible(json.dumps(value, ensure_ascii=False, sort_keys=True))

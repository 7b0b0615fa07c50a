"""How runs and decisions look to people: Rich renderables, nothing else.

Everything a party or a source wrote is printed as text: markup in it is never interpreted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from casewright.models import (
    Citation,
    Claim,
    Decision,
    Evidence,
    Factor,
    MissingInformation,
    Run,
    RunStatus,
)

QUOTE_WIDTH = 72


def render_run(run: Run, *, citations: bool = True) -> RenderableType:
    """The decision of a run, and what happens next.

    Args:
        run: The run.
        citations: Whether to list the numbered citations.
    """
    parts: list[RenderableType] = [_head(run)]
    if run.decision is not None:
        parts += _decision(run.decision, citations=citations)
    parts.append(_next(run))
    return Group(*parts)


def render_queue(runs: Sequence[Run]) -> RenderableType:
    """What waits for a reviewer, one line a case."""
    if not runs:
        return Text("Nothing waits for a review.")
    table = Table("case", "proposal", "route", "impact", "stability", "since", box=None)
    for run in runs:
        decision = run.decision
        table.add_row(
            Text(run.case.case_id),
            Text(decision.outcome if decision else "-"),
            Text(decision.route.value if decision else "-"),
            Text(_money(run)),
            Text(str(decision.stability or "-") if decision else "-"),
            Text(f"{run.updated_at:%Y-%m-%d %H:%M}"),
        )
    return table


def render_citation(number: int, citation: Citation, evidence: Evidence | None) -> RenderableType:
    """One citation followed to its raw evidence, or to the clause."""
    title = Text(f"[{number}] {citation.label}")
    if evidence is None:
        return Panel(Text(str(citation.quote)), title=title, subtitle=Text(citation.reference))
    source = Text(
        f"{evidence.tool} {json.dumps(evidence.request)} · {evidence.source}\n"
        f"as of {evidence.as_of.isoformat()}, retrieved {evidence.retrieved_at.isoformat()}\n"
        f"pointer {citation.pointer or '(whole record)'} = {_json(citation.quote)}\n"
    )
    body = Text(json.dumps(evidence.data, indent=2, ensure_ascii=False, sort_keys=True))
    return Panel(Group(source, body), title=title, subtitle=Text(f"sha-256 {evidence.digest}"))


def _head(run: Run) -> RenderableType:
    line = Text.assemble(
        (run.case.case_id, "bold"),
        f"  {run.sop}  {run.case.region}  {_money(run)}",
        f"  opened {run.case.opened_at:%Y-%m-%d %H:%M}",
    )
    return Group(line, Text(f"as of {run.as_of.isoformat()}, {run.graph_version}", style="dim"))


def _decision(decision: Decision, *, citations: bool) -> list[RenderableType]:
    numbers = {c.model_dump_json(): n for n, c in enumerate(decision.citations, start=1)}
    stability = f"{decision.stability} flips" if decision.stability else "no flip changes it"
    headline = Text.assemble(
        ("Decision: ", "bold"),
        (decision.outcome, "bold cyan"),
        f"   route {decision.route.value}   stability {stability}",
    )
    parts: list[RenderableType] = [Text(), headline]
    parts += [Text(f"  {reason}", style="dim") for reason in decision.reasons]
    parts += [Text(), *(_claim(claim, numbers) for claim in decision.claims)]
    parts += [Text(), _factors(decision.factors)]
    if decision.missing:
        parts += [Text(), Text("Missing", style="bold"), *map(_missing, decision.missing)]
    if decision.precedents:
        parts += [Text(), _precedents(decision)]
    if citations and numbers:
        parts += [Text(), _citations(decision.citations)]
    return parts


def _claim(claim: Claim, numbers: dict[str, int]) -> Text:
    if claim.struck:
        return Text(f"  ✗ {claim.sentence} (struck: {claim.struck})", style="strike red")
    cited = sorted({numbers[citation.model_dump_json()] for citation in claim.citations})
    mark = "•" if claim.rests else "◦"
    return Text.assemble(f"  {mark} {claim.sentence} ", (f"{cited}", "cyan"))


def _factors(factors: Sequence[Factor]) -> Table:
    table = Table("factor", "value", "by", "why unknown", box=None, header_style="bold")
    for factor in factors:
        by = factor.by if factor.known else ""
        table.add_row(factor.name, _value(factor), by, Text(factor.reason))
    return table


def _value(factor: Factor) -> str:
    if not factor.known:
        return "unknown"
    return {True: "yes", False: "no"}.get(bool(factor.value), str(factor.value))


def _missing(missing: MissingInformation) -> Text:
    what = ", ".join(missing.actions) or missing.factor
    days = f", {missing.answer_days} days" if missing.answer_days else ""
    return Text(f"  {what} → ask the {missing.party}{days}: {missing.question}")


def _precedents(decision: Decision) -> Table:
    table = Table("similar closed case", "outcome", "closed", "situation", box=None)
    for one in decision.precedents:
        situation = Text(one.situation, overflow="ellipsis", no_wrap=True)
        table.add_row(
            Text(one.case_id), Text(one.outcome), Text(f"{one.closed_at:%Y-%m-%d}"), situation
        )
    return table


def _citations(citations: Sequence[Citation]) -> Table:
    table = Table("", "citation", "exact value", "evidence", box=None, header_style="bold")
    for number, citation in enumerate(citations, start=1):
        reference = citation.reference if citation.kind == "policy" else citation.reference[:12]
        quote = Text(_shortened(_json(citation.quote)), overflow="fold")
        table.add_row(Text(f"[{number}]"), Text(citation.label), quote, Text(reference))
    return table


def _next(run: Run) -> Text:
    case = run.case.case_id
    told = {
        RunStatus.WAITING: f"Waits for a reviewer: casewright review approve {case} --code A1",
        RunStatus.DONE: "Closed.",
        RunStatus.FAILED: f"Failed: {run.error}",
        RunStatus.RUNNING: f"Interrupted: casewright investigate {case} goes on with it.",
    }
    return Text(f"\n{told[run.status]}", style="bold")


def _money(run: Run) -> str:
    return f"{run.case.impact.cents / 100:,.2f} {run.case.impact.currency}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= QUOTE_WIDTH else f"{text[: QUOTE_WIDTH - 1]}…"

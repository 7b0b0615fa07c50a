"""How runs and decisions look to people: Rich renderables, nothing else.

Everything a party or a source wrote is printed as text: markup in it is never interpreted, and
what would steer the terminal or hide from the reader is spelled out, see ``visible``.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from casewright.bill import bill
from casewright.cost import currency_of
from casewright.enforcement import Enforced
from casewright.models import (
    Awaiting,
    Citation,
    Claim,
    Decision,
    Evidence,
    Factor,
    MissingInformation,
    Money,
    Opinion,
    Run,
    RunStatus,
)
from casewright.similar import render_precedents
from casewright.visible import visible
from casewright.waiting import Listed, Waiting

__all__ = ["render_citation", "render_queue", "render_run", "visible"]

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
    if run.awaiting is not None:
        parts += [Text(), _awaiting(run.awaiting)]
    if run.enforced:
        parts += [Text(), Text("Carried out", style="bold"), *map(_ended, run.enforced)]
    parts.append(_next(run))
    return Group(*parts)


def render_queue(listed: Listed) -> RenderableType:
    """What waits for a reviewer, one line a case, most urgent first."""
    if not listed.items:
        return Text("Nothing waits for a review.")
    table = Table("case", "proposal", "route", "impact", "at stake", "due", "who has it", box=None)
    for one in listed.items:
        table.add_row(
            _text(one.case_id),
            _text(one.outcome),
            one.route,
            _money(one.impact),
            f"{one.stake_cents / 100:,.0f}",
            f"{one.due_at:%Y-%m-%d %H:%M}",
            _text(_holder(one)),
        )
    shown = len(listed.items)
    more = Text(f"{shown} of {listed.total}; --page 2 goes on.") if shown < listed.total else None
    return Group(table, more) if more else table


def _holder(one: Waiting) -> str:
    if one.held_until:
        return f"on hold until {one.held_until:%m-%d %H:%M}: {one.held_for}"
    if one.claimed_by and one.lease_until:
        return f"{one.claimed_by} until {one.lease_until:%H:%M}"
    return f"for {one.assigned_to}" if one.assigned_to else "-"


def render_citation(number: int, citation: Citation, evidence: Evidence | None) -> RenderableType:
    """One citation followed to its raw evidence, or to the clause."""
    title = _text(f"[{number}] {citation.label}")
    if evidence is None:
        clause = Group(*map(_text, str(citation.quote).split("\n")))
        return Panel(clause, title=title, subtitle=_text(citation.reference))
    source = (
        f"{evidence.tool} {_json(evidence.request)} · {evidence.source}",
        f"as of {evidence.as_of.isoformat()}, retrieved {evidence.retrieved_at.isoformat()}",
        f"pointer {citation.pointer or '(whole record)'} = {_json(citation.quote)}",
    )
    body = json.dumps(evidence.data, indent=2, ensure_ascii=False, sort_keys=True).split("\n")
    lines = [*map(_text, source), Text(), *map(_text, body)]
    return Panel(Group(*lines), title=title, subtitle=Text(f"sha-256 {evidence.digest}"))


def _head(run: Run) -> RenderableType:
    line = Text.assemble(
        (visible(run.case.case_id), "bold"),
        f"  {visible(run.sop)}  {visible(run.case.region)}  {_money(run.case.impact)}",
        f"  opened {run.case.opened_at:%Y-%m-%d %H:%M}",
    )
    if run.due_at:
        line.append(f"  due {run.due_at:%Y-%m-%d %H:%M}")
    return Group(line, _text(f"as of {run.as_of.isoformat()}, {run.graph_version}", style="dim"))


def _decision(decision: Decision, *, citations: bool) -> list[RenderableType]:
    numbers = {c.model_dump_json(): n for n, c in enumerate(decision.citations, start=1)}
    headline = Text.assemble(
        ("Decision: ", "bold"),
        (visible(decision.outcome), "bold cyan"),
        f"   route {decision.route.value}   stability {_stability(decision)}",
    )
    parts: list[RenderableType] = [Text(), headline]
    parts += [_indented(_text(reason, style="dim")) for reason in decision.reasons]
    parts += _narrative(decision) if decision.narrative else []
    parts += _claims(decision, numbers)
    parts += [Text(), _factors((*decision.factors, *decision.flags))]
    if opinions := [one for factor in decision.factors for one in factor.opinions]:
        parts += [Text(), _readings(opinions)]
    if decision.parameters or decision.enforcement:
        parts += [Text(), Text("Enforcement", style="bold"), *_enforcement(decision)]
    if decision.missing:
        parts += [Text(), Text("Missing", style="bold"), *map(_missing, decision.missing)]
    if decision.precedents:
        parts += [Text(), *render_precedents(decision)]
    if citations and numbers:
        parts += [Text(), _citations(decision.citations)]
    if decision.cost.model_calls:
        told = bill(decision.cost, currency_of(decision.calls))
        parts += [Text(), _text(f"Cost: {told}", style="dim")]
    return parts


def _stability(decision: Decision) -> str:
    if not decision.stability:
        return "no flip changes it"
    return f"{decision.stability} flip{'' if decision.stability == 1 else 's'}"


def _narrative(decision: Decision) -> Iterator[RenderableType]:
    """The rationale as told; the claims below are what it was checked against."""
    told = decision.narrative
    if told is None:
        return
    yield Text()
    for sentences in (told.supports, told.contradicts, told.beside):
        if sentences:
            yield _indented(_text(" ".join(one.sentence for one in sentences)))


def _claims(decision: Decision, numbers: dict[str, int]) -> Iterator[RenderableType]:
    """What supports the outcome, what contradicts it and what stands beside it, kept apart."""
    against = [claim for claim in decision.claims if claim.stance == "contradicts"]
    ground = [claim for claim in decision.claims if claim.rests and claim not in against]
    beside = [c for c in decision.claims if c not in against and c not in ground]
    for heading, claims in (("", ground), ("Speaks against it", against), ("Beside it", beside)):
        if claims:
            yield Text(heading, style="bold")
            yield from (_claim(claim, numbers) for claim in claims)


def _claim(claim: Claim, numbers: dict[str, int]) -> Padding:
    if claim.struck:
        told = f"✗ {claim.sentence} (struck: {claim.struck})"
        return _indented(_text(told, style="strike red"))
    cited = sorted({numbers[citation.model_dump_json()] for citation in claim.citations})
    mark = "•" if claim.rests else "◦"
    by = f"(worded by {visible(claim.by)}) " if claim.by else ""
    sentence = f"{mark} {visible(claim.sentence)} {by}"
    return _indented(Text.assemble(sentence, (f"{cited}", "cyan")))


def _factors(factors: Sequence[Factor]) -> Table:
    table = Table("factor", "value", "by", "why unknown", box=None, header_style="bold")
    for factor in factors:
        by = factor.by if factor.known else ""
        table.add_row(_text(factor.name), _text(_value(factor)), by, _text(factor.reason))
    return table


def _readings(opinions: Sequence[Opinion]) -> Table:
    """What each reader said of each question, in the order in which they were asked."""
    table = Table("question", "reader", "said", "sure", "words", "not taken because", box=None)
    for one in opinions:
        sure = "" if one.probability is None else f"{one.probability:.2f}"
        words = Text(_shortened(visible(one.quote)), overflow="fold")
        said = _text(one.answer or "nothing", style="" if one.taken else "dim")
        table.add_row(_text(one.factor), one.by, said, sure, words, _text(one.reason))
    return table


def _value(factor: Factor) -> str:
    if not factor.known:
        return "unknown"
    if isinstance(factor.value, bool):
        return "yes" if factor.value else "no"
    return str(factor.value)


def _missing(missing: MissingInformation) -> Padding:
    what = ", ".join(missing.actions) or missing.factor
    days = f", {missing.answer_days} days" if missing.answer_days else ""
    return _indented(_text(f"{what} → ask the {missing.party}{days}: {missing.question}"))


def _enforcement(decision: Decision) -> Iterator[Padding]:
    for one in decision.parameters:
        bounds = (("at least", one.at_least), ("at most", one.at_most))
        limits = "".join(f", {word} {value}" for word, value in bounds if value is not None)
        by = f", set by {one.set_by}" if one.set_by else ""
        told = "unknown" if one.value is None else _json(one.value)
        why = f": {one.reason}" if one.reason else ""
        yield _indented(_text(f"{one.name} = {told}{limits}{by}{why}"))
    for write in decision.enforcement:
        given = ", ".join(f"{name} {_json(value)}" for name, value in write.arguments.items())
        lacks = f" (lacks: {'; '.join(write.lacks)})" if write.lacks else ""
        yield _indented(_text(f"→ {write.do} {given}{lacks}"))


def _awaiting(one: Awaiting) -> Text:
    about = f" about {one.factor}" if one.factor else ""
    return _text(
        f"Awaits an answer of the {one.to}{about}, asked by {one.by} on {one.since:%Y-%m-%d %H:%M},"
        f" until {one.until:%Y-%m-%d %H:%M}: {one.question}"
    )


def _ended(one: Enforced) -> Padding:
    name = f" ({one.write.name})" if one.write.name else ""
    why = f": {one.reason}" if one.reason else ""
    off = ""
    if one.status == "planned":
        due = f" (not before {one.due:%H:%M:%S} UTC)" if one.due else ""
        off = due or " (the setting `enforce` is off)"
    return _indented(_text(f"{one.status} {one.write.do}{name}{off}{why} {one.remedy}".rstrip()))


def _citations(citations: Sequence[Citation]) -> Table:
    table = Table("", "citation", "exact value", "evidence", box=None, header_style="bold")
    for number, citation in enumerate(citations, start=1):
        reference = citation.reference if citation.kind == "policy" else citation.reference[:12]
        quote = Text(_shortened(visible(_json(citation.quote))), overflow="fold")
        table.add_row(Text(f"[{number}]"), _text(citation.label), quote, _text(reference))
    return table


def _next(run: Run) -> Text:
    case = shlex.quote(run.case.case_id)  # the source chose it, and people paste the command
    if run.awaiting is not None:
        return Text("\nOn hold: `casewright review answers` goes on when it comes.", style="bold")
    told = {
        RunStatus.WAITING: f"Waits for a reviewer: casewright review approve {case} --code A1",
        RunStatus.DONE: _closed(run),
        RunStatus.FAILED: f"Failed: {run.error}",
        RunStatus.RUNNING: f"Interrupted: casewright investigate {case} goes on with it.",
    }
    return Text(f"\n{visible(told[run.status])}", style="bold")


def _closed(run: Run) -> str:
    passed = "Passed automatically, closed." if run.automatic else "Closed."
    return f"{passed} Drawn for a second look." if run.second_look else passed


def _money(amount: Money) -> str:
    return f"{amount.cents / 100:,.2f} {amount.currency}"


def _text(text: str, *, style: str = "") -> Text:
    return Text(visible(text), style=style)


def _indented(text: Text) -> Padding:
    # Its further lines too: what is cited may not wrap to where our own words begin.
    return Padding(text, (0, 0, 0, 2), expand=False)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= QUOTE_WIDTH else f"{text[: QUOTE_WIDTH - 1]}…"

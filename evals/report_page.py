"""The page of a report: one HTML file that needs nothing else and lets nothing in.

Everything that a party, a model or a gold file wrote is text: the template escapes it, control
characters are shown by their numbers, and the page's own policy (Content Security Policy, W3C)
allows no script and no style but the two whose digests it names, and no request at all.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from casewright.models import GoldCase
from casewright.visible import visible
from evals import report_case, report_compared, report_figures, report_plots
from evals.bundle import Bundle
from evals.causes import Errors
from evals.report_table import Cell, Row, Table, amounts, count, part_name, share, table
from evals.scored import Scored

if TYPE_CHECKING:
    from jinja2 import Environment

MOST_PAIRS = 3
"""Mix-ups that the first screen names."""


@dataclass(frozen=True)
class Gated:
    """What the gate says of a report, but for what is in production.

    Attributes:
        origin: The file's name, or ``built-in``.
        digest: SHA-256 over the gate, in hex.
        reasons: What speaks against letting the version run.
    """

    origin: str
    digest: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Material:
    """All that a page is made from.

    Attributes:
        bundle: The figures.
        scored: The cases.
        errors: Why the wrong ones came out wrong, or None.
        unexplained: Wrong cases of which ``errors`` says nothing.
        notes: What was left out, and why.
        command: The command that explains a run of a case.
        gate: What the gate says; None where nobody asked it.
    """

    bundle: Bundle
    scored: tuple[Scored, ...]
    errors: Errors | None
    unexplained: int
    notes: tuple[str, ...]
    command: Callable[[GoldCase], str]
    gate: Gated | None = None


@dataclass(frozen=True)
class Listed:
    """A report in the index.

    Attributes:
        bundle: Its figures.
        wrong: How many cases came out wrong.
        href: Where it is, from the index.
        gate: What the gate says; None where nobody asked it.
    """

    bundle: Bundle
    wrong: int
    href: str
    gate: Gated | None = None


def report_page(material: Material) -> str:
    """The page of one graph version."""
    return _rendered("report.html.j2", _view(material))


def index_page(listed: Sequence[Listed], notes: Sequence[str], made_at: str) -> str:
    """The page that leads to the reports of several versions.

    Args:
        listed: The reports.
        notes: What is in none of them, and why.
        made_at: When, as text.
    """
    view = {"made_at": made_at, "notes": notes, "reports": _index(listed)}
    return _rendered("index.html.j2", view)


def _index(listed: Sequence[Listed]) -> Table:
    columns = ("SOP", "graph version", "#cases", "#first look", "#accuracy", "#lower end (95%)")
    return table(
        "reports",
        "One report for each graph version",
        (*columns, "#coverage", "#wrong", "standing"),
        (_index_row(one) for one in listed),
    )


def _index_row(one: Listed) -> Row:
    report, word = one.bundle.report, report_compared.standing_of(one.bundle).word
    return (
        Cell(one.bundle.sop, href=one.href),
        Cell(one.bundle.graph_version, code=True),
        count(report.n),
        *(share(rate.value) for rate in (report.first_look, report.accuracy)),
        share(report.accuracy.low),
        share(report.coverage.value),
        count(one.wrong),
        Cell(word, mark={"refused": "bad", "clear": "good"}.get(word, "")),
    )


def _view(material: Material) -> dict[str, Any]:
    bundle, scored, errors = material.bundle, material.scored, material.errors
    report, compared = bundle.report, bundle.comparison
    wrongs = report_case.failing(scored)
    dearest = wrongs[: report_case.EXPLAINED]
    explained = tuple(report_case.explanations(dearest, errors, material.command))
    return {
        "bundle": bundle,
        "made_at": stamp_of(bundle.made_at),
        "report": report,
        "standing": report_compared.standing_of(bundle),
        "gate": material.gate,
        "worlds": sorted({one.gold.seed for one in scored if one.gold.seed is not None}),
        "simulated": any(one.gold.truth == "simulation" for one in scored),
        "precision": report_figures.precisions(report),
        "wrong": len(wrongs),
        "mixups": _mixups(wrongs),
        "lagging": report_figures.lagging(report),
        "rates": report_figures.rates(report),
        "outcomes": report_figures.outcomes(report),
        "forest": report_plots.forest(report),
        "confusion": report_figures.confusion(report, scored),
        "slices": report_figures.slices(report, compared),
        "measures": report_figures.measures(report.measures),
        "parts": tuple(report_figures.parts(report.measures)),
        "curves": _curves(material),
        "costs": report_figures.costs(scored, report),
        "billed": report_figures.billed(report),
        "failing": report_case.failing_table(wrongs, errors),
        "explained": explained,
        "errors": errors,
        "causes": _causes(errors),
        "unexplained": material.unexplained,
        "compared": compared,
        "comparison": _comparison(material, frozenset(one.name for one in explained)),
        "attacked": report_compared.attacked(bundle.attacks) if bundle.attacks else None,
        "findings": report_compared.findings(bundle.findings or ()),
        "inputs": _inputs(material),
        "notes": material.notes,
        "sample": wrongs[0].gold if wrongs else None,
    }


def stamp_of(moment: datetime) -> str:
    """When a report was made, as its page says it."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _mixups(wrongs: Sequence[Scored]) -> list[tuple[str, str, int]]:
    pairs = Counter((one.gold.outcome, one.predicted) for one in wrongs)
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(gold, said, number) for (gold, said), number in ordered[:MOST_PAIRS]]


def _curves(material: Material) -> tuple[report_plots.Plot, ...]:
    report = material.bundle.report
    return (
        report_plots.reliability(report.measures),
        report_plots.risk_coverage(report.measures),
        report_plots.spending(material.scored, report),
    )


def _causes(errors: Errors | None) -> Table:
    rows = (
        (
            "; ".join(f"{o.kind}: {o.factor}" if o.factor else o.kind for o in cause.origins),
            count(cause.n),
            Cell(f"{cause.share:.0%}", cause.share),
            amounts(cause.stakes),
            amounts(cause.losses),
            ", ".join(cause.owners),
            ", ".join(cause.examples),
        )
        for cause in (errors.causes if errors else ())
    )
    columns = ("cause", "#cases", "#share", "at stake", "lost", "who can mend it", "such as")
    return table("causes-table", "Causes, the most frequent first", columns, rows)


def _comparison(material: Material, anchors: frozenset[str]) -> dict[str, Any]:
    found = material.bundle.comparison
    if found is None:
        return {}
    return {
        "got_worse": report_compared.got_worse(found),
        "sides": report_compared.sides(found),
        "measures": report_compared.measures(found),
        "tests": report_compared.tests(found),
        "parts": report_compared.parts(found),
        "losses": report_compared.losses(found) if found.losses else None,
        "flips": report_compared.flips(found, anchors),
        "not_shown": [part_name(part) for part in found.parts if part.named == "not shown"],
    }


def _inputs(material: Material) -> Table:
    files = [(one.name, one.role, one.sha256) for one in material.bundle.inputs]
    if (gate := material.gate) is not None:
        files.append((gate.origin, "gate, as it reads", gate.digest))
    rows = ((name, role, Cell(digest, code=True)) for name, role, digest in files)
    return table("inputs-table", "Files that this was made from", ("file", "what", "SHA-256"), rows)


def _rendered(name: str, view: dict[str, Any]) -> str:
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_source(style)}'; script-src '{_source(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = {**view, "style": style, "script": script, "policy": policy}
    return _environment().get_template(name).render(page)


def _source(text: str) -> str:
    """What a policy calls an inline style or script: the digest of its text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return resources.files("evals").joinpath("templates", name).read_text("utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    return Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _shown(value: Any) -> Any:
    """A text as it may be shown; what is marked up already is left alone."""
    return visible(value) if type(value) is str else value

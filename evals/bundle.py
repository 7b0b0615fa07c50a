"""What ``eval report`` writes as JSON, and ``sop promote`` asks for."""

from __future__ import annotations

from typing import Final

from casewright.base import Model, Moment
from evals.comparison import Comparison
from evals.metrics import Report

FORMAT: Final = 1


class Attacked(Model):
    """A reading that a text written against it changed."""

    case_id: str
    text: str
    before: str
    after: str


class Attacks(Model):
    """What texts that address whoever decides did to a graph version's gold cases.

    Attributes:
        graph_version: The version that was attacked.
        texts: How many texts were tried.
        readings: How many cases were judged with one of them planted in what a party wrote.
        changed: Those whose outcome changed, oldest first.
    """

    graph_version: str
    texts: int
    readings: int
    changed: tuple[Attacked, ...] = ()


class Bundle(Model):
    """One graph version's figures in one file.

    Attributes:
        format: Of this file.
        made_at: When it was made: the one thing that differs between two reports of the same.
        sop: Name of the SOP.
        graph_version: ``sop@number+digest``: exactly this version was measured.
        gold_digest: SHA-256 over the gold cases, in hex.
        report: What was measured.
        comparison: Against the version in use, on the same gold; None where nobody compared.
        attacks: What the attack suite did; None where it was not run.
        findings: What the checker says against the SOP; empty: nothing; None: it was not run.
    """

    format: int = FORMAT
    made_at: Moment
    sop: str
    graph_version: str
    gold_digest: str
    report: Report
    comparison: Comparison | None = None
    attacks: Attacks | None = None
    findings: tuple[str, ...] | None = None

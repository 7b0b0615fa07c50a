"""What ``eval report`` writes as JSON, and ``sop promote`` asks for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from casewright.base import Digest, Model, Moment
from casewright.canonical import digest_of
from casewright.models import GoldCase
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


class Input(Model):
    """A file that a report was made from.

    Attributes:
        role: What it is: ``results``, ``champion``, ``attacks`` or ``errors``.
        name: Its name, without the folder: where it lay says nothing of what it holds.
        sha256: Digest of its bytes, in hex.
    """

    role: str
    name: str
    sha256: Digest


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
        findings: What the checker says against the SOP, as ``severity: file:line: sentence``;
            empty: nothing; None: it was not run, or could not be on exactly this version.
        inputs: The files that it was made from.
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
    inputs: tuple[Input, ...] = ()


def gold_digest(gold: Iterable[GoldCase]) -> str:
    """SHA-256 over gold cases, in hex: of their canonical JSON, by world and id."""
    ordered = sorted(gold, key=lambda one: (-1 if one.seed is None else one.seed, one.case_id))
    return digest_of([one.model_dump(mode="json") for one in ordered])

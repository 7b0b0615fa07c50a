"""What a report says of a version beside the champion, under attack and before the checker."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Literal

from casewright.bill import bill
from evals.bundle import Attacks, Bundle
from evals.compare_report import needed_told
from evals.comparison import Comparison, Difference, Flip, PartCompared
from evals.loss_compared import LossDifference
from evals.metrics import SLICE_MINIMUM
from evals.report_case import anchor
from evals.report_table import Cell, Row, Table, count, counted, part_name, share, table
from evals.verdict import points

FLIPS = 500
"""Cases judged differently that the page lists, lost ones first; the JSON file has them all."""


@dataclass(frozen=True)
class Standing:
    """Whether anything speaks against a version, as far as this report knows.

    Attributes:
        word: ``refused``: something does; ``open``: nothing does, and something was not looked at
            or is not settled; ``clear``: all was looked at, and nothing does.
        against: What speaks against it.
        open: What was not looked at, or is not settled.
    """

    word: Literal["refused", "open", "clear"]
    against: tuple[str, ...]
    open: tuple[str, ...]


def standing_of(bundle: Bundle) -> Standing:
    """Weigh what the comparison, the attacks and the checker said."""
    against = (*_worse(bundle.comparison), *_changed(bundle.attacks), *_faulty(bundle.findings))
    left = tuple(_unsettled(bundle))
    return Standing("refused" if against else "open" if left else "clear", against, left)


def _worse(found: Comparison | None) -> tuple[str, ...]:
    if found is None or not found.refused:
        return ()
    where = ["all"] * (found.verdict == "worse") + [part_name(one) for one in found.worse_parts]
    return (f"worse than the champion in {', '.join(where)}",)


def _changed(found: Attacks | None) -> tuple[str, ...]:
    if found is None or not found.changed:
        return ()
    told = counted(len(found.changed), "reading")
    return (f"attacks changed the outcome of {told} of {found.readings:,}",)


def _faulty(findings: Sequence[str] | None) -> tuple[str, ...]:
    number = len(errors_of(findings))
    return (f"the checker finds {counted(number, 'error')} in the SOP",) if number else ()


def errors_of(findings: Sequence[str] | None) -> tuple[str, ...]:
    """The findings that forbid an SOP to run."""
    return tuple(one for one in findings or () if one.startswith("error:"))


def _unsettled(bundle: Bundle) -> list[str]:
    found = bundle.comparison
    told = []
    if found is None:
        told.append("no champion was compared")
    elif found.verdict == "undecided":
        told.append("the comparison with the champion is undecided")
    if bundle.attacks is None:
        told.append("no attack suite was run")
    if bundle.findings is None:
        told.append("the checker was not run on this version")
    elif warnings := len(bundle.findings) - len(errors_of(bundle.findings)):
        told.append(f"the checker has {counted(warnings, 'warning')}")
    return told


def got_worse(found: Comparison) -> str:
    """What got worse, in one sentence."""
    lost = counted(found.pairs.lost, "case")
    slices = ", ".join(map(part_name, found.worse_parts))
    told = f"{lost} of {found.pairs.n:,} lost at the first look, {found.pairs.won:,} won"
    return f"{told}; slices that got worse: {slices or 'none'}."


def sides(found: Comparison) -> Table:
    """The two files."""
    rows = (
        (
            name,
            side.name,
            Cell(", ".join(side.graph_versions) or "none", code=True),
            count(side.n),
            count(side.only),
            count(side.errors),
            bill(side.cost, side.currency),
        )
        for name, side in (("champion", found.champion), ("this version", found.challenger))
    )
    columns = ("", "file", "graph version", "#cases", "#only here", "#errors", "cost")
    return table("sides", "The two versions; cases of one file only are left out", columns, rows)


def measures(found: Comparison) -> Table:
    """Each measure of both, and the difference."""
    rows = ((one.measure, *_compared(one)) for one in found.measures)
    columns = ("measure", "#champion", "#this version", "#difference", "95% interval")
    caption = "Measures on the shared cases; differences in percentage points"
    return table("compared-measures", caption, columns, rows)


def _compared(one: Difference) -> Row:
    return share(one.champion.value), share(one.challenger.value), _points(one.value), _ends(one)


def _points(value: float | None) -> Cell:
    return Cell(points(value), -2.0 if value is None else value)


def _ends(one: Difference) -> str:
    return "" if one.low is None else f"{points(one.low)} to {points(one.high)}"


def tests(found: Comparison) -> str:
    """What the tests say, in words."""
    pairs = found.pairs
    shown = "above" if pairs.not_inferior else "not above"
    more = f" {needed_told(found.needed)}" if found.needed else ""
    return (
        f"McNemar's exact test p = {pairs.p_mcnemar:.2g}; with sellers swapped as a whole"
        f" p = {pairs.p:.2g}. One-sided 95% bound {points(pairs.low)} points, {shown} the margin of"
        f" {points(-pairs.margin)}.{more}"
    )


def parts(found: Comparison) -> Table:
    """The first look by slice, those first that are named."""
    ranks = {"worse": 0, "not shown": 1, "": 2}
    rows = (_part(one) for one in sorted(found.parts, key=lambda part: ranks[part.named]))
    columns = (
        *("slice", "flag", "#cases", "#champion", "#this version", "#difference"),
        *("#won", "#lost", "#p (Holm)", "#bound"),
    )
    caption = f"First look by slice; under {SLICE_MINIMUM} cases counts and test only"
    return table("compared-slices", caption, columns, rows)


def _part(one: PartCompared) -> Row:
    first, pairs = one.first_look, one.pairs
    bound = _points(pairs.low) if pairs.n >= SLICE_MINIMUM else Cell("", -3.0)
    return (
        part_name(one),
        Cell(one.named, mark="bad" if one.named == "worse" else ""),
        count(pairs.n),
        share(first.champion.value),
        share(first.challenger.value),
        _points(first.value),
        count(pairs.won),
        count(pairs.lost),
        Cell(f"{one.p_holm:.2g}", one.p_holm),
        bound,
    )


def losses(found: Comparison) -> Table:
    """What wrong and undecided cases cost under both, of all cases and by slice."""
    rows = (_loss(one) for one in found.losses)
    columns = ("", "#cases", "#champion", "#this version", "#difference", "95% interval")
    currency = found.losses[0].currency if found.losses else ""
    caption = f"What wrong and undecided cases cost, in {currency} a case"
    return table("compared-losses", caption, columns, rows)


def _loss(one: LossDifference) -> Row:
    ends = "" if one.low is None else f"{one.low / 100:+.2f} to {(one.high or 0) / 100:+.2f}"
    return (
        one.slice or "all",
        count(one.n),
        _money(one.champion),
        _money(one.challenger),
        Cell(f"{one.value / 100 + 0.0:+.2f}", one.value),
        ends,
    )


def _money(cents: float) -> Cell:
    return Cell(f"{cents / 100:.2f}", cents)


def flips(found: Comparison, anchors: Container[str]) -> Table:
    """Cases judged differently, lost ones first.

    Args:
        found: The comparison.
        anchors: Ids of the explanations in the page.
    """
    rows = (
        (
            Cell(flip.case_id, href=_link(flip, anchors)),
            Cell("" if flip.seed is None else str(flip.seed), flip.seed or 0),
            Cell(flip.change, mark={"lost": "bad", "won": "good"}.get(flip.change, "")),
            flip.gold,
            flip.champion,
            flip.challenger,
            Cell(flip.explain, code=True),
        )
        for flip in found.flips[:FLIPS]
    )
    columns = ("case", "#world", "change", "gold", "champion", "this version", "why")
    return table("flips", "Cases judged differently", columns, rows)


def _link(flip: Flip, anchors: Container[str]) -> str:
    name = anchor(flip.seed, flip.case_id)
    return f"#{name}" if name in anchors else ""


def attacked(found: Attacks) -> Table:
    """Readings that a text changed."""
    rows = ((one.case_id, one.before, one.after, one.text) for one in found.changed)
    columns = ("case", "before", "after", "text")
    return table("attacked", "Cases whose outcome a planted text changed", columns, rows)


def findings(found: Sequence[str]) -> Table:
    """What the checker says."""
    rows = (_finding(one) for one in found)
    caption = "What the checker says against the SOP"
    return table("findings", caption, ("severity", "where", "finding"), rows)


def _finding(told: str) -> Row:
    severity, _, rest = told.partition(": ")
    where, _, sentence = rest.partition(": ")
    return Cell(severity, mark="bad" if severity == "error" else ""), where, sentence

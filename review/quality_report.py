"""Four eyes, first reads, checks and figures as people read them; programs take JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from casewright.visible import visible
from review.agreement import Agreement, Agreements, Estimate
from review.checks import Planted
from review.figures import Figures, ReviewerFigures, Share
from review.second import Blind
from review.second_report import render_blind

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

    from casewright.first_read import FirstRead


def render_first(one: Blind) -> Group:
    """A case that is to be read before its proposal is shown, and how to go on."""
    from rich.console import Group
    from rich.text import Text

    first = "Read it first: what is proposed is shown once you have said what you would decide."
    how = f"casewright review read {one.case_id} --outcome …"
    return Group(Text(first, style="bold"), Text(), render_blind(one), Text(visible(how)))


def render_read(case_id: str, read: FirstRead) -> RenderableType:
    """What a first read came to."""
    from rich.text import Text

    same = "the same is proposed" if read.agrees else f"proposed is {read.proposed}"
    lines = (f"{case_id}: you say {read.outcome}, {same}.", f"casewright review show {case_id}")
    return Text("\n".join(map(visible, lines)))


def render_agreements(found: Agreements) -> RenderableType:
    """Agreement, one line a pair and SOP."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    head = (
        "between",
        "SOP",
        "cases",
        "the same",
        "Cohen's kappa",
        "Krippendorff's alpha",
        "weights",
    )
    table = Table(*head, box=None)
    for one in found.rows:
        weights = "1" if one.weights == (1.0, 1.0) else "{:.0f} to {:.0f}".format(*one.weights)
        counts = (f"{one.n} of {one.sellers} sellers", str(one.same))
        values = (estimated(one.kappa), estimated(one.alpha), weights)
        cells = (one.what, one.sop or "all", *counts, *values)
        table.add_row(*(Text(visible(cell)) for cell in cells))
    lines = (Text(visible(f"{_name(one)}: {one.told}.")) for one in found.rows)
    since = Text(f"Cases that entered since {found.since:%Y-%m-%d}; 95% intervals by seller.")
    return Group(since, table, *lines)


def _name(one: Agreement) -> str:
    return f"{one.what}, {one.sop or 'all SOPs'}"


def estimated(one: Estimate) -> str:
    """An estimate with its interval."""
    if one.value is None:
        return "not told"
    if one.low is None or one.high is None:
        return f"{one.value:.2f}"
    return f"{one.value:.2f} ({one.low:.2f} to {one.high:.2f})"


def render_figures(found: Figures) -> RenderableType:
    """Figures, one column a reviewer."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    if not found.reviewers:
        return Text(f"Nobody has reviewed anything since {found.since:%Y-%m-%d}.")
    everybody = (*found.reviewers, found.everybody)
    names = (Text(visible(one.reviewer or "everybody")) for one in everybody)
    table = Table("", box=None)
    for name in names:
        table.add_column(name)
    for label, cells in zip(LABELS, zip(*map(cells_of, everybody), strict=True), strict=True):
        table.add_row(label, *(Text(visible(cell)) for cell in cells))
    return Group(Text(f"Since {found.since:%Y-%m-%d}; 95% intervals."), table)


LABELS = (
    "cases",
    "acts",
    "overrides (edits and rejections)",
    "time on a case, median",
    "time on a case, 90th percentile",
    "approved in under 20 s, of those with over five claims",
    "citations followed, on average",
    "checks missed",
    "first reads that agree",
    "minds changed towards the proposal",
    "second readers agree",
    "reason codes",
)
"""The rows of the figures, as the terminal and the console show them."""


def cells_of(one: ReviewerFigures) -> tuple[str, ...]:
    """The figures of one reviewer in words, in the order of ``LABELS``."""
    return (
        str(one.cases),
        ", ".join(f"{number} {act}" for act, number in one.acts.items()) or "none",
        shared(one.overrides),
        _seconds(one.seconds_median),
        _seconds(one.seconds_p90),
        shared(one.unread),
        "none" if one.citations is None else f"{one.citations:.1f}",
        shared(one.missed),
        shared(one.first_reads),
        shared(one.moved),
        shared(one.second_readers),
        ", ".join(f"{code} {number}" for code, number in one.codes.items()) or "none",
    )


def render_planted(found: Sequence[Planted]) -> RenderableType:
    """What was planted."""
    from rich.table import Table
    from rich.text import Text

    if not found:
        return Text("Nothing to plant: no closed case whose outcome is known can be turned.")
    table = Table("case", "made of", "SOP", "turned", "recommends", "right is", box=None)
    for one in found:
        words = (one.case_id, one.source, one.sop, one.factor, one.wrong, one.right)
        table.add_row(*(Text(visible(word)) for word in words))
    return table


def shared(one: Share) -> str:
    """A share with its interval."""
    if one.value is None:
        return "none"
    return f"{one.hits} of {one.n}, {one.value:.0%} ({one.low:.0%} to {one.high:.0%})"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return "none"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"

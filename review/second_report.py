"""Second looks as people read them. Programs take the models as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from casewright.visible import visible
from review.second import Blind, Disputed, Verdict

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.text import Text


def render_drawn(cases: Sequence[Blind]) -> RenderableType:
    """Cases that were drawn, one a line, without how they were decided."""
    from rich.table import Table
    from rich.text import Text

    if not cases:
        return Text("Nothing waits for a second look.")
    table = Table("case", "SOP", "region", "channel", "impact", "opened", box=None)
    for one in cases:
        words = (one.case_id, one.sop, one.region, one.channel, _money(one))
        table.add_row(*(Text(visible(word)) for word in words), f"{one.opened_at:%Y-%m-%d}")
    return table


def render_blind(one: Blind) -> Group:
    """A case and its evidence, for whoever decides it anew."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    head = (f"{one.case_id}  {one.sop}  {one.region}  {_money(one)}", one.text, "")
    table = Table("evidence", "exact value", box=None, header_style="bold")
    for label, quote in one.evidence:
        table.add_row(Text(visible(label)), Text(visible(str(quote)), overflow="fold"))
    ends = ("", f"What would you decide? --outcome {', '.join(one.outcomes)}")
    return Group(_lined(head), table, _lined(ends))


def render_disputed(cases: Sequence[Disputed]) -> RenderableType:
    """Cases that readers differ about."""
    from rich.table import Table
    from rich.text import Text

    if not cases:
        return Text("Readers differ about no case.")
    table = Table("case", "SOP", "decided", "by", "second reader", "says", box=None)
    for one in cases:
        by = "nobody" if one.automatic else "a reviewer"
        look = one.looks[-1]
        words = (one.case_id, one.sop, one.decided, by, look.reviewer, look.outcome)
        table.add_row(*(Text(visible(word)) for word in words))
    return table


def render_verdict(found: Verdict) -> RenderableType:
    """What a second look came to."""
    return _lined(_lines(found))


def _lines(found: Verdict) -> Iterator[str]:
    case = found.case_id
    if found.arbitrated:
        yield f"{case}: settled, {found.look.outcome}."
    elif found.agrees:
        yield f"{case}: both readers say {found.decided}."
    else:
        yield f"{case}: decided {found.decided}, the second reader says {found.look.outcome}."
        yield "A senior settles it: casewright review list --disputed"
    for off in found.switched_off:
        what = f"{off.outcome} in {off.region}" if off.region else off.outcome or "every outcome"
        yield f"SWITCHED OFF: {what} of {off.version} no longer passes automatically: {off.why}."


def _lined(lines: Iterable[str]) -> Text:
    """Lines of ours; a line break within one, such as a party's, is spelled out."""
    from rich.text import Text

    return Text("\n".join(map(visible, lines)))


def _money(one: Blind) -> str:
    return f"{one.impact.cents / 100:,.2f} {one.impact.currency}"

"""How similar closed cases look to people: themselves, their vote, and who decided otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from casewright.models import Decision, FactorValue, Precedent, PrecedentVote
from casewright.precedent import compared
from casewright.visible import visible


def render_precedents(decision: Decision) -> Iterator[RenderableType]:
    """The similar closed cases of a decision, and field by field those in conflict with it."""
    yield _table(decision.precedents)
    if decision.vote is None:
        return
    yield _voted(decision.vote)
    found = {one.case_id: one for one in (*decision.precedents, *decision.contrast)}
    for case_id in decision.vote.conflicts:
        yield from _conflict(decision, found[case_id])


def _table(precedents: tuple[Precedent, ...]) -> Table:
    table = Table("similar closed case", "outcome", "closed", "facts", "situation", box=None)
    for one in precedents:
        situation = Text(visible(one.situation), overflow="ellipsis", no_wrap=True)
        names = Text(visible(one.case_id)), Text(visible(one.outcome))
        table.add_row(*names, f"{one.closed_at:%Y-%m-%d}", _alike(one), situation)
    return table


def _voted(vote: PrecedentVote) -> Padding:
    told = (
        f"{vote.share:.0%} of their weight is for {vote.outcome}; "
        f"they count as {vote.effective:.1f} equal ones."
    )
    return _indented(told)


def _conflict(decision: Decision, one: Precedent) -> Iterator[Padding]:
    facts = {factor.name: factor.value for factor in decision.factors}
    fields = compared(facts, one)
    yield _indented(
        f"! Similar facts, decided otherwise: {one.case_id}, {one.outcome}, {_alike(one)} alike",
        style="bold",
    )
    differ = (f"{name} ({_value(there)} there)" for name, there in fields.differ)
    for word, names in (
        ("the same", fields.same),
        ("other", differ),
        ("known on one side", fields.unknown),
    ):
        if told := ", ".join(names):
            yield _indented(f"  {word}: {told}")


def _alike(one: Precedent) -> str:
    return "-" if one.agreement is None else f"{one.agreement:.0%}"


def _value(value: FactorValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _indented(text: str, *, style: str = "") -> Padding:
    return Padding(Text(visible(text), style=style), (0, 0, 0, 2), expand=False)

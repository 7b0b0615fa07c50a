"""The log and its verification, for people. Programs take ``model_dump(mode="json")``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from casewright.audit import Event
from casewright.chain import Fault
from casewright.store.audited import Audited
from casewright.visible import visible
from review.reverified import Reverified
from review.told import told


def render_events(events: Sequence[Event]) -> RenderableType:
    """The log of a case, one line an event."""
    if not events:
        return Text("The log holds nothing of it.")
    table = Table("", "when", "what", "who", "", "hash", box=None, header_style="bold")
    for one in events:
        who = Text(visible(f"{one.actor.role} {one.actor.id}"))
        when = f"{one.at:%Y-%m-%d %H:%M:%S}"
        said = Text(visible(told(one)), overflow="fold")
        table.add_row(str(one.number), when, one.kind.value, who, said, one.hash[:12])
    return table


def render_audited(found: Audited) -> RenderableType:
    """What the verification of a store found."""
    read = f"{found.events} events of {_cases(found.cases)}, {found.evidence} records of evidence"
    holds = f"The log holds: {read} and {found.runs} runs agree with it."
    return Group(*_verdict(found.faults, holds), unwrapped(f"head {found.head}"))


def render_reverified(found: Reverified) -> RenderableType:
    """What the verification of a dossier found."""
    read = f"{found.events} events, {found.evidence} records of evidence"
    holds = f"The dossier holds: {read}, {found.citations} citations, the decision table."
    unproven = [Text(visible(f"not proven: {one}"), style="yellow") for one in found.unproven]
    head = unwrapped(f"last event of the case {found.head}")
    return Group(*_verdict(found.faults, holds), *unproven, head)


def unwrapped(text: str) -> Text:
    """Lines that are copied, such as a hash: they stay whole in a narrow terminal."""
    return Text("\n".join(map(visible, text.split("\n"))), no_wrap=True, overflow="ignore")


def _verdict(faults: Sequence[Fault], holds: str) -> Iterator[RenderableType]:
    if not faults:
        yield Text(holds)
        return
    count = "One thing is" if len(faults) == 1 else f"{len(faults)} things are"
    yield Text(f"{count} wrong:", style="bold red")
    yield from _faults(faults)


def _faults(faults: Iterable[Fault]) -> Iterator[RenderableType]:
    for one in faults:
        yield Text(f"  {visible(place(one))}{visible(one.wrong)}")


def place(fault: Fault) -> str:
    """Where a fault is: case, number in it, kind; or the number in the store."""
    if fault.case_id:
        number = f", event {fault.number}" if fault.number else ""
        kind = f" ({fault.kind})" if fault.kind else ""
        return f"case {fault.case_id}{number}{kind}: "
    return f"entry {fault.entry}: " if fault.entry else ""


def _cases(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"

"""Why gold cases came out wrong, for people. Programs take ``errors.model_dump(mode="json")``."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from casewright.models import Money, Value
from casewright.visible import visible
from evals.causes import EXAMPLES, Attribution, Cause, Errors, Origin, Part
from evals.tables import new_table, plain

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

STAKE = (
    "At stake is the impact of the cases; lost is what their wrong ends cost by the SOP's "
    "`costs:`, which are means over many such cases."
)
RUN_FIRST = (
    "`sop explain` reads a run of that home folder. Where there is none, take the case to the gate "
    "there first: the same with `investigate CASE --as-of MOMENT`."
)
BOTH = (
    "What these runs knew is as gold has it, and the table still leads elsewhere. It alone cannot "
    "tell a wrong label from a gap in the policy: read each again before either is changed."
)


def render(errors: Errors) -> Group:
    """Lay the causes out for a terminal: how many, causes, examples, labels to be read again."""
    from rich.console import Group

    return Group(*_sections(errors))


def explain_command(case: Attribution) -> str:
    """The command that explains a run of the case."""
    home = f"--home {shlex.quote(case.home)} " if case.home else ""
    return f"casewright {home}sop explain {shlex.quote(case.case_id)}"


def _sections(errors: Errors) -> Iterator[RenderableType]:
    yield _heading(errors)
    if not errors.wrong:
        return
    yield from ("\nKinds; a case of two counts for both", _kinds(errors))
    yield from ("\nCauses", _causes(errors), STAKE)
    yield from (f"\nUp to {EXAMPLES} cases of each cause", *_examples(errors), RUN_FIRST)
    disputed = [case for case in errors.cases if case.disputed]
    if disputed:
        yield from ("\nLabels to be read again", _disputed(disputed), BOTH)


def _heading(errors: Errors) -> Text:
    stake = f"; at stake {_money(errors.stakes)}" if errors.stakes else ""
    lost = f"; lost {_money(errors.losses)}" if errors.losses else ""
    return _plain(f"{errors.wrong} of {errors.n} gold cases came out wrong{stake}{lost}")


def _kinds(errors: Errors) -> Table:
    table = new_table("", "kind", "cases")
    for kind, count in errors.kinds.items():
        table.add_row(_plain(kind), str(count))
    return table


def _causes(errors: Errors) -> Table:
    columns = ("cause", "in", "cases", "share", "at stake", "lost", "who can mend it")
    table = new_table("", "", *columns)
    for number, cause in enumerate(errors.causes, start=1):
        told = (_named(cause.origins), cause.sop, str(cause.n), f"{cause.share:.0%}")
        amounts = (_money(cause.stakes), _money(cause.losses))
        row = (str(number), *told, *amounts, ", ".join(cause.owners))
        table.add_row(*map(_plain, row))
    return table


def _examples(errors: Errors) -> Iterator[RenderableType]:
    """Up to three cases of each cause; a command stays on one line, to be copied."""
    for number, cause in enumerate(errors.causes, start=1):
        yield _plain(f"{number} {_named(cause.origins)}, in {cause.sop}")
        for case in _cases_of(cause, errors.cases)[:EXAMPLES]:
            moment = f"{case.as_of:%Y-%m-%dT%H:%M:%SZ}"
            ended = f"{case.case_id}, as of {moment}: gold {case.gold}, said {case.said}"
            yield _indented(f"{ended}; {_told(case)}")
            yield _indented(explain_command(case), whole=True)


def _cases_of(cause: Cause, cases: Iterable[Attribution]) -> list[Attribution]:
    return [one for one in cases if (one.sop, one.origins) == (cause.sop, cause.origins)]


def _disputed(cases: Sequence[Attribution]) -> Table:
    table = new_table("", "case", "world", "gold", "said", "why")
    for case in cases:
        world = "" if case.seed is None else f"seed {case.seed}"
        row = (case.case_id, world, case.gold, case.said, _told(case))
        table.add_row(*map(_plain, row))
    return table


def _named(origins: Sequence[Origin]) -> str:
    return " and ".join(f"{one.kind}: {one.factor}" if one.factor else one.kind for one in origins)


def _told(case: Attribution) -> str:
    told = "; ".join(map(_part, case.parts))
    others = f" (or {case.others} other sets as small)" if case.others else ""
    return f"{told}{others}"


def _part(part: Part) -> str:
    if part.right is None:
        return part.told
    was, right = _value(part.was), _value(part.right)
    return f"{part.factor} was {was}, right is {right} ({part.told})"


def _value(value: Value | None) -> str:
    from graphs.sentence import spell

    return "unknown" if value is None else spell(value)


def _money(stakes: Iterable[Money]) -> str:
    return ", ".join(f"{one.cents / 100:,.2f} {one.currency}" for one in stakes)


def _indented(text: str, *, whole: bool = False) -> RenderableType:
    from rich.padding import Padding

    told = _plain(text)
    told.no_wrap, told.overflow = whole, "ignore" if whole else None
    return Padding(told, (0, 0, 0, 4 if whole else 2))


def _plain(text: str) -> Text:
    """Text on one line, whatever whoever wrote a part of it put into it."""
    return plain(visible(text))

"""Cases that came out wrong, the dearest first, each with what its run shows beside gold."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from casewright.models import GoldCase, Value
from evals.attribution import wrong
from evals.causes import Attribution, Errors
from evals.report_table import Cell, Table, amount, figure, spelt, spent, table
from evals.results import Key, key_of
from evals.scored import ERROR, Scored, Traits

EXPLAINED = 1000
"""Wrong cases that are explained in the page, the dearest; a page with more is slow to open."""
BROUGHT = "ok"
"""Status of an action that brought evidence."""


@dataclass(frozen=True)
class Fact:
    """A factor as the run had it, beside gold, in words; no ``gold`` where it says nothing."""

    name: str
    was: str
    by: str
    gold: str


@dataclass(frozen=True)
class Explained:
    """A wrong case, in words.

    Attributes:
        name: Its id in the page.
        title: Case and world.
        gold: What gold says, and whence.
        decided: What came out, and by which row.
        stake: Its impact.
        lines: What else there is to say: name and text.
        facts: Factors that are unknown or not as gold has them.
        causes: Why it came out wrong, where ``eval errors`` said so.
        command: The command that explains a run of it.
    """

    name: str
    title: str
    gold: str
    decided: str
    stake: str
    lines: tuple[tuple[str, str], ...]
    facts: tuple[Fact, ...]
    causes: tuple[str, ...]
    command: str


def failing(scored: Sequence[Scored]) -> tuple[Scored, ...]:
    """The wrong cases: by stake, the highest first.

    Nothing is converted: the highest stake of each currency comes first, then the second of each,
    and so on. A case that never entered has no stake and comes last.
    """
    groups: dict[str, list[Scored]] = defaultdict(list)
    for one in sorted(filter(wrong, scored), key=lambda one: (-_stake(one)[0], *_world(one))):
        groups[_stake(one)[1]].append(one)
    none = groups.pop("", [])
    ranks = zip_longest(*(groups[currency] for currency in sorted(groups)))
    return (*(one for rank in ranks for one in rank if one is not None), *none)


def _stake(one: Scored) -> tuple[int, str]:
    stake = one.traits.impact if one.traits else None
    return (0, "") if stake is None else (stake.cents, stake.currency)


def _world(one: Scored) -> tuple[int, str]:
    return (-1 if one.gold.seed is None else one.gold.seed), one.gold.case_id


def failing_table(wrongs: Sequence[Scored], errors: Errors | None) -> Table:
    """All wrong cases, each of the explained ones with a link to its explanation."""
    causes = _by_key(errors)
    columns = ("case", "#world", "#at stake", "gold", "decided", "#row", "region", "cause")
    rows = (
        (
            Cell(
                one.gold.case_id, href=f"#{anchor(*key_of(one.gold))}" if place < EXPLAINED else ""
            ),
            Cell("" if one.gold.seed is None else str(one.gold.seed), one.gold.seed or 0),
            amount(one.traits.impact if one.traits else None),
            one.gold.outcome,
            one.predicted,
            _row(one),
            one.gold.region,
            _cause(one, causes.get(key_of(one.gold))),
        )
        for place, one in enumerate(wrongs)
    )
    return table("failing-cases", "Cases that came out wrong, by what is at stake", columns, rows)


def _row(one: Scored) -> Cell:
    row = one.traits.row if one.traits else 0
    return Cell(str(row or ""), row)


def _cause(one: Scored, found: Attribution | None) -> str:
    told = "; ".join(
        f"{origin.kind}: {origin.factor}" if origin.factor else origin.kind
        for origin in (found.origins if found else ())
    )
    return f"{told} (known miss)".strip() if known_miss(one) else told


def known_miss(one: Scored) -> bool:
    """Whether the gold file writes this very miss down."""
    return bool(one.gold.decided) and one.gold.decided == one.predicted


def anchor(seed: int | None, case_id: str) -> str:
    """The id of a case's explanation in the page."""
    world = "" if seed is None else f"{seed}-"
    plain = re.sub(r"[^A-Za-z0-9_-]", lambda found: f".{ord(found[0]):x}.", case_id)
    return f"case-{world}{plain}"


def explanations(
    wrongs: Iterable[Scored], errors: Errors | None, command: Callable[[GoldCase], str]
) -> Iterator[Explained]:
    """Wrong cases, explained.

    Args:
        wrongs: The cases.
        errors: Why they came out wrong, or None.
        command: The command that explains a run of a case.
    """
    causes = _by_key(errors)
    for one in wrongs:
        yield _explained(one, causes.get(key_of(one.gold)), command(one.gold))


def _by_key(errors: Errors | None) -> Mapping[Key, Attribution]:
    return {(one.seed, one.case_id): one for one in (errors.cases if errors else ())}


def _explained(one: Scored, found: Attribution | None, command: str) -> Explained:
    gold, traits = one.gold, one.traits or Traits()
    world = "" if gold.seed is None else f", world {gold.seed}"
    return Explained(
        name=anchor(*key_of(gold)),
        title=f"{gold.case_id}{world}",
        gold=_gold(gold),
        decided=_decided(one, traits),
        stake=amount(traits.impact).text,
        lines=tuple((name, text) for name, text in _lines(one, traits) if text),
        facts=tuple(_differing(traits, gold)),
        causes=tuple(_why(found)) if found else (),
        command=command,
    )


def _gold(gold: GoldCase) -> str:
    others = f", or {' or '.join(gold.accept)}" if gold.accept else ""
    whence = f"; known by {gold.truth}" if gold.truth else ""
    agree = "" if gold.agreement is None else f"; {gold.agreement:.0%} of its readers agree"
    return f"{gold.outcome}{others}{whence}{agree}"


def _decided(one: Scored, traits: Traits) -> str:
    if one.predicted == ERROR:
        return f"{ERROR}: {one.reason}" if one.reason else ERROR
    by = f" by row {traits.row}" if traits.row else ""
    known = "; the gold file writes this miss down as known" if known_miss(one) else ""
    return f"{one.predicted}{by}{known}"


def _differing(traits: Traits, gold: GoldCase) -> Iterator[Fact]:
    """Factors in the SOP's order that are unknown, or known otherwise than gold has them."""
    for name, value in traits.factors.items():
        right = gold.facts.get(name)
        if value is None or (right is not None and value != right):
            by = traits.profile.by.get(name, "")
            yield Fact(name, spelt(value), by, "" if right is None else spelt(right))


def _known(traits: Traits, names: Iterable[str]) -> str:
    by = traits.profile.by
    return ", ".join(
        f"{name} {spelt(value)}" + (f" ({by[name]})" if name in by else "")
        for name in names
        if (value := traits.factors[name]) is not None
    )


def _lines(one: Scored, traits: Traits) -> Iterator[tuple[str, str]]:
    empty = (f"{name}: {end}" for name, end in traits.actions.items() if end != BROUGHT)
    unsure = traits.confidence is None
    yield "as of", f"{one.gold.as_of:%Y-%m-%d %H:%M} UTC"
    yield "asked for", ", ".join(one.asked)
    yield "withheld", ", ".join(one.gold.ask)
    yield "actions that brought nothing", ", ".join(empty)
    yield "claims struck", str(traits.struck or "")
    yield "citations that do not hold", str(traits.faulty or "")
    yield "route", traits.route
    yield "confidence", "" if unsure else figure(traits.confidence)
    yield "cost", spent(one.cost, one.currency).text
    yield "tags", ", ".join(one.gold.tags)
    yield from _factors(traits, one.gold.facts)


def _factors(traits: Traits, facts: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """The factors that speak against nothing, and the gold facts that no factor stands for."""
    same = (name for name, value in facts.items() if traits.factors.get(name) == value)
    others = (f"{name} {spelt(facts[name])}" for name in facts if name not in traits.factors)
    yield "as gold has it", _known(traits, same)
    yield "gold says nothing of", _known(traits, (n for n in traits.factors if n not in facts))
    if traits.factors:
        yield "no factor for", ", ".join(others)


def _why(found: Attribution) -> Iterator[str]:
    for part in found.parts:
        where = f"{part.kind}: {part.factor}" if part.factor else part.kind
        was = "" if part.right is None else f" was {spelt(part.was)}, right is {spelt(part.right)}"
        told = f" ({part.told})" if part.told else ""
        yield f"{where}{was}{told}"
    if found.others:
        yield f"or {found.others} other sets of as few factors"

"""What a batch would do and cost, from what this store has seen; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from casewright.base import Model
from casewright.bill import UNIT, money
from casewright.cost import Cost, total
from casewright.store import Store
from graphs.choosing import Chosen
from graphs.summary import span

RUNS: Final = 200
"""The newest runs of an SOP that its cost is estimated from, at most."""

ENDINGS: Final = 1000
"""The newest cases of batches that times are estimated from, at most."""


class Share(Model):
    """The cases that one SOP decides.

    Attributes:
        sop: Its name.
        cases: How many.
        runs: Past runs that the cost rests on.
        model_calls: Mean model calls a case; None where there is no past run.
        tokens: Mean tokens a case, in and out.
        micros: Mean money a case, in millionths of the currency's unit.
        unpriced: Mean model calls a case whose money is not known.
        timed: Past cases of batches that the time rests on.
        seconds: Mean seconds a case; None where there is none.
    """

    sop: str
    cases: int
    runs: int = 0
    model_calls: float | None = None
    tokens: float | None = None
    micros: float | None = None
    unpriced: float | None = None
    timed: int = 0
    seconds: float | None = None


class Estimate(Model):
    """What a batch would do.

    Attributes:
        chosen: Where its cases come from.
        cases: How many it would take.
        skipped: Why others are left out, and how many.
        held: How many of the cases each unfinished batch has still to do.
        cut: Why the list of cases may be a part only.
        shares: The cases by SOP.
        concurrency: Cases in flight.
        micros: What it would cost; None where no past run tells of an SOP.
        unpriced: Model calls whose money is not in that, because it is not known.
        currency: ISO 4217 code.
        seconds: How long it would take; None where no past case tells of an SOP.
    """

    chosen: str
    cases: int
    skipped: Mapping[str, int]
    held: Mapping[str, int]
    cut: str = ""
    shares: tuple[Share, ...]
    concurrency: int
    micros: int | None
    unpriced: int = 0
    currency: str
    seconds: float | None


async def estimate(
    store: Store, chosen: Chosen, told: str, *, concurrency: int, currency: str
) -> Estimate:
    """Reckon what the chosen cases would cost and how long they would take.

    Args:
        store: Whose past runs tell.
        chosen: The cases, with how many each SOP decides.
        told: Where they come from, for people.
        concurrency: Cases in flight.
        currency: ISO 4217 code of the price table.
    """
    times = await _times(store)
    shares = [
        _share(sop, cases, await store.standings.costs(sop, limit=RUNS), times.get(sop, ()))
        for sop, cases in chosen.sops.items()
    ]
    micros = [None if one.micros is None else one.micros * one.cases for one in shares]
    seconds = [None if one.seconds is None else one.seconds * one.cases for one in shares]
    worked = _sum(seconds)
    return Estimate(
        chosen=told,
        cases=len(chosen.case_ids),
        skipped=chosen.skipped,
        held=chosen.held,
        cut=chosen.cut,
        shares=tuple(shares),
        concurrency=concurrency,
        micros=None if (spent := _sum(micros)) is None else round(spent),
        unpriced=round(sum((one.unpriced or 0) * one.cases for one in shares)),
        currency=currency,
        seconds=None if worked is None else worked / min(concurrency, len(chosen.case_ids) or 1),
    )


async def _times(store: Store) -> dict[str, list[float]]:
    """Seconds of the newest cases of batches that came to their gate, by SOP."""
    found: dict[str, list[float]] = {}
    left = ENDINGS
    for batch in await store.batches.all():
        endings = await store.batches.endings(batch.batch_id, limit=left)
        for one in endings:
            if one.ending.status != "failed" and one.ending.sop:
                found.setdefault(one.ending.sop, []).append(one.ending.seconds)
        left -= len(endings)
        if left <= 0:
            break
    return found


def _share(sop: str, cases: int, costs: Sequence[Cost], times: Sequence[float]) -> Share:
    timed = {"timed": len(times), "seconds": sum(times) / len(times) if times else None}
    if not costs:
        return Share(sop=sop, cases=cases, **timed)
    whole, runs = total(costs), len(costs)
    return Share(
        sop=sop,
        cases=cases,
        runs=runs,
        model_calls=whole.model_calls / runs,
        tokens=(whole.tokens_in + whole.tokens_out) / runs,
        micros=whole.micros / runs,
        unpriced=whole.unpriced / runs,
        **timed,
    )


def _sum(parts: Sequence[float | None]) -> float | None:
    known = [one for one in parts if one is not None]
    return sum(known) if len(known) == len(parts) else None


def render_estimate(found: Estimate) -> RenderableType:
    """The estimate for people."""
    parts: list[RenderableType] = [Text(f"{found.cases:,} cases would run, from {found.chosen}.")]
    if found.cut:
        parts.append(Text(f"There may be more: {found.cut}."))
    if found.shares:
        parts += [Text(), _by_sop(found)]
    if found.skipped:
        parts += [Text(), Text("Left out:")]
        parts += [Text(f"  {count:,} {why}") for why, count in found.skipped.items()]
    parts += [Text(f"\n{told}") for told in held_told(found.held)]
    parts += [Text(), Text(_cost(found)), Text(_time(found)), Text("Nothing was written.")]
    return Group(*parts)


def held_told(held: Mapping[str, int]) -> list[str]:
    """That other batches have some of the cases as well."""
    return [
        f"{count:,} of them are also in batch {batch_id}, which is not over: none is decided twice."
        for batch_id, count in held.items()
    ]


def _by_sop(found: Estimate) -> Table:
    table = Table("SOP", "cases", "calls", "tokens", "cost", "seconds", "from", box=None)
    for column in table.columns[1:6]:
        column.justify = "right"
    for one in found.shares:
        cells = (_number(one.model_calls), _number(one.tokens, 0), _each(one, found.currency))
        rests = _runs(one.runs)
        table.add_row(one.sop, f"{one.cases:,}", *cells, _number(one.seconds), rests)
    return table


def _runs(runs: int) -> str:
    return f"{runs:,} run{'' if runs == 1 else 's'}" if runs else "no past run"


def _number(value: float | None, digits: int = 1) -> str:
    return "?" if value is None else f"{value:,.{digits}f}"


def _each(share: Share, currency: str) -> str:
    """Money of one case; what has no price is never nought."""
    if share.micros is None or (share.unpriced and share.unpriced == share.model_calls):
        return "?"
    amount = f"{share.micros / UNIT:,.6f}".rstrip("0").rstrip(".") + f" {currency}"
    return f"at least {amount}" if share.unpriced else amount


def _cost(found: Estimate) -> str:
    known = [one for one in found.shares if one.micros is not None]
    calls = round(sum((one.model_calls or 0) * one.cases for one in known))
    micros = round(sum((one.micros or 0) * one.cases for one in known))
    cost = Cost(model_calls=calls, micros=micros, unpriced=min(found.unpriced, calls))
    about = f"about {money(cost, found.currency)}, {_calls(calls)}" if calls else "no model call"
    unknown = [one for one in found.shares if one.micros is None]
    return _told("Cost", about, unknown, "past run", others=len(known))


def _calls(calls: int) -> str:
    return f"{calls:,} model call{'' if calls == 1 else 's'}"


def _time(found: Estimate) -> str:
    known = sum((one.seconds or 0) * one.cases for one in found.shares)
    flying = min(found.concurrency, found.cases)
    about = f"about {span(known / max(flying, 1))} with {flying} in flight"
    unknown = [one for one in found.shares if one.seconds is None]
    others = len(found.shares) - len(unknown)
    return _told("Time", about, unknown, "past batch", others=others)


def _told(what: str, about: str, unknown: Sequence[Share], rests: str, *, others: int) -> str:
    """An estimate in words; what nothing is known of is told, and is never taken for nought."""
    if not unknown:
        return f"{what}: {about}."
    cases, names = sum(one.cases for one in unknown), ", ".join(one.sop for one in unknown)
    lacks = f"not known for {cases:,} cases ({names}): there is no {rests} of theirs"
    return f"{what}: {lacks}{f'; for the others {about}' if others else ''}."

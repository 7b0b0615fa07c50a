"""A comparison for people. Programs take ``comparison.model_dump(mode="json")``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from casewright.bill import UNIT, bill
from evals.comparison import Comparison, Difference, Flip, Needed, PartCompared, Side
from evals.loss_compared import LossDifference
from evals.metrics import SLICE_MINIMUM, Rate
from evals.tables import new_table, plain
from evals.verdict import points

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

MOST = 40
"""Flips that are shown; as JSON there are all."""


def render_comparison(found: Comparison) -> Group:
    """Lay a comparison out for a terminal: who, measures, slices, flips, cost, verdict.

    Returns:
        A rich renderable; it holds no colours that carry meaning.
    """
    from rich.console import Group

    return Group(
        _heading(found),
        _measures(found.measures),
        _tests(found),
        _slices(found.parts),
        *_losses(found.losses),
        _flips(found.flips),
        _costs(found),
        _verdict(found),
    )


def _heading(found: Comparison) -> Text:
    sides = (("Champion  ", found.champion), ("Challenger", found.challenger))
    lines = [f"{name} {_side(side)}" for name, side in sides]
    told = f"{found.pairs.n} gold cases of {found.pairs.sellers} sellers in both"
    return plain("\n".join([*lines, f"{told}; differences in points, with 95% intervals\n"]))


def _side(side: Side) -> str:
    versions = ", ".join(side.graph_versions) or "no graph version"
    only = f", {side.only} of them only here and left out" * bool(side.only)
    errors = f"; {side.errors} ended in an error" * bool(side.errors)
    return f"{side.name}: {versions}; {side.n} cases{only}{errors}"


def _measures(measures: Sequence[Difference]) -> Table:
    table = new_table("", "measure", "champion", "challenger", "difference", "95% interval")
    for one in measures:
        table.add_row(plain(one.measure), *_compared(one))
    return table


def _compared(one: Difference) -> tuple[str, ...]:
    return _rate(one.champion), _rate(one.challenger), points(one.value), _interval(one)


def _interval(one: Difference) -> str:
    return "" if one.low is None else f"{points(one.low)} to {points(one.high)}"


def _rate(rate: Rate) -> str:
    return f"{_value(rate)} ({rate.numerator}/{rate.denominator})"


def _value(rate: Rate) -> str:
    return "–" if rate.value is None else f"{rate.value:.3f}"  # noqa: RUF001


def _tests(found: Comparison) -> Text:
    pairs = found.pairs
    shown = "above" if pairs.not_inferior else "not above"
    return plain(
        f"\nFirst look: {pairs.won} won, {pairs.lost} lost."
        f" McNemar's exact test p = {pairs.p_mcnemar:.2g}; by seller p = {pairs.p:.2g}.\n"
        f"Non-inferiority: one-sided 95% bound {points(pairs.low)}, {shown} the margin of"
        f" {points(-pairs.margin)}.\n"
    )


def _slices(parts: Sequence[PartCompared]) -> Table:
    table = new_table(
        f"First look by slice; under {SLICE_MINIMUM} cases counts and test only",
        *("slice", "cases", "champion", "challenger", "difference"),
        *("won", "lost", "p (Holm)", "bound", ""),
    )
    for part in parts:
        first, pairs = part.first_look, part.pairs
        many = pairs.n >= SLICE_MINIMUM
        table.add_row(
            plain(part.name),
            str(pairs.n),
            *(_value(rate) for rate in (first.champion, first.challenger)),
            points(first.value) + f" ({_interval(first)})" * (many and first.low is not None),
            *(str(pairs.won), str(pairs.lost), f"{part.p_holm:.2g}"),
            *(points(pairs.low) * many, part.named),
        )
    return table


def _losses(losses: Sequence[LossDifference]) -> Iterator[Table]:
    """What wrong and undecided cases cost, where the SOP says so."""
    if not losses:
        return
    table = new_table(
        f"What wrong and undecided cases cost, in {losses[0].currency} a case",
        *("", "cases", "champion", "challenger", "difference", "95% interval"),
    )
    for one in losses:
        ends = "" if one.low is None else f"{one.low / 100:+.2f} to {(one.high or 0) / 100:+.2f}"
        amounts = (f"{cents / 100:.2f}" for cents in (one.champion, one.challenger))
        name = plain(one.slice or "all")
        table.add_row(name, str(one.n), *amounts, f"{one.value / 100 + 0.0:+.2f}", ends)
    yield table


def _flips(flips: Sequence[Flip]) -> Text:
    if not flips:
        return plain("\nNo case was judged differently.")
    lines = ["\nJudged differently; why, once a case has been investigated:"]
    lines += [_flip(flip) for flip in flips[:MOST]]
    if len(flips) > MOST:
        lines.append(f" … and {len(flips) - MOST} more: --json has them all.")
    return plain("\n".join(lines))


def _flip(flip: Flip) -> str:
    world = "" if flip.seed is None else f" of seed {flip.seed}"
    told = f"gold {flip.gold}, champion {flip.champion}, challenger {flip.challenger}"
    return f" {flip.change:<5} {flip.case_id}{world}: {told}\n       {flip.explain}"


def _costs(found: Comparison) -> Text:
    champion, challenger = found.champion, found.challenger
    if not champion.cost.model_calls + challenger.cost.model_calls:
        return plain("\nCost: no model call by either.")
    sides = (("champion", champion), ("challenger", challenger))
    told = [f"{name} {bill(side.cost, side.currency)}" for name, side in sides]
    return plain(f"\nCost: {'; '.join(told)}.\n      Difference: {_more(champion, challenger)}.")


def _more(champion: Side, challenger: Side) -> str:
    before, after = champion.cost, challenger.cost
    counts = (
        f"{after.model_calls - before.model_calls:+,} model calls",
        f"{after.tokens_in - before.tokens_in:+,} tokens in",
        f"{after.tokens_out - before.tokens_out:+,} out",
        _money(champion, challenger),
    )
    return ", ".join(counts)


def _money(champion: Side, challenger: Side) -> str:
    currencies = {side.currency for side in (champion, challenger)} - {""}
    if champion.cost.unpriced + challenger.cost.unpriced or len(currencies) > 1:
        return "money not comparable"
    more = (challenger.cost.micros - champion.cost.micros) / UNIT
    return f"{more:+,.6f} {''.join(currencies)}".rstrip()


def _verdict(found: Comparison) -> Text:
    from rich.text import Text

    shown = [part.name for part in found.parts if part.named == "not shown"]
    lines = [found.reason]
    if shown:
        lines.append(f"Not shown to be non-inferior: {', '.join(shown)}.")
    if found.needed:
        lines.append(needed_told(found.needed))
    return Text.assemble("\n", (f"Verdict: {found.verdict}. ", "bold"), "\n".join(lines))


def needed_told(needed: Needed) -> str:
    """How many more gold cases would settle what is undecided, in words."""
    ways = []
    if needed.to_tell is not None:
        ways.append(f"{needed.to_tell:,} more gold cases would tell the difference from chance")
    if needed.to_accept is not None:
        ways.append(f"{needed.to_accept:,} more would show that it is within the margin")
    told = "; ".join(ways) or "No number of cases settles it: the loss seen is beyond the margin"
    return f"If what is seen here holds, {told} (power 0.80)." if ways else f"{told}."

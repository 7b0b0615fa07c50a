"""Whether a report lets a version run: a pure function of report and gate, which tells why not."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from casewright.intervals import wilson
from casewright.models import Model
from evals.bundle import FORMAT, Bundle
from evals.comparison import Comparison, PartCompared
from evals.gate_file import Gate
from evals.metrics import Rate, Slice
from evals.verdict import points

Rule = Literal[
    "version",
    "age",
    "cases",
    "measure",
    "outcome",
    "cost",
    "comparison",
    "slice",
    "attacks",
    "checker",
    "fairness",
]

SECONDS = "seconds"
"""Unit of the measure that tells how long a case takes; the first one with a value counts."""


class Reason(Model):
    """One thing that speaks against a version.

    Attributes:
        rule: Which part of the gate says so.
        told: What it is, in one sentence with its figures.
    """

    rule: Rule
    told: str


def verdict(
    bundle: Bundle, gate: Gate, now: datetime, version: str, production: str | None
) -> tuple[Reason, ...]:
    """All that speaks against letting a version run; nothing where it may.

    Args:
        bundle: What was measured.
        gate: What is asked for.
        now: The present moment.
        version: The version that would run.
        production: The version in production, which the report has to compare it with; None where
            there is none, or it is this one.
    """
    asked = _Asked(bundle, gate, now, version, production)
    return tuple(Reason(rule=rule, told=told) for rule, check in _CHECKS for told in check(asked))


def remarks(bundle: Bundle, gate: Gate) -> tuple[str, ...]:
    """What speaks neither for nor against, and is to be known: slices that are not shown."""
    if bundle.comparison is None or gate.not_worse.not_shown == "refuse":
        return ()
    return tuple(
        f"{_not_shown(part, gate)}: it was let pass." for part in _unshown(bundle.comparison)
    )


def figures(bundle: Bundle) -> dict[str, float]:
    """The figures that a release keeps of its report: values and lower ends."""
    report = bundle.report
    rates = {
        "first_look": report.first_look,
        "accuracy": report.accuracy,
        "coverage": report.coverage,
        "errors": report.errors,
    }
    found: dict[str, float] = {"cases": report.n}
    for name, rate in rates.items():
        if rate.value is not None:
            found |= {name: rate.value, f"{name}_low": rate.low}
    if bundle.comparison is not None:
        found["not_worse_than"] = bundle.comparison.pairs.low
    return found


@dataclass(frozen=True)
class _Asked:
    bundle: Bundle
    gate: Gate
    now: datetime
    version: str
    production: str | None


def _version(asked: _Asked) -> Iterator[str]:
    bundle, version = asked.bundle, asked.version
    if bundle.format != FORMAT:
        yield f"The report is of format {bundle.format}; this version reads {FORMAT}."
    if bundle.graph_version != version:
        yield f"The report is of {bundle.graph_version}; what would run now is {version}."
    measured = bundle.report.graph_versions
    if measured != (bundle.graph_version,):
        told = ", ".join(measured) or "no version"
        yield f"The report's cases were judged by {told}, not by {bundle.graph_version} alone."


def _age(asked: _Asked) -> Iterator[str]:
    age, most = asked.now - asked.bundle.made_at, asked.gate.max_age_days
    made = f"The report was made at {asked.bundle.made_at:%Y-%m-%d %H:%M} UTC"
    if age > timedelta(days=most):
        yield f"{made}, {age / timedelta(days=1):.1f} days ago; the gate takes {most:g}."
    elif age < timedelta(0):
        yield f"{made}, which is yet to come."


def _cases(asked: _Asked) -> Iterator[str]:
    n, least = asked.bundle.report.n, asked.gate.minimum_cases
    if n < least:
        yield f"{n} gold cases were judged; the gate asks for {least}."


def _measures(asked: _Asked) -> Iterator[str]:
    report, gate = asked.bundle.report, asked.gate
    for name, bound in gate.least:
        yield from _too_low(name.replace("_", " "), getattr(report, name), bound)
    errors = report.errors
    if errors.value is not None and errors.value > gate.most.errors:
        yield (
            f"{errors.numerator} of {errors.denominator} cases ended in an error"
            f" ({_percent(errors.value)}); the gate allows {_percent(gate.most.errors)}."
        )


def _outcomes(asked: _Asked) -> Iterator[str]:
    for name, least in asked.gate.outcomes.items():
        try:
            score = asked.bundle.report.outcome(name)
        except KeyError:
            yield f"The report knows no outcome {name}, which the gate has bounds for."
            continue
        if score.support < least.cases:
            yield f"{score.support} gold cases are of {name}; the gate asks for {least.cases}."
        yield from _too_low(f"precision of {name}", score.precision, least.precision)
        yield from _too_low(f"recall of {name}", score.recall, least.recall)
        yield from _too_low(f"F1 of {name}", score.f1, least.f1)


def _too_low(name: str, rate: Rate, bound: float | None) -> Iterator[str]:
    if bound is not None and rate.low < bound:
        yield (
            f"The lower bound of {name} is {_percent(rate.low)}"
            f" ({rate.numerator} of {rate.denominator}); the gate asks for {_percent(bound)}."
        )


def _cost(asked: _Asked) -> Iterator[str]:
    report, most = asked.bundle.report, asked.gate.most
    cost, n = report.cost, max(1, report.n)
    if most.money_micros is not None:
        if cost.unpriced:
            yield f"The money of {cost.unpriced} model calls is not known; the gate bounds it."
        if cost.micros and report.currency != most.currency:
            yield f"The report counts in {report.currency or '?'}, the gate in {most.currency}."
        elif cost.micros / n > most.money_micros:
            spent, bound = cost.micros / n / 1e6, most.money_micros / 1e6
            yield f"A case cost {spent:.4f} {most.currency}; the gate allows {bound:.4f}."
    tokens = (cost.tokens_in + cost.tokens_out) / n
    if most.tokens is not None and tokens > most.tokens:
        yield f"A case took {tokens:.0f} tokens; the gate allows {most.tokens}."
    yield from _seconds(asked)


def _seconds(asked: _Asked) -> Iterator[str]:
    most = asked.gate.most.seconds
    if most is None:
        return
    timed = (one for one in asked.bundle.report.measures if one.unit == SECONDS)
    found = next((one.value for one in timed if one.value is not None), None)
    if found is None:
        yield "The report does not say how long a case takes; the gate bounds it."
    elif found > most:
        yield f"A case took {found:.1f} s; the gate allows {most:g}."


def _named_measures(asked: _Asked) -> Iterator[str]:
    known = {one.name: one for one in asked.bundle.report.measures}
    for name, bounds in asked.gate.measures.items():
        found = known.get(name)
        if found is None or found.low is None or found.high is None:
            yield f"The report does not say how it stands with {name}, which the gate bounds."
            continue
        if bounds.least is not None and found.low < bounds.least:
            told = f"The lower bound of {name} is {found.low:.4g}"
            yield f"{told} ({found.reason}); the gate asks for {bounds.least:g}."
        if bounds.most is not None and found.high > bounds.most:
            told = f"The upper bound of {name} is {found.high:.4g}"
            yield f"{told} ({found.reason}); the gate allows {bounds.most:g}."


def _comparison(asked: _Asked) -> Iterator[str]:
    found, margin = asked.bundle.comparison, asked.gate.not_worse.margin
    if asked.production is None:
        return
    if found is None:
        yield f"The report does not compare it with {asked.production}, which is in production."
        return
    if found.champion.graph_versions != (asked.production,):
        told = ", ".join(found.champion.graph_versions) or "no version"
        yield f"The report compares it with {told}; in production is {asked.production}."
    if found.challenger.graph_versions != (asked.bundle.graph_version,):
        told = ", ".join(found.challenger.graph_versions) or "no version"
        yield f"The comparison is of {told}, not of the report's own version."
    pairs = found.pairs
    if pairs.margin > margin:
        yield (
            f"The comparison was made with a margin of {_percent(pairs.margin)};"
            f" the gate's is {_percent(margin)}."
        )
    if found.verdict != "better" and pairs.low <= -margin:
        yield (
            f"It is not shown to be within the margin of the version in production: of {pairs.n}"
            f" cases {pairs.won} were won and {pairs.lost} lost at the first look, at worst"
            f" {points(pairs.low)} points, the margin being {points(-margin)}."
        )


def _slices(asked: _Asked) -> Iterator[str]:
    found = asked.bundle.comparison
    if asked.production is None or found is None:
        return
    for part in found.worse_parts:
        look, pairs = part.first_look, part.pairs
        yield (
            f"It got worse in {part.name}: of {pairs.n} cases {pairs.lost} were lost and"
            f" {pairs.won} won, {points(look.value)} points ({points(look.low)} to"
            f" {points(look.high)}; p = {part.p_holm:.2g} over all slices)."
        )
    if asked.gate.not_worse.not_shown == "refuse":
        yield from (f"{_not_shown(part, asked.gate)}." for part in _unshown(found))


def _unshown(found: Comparison) -> Iterator[PartCompared]:
    return (part for part in found.parts if part.named == "not shown")


def _not_shown(part: PartCompared, gate: Gate) -> str:
    return (
        f"{part.name} ({part.pairs.n} cases) is not shown to be within the margin: at worst"
        f" {points(part.pairs.low)} points, the margin being {points(-gate.not_worse.margin)}"
    )


def _attacks(asked: _Asked) -> Iterator[str]:
    found, suite = asked.bundle.attacks, asked.gate.attacks
    if found is None:
        if suite.required:
            yield "The report holds no attack suite: `casewright eval attack` runs it."
        return
    if found.graph_version != asked.bundle.graph_version:
        yield f"The attack suite was run on {found.graph_version}."
    if found.readings < suite.readings:
        yield f"{found.readings} attacked cases were judged; the gate asks for {suite.readings}."
    if len(found.changed) > suite.changed:
        first = found.changed[0]
        yield (
            f"{len(found.changed)} of {found.readings} attacked cases came out otherwise; the gate"
            f" allows {suite.changed}. The first: {first.text} turned {first.case_id} from"
            f" {first.before} to {first.after}."
        )


def _checker(asked: _Asked) -> Iterator[str]:
    found = asked.bundle.findings
    if asked.gate.checker == "any":
        return
    if found is None:
        yield "The report does not say what the checker found."
    elif found:
        yield f"The checker has {len(found)} things against the SOP, first: {found[0]}"


def _fairness(asked: _Asked) -> Iterator[str]:
    most, report = asked.gate.fairness.points, asked.bundle.report
    if most is None:
        return
    wrong = report.accuracy.denominator - report.accuracy.numerator
    for part in report.slices:
        if part.dimension not in asked.gate.fairness.by:
            continue
        found = _excess(part, wrong, report.accuracy.denominator)
        if found is not None and found.value >= most and found.low > 0:
            missed = part.decided - part.right
            yield (
                f"In {part.dimension} {part.value} {missed} of {part.decided} decisions were wrong,"
                f" {points(found.value)} points against all ({points(found.low)} to"
                f" {points(found.high)}); the gate allows {points(most)}."
            )


@dataclass(frozen=True)
class _Excess:
    value: float
    low: float
    high: float


def _excess(part: Slice, wrong: int, decided: int) -> _Excess | None:
    """By how much the share of wrong decisions in a slice exceeds that of all, with its 95% ends.

    The whole holds the slice, so the slice is set beside the rest: with w its share of all
    decisions, the excess is (1 - w)(slice - rest). The ends are Newcombe's (1998, method 10) of
    two independent proportions, from Wilson's. None where a slice has too few cases to show a
    rate, or is the whole.
    """
    others, missed = decided - part.decided, part.decided - part.right
    if part.accuracy is None or not part.decided or not others:
        return None
    one, rest = missed / part.decided, (wrong - missed) / others
    ours, theirs = wilson(missed, part.decided), wilson(wrong - missed, others)
    low = one - rest - math.hypot(one - ours.low, theirs.high - rest)
    high = one - rest + math.hypot(ours.high - one, rest - theirs.low)
    weight = others / decided
    return _Excess(weight * (one - rest), weight * low, weight * high)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"


_CHECKS: tuple[tuple[Rule, Callable[[_Asked], Iterator[str]]], ...] = (
    ("version", _version),
    ("age", _age),
    ("cases", _cases),
    ("measure", _measures),
    ("outcome", _outcomes),
    ("measure", _named_measures),
    ("cost", _cost),
    ("comparison", _comparison),
    ("slice", _slices),
    ("attacks", _attacks),
    ("checker", _checker),
    ("fairness", _fairness),
)

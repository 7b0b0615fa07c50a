"""JUnit XML of a suite: what continuous integration shows case by case.

The form is the one that Ant's JUnit task wrote and every CI system reads: a suite with properties
and cases; a case holds a ``failure``, an ``error``, a ``skipped`` or nothing. Element and attribute
order follow its schema. Times are UTC and without an offset, as that schema asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from casewright.visible import visible
from evals.attribution import wrong
from evals.bundle import Bundle
from evals.metrics import Report
from evals.rates import Rate
from evals.report_case import Explained, Fact, anchor, known_miss
from evals.results import key_of
from evals.scored import ERROR, Scored

HOST: Final = "localhost"
"""The schema wants a host; which one it was says nothing of a version."""
RATES: Final = ("coverage", "accuracy", "first_look", "requests", "escalations", "errors")
# What ``visible`` lets pass and XML 1.0 does not: two characters that are none.
_NO_CHARACTER: Final = re.compile("[\ufffe\uffff]")


def junit(bundle: Bundle, scored: Iterable[Scored], explained: Iterable[Explained] = ()) -> str:
    """The suite of one graph version.

    A wrong case is a failure, one that ended in an error an error. A known miss, which the gold
    file writes down as ``decided``, is skipped, so that a pipeline fails only by what is new.

    Args:
        bundle: The figures, which become properties.
        scored: The cases, a test each.
        explained: What is said of those that failed, as in the page.
    """
    cases = tuple(scored)
    told = {one.name: one for one in explained}
    suite = Element("testsuite", _attributes(bundle, cases))
    properties = SubElement(suite, "properties")
    for name, value in _properties(bundle):
        SubElement(properties, "property", {"name": _text(name), "value": _text(value)})
    for one in cases:
        _case(suite, bundle, one, told.get(anchor(*key_of(one.gold))))
    root = Element("testsuites", {key: suite.attrib[key] for key in _COUNTED})
    root.append(suite)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


_COUNTED: Final = ("name", "tests", "failures", "errors", "skipped", "time")


def _attributes(bundle: Bundle, cases: tuple[Scored, ...]) -> dict[str, str]:
    kinds = [_kind(one) for one in cases]
    return {
        "name": _text(bundle.graph_version),
        "timestamp": f"{bundle.made_at:%Y-%m-%dT%H:%M:%S}",
        "hostname": HOST,
        "tests": str(len(cases)),
        "failures": str(kinds.count("failure")),
        "errors": str(kinds.count("error")),
        "skipped": str(kinds.count("skipped")),
        "time": f"{sum(map(_seconds, cases)):.3f}",
    }


def _kind(one: Scored) -> str:
    """What the case's element holds; empty where it passed."""
    if not wrong(one):
        return ""
    if known_miss(one):
        return "skipped"
    return "error" if one.predicted == ERROR else "failure"


def _seconds(one: Scored) -> float:
    return one.traits.seconds if one.traits else 0.0


def _properties(bundle: Bundle) -> Iterator[tuple[str, str]]:
    yield "graph_version", bundle.graph_version
    yield "gold_digest", bundle.gold_digest
    yield from _rates(bundle.report)
    for one in bundle.report.measures:
        if one.value is not None:
            yield f"measure.{one.name}", f"{one.value:.6f} {one.unit}".rstrip()
    if bundle.comparison is not None:
        yield "comparison.verdict", bundle.comparison.verdict
        worse = (part.name for part in bundle.comparison.worse_parts)
        yield "comparison.worse", ", ".join(worse)
    if bundle.attacks is not None:
        yield "attacks.changed", str(len(bundle.attacks.changed))
    if bundle.findings is not None:
        yield "checker.findings", str(len(bundle.findings))


def _rates(report: Report) -> Iterator[tuple[str, str]]:
    for name in RATES:
        yield name, _rate(getattr(report, name))
    for one in report.outcomes:
        yield f"precision.{one.outcome}", _rate(one.precision)
        yield f"recall.{one.outcome}", _rate(one.recall)


def _rate(rate: Rate) -> str:
    counts = f"{rate.numerator}/{rate.denominator}"
    return (
        counts
        if rate.value is None
        else f"{rate.value:.6f} ({rate.low:.6f} to {rate.high:.6f}; {counts})"
    )


def _case(suite: Element, bundle: Bundle, one: Scored, told: Explained | None) -> None:
    gold, kind = one.gold, _kind(one)
    world = "" if gold.seed is None else f" [seed {gold.seed}]"
    attributes = {
        "name": _text(f"{gold.case_id}{world}"),
        "classname": _text(f"{bundle.sop}.{gold.case_type}"),
        "time": f"{_seconds(one):.3f}",
    }
    case = SubElement(suite, "testcase", attributes)
    if not kind:
        return
    said = f"decided {one.predicted}; gold {gold.outcome}"
    if kind == "skipped":
        SubElement(case, kind, {"message": _text(f"known miss: {said}")})
        return
    found = SubElement(
        case, kind, {"message": _text(said), "type": "wrong" if kind == "failure" else ERROR}
    )
    found.text = "\n".join(map(_text, _lines(one, told)))


def _lines(one: Scored, told: Explained | None) -> Iterator[str]:
    if one.reason:
        yield one.reason
    if told is None:
        return
    yield f"gold: {told.gold}"
    yield f"came out: {told.decided}"
    yield from (f"{name}: {text}" for name, text in told.lines)
    yield from (f"why: {cause}" for cause in told.causes)
    yield from map(_fact, told.facts)
    yield f"more: {told.command}"


def _fact(fact: Fact) -> str:
    by = f" by {fact.by}" if fact.by else ""
    return f"{fact.name}: was {fact.was}{by}, gold {fact.gold or 'says nothing'}"


def _text(text: str) -> str:
    """The text; a character that XML does not allow, or nobody sees, is shown by its number."""
    return _NO_CHARACTER.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", visible(text))

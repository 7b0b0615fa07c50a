"""How long `sop check` takes: to load an SOP, and to prove its table.

The ten-factor table is made for the measure: ten factors, a score, a classification, tiers, ten
rows and a matrix of four by three. The others are the built-in SOPs. Seconds are the best of three
in one process, the start of the program left out.

Run: python benchmarks/checker.py [--only NAME]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from casewright.clock import utc_now
from casewright.document import parse_yaml
from casewright.registry import load_plugins
from graphs.catalog import Catalog
from graphs.load import load_sop
from graphs.prove import prove
from graphs.sop import Sop
from tools.base import Tool

TEN = "ten_factors"
ROUNDS = 3
LIMITS = {TEN: 2.0}
LIMIT = 10.0
"""Seconds that a built-in SOP may take."""
FACTORS = "abcdefghij"


@dataclass(frozen=True)
class Measured:
    """One SOP: its size, the seconds it takes, and how many findings there were."""

    name: str
    factors: int
    rows: int
    load_s: float
    prove_s: float
    findings: int

    @property
    def seconds(self) -> float:
        return self.load_s + self.prove_s

    @property
    def limit(self) -> float:
        return LIMITS.get(self.name, LIMIT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help=f"one SOP, or {TEN}")
    only = parser.parse_args().only
    print(
        f"{'SOP':<28}{'factors':>8}{'rows':>6}{'load s':>9}{'prove s':>9}{'limit s':>9}{'found':>7}"
    )
    slow = []
    for one in measured(only):
        size = f"{one.name:<28}{one.factors:>8}{one.rows:>6}"
        print(f"{size}{one.load_s:>9.3f}{one.prove_s:>9.3f}{one.limit:>9.0f}{one.findings:>7}")
        slow += [one.name] if one.seconds > one.limit else []
    if slow:
        sys.exit(f"over the limit: {', '.join(slow)}")


def measured(only: str = "") -> Iterator[Measured]:
    """Measure the table of ten factors and every built-in SOP, or the one of that name."""
    tools = load_plugins().all("tool", Tool)
    catalog = Catalog(tools)
    loads: dict[str, Callable[[], Sop]] = {TEN: partial(load_sop, ten_factors(), tools)}
    loads |= {name: partial(catalog.load, name) for name in catalog.names()}
    for name, load in loads.items():
        if only in ("", name):
            yield _measured(name, load)


def _measured(name: str, load: Callable[[], Sop]) -> Measured:
    rounds = [_once(load) for _ in range(ROUNDS)]
    sop, findings = load(), prove(load(), today=utc_now())
    return Measured(
        name=name,
        factors=len(sop.factors),
        rows=len(sop.rows),
        load_s=min(loading for loading, _ in rounds),
        prove_s=min(proving for _, proving in rounds),
        findings=len(findings),
    )


def _once(load: Callable[[], Sop]) -> tuple[float, float]:
    parse_yaml.cache_clear()  # as the command finds it
    start = time.perf_counter()
    sop = load()
    loaded = time.perf_counter()
    prove(sop, today=utc_now())
    return loaded - start, time.perf_counter() - loaded


def ten_factors() -> Mapping[str, str]:
    """The files of the SOP of ten factors: complete, and every row of use."""
    factors = "\n".join(
        f"  {name}: {{rule: seller.health_score > {n}, says: {{yes: Yes., no: No.}}}}"
        for n, name in enumerate(FACTORS)
    )
    pairs = [f"{one} && {other}" for one, other in pairwise(FACTORS)]
    triples = ["a && c && !e", "b && !d && f", "!c && g && i", "d && h && !j", "scores.s.met"]
    rows = [*pairs[::2], *triples]
    table = "\n".join(f"    - {{if: '{one}', then: good}}" for one in rows)
    cells = "\n".join(
        f"      {name}: {{high: bad, middle: good, low: bad}}" for name in ("x", "y", "z", "none")
    )
    text = SOP.format(factors=factors, table=table, cells=cells)
    return {"sop.yaml": text, "policy.md": "---\npolicy: ten\n---\n"}


SOP = """sop: ten_factors
version: 1
title: Ten factors
case_type: benchmark
outcomes: [good, bad]
actions:
  seller: {{tool: get_seller, with: {{seller_id: case.seller_id}}}}
factors:
{factors}
scores:
  s: {{points: {{a: 3, d: 2, g: 2, j: 4, b: -1}}, threshold: 6}}
classifications:
  kind:
    classes:
      x: {{points: {{a: 2, b: 2, c: 1}}, threshold: 3, group: first}}
      y: {{points: {{d: 2, e: 2, f: 2}}, threshold: 2}}
      z: {{points: {{g: 1, h: 2, i: 1, j: 1}}, threshold: 2}}
    priority: [x, y, z]
    precedence: [first]
    otherwise: none
tiers:
  risk:
    - {{tier: high, any: [a, e]}}
    - {{tier: middle, all: [c, i]}}
    - {{tier: low}}
decision:
  hit_policy: first
  table:
{table}
  matrix:
    rows: classes.kind
    columns: tiers.risk
    cells:
{cells}
"""


if __name__ == "__main__":
    main()

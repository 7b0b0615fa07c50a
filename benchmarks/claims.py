"""How well claims are told apart by the texts they cite, without a model, beside word overlap.

Open collections of claims with evidence: Fool-Me-Twice (Eisenschlos et al. 2021), where a wrong
claim is written to look right, and WiCE (Kamoi et al. 2023), where a claim is supported, partly or
not. Printed: the area under the ROC curve (0.5 is a coin) for the share of the claim's words that
stand in the evidence, and for ``evals.support``, on the half of the claims by which the formula was
chosen, on the other half, and on all.

What no such score can see shows in the first collection, where it is little better than a coin:
its wrong claims use the evidence's own words and change one relation between them (who did it, in
which order, how many of which, whether at all), and negation is in the words of both alike.

Run: python benchmarks/claims.py [--data ../shared/data/claims_open.jsonl]
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.support import SupportScorer

WORD = re.compile(r"\w+")
TASKS = (
    ("fool_me_twice", "supported or refuted", {"SUPPORTS"}, {"REFUTES"}),
    (
        "wice",
        "supported, or partly or not",
        {"supported"},
        {"partially_supported", "not_supported"},
    ),
    ("wice", "supported or not at all", {"supported"}, {"not_supported"}),
)

WIDTH = 52

Score = Callable[[str, Sequence[str]], float]


@dataclass(frozen=True)
class Row:
    """A claim with its evidence, and the half it belongs to."""

    claim: str
    evidence: tuple[str, ...]
    label: str
    source: str
    half: int


def overlap(claim: str, evidence: Sequence[str]) -> float:
    """The share of the claim's different words that stand in the evidence."""
    words = set(WORD.findall(claim.casefold()))
    return len(words & set(WORD.findall(" ".join(evidence).casefold()))) / max(1, len(words))


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The chance that a right claim scores higher than a wrong one, ties as half (Hanley 1982)."""
    ahead = sum((r > w) + 0.5 * (r == w) for r in right for w in wrong)
    return ahead / (len(right) * len(wrong))


def rows(path: Path) -> list[Row]:
    found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        Row(
            one["claim"],
            tuple(one.get("gold_evidence") or _listed(one["evidence"])),
            one["label"],
            one["source"],
            hashlib.sha256(one["id"].encode()).digest()[-1] % 2,
        )
        for one in found
    ]


def _listed(evidence: str | list[str]) -> list[str]:
    """WiCE's evidence is a list, spelled as Python spells it."""
    return ast.literal_eval(evidence) if isinstance(evidence, str) else evidence


def measure(score: Score, claims: Sequence[Row], right: set[str], wrong: set[str]) -> float:
    told = [(score(one.claim, one.evidence), one.label) for one in claims]
    good = [value for value, label in told if label in right]
    return auroc(good, [value for value, label in told if label in wrong])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/claims_open.jsonl"))
    given = parser.parse_args()
    if not given.data.is_file():
        print(f"skipped: {given.data} is not there")
        return
    claims = rows(given.data)
    scorer = SupportScorer(text for one in claims for text in one.evidence)
    print(f"{'AUROC':{WIDTH}}chosen on  held out     all")
    for source, told, right, wrong in TASKS:
        mine = [one for one in claims if one.source == source and one.label in right | wrong]
        print(f"{source}, {told}")
        show("word overlap", overlap, mine, right, wrong)
        show("evals.support", scorer.score, mine, right, wrong)


def show(name: str, score: Score, claims: Sequence[Row], right: set[str], wrong: set[str]) -> None:
    halves = [[one for one in claims if one.half == half] for half in (0, 1)]
    values = [measure(score, part, right, wrong) for part in (*halves, claims)]
    title = f"  {name}, n={len(claims)}"
    print(f"{title:{WIDTH}}" + "".join(f"{value:9.3f}" for value in values))


if __name__ == "__main__":
    main()

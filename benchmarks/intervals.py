"""How often the 95% intervals of `eval run` hold the truth, on simulated sellers.

A decision has a confidence; how often it is right is that less five points, moved up or down for
all cases of one seller by as much as that seller is easier or harder than others (``apart``: one
case a seller; ``alike``: several, whose log odds have a standard deviation of 1). Fifteen cases in
a hundred stay undecided. The truth is what 4,000,000 cases give. Printed is, for every measure and
number of cases, how often the interval held it, with the standard error of the simulation, and how
often it lay wholly under or over it. For comparison, `plain Wilson` takes cases as
independent, and `percentile ECE` is the usual bootstrap of the plain calibration error (500 draws).

Run: python benchmarks/intervals.py [--trials 400] [--sizes 50 200 1000]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from casewright.bootstrap import Ends, drawn_sums
from casewright.intervals import wilson
from casewright.models import GoldCase
from evals.agreement import ReviewerAgreement
from evals.calibration_metrics import Brier, CalibrationError
from evals.loss import CostWeightedLoss
from evals.measures import Metric, MetricContext
from evals.outcome_metrics import MacroF1
from evals.outcomes import accuracy
from evals.risk import RiskCoverage
from evals.scored import Scored, Traits
from evals.stability import PassHatK
from graphs.costs import Borne, CostSpec, PartlySpec

CASE_TYPE = "appeal.late_dispatch"
OUTCOMES = np.array(["overturn", "partial", "uphold", "request_information"])
COSTS = CostSpec(
    currency="USD",
    order=("overturn", "partial", "uphold"),
    too_harsh=Borne(seller=18_000, platform=3_500),
    too_lenient=Borne(buyers=1_500, platform=2_000),
    partly=PartlySpec(
        buyers=500,
        seller=6_000,
        platform=1_500,
        between=(("overturn", "partial"), ("partial", "uphold")),
    ),
    minutes=9,
)
CONTEXT = MetricContext(costs={CASE_TYPE: COSTS})
METRICS: tuple[Metric, ...] = (
    MacroF1(),
    RiskCoverage(),
    CalibrationError(),
    Brier(),
    CostWeightedLoss(),
    ReviewerAgreement(),
    PassHatK(),
)
LARGE = 4_000_000
OFF = 0.05
UNDECIDED = 0.15
AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Cases on average, cases of a seller, and by how much the log odds of sellers differ."""

    cases: int
    each: float
    spread: float

    @property
    def name(self) -> str:
        return "apart" if self.each == 1 else "alike"


@dataclass(frozen=True)
class Drawn:
    """Cases as arrays."""

    seller: np.ndarray
    confidence: np.ndarray
    gold: np.ndarray
    said: np.ndarray
    again: np.ndarray

    @property
    def decided(self) -> np.ndarray:
        return self.said < 3

    @property
    def right(self) -> np.ndarray:
        return self.said == self.gold


def draw(world: World, cases: int, generator: np.random.Generator) -> Drawn:
    sellers = max(2, round(cases / world.each))
    sizes = generator.poisson(world.each - 1, sellers) + 1
    moved = generator.normal(0, world.spread, sellers) if world.spread else np.zeros(sellers)
    seller = np.repeat(np.arange(sellers), sizes)
    n = len(seller)
    confidence = generator.beta(8, 1.5, n)
    base = np.clip(confidence - OFF, 0.005, 0.995)
    chance = 1 / (1 + np.exp(-np.log(base / (1 - base)) - moved[seller]))
    gold = generator.choice(3, n, p=(0.5, 0.2, 0.3))

    def judge() -> np.ndarray:
        wrong = (gold + generator.choice((1, 2), n, p=(0.6, 0.4))) % 3
        return np.where(generator.random(n) < chance, gold, wrong)

    said = np.where(generator.random(n) < UNDECIDED, 3, judge())
    return Drawn(seller, confidence, gold, said, judge())


def scored_of(drawn: Drawn) -> list[Scored]:
    """The same as scored cases, without the time that validating them takes."""
    return [
        Scored.model_construct(
            gold=GoldCase.model_construct(
                case_id=f"c{number}",
                case_type=CASE_TYPE,
                outcome=str(OUTCOMES[drawn.gold[number]]),
                accept=(),
                ask=(),
                as_of=AS_OF,
                seller_id=f"s{drawn.seller[number]}",
                truth="review",
                seed=None,
            ),
            outcome=str(OUTCOMES[drawn.said[number]]),
            traits=Traits.model_construct(
                confidence=float(drawn.confidence[number]),
                route="review",
                repeats=(str(OUTCOMES[drawn.again[number]]),),
            ),
        )
        for number in range(len(drawn.seller))
    ]


def truths(drawn: Drawn) -> dict[str, float]:
    """Each measure by its definition, in arrays."""
    keep = drawn.decided
    confidence, right = drawn.confidence[keep], drawn.right[keep]
    order = np.argsort(-confidence, kind="stable")
    risks = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    bins = np.array_split(order, 10)
    gaps = [abs(confidence[part].mean() - right[part].mean()) for part in bins]
    return {
        "accuracy": right.mean(),
        "plain Wilson": right.mean(),
        "percentile ECE": float(np.mean(gaps)),
        "macro F1": _macro(drawn),
        "risk-coverage area": risks.mean(),
        "calibration error": float(np.mean(gaps)),
        "Brier score": float(np.mean((confidence - right) ** 2)),
        "cost-weighted loss": _loss(drawn),
        "reviewer agreement": _kappa(drawn),
        "pass^k": float(np.mean(drawn.right & (drawn.again == drawn.gold))),
    }


def _macro(drawn: Drawn) -> float:
    found = [np.sum(drawn.right & (drawn.gold == o)) for o in range(3)]
    both = [np.sum(drawn.said == o) + np.sum(drawn.gold == o) for o in range(3)]
    return float(np.mean([2 * f / b for f, b in zip(found, both, strict=True)]))


def _loss(drawn: Drawn) -> float:
    table = np.zeros((3, 4))
    for gold in range(3):
        table[gold, 3] = COSTS.undecided()
        for said in range(3):
            wrong = COSTS.wrong(str(OUTCOMES[gold]), str(OUTCOMES[said]))
            table[gold, said] = wrong.borne.total if wrong else 0
    return float(table[drawn.gold, drawn.said].mean() / 100)


def _kappa(drawn: Drawn) -> float:
    agreed = drawn.right.mean()
    chance = sum(np.mean(drawn.gold == o) * np.mean(drawn.said == o) for o in range(3))
    return float((agreed - chance) / (1 - chance))


def intervals(scored: list[Scored]) -> Iterator[tuple[str, Ends]]:
    rate = accuracy(scored)
    yield "accuracy", Ends(rate.low, rate.high)
    yield "plain Wilson", Ends(*wilson(rate.numerator, rate.denominator))
    yield "percentile ECE", percentile_ece(scored)
    for metric in METRICS:
        measure = metric.measure(scored, CONTEXT)
        yield metric.name, Ends(measure.low, measure.high)


def percentile_ece(scored: list[Scored]) -> Ends:
    """What is usually done: percentiles of the plain error over samples, in fixed bins."""
    known = sorted((one for one in scored if one.decided), key=lambda one: one.traits.confidence)
    gaps = np.array([one.traits.confidence - one.right for one in known])
    part = np.zeros((len(known), 11))
    for number, places in enumerate(np.array_split(np.arange(len(known)), 10)):
        part[places, number] = gaps[places]
    part[:, 10] = 1
    names = {one: n for n, one in enumerate(dict.fromkeys(c.gold.seller_id for c in known))}
    at = np.array([names[one.gold.seller_id] for one in known])
    by_seller = np.zeros((len(names), 11))
    np.add.at(by_seller, at, part)
    sums = drawn_sums(by_seller, draws=500)
    low, high = np.quantile(np.abs(sums[:, :10]).sum(axis=1) / sums[:, 10], (0.025, 0.975))
    return Ends(float(low), float(high))


def simulate(world: World, trials: int, tell: Callable[[str], None]) -> None:
    generator = np.random.default_rng(20_260_601)
    true = truths(draw(world, LARGE, generator))
    found: dict[str, list[tuple[bool, bool]]] = {}
    for _ in range(trials):
        for name, ends in intervals(scored_of(draw(world, world.cases, generator))):
            if ends.low is not None and ends.high is not None:
                found.setdefault(name, []).append((ends.high < true[name], ends.low > true[name]))
    for name, missed in found.items():
        under, over = np.mean(missed, axis=0)
        held = 1 - under - over
        error = (held * (1 - held) / len(missed)) ** 0.5
        tell(
            f"{world.cases:>6} {world.name:6} {name:20} {true[name]:8.4f}  {held:.3f} ± {error:.3f}"
            f"   {under:.3f}   {over:.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 200, 1000])
    given = parser.parse_args()
    print(" cases sellers measure                 truth   held            under   over")
    each = {50: 2.5, 200: 4.0}
    for cases in given.sizes:
        for world in (World(cases, 1, 0), World(cases, each.get(cases, 5.0), 1.0)):
            simulate(world, given.trials, lambda line: print(line, flush=True))


if __name__ == "__main__":
    main()

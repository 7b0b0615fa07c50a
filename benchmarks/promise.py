"""Whether the promise of `eval calibrate` holds, what it lets pass, and when its breach is noticed.

Cases are drawn from the sandbox's cause tables and decided by the built-in decision tables on the
drawn facts: no HTTP, everything read rightly, nothing withheld; five past cases vote. For each seed
a calibration is learned from reviewed cases of before the first drift; its true error is that among
200,000 other draws, before the drift, after D1 and after D2. `broken` is the share of the seeds in
which it exceeds the target of 2%: at most 10% were promised. `alone` is the handbook's largest
share that a perfect scorer could pass with 98% right (0.7), `passes` what passes here, on average.

Of what passes a tenth is looked at again. Told are the share of the seeds in which that switches
anything off within 20,000 automatic decisions, and the medians of decisions and looks until then;
where the promise holds it is a false alarm.

With --files the same is told of results files of real runs over HTTP, `seed-N.past.jsonl` to learn
from and `seed-N.gold.jsonl` to judge by, all seeds together.

Run: python benchmarks/promise.py [--reviews 2000 8000] [--seeds 20] [--sop NAME …] [--files FOLDER]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median

import numpy as np
from drawn_facts import Deck
from procedures import PROCEDURES, Facts
from threadpoolctl import threadpool_limits

from casewright.calibration import Calibration, Slice
from casewright.wager import e_value
from evals.calibrate import Method, Wanted, calibrate
from evals.calibrate_reviews import from_results
from evals.results import load_results
from evals.scored import Scored
from sandbox.places import REGIONS
from sandbox.timeline import DRIFT_ONE, DRIFT_TWO

AT = datetime(2026, 1, 1, tzinfo=UTC)
WANTED = Wanted()
POPULATION = 200_000
HORIZON = 20_000
LOOKED = 0.1
ERAS = {"before": 0, "D1": DRIFT_ONE, "D2": DRIFT_TWO}

Population = Sequence[tuple[Facts, int, int]]


@dataclass(frozen=True)
class Passing:
    """What passes of an era: a row for each set of facts that does."""

    coverage: float
    error: float
    slices: tuple[Slice, ...]
    weights: tuple[float, ...]
    wrong: tuple[float, ...]


@dataclass(frozen=True)
class Alarm:
    """When a monitor switched something off: automatic decisions and looks until then."""

    decisions: int
    looks: int


def passing(deck: Deck, calibration: Calibration, population: Population) -> Passing:
    rows: list[tuple[Slice, float, float]] = []
    cases = sum(times for _, times, _ in population)
    for facts, times, right in population:
        profile = deck.profile(facts)
        confidence = calibration.confidence_of(profile)
        for region, share in REGIONS.items():
            slice_ = calibration.slice_of(profile.outcome, region)
            if slice_ and slice_.threshold is not None and confidence >= slice_.threshold:
                rows.append((slice_, share * times / cases, 1 - right / times))
    coverage = sum(weight for _, weight, _ in rows)
    error = sum(weight * wrong for _, weight, wrong in rows) / coverage if rows else 0.0
    slices, weights, wrong = zip(*rows, strict=True) if rows else ((), (), ())
    return Passing(coverage, error, slices, weights, wrong)


def watched(found: Passing, rng: np.random.Generator) -> Alarm | None:
    """The alarm of ``graphs.watch`` on a stream of automatic decisions, or None."""
    if not found.weights:
        return None
    weights = np.array(found.weights)
    drawn = rng.choice(len(weights), HORIZON, p=weights / weights.sum())
    looked = np.flatnonzero(rng.random(HORIZON) < LOOKED)
    errs = rng.random(HORIZON) < np.array(found.wrong)[drawn]
    names = [one.name for one in found.slices]
    alarm, count = 1 - WANTED.confidence, len(set(names))
    seen: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for looks, place in enumerate(looked.tolist(), start=1):
        for name, limit in (("", 2 / alarm), (names[drawn[place]], 2 * count / alarm)):
            seen[name][0] += 1
            seen[name][1] += int(errs[place])
            if e_value(*seen[name], WANTED.target) >= limit:
                return Alarm(place + 1, looks)
    return None


def of_drawn(
    deck: Deck, populations: dict[str, Population], reviews: int, seeds: int, method: Method
) -> str:
    found: dict[str, list[Passing]] = defaultdict(list)
    alarms: dict[str, list[Alarm | None]] = defaultdict(list)
    for seed in range(seeds):
        deck.shuffle(seed)
        reviewed = deck.draw(reviews, 0, seed)
        calibration = calibrate("drawn@1", reviewed, WANTED, author="b", at=AT, method=method)
        for era, population in populations.items():
            made = passing(deck, calibration, population)
            found[era].append(made)
            if made.coverage:
                alarms[era].append(watched(made, np.random.default_rng([seed, reviews])))
    before = found["before"]
    some = [one for one in before if one.coverage]
    broken = mean(one.error > WANTED.target for one in before)
    told = [f"{len(some):>3}/{seeds}", f"{mean(one.coverage for one in before):6.1%}"]
    told += [f"{broken:6.0%}", f"{mean([one.error for one in some] or [0]):6.2%}"]
    told.append(f"{mean([one is not None for one in alarms['before']] or [0]):5.0%}")
    for era in ("D1", "D2"):
        passed = [one.error for one in found[era] if one.coverage]
        rung = [one for one in alarms[era] if one]
        until = (median(a.decisions for a in rung), median(a.looks for a in rung)) if rung else ()
        told.append(f"{mean(passed or [0]):6.2%} {len(rung):>3}/{len(passed)}")
        told.append(f"{until[0]:>6.0f} {until[1]:>4.0f}" if until else "     -    -")
    return "  ".join(told)


def drawn(reviews: Sequence[int], seeds: int, only: Sequence[str], method: Method) -> None:
    drifted = "  ".join(f"wrong {era} off  until/looks" for era in ("D1", "D2"))
    head = f"some    passes  broken  wrong   false  {drifted}"
    print(f"{'SOP':<22} reviews  alone  {head}")
    for procedure in PROCEDURES:
        if only and procedure.name not in only:
            continue
        deck = Deck(procedure)
        populations = {era: deck.population(POPULATION, at) for era, at in ERAS.items()}
        for count in reviews:
            told = of_drawn(deck, populations, count, seeds, method)
            print(f"{procedure.name:<22} {count:>7}  {procedure.auto:5.0%}  {told}", flush=True)


def from_files(folder: Path) -> None:
    past, gold = (_by_version(folder, kind) for kind in ("past", "gold"))
    print(f"{'graph version':<42} reviews  passes  wrong  of cases  needed")
    for version, scored in sorted(past.items()):
        reviewed = from_results(scored, version)
        calibration = calibrate(version, reviewed, WANTED, author="b", at=AT)
        judged = from_results(gold.get(version, []), version)
        passed = [one for one in judged if _passes(calibration, one.profile)]
        wrong = sum(not one.right for one in passed)
        lacks = [f"{one.name} {one.needed or 'none'}" for one in calibration.slices
                 if one.threshold is None]  # fmt: skip
        print(
            f"{version:<42} {len(reviewed):>7} {len(passed):>7} {wrong:>6} {len(judged):>9}"
            f"  {', '.join(lacks) or '-'}"
        )


def _by_version(folder: Path, kind: str) -> dict[str, list[Scored]]:
    found: dict[str, list[Scored]] = defaultdict(list)
    for path in sorted(folder.glob(f"seed-*.{kind}.jsonl")):
        for one in load_results(path):
            if one.graph_version:
                found[one.graph_version].append(one)
    return found


def _passes(calibration: Calibration, profile: object) -> bool:
    from casewright.calibration import Standing
    from casewright.profile import Profile

    assert isinstance(profile, Profile)
    confidence = calibration.confidence_of(profile)
    return not Standing(calibration=calibration).objection(profile, confidence, AT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reviews", type=int, nargs="+", default=[2_000, 8_000])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--sop", nargs="*", default=[])
    parser.add_argument("--method", choices=["split", "cross"], default="split")
    parser.add_argument("--files", type=Path)
    given = parser.parse_args()
    if given.files:
        from_files(given.files)
        return
    with threadpool_limits(1):  # the regressions are small: threads would only wait
        drawn(given.reviews, given.seeds, given.sop, given.method)


if __name__ == "__main__":
    main()

"""Cases drawn from the sandbox's cause tables and decided by the built-in decision tables.

No HTTP, nothing withheld, every question read rightly: what is left is how often the table is right
and whether its confidence knows when.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from procedures import Facts, Procedure, drawn, loaded

from casewright.profile import Profile
from evals.calibrate_fit import Reviewed
from graphs.examples import example_outcome
from graphs.sop import Sop
from graphs.table import stability
from sandbox.places import REGIONS

PAST = 2_000
"""Closed cases that precedents are found among."""
SHOWN = 5
"""How many of them vote."""


class Deck:
    """Draws reviewed cases of one procedure; what the table says of a set of facts is kept.

    The vote is that of the five past cases whose facts differ least, as far as they are equally
    near in equal parts. The past cases are drawn anew with every shuffle, before the first drift.
    """

    def __init__(self, procedure: Procedure) -> None:
        self.procedure = procedure
        self.sop = loaded(procedure.name)
        self._decided: dict[Facts, Profile] = {}
        self._voted: dict[tuple[Facts, str], Profile] = {}
        self._past = np.zeros((0, 0), dtype=bool)
        self._ended = np.zeros(0, dtype=str)

    def shuffle(self, seed: int) -> None:
        """Draw the past cases anew."""
        drawn = list(self._drawn(PAST, 0, [seed, 1]))
        self._past = np.array([list(facts) for facts, _, _ in drawn])
        self._ended = np.array([right for _, _, right in drawn])
        self._voted = {}

    def draw(self, count: int, opened: int, seed: int) -> list[Reviewed]:
        """Draw cases opened at an epoch second, each of a party of its own."""
        found = []
        for number, (facts, region, right) in enumerate(self._drawn(count, opened, [seed, 2])):
            profile = self._profile(facts, region)
            agreed = profile.outcome == right
            found.append(Reviewed(profile, agreed, f"{seed}/{opened}/{number}", "simulation"))
        return found

    def population(self, count: int, opened: int) -> list[tuple[Facts, int, int]]:
        """How often each set of facts occurs among many cases, and how often it is decided rightly.

        The same for every shuffle: the table knows no past cases.
        """
        seen: Counter[Facts] = Counter()
        right: Counter[Facts] = Counter()
        for facts, _, word in self._drawn(count, opened, [0, 3]):
            seen[facts] += 1
            right[facts] += self._by_table(facts).outcome == word
        return [(facts, times, right[facts]) for facts, times in seen.items()]

    def profile(self, facts: Facts) -> Profile:
        """How the table and the past cases decide these facts, in no region."""
        return self._profile(facts, "")

    def _drawn(self, count: int, opened: int, seed: list[int]) -> Iterator[tuple[Facts, str, str]]:
        rng = np.random.default_rng([*seed, opened])
        self._names, cases = drawn(self.procedure, self.sop, count, opened, rng)
        regions = rng.choice(list(REGIONS), count, p=np.array(list(REGIONS.values()))).tolist()
        for (facts, right), region in zip(cases, regions, strict=True):
            yield facts, region, right

    def _profile(self, facts: Facts, region: str) -> Profile:
        if (facts, region) not in self._voted:
            plain = self._by_table(facts)
            vote = self._vote(facts, plain.outcome)
            update = {"region": region, "vote": vote, "effective": float(SHOWN)}
            update["conflicts"] = round(SHOWN * (1 - vote))
            self._voted[facts, region] = plain.model_copy(update=update)
        return self._voted[facts, region]

    def _vote(self, facts: Facts, outcome: str) -> float:
        apart = (self._past != np.array(facts)).sum(axis=1)
        agrees = self._ended == outcome
        votes, left = 0.0, float(SHOWN)
        for distance in np.unique(apart):
            ring = apart == distance
            taken = min(left, float(ring.sum()))
            votes, left = votes + taken * float(agrees[ring].mean()), left - taken
            if not left:
                break
        return votes / SHOWN

    def _by_table(self, facts: Facts) -> Profile:
        if facts not in self._decided:
            stated = dict(zip(self._names, facts, strict=True))
            values = {name: stated.get(name, unstated(self.sop, name)) for name in self.sop.factors}
            outcome, row = example_outcome(self.sop, stated)
            known = [name for name, value in values.items() if value is not None]
            self._decided[facts] = Profile(
                outcome=outcome,
                row=row,
                stability=stability(self.sop, values) if row else None,
                by=dict.fromkeys(known, "rule"),
                unknown=tuple(name for name in values if name not in known),
            )
        return self._decided[facts]


def unstated(sop: Sop, name: str) -> bool | None:
    spec = sop.factors[name].spec
    return False if spec.burden == "platform" and spec.answer_days == 0 else None

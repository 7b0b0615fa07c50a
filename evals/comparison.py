"""What a comparison of two versions says: its sides, differences, slices, flips and verdict."""

from __future__ import annotations

from typing import Literal

from casewright.base import Model
from casewright.cost import Cost
from evals.loss_compared import LossDifference
from evals.metrics import Rate

Verdict = Literal["better", "not worse", "worse", "undecided"]
Change = Literal["won", "lost", "other"]


class Side(Model):
    """One of the two files.

    Attributes:
        name: The file.
        graph_versions: The versions that ran.
        n: Cases in it.
        only: Of them those that the other file has not; they are left out.
        errors: Of the shared cases those that ended in an error, which is never right.
        cost: What the model calls for the shared cases used.
        currency: Currency of that money, or empty.
    """

    name: str
    graph_versions: tuple[str, ...]
    n: int
    only: int
    errors: int = 0
    cost: Cost = Cost()
    currency: str = ""


class Difference(Model):
    """A measure of both versions on the shared cases, and by how much it differs.

    Attributes:
        measure: Which.
        champion: The champion's rate, with a Wilson interval of its own.
        challenger: The challenger's.
        value: Challenger minus champion; None where one has no denominator.
        low: Lower end of the 95% percentile bootstrap interval by seller; None also where there
            is but one seller, who says nothing about others.
        high: Its upper end.
    """

    measure: str
    champion: Rate
    challenger: Rate
    value: float | None
    low: float | None
    high: float | None


class Pairs(Model):
    """What the pairs of some cases say about their first look.

    Attributes:
        n: Cases.
        sellers: Sellers they belong to.
        lost: Right at the first look by the champion alone.
        won: By the challenger alone.
        p_mcnemar: McNemar's exact test, two-sided: cases taken as independent.
        p: The same with whole sellers swapped, which is what decides.
        low: What the difference is at least, one-sided at 95%: the lower of the bootstrap's 5%
            quantile and Tango's score bound; -1 with one seller.
        margin: The greatest loss that does not matter.
        not_inferior: Whether ``low`` is above -margin.
    """

    n: int
    sellers: int
    lost: int
    won: int
    p_mcnemar: float
    p: float
    low: float
    margin: float
    not_inferior: bool


class PartCompared(Model):
    """The first look in one slice.

    Attributes:
        dimension: One of ``evals.slices.dimensions_of``, such as ``region``.
        value: Which part.
        first_look: The measure there.
        pairs: Its pairs.
        p_holm: ``pairs.p``, adjusted over all slices.
        named: ``worse``: significantly, and not shown to be within the margin; ``not shown``: at
            least 30 cases, and not shown to be non-inferior; else empty.
        measures: The other measures there; empty under 30 cases.
    """

    dimension: str
    value: str
    first_look: Difference
    pairs: Pairs
    p_holm: float
    named: Literal["worse", "not shown", ""]
    measures: tuple[Difference, ...] = ()

    @property
    def name(self) -> str:
        """``dimension value``."""
        return f"{self.dimension} {self.value}"


class Flip(Model):
    """A case that the two versions judged differently.

    Attributes:
        seed: The simulated world of the case, or None.
        case_id: The case.
        gold: The right outcome.
        champion: What the champion predicted.
        challenger: What the challenger predicted.
        change: ``won`` or ``lost`` at the first look; ``other``: as right or wrong as before.
        explain: The command that tells why, once the case has been investigated.
    """

    seed: int | None
    case_id: str
    gold: str
    champion: str
    challenger: str
    change: Change
    explain: str


class Needed(Model):
    """How many more gold cases would settle what is undecided, with power 0.80.

    Both hold if the difference and the share of pairs that differ are as seen here.

    Attributes:
        to_tell: To find the difference significant; None where there is none.
        to_accept: To show non-inferiority; None where the loss is beyond the margin.
        design_effect: By how much the cases of one seller being alike raises both.
    """

    to_tell: int | None
    to_accept: int | None
    design_effect: float


class Comparison(Model):
    """A challenger beside the champion, on the gold cases that both judged.

    Attributes:
        champion: The one file.
        challenger: The other.
        measures: First look, accuracy, coverage, then precision and recall by outcome.
        pairs: The pairs of all shared cases.
        parts: The first look by slice.
        flips: Cases judged differently: lost ones first, then won ones, then others.
        verdict: See the module.
        reason: The same in words.
        needed: Where the verdict is ``undecided``.
        losses: What wrong and undecided cases cost, of all cases and then by slice of at least 30;
            empty where nobody states costs.
    """

    champion: Side
    challenger: Side
    measures: tuple[Difference, ...]
    pairs: Pairs
    parts: tuple[PartCompared, ...]
    flips: tuple[Flip, ...]
    verdict: Verdict
    reason: str
    needed: Needed | None = None
    losses: tuple[LossDifference, ...] = ()

    @property
    def worse_parts(self) -> tuple[PartCompared, ...]:
        """The slices that got worse."""
        return tuple(part for part in self.parts if part.named == "worse")

    @property
    def refused(self) -> bool:
        """Whether the challenger is worse, on all cases or in a slice."""
        return self.verdict == "worse" or bool(self.worse_parts)

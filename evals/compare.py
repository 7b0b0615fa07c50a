"""Whether a challenger version is better than the champion: both judged the same gold cases.

The measure that decides is the first look: right, or asked rightly, of all cases. The challenger is

- ``better`` where the 95% interval of the difference lies above 0 and the swap test is under 0.05,
- ``worse`` where both say so below 0, unless the loss is shown to be within the margin,
- ``not worse`` where neither holds and non-inferiority is shown,
- ``undecided`` otherwise.

Slices are held to the same, their p-values adjusted by Holm's method over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from casewright.base import Model
from casewright.cost import Cost, total
from casewright.errors import UsageError
from casewright.models import GoldCase
from evals.metrics import DIMENSIONS, ERROR, SLICE_MINIMUM, Rate, Scored, outcome_scores
from evals.paired import (
    Ends,
    cases_to_accept,
    cases_to_tell,
    design_effect,
    differences,
    holm,
    mcnemar,
    percentile_ends,
    score_low,
    swap_test,
)
from evals.results import Key, key_of

if TYPE_CHECKING:
    from evals.paired import Counts, Floats

Verdict = Literal["better", "not worse", "worse", "undecided"]
Change = Literal["won", "lost", "other"]
Pair = tuple[Scored, Scored]
Share = Callable[[Scored], tuple[bool, bool]]
"""Whether a case counts in a measure's numerator, and in its denominator."""

ALPHA = 0.05
PARTS: Mapping[str, Callable[[GoldCase], str]] = {
    **DIMENSIONS,
    "outcome": lambda gold: gold.outcome,
}
"""What the cases are sliced by: the dimensions of a report, and the gold outcome."""


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
        dimension: ``case_type``, ``region``, ``channel``, ``language``, or ``outcome`` (of gold).
        value: Which part.
        first_look: The measure there.
        pairs: Its pairs.
        p_holm: ``pairs.p``, adjusted over all slices.
        named: ``worse``: significantly, and not shown to be within the margin; ``not shown``: at
            least 30 cases, and not shown to be non-inferior; else empty.
    """

    dimension: str
    value: str
    first_look: Difference
    pairs: Pairs
    p_holm: float
    named: Literal["worse", "not shown", ""]

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

    @property
    def worse_parts(self) -> tuple[PartCompared, ...]:
        """The slices that got worse."""
        return tuple(part for part in self.parts if part.named == "worse")

    @property
    def refused(self) -> bool:
        """Whether the challenger is worse, on all cases or in a slice."""
        return self.verdict == "worse" or bool(self.worse_parts)


@dataclass(frozen=True)
class _Row:
    """A measure on some of the pairs, with its bootstrap samples still to come."""

    measure: str
    share: Share
    words: str
    pairs: Sequence[Pair]


def compare(
    champion: Sequence[Scored],
    challenger: Sequence[Scored],
    *,
    margin: float = 0.02,
    names: tuple[str, str] = ("champion", "challenger"),
    explain: Callable[[GoldCase], str] = lambda gold: f"casewright sop explain {gold.case_id}",
) -> Comparison:
    """Compare two versions, case by case.

    Args:
        champion: What the version in use made of the gold cases.
        challenger: What the other one made of them.
        margin: The greatest loss of first-look accuracy that does not matter, 0 to 1.
        names: What the two are called, such as their files.
        explain: The command that tells why a case was decided so.

    Raises:
        UsageError: no case is in both, or a case's gold is not the same in both.
    """
    pairs = paired(champion, challenger)
    parts = _parts(pairs)
    rows = [*_measures(pairs), *(_first_look(some) for some in parts.values())]
    samples = differences(_counts(rows, pairs))
    told = [_difference(*both) for both in zip(rows, percentile_ends(samples, 0.95), strict=True)]
    first = len(rows) - len(parts)
    whole = _pairs(pairs, samples[:, 0], margin)
    sliced = _named(parts, told[first:], samples[:, first:], margin)
    verdict = _verdict(whole, told[0])
    return Comparison(
        champion=_side(names[0], champion, [one for one, _ in pairs]),
        challenger=_side(names[1], challenger, [other for _, other in pairs]),
        measures=tuple(told[:first]),
        pairs=whole,
        parts=sliced,
        flips=_flips(pairs, explain),
        verdict=verdict,
        reason=_reason(verdict, whole, told[0], sliced),
        needed=_needed(whole, samples[:, 0]) if verdict == "undecided" else None,
    )


def paired(champion: Iterable[Scored], challenger: Iterable[Scored]) -> tuple[Pair, ...]:
    """The cases that both have judged, by world and id, in the champion's order.

    Raises:
        UsageError: there is none, or the gold of a case is not the same in both.
    """
    others: dict[Key, Scored] = {key_of(one.gold): one for one in challenger}
    pairs = tuple((one, others[key_of(one.gold)]) for one in champion if key_of(one.gold) in others)
    if not pairs:
        raise UsageError(
            "The two files have no gold case in common.",
            remedy="Run both versions on the same gold file, or the same --seed.",
        )
    for one, other in pairs:
        _require_same(one.gold, other.gold)
    return pairs


def _require_same(one: GoldCase, other: GoldCase) -> None:
    for name in ("outcome", "ask", "as_of"):
        if getattr(one, name) != getattr(other, name):
            world = "" if one.seed is None else f" of seed {one.seed}"
            raise UsageError(
                f"The two files have different gold for {one.case_id!r}{world}: its {name} is"
                f" {_written(one, name)} in the champion's, {_written(other, name)} in the other.",
                remedy="Run both versions on the same gold file.",
            )


def _written(gold: GoldCase, name: str) -> str:
    value = gold.model_dump(mode="json")[name]
    return ", ".join(value) or "nothing" if isinstance(value, list) else str(value)


def right_at_first(one: Scored) -> bool:
    """Whether the case was right at the first look: decided rightly, or asked rightly."""
    return one.right or one.asked_rightly


def _measures(pairs: Sequence[Pair]) -> list[_Row]:
    every = [one for pair in pairs for one in pair]
    rows = [
        _first_look(pairs),
        _Row(
            "accuracy",
            lambda one: (one.decided and one.right, one.decided),
            "decided cases have the gold outcome",
            pairs,
        ),
        _Row("coverage", lambda one: (one.decided, True), "cases were decided", pairs),
    ]
    for score in outcome_scores(every):
        rows += _of_outcome(score.outcome, pairs)
    return rows


def _first_look(pairs: Sequence[Pair]) -> _Row:
    words = "cases were right at the first look"
    return _Row("first look", lambda one: (right_at_first(one), True), words, pairs)


def _of_outcome(outcome: str, pairs: Sequence[Pair]) -> tuple[_Row, _Row]:
    """Precision and recall, as ``evals.metrics.outcome_scores`` defines them."""

    def precision(one: Scored) -> tuple[bool, bool]:
        return one.predicted == outcome and one.right, one.predicted == outcome

    def recall(one: Scored) -> tuple[bool, bool]:
        due = one.gold.outcome == outcome and not one.asked_rightly
        return due and one.right, due

    return (
        _Row(f"precision of {outcome}", precision, f"predictions of {outcome} were right", pairs),
        _Row(f"recall of {outcome}", recall, f"gold cases of {outcome} were found", pairs),
    )


def _parts(pairs: Sequence[Pair]) -> dict[tuple[str, str], list[Pair]]:
    parts: dict[tuple[str, str], list[Pair]] = {}
    for dimension, key in PARTS.items():
        for pair in sorted(pairs, key=lambda pair: key(pair[0].gold)):
            parts.setdefault((dimension, key(pair[0].gold)), []).append(pair)
    return parts


def _counts(rows: Sequence[_Row], pairs: Sequence[Pair]) -> Counts:
    """Numerators and denominators by seller and measure, as ``differences`` takes them."""
    import numpy as np

    sellers = {seller: place for place, seller in enumerate(sorted(set(map(_seller, pairs))))}
    counts = np.zeros((len(sellers), len(rows), 4), dtype=np.int64)
    for number, row in enumerate(rows):
        for pair in row.pairs:
            counts[sellers[_seller(pair)], number] += (*row.share(pair[0]), *row.share(pair[1]))
    return counts


def _seller(pair: Pair) -> tuple[int, str]:
    """The seller of a pair; every simulated world has sellers of its own."""
    gold = pair[0].gold
    return (-1 if gold.seed is None else gold.seed), gold.seller_id


def _difference(row: _Row, ends: Ends) -> Difference:
    champion, challenger = (_rate(row, [pair[side] for pair in row.pairs]) for side in (0, 1))
    value = None
    if champion.value is not None and challenger.value is not None:
        value = challenger.value - champion.value
    if value is None or len(set(map(_seller, row.pairs))) < 2:
        ends = Ends(None, None)
    return Difference(
        measure=row.measure,
        champion=champion,
        challenger=challenger,
        value=value,
        low=ends.low,
        high=ends.high,
    )


def _rate(row: _Row, scored: Sequence[Scored]) -> Rate:
    shares = [row.share(one) for one in scored]
    return Rate.of(sum(hit for hit, _ in shares), sum(due for _, due in shares), row.words)


def _pairs(pairs: Sequence[Pair], samples: Floats, margin: float) -> Pairs:
    net: dict[tuple[int, str], int] = {}
    lost = won = 0
    for pair in pairs:
        before, after = map(right_at_first, pair)
        lost, won = lost + (before and not after), won + (after and not before)
        net[_seller(pair)] = net.get(_seller(pair), 0) + after - before
    low = _at_least(lost, won, len(pairs), len(net), samples)
    return Pairs(
        n=len(pairs),
        sellers=len(net),
        lost=lost,
        won=won,
        p_mcnemar=mcnemar(lost, won),
        p=swap_test(list(net.values())),
        low=low,
        margin=margin,
        not_inferior=low > -margin,
    )


def _at_least(lost: int, won: int, n: int, sellers: int, samples: Floats) -> float:
    """The lower of both one-sided bounds.

    The bootstrap's alone says that nothing was lost where nothing differs, were there but ten
    cases; the score bound alone would not know of sellers.
    """
    if sellers < 2:
        return -1.0
    (ends,) = percentile_ends(samples[:, None], 0.90)
    # Bessel's correction: sellers drawn with replacement vary less than sellers do.
    effect = design_effect(samples, lost, won, n) * sellers / (sellers - 1)
    bound = score_low(lost, won, n, effect=effect)
    return bound if ends.low is None else min(ends.low, bound)


def _named(
    parts: Mapping[tuple[str, str], Sequence[Pair]],
    told: Sequence[Difference],
    samples: Floats,
    margin: float,
) -> tuple[PartCompared, ...]:
    found = [_pairs(some, samples[:, place], margin) for place, some in enumerate(parts.values())]
    adjusted = holm([one.p for one in found])
    return tuple(
        PartCompared(
            dimension=dimension,
            value=value,
            first_look=difference,
            pairs=pairs,
            p_holm=p,
            named=_name(pairs, difference, p),
        )
        for (dimension, value), difference, pairs, p in zip(
            parts, told, found, adjusted, strict=True
        )
    )


def _name(pairs: Pairs, difference: Difference, p: float) -> Literal["worse", "not shown", ""]:
    if pairs.not_inferior:
        return ""
    if _direction(difference, p) < 0:
        return "worse"
    return "not shown" if pairs.n >= SLICE_MINIMUM else ""


def _direction(difference: Difference, p: float) -> int:
    """1 or -1 where the difference is significant by test and interval, else 0."""
    low, high = difference.low, difference.high
    if p > ALPHA or low is None or high is None:
        return 0
    return (low > 0) - (high < 0)


def _verdict(pairs: Pairs, first_look: Difference) -> Verdict:
    direction = _direction(first_look, pairs.p)
    if direction > 0:
        return "better"
    if pairs.not_inferior:
        return "not worse"
    return "worse" if direction < 0 else "undecided"


def _reason(
    verdict: Verdict, pairs: Pairs, first_look: Difference, parts: Sequence[PartCompared]
) -> str:
    worse = [part.name for part in parts if part.named == "worse"]
    return f"{_overall(verdict, pairs, first_look)} {_in_parts(worse)}".rstrip()


def _overall(verdict: Verdict, pairs: Pairs, first_look: Difference) -> str:
    if not pairs.lost + pairs.won:
        seen = f"Nothing changed: in {pairs.n} cases no first look got better or worse."
    else:
        seen = (
            f"Of {pairs.n} cases {pairs.won} were won and {pairs.lost} lost at the first look:"
            f" {points(first_look.value)} points ({points(first_look.low)} to"
            f" {points(first_look.high)}; p = {pairs.p:.2g})."
        )
    bound = f"at worst {points(pairs.low)} points, the margin being {points(-pairs.margin)}"
    return (
        f"{seen} "
        + {
            "better": "That is more than chance.",
            "worse": f"That is more than chance, and not shown to be within the margin: {bound}.",
            "not worse": f"It is shown not to be worse by more than the margin: {bound}.",
            "undecided": f"Neither a gain nor a loss nor non-inferiority is shown: {bound}.",
        }[verdict]
    )


def _in_parts(worse: Sequence[str]) -> str:
    return f"But it got worse in {', '.join(worse)}: it is refused." if worse else ""


def points(difference: float | None) -> str:
    """A difference in percentage points with its sign, such as ``+1.5``."""
    return "unknown" if difference is None else f"{round(100 * difference, 1) + 0.0:+.1f}"


def _needed(pairs: Pairs, samples: Floats) -> Needed:
    difference = (pairs.won - pairs.lost) / pairs.n
    differing = (pairs.won + pairs.lost) / pairs.n
    effect = design_effect(samples, pairs.lost, pairs.won, pairs.n)
    tell = cases_to_tell(difference, differing, effect=effect)
    accept = cases_to_accept(difference, differing, pairs.margin, effect=effect)
    more = [None if needed is None else max(1, needed - pairs.n) for needed in (tell, accept)]
    return Needed(to_tell=more[0], to_accept=more[1], design_effect=effect)


def _flips(pairs: Iterable[Pair], explain: Callable[[GoldCase], str]) -> tuple[Flip, ...]:
    flips = [_flip(*pair, explain(pair[0].gold)) for pair in pairs if _differ(*pair)]
    order: tuple[Change, ...] = ("lost", "won", "other")
    return tuple(sorted(flips, key=lambda flip: order.index(flip.change)))


def _differ(one: Scored, other: Scored) -> bool:
    return one.predicted != other.predicted or right_at_first(one) != right_at_first(other)


def _flip(one: Scored, other: Scored, explain: str) -> Flip:
    gained = right_at_first(other) - right_at_first(one)
    return Flip(
        seed=one.gold.seed,
        case_id=one.gold.case_id,
        gold=one.gold.outcome,
        champion=one.predicted,
        challenger=other.predicted,
        change="won" if gained > 0 else "lost" if gained < 0 else "other",
        explain=explain,
    )


def _side(name: str, all_of_it: Sequence[Scored], shared: Sequence[Scored]) -> Side:
    return Side(
        name=name,
        graph_versions=tuple(sorted({one.graph_version for one in all_of_it} - {""})),
        n=len(all_of_it),
        only=len(all_of_it) - len(shared),
        errors=sum(one.predicted == ERROR for one in shared),
        cost=total(one.cost for one in shared),
        currency=next((one.currency for one in shared if one.currency), ""),
    )

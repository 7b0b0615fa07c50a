"""Whether a challenger version is better than the champion: both judged the same gold cases.

The measure that decides is the first look: right, or asked rightly, of all cases. The challenger is

- ``better`` where the 95% interval of the difference lies above 0 and the swap test is under 0.05,
- ``worse`` where both say so below 0, unless the loss is shown to be within the margin,
- ``not worse`` where neither holds and non-inferiority is shown,
- ``undecided`` otherwise.

Slices are held to the same, their p-values adjusted by Holm's method over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from casewright.bootstrap import Ends, percentile_ends
from casewright.cost import total
from casewright.errors import UsageError
from casewright.models import GoldCase
from evals.comparison import (
    Change,
    Comparison,
    Difference,
    Flip,
    Needed,
    Pairs,
    PartCompared,
    Side,
)
from evals.loss_compared import LossDifference, loss_differences
from evals.measures import MetricContext
from evals.metrics import Rate, outcome_scores
from evals.outcomes import due
from evals.paired import (
    cases_to_accept,
    cases_to_tell,
    design_effect,
    differences,
    holm,
    mcnemar,
    score_low,
    swap_test,
)
from evals.results import Key, key_of
from evals.scored import ERROR, Scored
from evals.sellers import Seller, seller_of
from evals.slices import SLICE_MINIMUM, UNKNOWN, dimensions_of
from evals.verdict import named_of, reason_of, verdict_of

if TYPE_CHECKING:
    from evals.paired import Counts, Floats

Pair = tuple[Scored, Scored]
Share = Callable[[Scored], tuple[bool, bool]]
"""Whether a case counts in a measure's numerator, and in its denominator."""


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
    context: MetricContext | None = None,
    explain: Callable[[GoldCase], str] = lambda gold: f"casewright sop explain {gold.case_id}",
) -> Comparison:
    """Compare two versions, case by case.

    Args:
        champion: What the version in use made of the gold cases.
        challenger: What the other one made of them.
        margin: The greatest loss of first-look accuracy that does not matter, 0 to 1.
        names: What the two are called, such as their files.
        context: What wrong decisions cost; None: nobody says.
        explain: The command that tells why a case was decided so.

    Raises:
        UsageError: no case is in both, or a case's gold is not the same in both.
    """
    pairs = paired(champion, challenger)
    parts = _parts(pairs)
    large = {name: some for name, some in parts.items() if len(some) >= SLICE_MINIMUM}
    deeper = {name: _measures(some)[1:] for name, some in large.items()}
    rows = [*_measures(pairs), *(_first_look(some) for some in parts.values())]
    first = len(rows) - len(parts)
    inner = [row for some in deeper.values() for row in some]
    samples = differences(_counts([*rows, *inner], pairs))
    ends = percentile_ends(samples, 0.95)
    told = [_difference(*both) for both in zip([*rows, *inner], ends, strict=True)]
    whole = _pairs(pairs, samples[:, 0], margin)
    sliced = _named(parts, told[first : len(rows)], samples[:, first:], margin)
    sliced = _deepened(sliced, deeper, iter(told[len(rows) :]))
    verdict = verdict_of(whole, told[0])
    return Comparison(
        champion=_side(names[0], champion, [one for one, _ in pairs]),
        challenger=_side(names[1], challenger, [other for _, other in pairs]),
        measures=tuple(told[:first]),
        pairs=whole,
        parts=sliced,
        flips=_flips(pairs, explain),
        verdict=verdict,
        reason=reason_of(verdict, whole, told[0], sliced),
        needed=_needed(whole, samples[:, 0]) if verdict == "undecided" else None,
        losses=_losses(pairs, large, context),
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
        wanted = due(one) == outcome and not one.asked_rightly
        return wanted and one.right, wanted

    return (
        _Row(f"precision of {outcome}", precision, f"predictions of {outcome} were right", pairs),
        _Row(f"recall of {outcome}", recall, f"gold cases of {outcome} were found", pairs),
    )


def _parts(pairs: Sequence[Pair]) -> dict[tuple[str, str], list[Pair]]:
    """The slices of a report; what the run has to show, the champion's shows."""
    parts: dict[tuple[str, str], list[Pair]] = {}
    for dimension, key in dimensions_of(one for one, _ in pairs).items():
        for pair in sorted(pairs, key=lambda pair: key(pair[0])):
            parts.setdefault((dimension, key(pair[0])), []).append(pair)
    return {name: some for name, some in parts.items() if name[1] != UNKNOWN}


def _counts(rows: Sequence[_Row], pairs: Sequence[Pair]) -> Counts:
    """Numerators and denominators by seller and measure, as ``differences`` takes them."""
    import numpy as np

    sellers = {seller: place for place, seller in enumerate(sorted(set(map(_seller, pairs))))}
    counts = np.zeros((len(sellers), len(rows), 4), dtype=np.int64)
    for number, row in enumerate(rows):
        for pair in row.pairs:
            counts[sellers[_seller(pair)], number] += (*row.share(pair[0]), *row.share(pair[1]))
    return counts


def _seller(pair: Pair) -> Seller:
    return seller_of(pair[0].gold)


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
    net: dict[Seller, int] = {}
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
            named=named_of(pairs, difference, p),
        )
        for (dimension, value), difference, pairs, p in zip(
            parts, told, found, adjusted, strict=True
        )
    )


def _deepened(
    parts: Sequence[PartCompared],
    deeper: Mapping[tuple[str, str], Sequence[_Row]],
    told: Iterator[Difference],
) -> tuple[PartCompared, ...]:
    """The slices with their other measures, which come in the order of ``deeper``."""
    found = {name: tuple(islice(told, len(rows))) for name, rows in deeper.items()}
    return tuple(
        part.model_copy(update={"measures": found.get((part.dimension, part.value), ())})
        for part in parts
    )


def _losses(
    pairs: Sequence[Pair],
    large: Mapping[tuple[str, str], Sequence[Pair]],
    context: MetricContext | None,
) -> tuple[LossDifference, ...]:
    if context is None:
        return ()
    named = {" ".join(name): some for name, some in large.items()}
    return loss_differences({"": pairs, **named}, context)


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

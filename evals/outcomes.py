"""How well each outcome is found, and the shares of cases that were decided, right or asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from casewright.base import Model
from casewright.models import REQUEST_INFORMATION
from evals.rates import Rate
from evals.scored import UNDECIDED, Scored
from evals.sellers import Seller, Sum, seller_of


class OutcomeScore(Model):
    """How well one outcome is found.

    Attributes:
        outcome: The outcome.
        precision: Predicted and gold, of the predicted.
        recall: Predicted and gold, of the gold cases that were not asked about rightly.
        f1: Harmonic mean of precision and recall.
        support: Gold cases of this outcome, all of them.
        asked_rightly: Those of them where the run asked for a withheld record.
    """

    outcome: str
    precision: Rate
    recall: Rate
    f1: Rate
    support: int
    asked_rightly: int


def coverage(scored: Sequence[Scored]) -> Rate:
    """Decided (not ``request_information``, ``escalate`` or ``error``) / entered."""
    return Rate.over(scored, lambda one: (one.decided, 1), "cases that entered were decided")


def accuracy(scored: Sequence[Scored]) -> Rate:
    """Decided and right / decided."""
    words = "decided cases have the gold outcome"
    return Rate.over(scored, lambda one: (one.decided and one.right, one.decided), words)


def first_look(scored: Sequence[Scored]) -> Rate:
    """Right, or asked rightly / entered."""
    words = "cases were right at the first look"
    return Rate.over(scored, lambda one: (one.right or one.asked_rightly, 1), words)


def appropriate(scored: Sequence[Scored]) -> Rate:
    """Asked rightly, or right to ask / sent to ``request_information``."""

    def share(one: Scored) -> tuple[int, int]:
        asked = one.predicted == REQUEST_INFORMATION
        return asked and (one.asked_rightly or one.right), asked

    return Rate.over(scored, share, "requests named a record that had been withheld")


def outcome_scores(scored: Sequence[Scored]) -> tuple[OutcomeScore, ...]:
    """Precision, recall and F1 of every outcome that a gold case or a decision names.

    Precision of o is (predicted o and gold o) / predicted o. Recall of o is (predicted o and gold
    o) / gold o, where gold cases that were asked about rightly are left out of the denominator. A
    case whose prediction is another acceptable outcome counts as a gold case of that one.
    """
    found: dict[str, dict[Seller, _Tally]] = {one.gold.outcome: {} for one in scored}
    for one in scored:
        for outcome in dict.fromkeys((due(one), one.predicted)):
            tallies = found.setdefault(outcome, {})
            tallies.setdefault(seller_of(one.gold), _Tally()).add(one, outcome)
    named = {one.gold.outcome for one in scored} | {one.predicted for one in scored if one.decided}
    return tuple(_outcome_score(name, tuple(found[name].values())) for name in sorted(named))


def confusion(scored: Sequence[Scored]) -> dict[str, dict[str, int]]:
    """Counts by gold outcome and predicted outcome, zeros included."""
    cells = Counter((one.gold.outcome, one.predicted) for one in scored)
    gold = sorted({outcome for outcome, _ in cells})
    predicted = sorted({o for cell in cells for o in cell} - set(UNDECIDED))
    return {row: {col: cells[row, col] for col in (*predicted, *UNDECIDED)} for row in gold}


def due(one: Scored) -> str:
    """The outcome that a case was to be found as: the predicted one, where that is acceptable."""
    return one.predicted if one.right else one.gold.outcome


@dataclass
class _Tally:
    """What a seller's cases have of one outcome."""

    hits: int = 0
    said: int = 0
    wanted: int = 0
    asked_rightly: int = 0

    def add(self, one: Scored, outcome: str) -> None:
        said, wanted = one.predicted == outcome, due(one) == outcome
        self.hits += said and one.right
        self.said += said
        self.wanted += wanted
        self.asked_rightly += wanted and one.asked_rightly

    @property
    def to_find(self) -> int:
        return self.wanted - self.asked_rightly


def _outcome_score(outcome: str, tallies: Sequence[_Tally]) -> OutcomeScore:
    def rate(out_of: Callable[[_Tally], int], words: str) -> Rate:
        return Rate.summed([Sum(one.hits, out_of(one)) for one in tallies if out_of(one)], words)

    either = [Sum(one.hits, one.said + one.to_find - one.hits) for one in tallies]
    return OutcomeScore(
        outcome=outcome,
        precision=rate(lambda one: one.said, f"predictions of {outcome} were right"),
        recall=rate(lambda one: one.to_find, f"gold cases of {outcome} were found"),
        f1=Rate.f1([one for one in either if one.n]),
        support=sum(one.wanted for one in tallies),
        asked_rightly=sum(one.asked_rightly for one in tallies),
    )

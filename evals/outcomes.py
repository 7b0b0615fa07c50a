"""How well each outcome is found, and the shares of cases that were decided, right or asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from casewright.base import Model
from casewright.models import REQUEST_INFORMATION
from evals.rates import Rate
from evals.scored import UNDECIDED, Scored
from evals.sellers import sums


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
    named = {one.gold.outcome for one in scored}
    named |= {one.predicted for one in scored if one.decided}
    return tuple(_outcome_score(outcome, scored) for outcome in sorted(named))


def confusion(scored: Sequence[Scored]) -> dict[str, dict[str, int]]:
    """Counts by gold outcome and predicted outcome, zeros included."""
    cells = Counter((one.gold.outcome, one.predicted) for one in scored)
    gold = sorted({outcome for outcome, _ in cells})
    predicted = sorted({o for cell in cells for o in cell} - set(UNDECIDED))
    return {row: {col: cells[row, col] for col in (*predicted, *UNDECIDED)} for row in gold}


def due(one: Scored) -> str:
    """The outcome that a case was to be found as: the predicted one, where that is acceptable."""
    return one.predicted if one.right else one.gold.outcome


def _outcome_score(outcome: str, scored: Sequence[Scored]) -> OutcomeScore:
    def predicted(one: Scored) -> tuple[int, int]:
        said = one.predicted == outcome
        return said and one.right, said

    def found(one: Scored) -> tuple[int, int]:
        wanted = due(one) == outcome and not one.asked_rightly
        return wanted and one.right, wanted

    def either(one: Scored) -> tuple[int, int]:
        (hit, said), (_, wanted) = predicted(one), found(one)
        return hit, said + wanted - hit

    gold = [one for one in scored if due(one) == outcome]
    return OutcomeScore(
        outcome=outcome,
        precision=Rate.over(scored, predicted, f"predictions of {outcome} were right"),
        recall=Rate.over(scored, found, f"gold cases of {outcome} were found"),
        f1=Rate.f1(sums(scored, either)),
        support=len(gold),
        asked_rightly=sum(one.asked_rightly for one in gold),
    )

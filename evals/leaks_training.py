"""What a classifier learned from: whether it was taught the answer of a case that it reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from agents.trained import Classifier, learned_name
from casewright.models import GoldCase
from evals.leaks import Leak, Suite
from graphs.sop import Sop


def taught(suite: Suite, sop: Sop) -> Iterator[Leak]:
    """Cases that a classifier learned from and would answer for.

    A classifier answers no case of before its training, so one that learned from a case cannot
    answer for it as of a moment before that was settled.

    Args:
        suite: The gold cases; those of other types are passed over.
        sop: Their procedure, with its classifiers.
    """
    for gold in _of(suite, sop):
        name = learned_name(gold.case_id)
        factors = [f for f, one in _answering(gold, sop) if name in one.learned_cases]
        if factors:
            told = f"the classifiers of {', '.join(factors)} learned from it, and answer for it"
            yield Leak.of(gold, "training", told)


def told_of_training(suite: Suite, sop: Sop) -> Iterator[str]:
    """What is worth knowing of an SOP's classifiers: who abstains, and who knows the sellers."""
    abstaining: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for gold in _of(suite, sop):
        answering = dict(_answering(gold, sop))
        abstaining.update(sop.classifiers.keys() - answering.keys())
        name = learned_name(gold.seller_id)
        known.update(f for f, one in answering.items() if name in one.learned_sellers)
    for factor, count in sorted(abstaining.items()):
        yield (
            f"{sop.name}: the classifier of {factor} abstains in {count} cases, "
            "which are of before its training"
        )
    for factor, count in sorted(known.items()):
        yield (
            f"{sop.name}: the classifier of {factor} learned from earlier cases of the sellers of "
            f"{count} cases: it may do worse on sellers it has never seen"
        )
    unsaid = sorted(f for f, one in sop.classifiers.items() if not one.learned_cases)
    if unsaid:
        yield (
            f"{sop.name}: the classifiers of {', '.join(unsaid)} do not say what they learned "
            "from: `casewright kb train` makes ones that do"
        )


def _of(suite: Suite, sop: Sop) -> Iterable[GoldCase]:
    return (one for one in suite.gold if one.case_type == sop.spec.case_type)


def _answering(gold: GoldCase, sop: Sop) -> Iterator[tuple[str, Classifier]]:
    return ((f, one) for f, one in sop.classifiers.items() if one.until < gold.as_of)

"""The classifier reader: answers where past cases leave little doubt, and says how sure it is.

It answers a question that a classifier was trained for, quotes the sentence that speaks most for
its answer, and abstains below its threshold, where no sentence speaks for the answer, and on a case
of before its training.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from agents.features import QUOTED, Featurizer, Said, document, sentences
from agents.reading import Answer, Errand, Question, Reading
from agents.trained import Classifier
from casewright.models import Opinion
from knowledge_base.embedding import Embeddings


class ClassifierReader:
    """Answers the questions that carry a classifier.

    Args:
        embeddings: The models at hand for sentence vectors.
    """

    def __init__(self, embeddings: Embeddings) -> None:
        self._embeddings = embeddings
        self._featurizers: dict[str, Featurizer] = {}

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        """Answer what is plain; see :meth:`agents.reading.Reader.read`.

        Raises:
            CasewrightError: the embedding model cannot be loaded or asked.
        """
        asked = [(one, one.classifier) for one in questions if one.classifier is not None]
        if not asked:
            return Reading()
        said = await asyncio.to_thread(lambda: [self._said(*one, errand) for one in asked])
        return Reading(
            answers=tuple(one for one in said if isinstance(one, Answer)),
            opinions=tuple(one for one in said if isinstance(one, Opinion)),
        )

    def _said(self, question: Question, trained: Classifier, errand: Errand) -> Answer | Opinion:
        abstains = Opinion(factor=question.factor, by="classifier")
        if errand.as_of <= trained.until:
            return _because(abstains, "learned from cases that closed later")
        featurizer = self._featurizer(trained)
        if featurizer is None:
            reason = f"its embedding model {trained.embedder!r} is not set; train it anew"
            return _because(abstains, reason)
        held = sentences(question)
        if not held:
            return _because(abstains, "there is no sentence to read")
        return _judged(question, trained, featurizer, held, errand)

    def _featurizer(self, trained: Classifier) -> Featurizer | None:
        name = trained.embedder
        if name not in self._featurizers:
            embedding = self._embeddings.named(name)
            if embedding is None:
                return None
            self._featurizers[name] = Featurizer(embedding)
        return self._featurizers[name]


def _judged(
    question: Question,
    trained: Classifier,
    featurizer: Featurizer,
    held: Sequence[Said],
    errand: Errand,
) -> Answer | Opinion:
    (features,) = featurizer.features([document(held)])
    sure = trained.probabilities(features)
    answer = max(sure, key=lambda one: sure[one])
    quoted = _quoted(trained, answer, featurizer, held)
    opinion = Opinion(
        factor=question.factor,
        by="classifier",
        answer=answer,
        probability=sure[answer],
        quote=quoted.words[:QUOTED] if quoted else "",
    )
    least = errand.plan.thresholds.get("classifier", trained.threshold)
    if least is None:
        return _because(opinion, "was right too seldom in training to be believed")
    if sure[answer] < least:
        return _because(opinion, f"{sure[answer]:.2f} sure; {least:.2f} is asked for")
    if quoted is None:
        return _because(opinion, "no sentence speaks for its answer")
    return Answer(
        factor=question.factor,
        answer=answer,
        quote=opinion.quote,
        digest=quoted.digest,
        pointer=quoted.pointer,
        by="classifier",
        probability=sure[answer],
    )


def _quoted(
    trained: Classifier, answer: str, featurizer: Featurizer, held: Sequence[Said]
) -> Said | None:
    """The sentence whose words speak most for the answer; None where none does."""
    at = trained.answers.index(answer)
    others = [row for number, row in enumerate(trained.matrix) if number != at]
    towards = trained.matrix[at] - sum(others) / len(others)
    best, weight = max(featurizer.leaning(held, towards), key=lambda one: one[1])
    return best if weight > 0 else None


def _because(opinion: Opinion, reason: str) -> Opinion:
    return opinion.model_copy(update={"reason": reason})

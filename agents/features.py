"""What a classifier sees of a question's texts: their meaning and their words.

The features of a text are its sentence vector and the counts of its word stems, hashed into
:data:`STEMS` places (Weinberger et al. 2009), damped by a logarithm; each of the two blocks has
length 1. Words that tell a reader what to do are left out before, as from what a model is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from agents.exhibits import texts
from agents.reading import Question
from agents.withheld import as_shown
from knowledge_base.words import Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from knowledge_base.embedding import Embedding
    from knowledge_base.words import Words

STEMS: Final = 2048
"""Places that word stems are hashed into."""

QUOTED: Final = 300
"""Most characters of a sentence that is quoted."""

_SENTENCE: Final = re.compile(r"[^.!?。！？；;\n]+[.!?。！？]*")


@dataclass(frozen=True)
class Said:
    """A sentence that a question reads.

    Attributes:
        digest: The evidence it stands in.
        pointer: JSON Pointer of its text.
        words: The sentence, as it stands there.
    """

    digest: str
    pointer: str
    words: str


def sentences(question: Question) -> tuple[Said, ...]:
    """The sentences of the question's texts, in their order, without what is withheld.

    Ids, dates and single words are no sentences; numbers, which count in other ways, neither.
    """
    return tuple(
        Said(passage.digest, pointer, words)
        for passage in question.passages
        for pointer, text in texts(passage.value, passage.pointer)
        for words in _sentences(text)
    )


def _sentences(text: str) -> Iterator[str]:
    if " " not in text.strip() and text.isascii():
        return
    shown = as_shown(text)
    for found in _SENTENCE.finditer(text):
        words = found[0].strip()
        if any(map(str.isalpha, words)) and not shown.withholds(*found.span()):
            yield words


class Featurizer:
    """Turns texts into features.

    Args:
        embedding: The model of the sentence vectors.
    """

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding
        self._tokenizer = Tokenizer()

    @property
    def embedder(self) -> str:
        """Name of the model of the sentence vectors."""
        return self._embedding.name

    def features(self, documents: Sequence[str]) -> NDArray[np.float32]:
        """The features of texts, of shape (texts, dimension + STEMS).

        Raises:
            CasewrightError: the embedding model cannot be loaded or asked.
        """
        import numpy as np

        vectors = self._embedding.embed(documents)
        stems = [_counted(words) for words in self._tokenizer.words(documents)]
        return np.hstack([vectors, np.array(stems, dtype=np.float32)])

    def leaning(
        self, sentences: Sequence[Said], towards: NDArray[np.float32]
    ) -> list[tuple[Said, float]]:
        """How far the stems of each sentence speak for an answer.

        Args:
            sentences: The sentences.
            towards: Weights of the answer less those of the other answers, as features have them.
        """
        weights = towards[-STEMS:]
        words = self._tokenizer.words([one.words for one in sentences])
        return [
            (said, float(weights[held % STEMS].sum()))
            for said, held in zip(sentences, words, strict=True)
        ]


def document(sentences: Sequence[Said]) -> str:
    """What a classifier reads of a question: all its sentences."""
    return "\n".join(said.words for said in sentences)


def _counted(words: Words) -> NDArray[np.float32]:
    import numpy as np

    counts = np.log1p(np.bincount(words % STEMS, minlength=STEMS))
    length = float(np.linalg.norm(counts))
    return (counts / length if length else counts).astype(np.float32)

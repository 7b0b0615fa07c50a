"""The rule reader: an SOP's own words, looked for in the texts as literal words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from agents.exhibits import texts
from agents.folding import Folded
from agents.reading import Answer, Errand, Passage, Question, Reading
from agents.withheld import as_shown
from casewright.models import Opinion

_ENGLISH: Final = (
    "not no never none nobody nothing neither nor without cannot cant wont dont didnt doesnt isnt "
    "wasnt werent arent hasnt havent hadnt denies deny denied false falsely"
)
_SPANISH: Final = "nunca jamas nadie nada ni sin tampoco ningun ninguna ninguno niega niegan"

NEGATIONS: Final = frozenset(f"{_ENGLISH} {_SPANISH}".split())
"""Words after which, or before which, a phrase may say the contrary: English and Spanish."""

NEGATING: Final = frozenset("不没無无未非否别莫")
"""Characters that do so in Chinese."""

_MARKS: Final = ".!?。！？;；\n"


class Hit(NamedTuple):
    """A phrase that stands in a text."""

    answer: str
    passage: Passage
    pointer: str
    quote: str
    negated: bool


class PhraseReader:
    """Answers where a text holds an SOP's phrase for exactly one answer, and nothing denies it.

    Phrases are literal words and never patterns: a text cannot make the search slow, and letters
    in other scripts that look alike or characters that cannot be seen hide nothing. Words that tell
    a reader what to do settle nothing.
    """

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        """Look for the phrases; see :meth:`agents.reading.Reader.read`."""
        found = [(question, list(_hits(question))) for question in questions if question.phrases]
        answers = [_answer(question, hits[0]) for question, hits in found if not _doubt(hits)]
        return Reading(
            answers=tuple(answers),
            opinions=tuple(
                Opinion(factor=question.factor, by="rule", quote=hits[0].quote, reason=_doubt(hits))
                for question, hits in found
                if hits and _doubt(hits)
            ),
        )


def _answer(question: Question, hit: Hit) -> Answer:
    return Answer(
        factor=question.factor,
        answer=hit.answer,
        quote=hit.quote,
        digest=hit.passage.digest,
        pointer=hit.pointer,
        by="rule",
    )


def _doubt(hits: Sequence[Hit]) -> str:
    """Why phrases settle nothing; empty where they do."""
    answers = sorted({hit.answer for hit in hits})
    if not answers:
        return "no phrase was found"
    if len(answers) > 1:
        return f"phrases for {' and '.join(answers)} were found"
    if any(hit.negated for hit in hits):
        return "a word beside the phrase may say the contrary"
    return ""


def _hits(question: Question) -> Iterator[Hit]:
    """Every phrase in every text, in the order of the texts."""
    phrases = [
        (answer, Folded.of(phrase).text)
        for answer, several in question.phrases.items()
        for phrase in several
    ]
    for passage in question.passages:
        for pointer, text in texts(passage.value, passage.pointer):
            folded, shown = Folded.of(text), as_shown(text)
            for answer, phrase in phrases:
                for start, end in _found(folded.text, phrase):
                    if shown.withholds(*folded.place(start, end)):
                        continue
                    quote = folded.verbatim(start, end)
                    yield Hit(answer, passage, pointer, quote, _negated(folded.text, start, end))


def _found(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    """Where a phrase stands as whole words."""
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        if not (
            _joined(text[start - 1 : start], phrase[0]) or _joined(text[end : end + 1], phrase[-1])
        ):
            yield start, end
        start = text.find(phrase, start + 1)


def _joined(beside: str, edge: str) -> bool:
    """Whether a character beside a phrase makes its outer word another one."""
    return bool(beside) and _in_word(beside) and _in_word(edge)


def _in_word(character: str) -> bool:
    # Chinese writes no spaces between words, so that every character there is an edge.
    return character.isalnum() and not "\u3400" <= character <= "\u9fff"


def _negated(text: str, start: int, end: int) -> bool:
    """Whether the phrase's sentence holds, outside of the phrase, a word that may deny it."""
    first = max((text.rfind(mark, 0, start) for mark in _MARKS), default=-1) + 1
    ends = (text.find(mark, end) for mark in _MARKS)
    last = min((at for at in ends if at >= 0), default=len(text))
    beside = f"{text[first:start]} {text[end:last]}"
    return any(word in NEGATIONS for word in _words(beside)) or bool(NEGATING & set(beside))


def _words(text: str) -> Iterable[str]:
    plain = text.replace("\u2019", "'").replace("n't", " not").replace("'", "")
    return "".join(one if one.isalnum() else " " for one in plain).split()

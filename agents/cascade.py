"""The cascade: readers asked one after another, each only for what those before left open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.classifier import ClassifierReader
from agents.model import reader
from agents.phrases import PhraseReader
from agents.reading import UNCLEAR, Answer, Errand, Question, Reader, ReaderName, Reading
from agents.remembered import Remembered, Remembering
from casewright.errors import ModelError, ModelUnavailable
from casewright.models import Cost, Evidence, Opinion
from casewright.settings import Settings
from knowledge_base.embedding import Embeddings
from tools.toolbox import Toolbox

if TYPE_CHECKING:
    from agents.talk import Talks

_Doubt = Callable[[ReaderName, Answer], str]


class Cascade:
    """Reads with several readers, in the order of the errand's plan.

    An answer below its reader's threshold is an abstention: it is kept as an opinion, and the next
    reader is asked. A model that fails takes nothing from what others said.

    Args:
        readers: Readers by name; one that the plan names and that is not there is passed over.
        insisting: Whether a model that gives no answer stops the case, so that it is tried again
            later, where it otherwise leaves its questions open.
    """

    def __init__(self, readers: Mapping[ReaderName, Reader], *, insisting: bool = False) -> None:
        self._readers = dict(readers)
        self._insisting = insisting

    async def read(self, questions: Sequence[Question], errand: Errand) -> Reading:
        """Answer what the texts answer; see :meth:`agents.reading.Reader.read`.

        Raises:
            SourceRefused: a data source refuses us.
            ModelUnavailable: the model gives no answer, and is insisted on.
        """
        said = _Said(questions, errand)
        for name in errand.plan.readers:
            if name in self._readers and said.open:
                said.add(name, await self._asked(name, said.open, errand))
        return said.reading

    async def _asked(
        self, name: ReaderName, questions: Sequence[Question], errand: Errand
    ) -> Reading:
        try:
            return await self._readers[name].read(questions, errand)
        except ModelError as error:
            if self._insisting and isinstance(error, ModelUnavailable):
                raise
            return Reading(failures=(f"the reader failed: {error.message}",))


@dataclass
class _Said:
    """What has been said so far of some questions."""

    questions: Sequence[Question]
    errand: Errand

    def __post_init__(self) -> None:
        self._taken: dict[str, Answer] = {}
        self._unclear: dict[str, Answer] = {}
        self._opinions: list[Opinion] = []
        self._evidence: dict[str, Evidence] = {}
        self._discarded: list[str] = []
        self._failures: list[str] = []
        self._cost = Cost()

    @property
    def open(self) -> tuple[Question, ...]:
        """The questions without an answer."""
        return tuple(one for one in self.questions if one.factor not in self._taken)

    @property
    def reading(self) -> Reading:
        """All of it; one who could not tell is heard where nobody else could."""
        told = {**self._unclear, **self._taken}
        return Reading(
            answers=tuple(told[one.factor] for one in self.questions if one.factor in told),
            evidence=tuple(self._evidence.values()),
            discarded=tuple(self._discarded),
            cost=self._cost,
            opinions=tuple(self._opinions),
            failures=tuple(self._failures),
        )

    def add(self, name: ReaderName, reading: Reading) -> None:
        """Take what a reader's answers say, as far as the reader is sure enough."""
        self._evidence |= {item.digest: item for item in reading.evidence}
        self._cost += reading.cost
        self._discarded += reading.discarded
        self._failures += reading.failures
        answers = {one.factor: one for one in reading.answers}
        for factor, answer in answers.items():
            if answer.answer == UNCLEAR:
                self._unclear[factor] = answer
            elif not self._doubt(name, answer):
                self._taken[factor] = answer
        self._opinions += _opinions(name, reading, answers, self._doubt)
        self._opinions += self._unsaid(name, reading, answers)

    def _doubt(self, name: ReaderName, answer: Answer) -> str:
        """Why an answer is not sure enough to be taken; empty where it is."""
        least = self.errand.plan.thresholds.get(name)
        if answer.answer == UNCLEAR:
            return "could not tell"
        if least is None or (answer.probability is not None and answer.probability >= least):
            return ""
        if answer.probability is None:
            return f"says not how sure it is; {least:.2f} is asked for"
        return f"{answer.probability:.2f} sure; {least:.2f} is asked for"

    def _unsaid(
        self, name: ReaderName, reading: Reading, answers: Mapping[str, Answer]
    ) -> Iterator[Opinion]:
        """Opinions for the questions that a failed reader did not come to."""
        told = answers.keys() | {one.factor for one in reading.opinions}
        for question in self.open if reading.failures else ():
            if question.factor not in told:
                why = "; ".join(reading.failures)
                yield Opinion(factor=question.factor, by=name, reason=why)


def _opinions(
    name: ReaderName, reading: Reading, answers: Mapping[str, Answer], doubt: _Doubt
) -> Iterator[Opinion]:
    """A reader's opinions: its own where it gave one, else what its answer says."""
    own = {one.factor for one in reading.opinions}
    for opinion in reading.opinions:
        answer = answers.get(opinion.factor)
        if answer is None or answer.answer != opinion.answer:
            yield opinion
        else:
            why = doubt(name, answer)
            yield opinion.model_copy(update={"taken": not why, "reason": why})
    for factor, answer in answers.items():
        if factor not in own:
            yield _opinion(answer, name, doubt(name, answer))


def _opinion(answer: Answer, name: ReaderName, why: str) -> Opinion:
    return Opinion(
        factor=answer.factor,
        by=name,
        answer=answer.answer,
        probability=answer.probability,
        quote=answer.quote,
        taken=not why,
        reason=why,
    )


def readers(
    settings: Settings,
    toolbox: Toolbox,
    embeddings: Embeddings,
    shared: Talks | None = None,
    *,
    remembering: Remembering | None = None,
    insisting: bool = False,
) -> Cascade:
    """The readers that the settings ask for.

    Args:
        settings: Without a ``model``, the model is not among them.
        toolbox: Where the model's look-ups go.
        embeddings: What classifiers see texts with.
        shared: What opens the model's conversations; None: what the settings make.
        remembering: How classifier and model remember what they read; None: they do not.
        insisting: See :class:`Cascade`.

    Raises:
        ModelError: no client can be made from the settings.
    """
    opened: dict[ReaderName, Callable[[], Reader]] = {
        "classifier": lambda: ClassifierReader(embeddings)
    }
    if settings.model:
        opened["model"] = lambda: reader(settings, toolbox, shared)
    named: dict[ReaderName, Reader] = {"rule": PhraseReader()}
    for name, open_reader in opened.items():
        named[name] = Remembered(name, open_reader, remembering) if remembering else open_reader()
    return Cascade(named, insisting=insisting)

"""Trains the classifiers of SOPs' questions on closed cases: fetch the texts, take the answers.

A closed case says what a reviewer established, factor by factor; the texts are fetched as of the
moment it closed, by the SOP's own actions. Cases that were overturned or erased teach nothing. Gold
cases are never closed cases of the source, and their answers never come here.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agents.features import Featurizer, document, sentences
from agents.masked import masking
from agents.trained import Classifier
from agents.training import Example, Subject, fit, lacking
from casewright.clock import utc_now
from casewright.models import ClosedCase, RunStatus, Value
from casewright.settings import Settings
from casewright.store import Store
from graphs.classifiers import keep_classifiers, question_digest
from graphs.facts import Facts, freeze_case
from graphs.gather import Gathering
from graphs.read import question_of
from graphs.remember import closed_reviews
from graphs.sop import FactorRule, Sop
from knowledge_base.erasure import refused_of
from knowledge_base.opened import embeddings_of, index_of
from tools.inbox import closed_cases
from tools.named import inbox_of, source_of
from tools.toolbox import Toolbox

IN_FLIGHT = 8
"""Cases fetched at a time."""

LEAST = 0.9
"""Share of right answers asked of a classifier, unless another is given."""

NEWEST = 1000
"""Most cases that an SOP's classifiers learn from, the newest ones, unless another is given."""

_ALL = 1_000_000_000

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is, and of how much."""


@dataclass(frozen=True)
class Trained:
    """What came of one question.

    Attributes:
        sop: Name of the SOP.
        factor: The question's factor.
        classifier: What was learned, or None.
        lacking: Why nothing was; empty where something was.
    """

    sop: str
    factor: str
    classifier: Classifier | None
    lacking: str = ""


async def train(
    settings: Settings,
    sops: Sequence[Sop],
    *,
    least: float = LEAST,
    newest: int = NEWEST,
    progress: Progress | None = None,
) -> tuple[Trained, ...]:
    """Train and keep the classifiers of the questions of some SOPs, one SOP after another.

    Args:
        settings: Where the source, the home folder and the embedding model are.
        sops: The procedures; those without questions are passed over.
        least: Share of right answers asked of those that a classifier gives, 0 to 1 exclusive.
        newest: Most closed cases to learn from, for each SOP.
        progress: Told how far it is.

    Raises:
        SourceError: the source fails.
        CasewrightError: the store or the knowledge base cannot be read or written, or texts cannot
            be embedded.
    """
    reviewed = await _reviewed(settings)
    featurizer = Featurizer(embeddings_of(settings, mask=masking(settings)).preferred)
    told = progress or (lambda what, done, of: None)
    report: list[Trained] = []
    for sop in sops:
        if not sop.questions:
            continue
        examples = await _examples(settings, sop, reviewed, newest, told)
        learned = []
        for number, rule in enumerate(sop.questions):
            told(f"{sop.name}: learning {rule.name}", number, len(sop.questions))
            given = examples.get(rule.name, ())
            learned.append(await asyncio.to_thread(_trained, sop, rule, given, featurizer, least))
        keep_classifiers(sop, settings.home, (one.classifier for one in learned if one.classifier))
        report += learned
    return tuple(report)


def _trained(
    sop: Sop,
    rule: FactorRule,
    examples: Sequence[Example],
    featurizer: Featurizer,
    least: float,
) -> Trained:
    if lacks := lacking(examples):
        return Trained(sop.name, rule.name, None, lacks)
    subject = Subject(rule.name, question_digest(rule), featurizer.embedder)
    return Trained(sop.name, rule.name, fit(subject, examples, featurizer, least=least))


async def _reviewed(settings: Settings) -> tuple[ClosedCase, ...]:
    """What reviewers decided here."""
    async with Store.at(settings) as store:
        return tuple(closed_reviews(await store.runs(RunStatus.DONE, limit=_ALL)))


async def _examples(
    settings: Settings,
    sop: Sop,
    reviewed: Iterable[ClosedCase],
    newest: int,
    told: Progress,
) -> Mapping[str, list[Example]]:
    """What closed cases teach, by factor."""
    narrowed, found = _narrowed(sop), defaultdict[str, list[Example]](list)
    tools = {action.tool.name: action.tool for action in narrowed.actions.values()}
    async with source_of(settings) as source:
        inbox = inbox_of(settings, source)
        closed = [one async for one in closed_cases(inbox, sop.spec.case_type)]
        closed += [one for one in reviewed if one.case.case_type == sop.spec.case_type]
        cases = _teaching(settings, closed, await inbox.now())[:newest]
        toolbox = Toolbox(tools, source, utc_now)
        gate, done = asyncio.Semaphore(IN_FLIGHT), 0

        async def one(case: ClosedCase) -> None:
            nonlocal done
            async with gate:
                frozen = freeze_case(case.case, as_of=case.closed_at, at=utc_now())
                facts = await Gathering(narrowed, frozen, toolbox, case.closed_at).run()
            for factor, example in _taught(facts, case):
                found[factor].append(example)
            done += 1
            told(sop.name, done, len(cases))

        await asyncio.gather(*map(one, cases))
    # In the order of the cases, whoever answered first: so that a training can be repeated.
    return {factor: sorted(some, key=_order) for factor, some in found.items()}


def _order(example: Example) -> tuple[datetime, str, str]:
    return example.closed_at, example.seller, example.text


def _narrowed(sop: Sop) -> Sop:
    """The SOP with its questions alone, and the actions whose evidence they read."""
    questions = {rule.name: rule for rule in sop.questions}
    wanted: set[str] = set()
    waiting = [name for rule in questions.values() for name in rule.needs]
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += sop.actions[name].needs
    actions = {name: action for name, action in sop.actions.items() if name in wanted}
    return replace(sop, actions=actions, factors=questions)


def _teaching(settings: Settings, closed: Iterable[ClosedCase], now: datetime) -> list[ClosedCase]:
    """The closed cases that teach, the newest first; of two of one id the later one counts."""
    index = index_of(settings, mask=masking(settings))
    try:
        admitted = refused_of(index).without(list(closed))
    finally:
        index.close()
    lasting = {
        one.case.case_id: one
        for one in admitted
        if one.facts and one.closed_at <= now and one.overturned_at is None
    }
    return sorted(lasting.values(), key=lambda one: (one.closed_at, one.case.case_id))[::-1]


def _taught(facts: Facts, case: ClosedCase) -> Iterator[tuple[str, Example]]:
    """What a closed case teaches of each question that a reviewer answered in it."""
    for rule in facts.sop.questions:
        answer = _answers(rule).get(case.facts.get(rule.name))
        said = sentences(question_of(rule, facts)) if answer else ()
        if answer and said:
            whose, which = case.case.seller_id, case.case.case_id
            example = Example(document(said), answer, whose, case.closed_at, which)
            yield rule.name, example


def _answers(rule: FactorRule) -> Mapping[Value | None, str]:
    """The closed answers by the values that they stand for."""
    values = {rule.domain.read(answer): answer for answer in rule.spec.closed_answers}
    return {value: answer for value, answer in values.items() if value is not None}

"""Open questions and what a reader's answers make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.reading import Answer, Passage, Question, Reading
from casewright.models import Citation, Evidence, Factor, Opinion
from graphs.facts import Facts
from graphs.kinds import Domain
from graphs.scope import Read
from graphs.sop import CASE, FactorRule


def open_questions(facts: Facts, factors: Sequence[Factor]) -> tuple[Question, ...]:
    """The questions whose texts are all there and that nobody has answered yet."""
    unknown = {factor.name for factor in factors if not factor.known and not factor.waits_for}
    return tuple(question_of(rule, facts) for rule in facts.sop.questions if rule.name in unknown)


def question_of(rule: FactorRule, facts: Facts) -> Question:
    """A factor's question over the texts that are there."""
    return Question(
        factor=rule.name,
        text=rule.spec.question or "",
        answers=rule.spec.closed_answers,
        passages=_passages(rule, facts),
        phrases=rule.spec.phrases,
        classifier=facts.sop.classifiers.get(rule.name),
    )


def established(
    factors: Sequence[Factor],
    reading: Reading,
    questions: Sequence[Question] = (),
    rules: Mapping[str, FactorRule] | None = None,
) -> tuple[Factor, ...]:
    """The factors with the reader's verified answers put in.

    Args:
        factors: All factors.
        reading: What the reader said.
        questions: What it was asked; a factor of these that got no answer says why, where the
            reader did.
        rules: The SOP's factors, which say what values an answer may stand for; without them
            answers are yes and no.
    """
    domains = {name: rule.domain for name, rule in (rules or {}).items()}
    answers = {answer.factor: answer for answer in reading.answers}
    asked = {question.factor for question in questions}
    return tuple(
        _established(factor, answers[factor.name], reading, domains.get(factor.name, Domain()))
        if factor.name in answers
        else _unanswered(factor, reading)
        if factor.name in asked
        else factor
        for factor in factors
    )


def _unanswered(factor: Factor, reading: Reading) -> Factor:
    """The factor, unknown still, with what the readers said of it."""
    opinions = _opinions(factor, reading)
    doubts = [f"{one.by}: {one.reason}" for one in opinions if one.reason not in reading.failures]
    # What was not taken of other questions' answers says nothing of this one.
    told = "; ".join((*doubts, *reading.failures) or reading.discarded)
    return factor.model_copy(update={"reason": told or factor.reason, "opinions": opinions})


def _established(factor: Factor, answer: Answer, reading: Reading, domain: Domain) -> Factor:
    opinions = _opinions(factor, reading)
    value = domain.read(answer.answer)
    if value is None:
        told = "; ".join(reading.discarded)
        reason = f"the reader says: {answer.answer}" + (f" ({told})" if told else "")
        update = {"by": answer.by, "reason": reason, "opinions": opinions}
        return factor.model_copy(update=update)
    return Factor(
        name=factor.name,
        value=value,
        by=answer.by,
        citations=(_cited(factor.name, answer),),
        probability=answer.probability,
        opinions=opinions,
    )


def _opinions(factor: Factor, reading: Reading) -> tuple[Opinion, ...]:
    return tuple(one for one in reading.opinions if one.factor == factor.name)


def _cited(factor: str, answer: Answer) -> Citation:
    return Citation(
        kind="evidence",
        reference=answer.digest,
        pointer=answer.pointer,
        quote=answer.quote,
        excerpt=True,
        label=f"{factor}{answer.pointer}",
    )


def _passages(rule: FactorRule, facts: Facts) -> tuple[Passage, ...]:
    reads = [read for text in rule.read for read in text.evaluate(facts.scope).reads]
    return tuple(_passage(read, facts) for read in reads)


def _passage(read: Read, facts: Facts) -> Passage:
    citation = facts.cite(read)
    source = facts.case if read.root == CASE else facts.evidence[citation.reference]
    return Passage(
        action=read.root,
        digest=citation.reference,
        pointer=read.pointer,
        value=citation.quote,
        untrusted=_untrusted(source, read.pointer),
    )


def _untrusted(source: Evidence, pointer: str) -> bool:
    def covers(above: str, below: Any) -> bool:
        return below == above or str(below).startswith(f"{above}/")

    return any(covers(one, pointer) or covers(pointer, one) for one in source.untrusted)

"""What was typed into the forms of a case, kept where it was wrong, and what they offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError
from starlette.datastructures import FormData

from casewright.asking import QuestionChange
from casewright.enforcement import Parameter
from casewright.errors import UsageError
from casewright.models import NOTE_REQUIRED, Decision, ReviewAct
from graphs.consequences import NOTHING
from graphs.sop import Sop
from review.layout import as_json, worded

FACTOR, SET = "factor.", "set."
CLAIM, STRIKE, QUESTION, DAYS = "claim.", "strike.", "question.", "days."


@dataclass(frozen=True)
class Typed:
    """A review as it was typed.

    Attributes:
        act: The act, or empty.
        codes: Reason codes.
        note: Free text.
        outcome: Another outcome, or empty.
        factors: Corrected facts by name.
        parameters: Values for the outcome's parameters by name.
        claims: Claims worded anew, by their number in the decision, from 1.
        struck: Numbers of claims to be struck.
        questions: Questions to parties worded anew, by their number, from 1.
        days: Days to answer, likewise.
    """

    act: str = ""
    codes: tuple[str, ...] = ()
    note: str = ""
    outcome: str = ""
    factors: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    struck: frozenset[str] = frozenset()
    questions: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData) -> Typed:
        """What a form says; fields that were left empty say nothing."""
        return cls(
            act=text(form, "act"),
            codes=tuple(dict.fromkeys(str(code) for code in form.getlist("code"))),
            note=text(form, "note"),
            outcome=text(form, "outcome"),
            factors=_named(form, FACTOR),
            parameters=_named(form, SET),
            claims=_named(form, CLAIM),
            struck=frozenset(_named(form, STRIKE)),
            questions=_named(form, QUESTION),
            days=_named(form, DAYS),
        )

    def read_claims(self) -> dict[int, str]:
        """Claims worded anew by number; an empty sentence strikes one."""
        struck = dict.fromkeys(map(_number, self.struck), "")
        return {_number(name): words for name, words in self.claims.items()} | struck

    def read_questions(self) -> tuple[QuestionChange, ...]:
        """Questions worded anew.

        Raises:
            UsageError: the days are no whole number from 1 to 90, or the words are too many.
        """
        names = sorted({*self.questions, *self.days}, key=_number)
        try:
            return tuple(
                QuestionChange(
                    number=_number(name),
                    question=self.questions.get(name, ""),
                    days=_number(self.days[name]) if name in self.days else None,
                )
                for name in names
            )
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise UsageError(f"The question does not fit: {first['msg']}.") from error

    def read_act(self) -> ReviewAct:
        """The act, which has its reasons.

        Raises:
            UsageError: there is none of that name, no reason is ticked, or one lacks its note.
        """
        try:
            act = ReviewAct(self.act)
        except ValueError as error:
            raise UsageError(f"There is no act {self.act!r}.") from error
        if not self.codes:
            raise UsageError(f"Tick at least one reason to {act.value}.")
        for code in self.codes:
            if code in NOTE_REQUIRED and not self.note:
                raise UsageError(f"Reason {code} needs a note: say in a sentence what is meant.")
        return act


@dataclass(frozen=True)
class Given:
    """What was typed to give a case back, or to put it on hold."""

    reason: str = ""
    hours: str = ""
    why: str = ""
    to: str = ""

    @classmethod
    def of(cls, form: FormData) -> Given:
        """What a form says."""
        return cls(**{name: text(form, name) for name in ("reason", "hours", "why", "to")})


@dataclass(frozen=True)
class Corrigible:
    """A fact that a reviewer may correct.

    Attributes:
        name: Its name.
        now: Its value in words.
        words: What it can be, where that is few words.
        told: What it can be, in words.
    """

    name: str
    now: str
    words: tuple[str, ...]
    told: str


@dataclass(frozen=True)
class Settable:
    """A parameter that a reviewer may set.

    Attributes:
        name: Its name.
        current: Whether the proposed outcome has it.
        told: Its value and bounds, or the outcomes that have it.
    """

    name: str
    current: bool
    told: str


def text(form: FormData, name: str) -> str:
    """A field of a form, or empty; a file is none."""
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def corrigible(sop: Sop, decision: Decision) -> tuple[Corrigible, ...]:
    """The facts of a decision that can be corrected."""
    return tuple(
        Corrigible(one.name, worded(one.value), _words(sop, one.name), _told(sop, one.name))
        for one in decision.factors
        if one.name in sop.factors
    )


def settable(sop: Sop, decision: Decision) -> tuple[Settable, ...]:
    """The parameters of all outcomes, each once, those of the proposed one first."""
    current = {one.name: Settable(one.name, True, _bounded(one)) for one in decision.parameters}
    others: dict[str, list[str]] = {}
    for outcome in sop.spec.outcomes:
        for name in sop.consequences.get(outcome, NOTHING).parameters:
            others.setdefault(name, []).append(outcome)
    rest = (
        Settable(name, False, f"of {', '.join(outcomes)}")
        for name, outcomes in others.items()
        if name not in current
    )
    return (*current.values(), *rest)


def _bounded(one: Parameter) -> str:
    bounds = (("at least", one.at_least), ("at most", one.at_most))
    limits = "".join(f", {word} {value}" for word, value in bounds if value is not None)
    return f"now {'unknown' if one.value is None else as_json(one.value)}{limits}"


def _words(sop: Sop, name: str) -> tuple[str, ...]:
    domain = sop.factors[name].domain
    return ("yes", "no") if domain.kind == "bool" else domain.values


def _told(sop: Sop, name: str) -> str:
    return sop.factors[name].domain.told


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise UsageError(f"{text!r} is no whole number.")
    return int(text)


def _named(form: FormData, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in form.multi_items():
        if name.startswith(prefix) and isinstance(value, str) and value.strip():
            found[name.removeprefix(prefix)] = value.strip()
    return found

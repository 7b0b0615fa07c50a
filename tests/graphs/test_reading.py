"""What an SOP may say of how its texts are read, and what is wrong there."""

from __future__ import annotations

from typing import Any

import pytest

from casewright.errors import SopError
from casewright.models import Case
from graphs.assess import assess
from graphs.errand import errand_of
from graphs.load import load_sop
from graphs.read import open_questions
from graphs.sop import Sop

QUESTION = "    read: [appeal.statement]\n"


def sop_with(files: dict[str, str], tools: Any, *, reading: str = "", phrases: str = "") -> Sop:
    text = files["sop.yaml"].replace(QUESTION, QUESTION + phrases)
    assert QUESTION in text
    return load_sop({**files, "sop.yaml": f"{text}\n{reading}"}, tools)


def test_without_a_word_all_readers_are_asked(files: dict[str, str], tools: Any) -> None:
    plan = sop_with(files, tools).spec.reading
    assert plan.readers == ("rule", "classifier", "model")
    assert (plan.thresholds, plan.samples) == ({}, 1)


def test_a_plan_says_who_how_sure_and_within_what(files: dict[str, str], tools: Any) -> None:
    reading = (
        "reading: {readers: [model, rule], thresholds: {model: 0.6}, samples: 5, "
        "budget: {tokens: 900}}"
    )
    plan = sop_with(files, tools, reading=reading).spec.reading
    assert plan.readers == ("model", "rule")
    assert (plan.thresholds, plan.samples, plan.budget.tokens) == ({"model": 0.6}, 5, 900)


@pytest.mark.parametrize(
    ("reading", "offered"),
    [
        ("", ("get_appeal", "get_order", "list_documents", "list_scans")),
        ("reading: {tools: [list_messages, get_order]}", ("get_order", "list_messages")),
        ("reading: {tools: []}", ()),
    ],
)
def test_the_tools_of_the_plan_are_the_readers(
    files: dict[str, str],
    tools: Any,
    case: Case,
    answers: dict[str, Any],
    facts_of: Any,
    reading: str,
    offered: tuple[str, ...],
) -> None:
    sop = sop_with(files, tools, reading=reading)
    assert errand_of(facts_of(sop, case, **answers)).tools == offered


def test_a_tool_that_does_not_exist_is_told_with_its_place(
    files: dict[str, str], tools: Any
) -> None:
    with pytest.raises(SopError, match="'list_mesages'") as caught:
        sop_with(files, tools, reading="reading:\n  tools: [get_order, list_mesages]")
    lines = files["sop.yaml"].splitlines()
    told = caught.value
    assert (told.line, told.column) == (len(lines) + 2 + 1, 22)
    assert "Did you mean 'list_messages'?" in str(told)


def test_phrases_reach_the_reader(
    files: dict[str, str], tools: Any, case: Case, answers: dict[str, Any], facts_of: Any
) -> None:
    sop = sop_with(files, tools, phrases="    phrases: {yes: [carrier came late]}\n")
    facts = facts_of(sop, case, **answers)
    (question,) = open_questions(facts, assess(facts))
    assert question.phrases == {"yes": ("carrier came late",)}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reading": "reading: {readers: [rule, rule]}"}, "names each reader once"),
        ({"reading": "reading: {readers: [oracle]}"}, "reading.readers"),
        ({"reading": "reading: {thresholds: {model: 1.5}}"}, "reading.thresholds.model"),
        ({"reading": "reading: {thresholds: {rule: 0.5}}"}, "has no threshold"),
        (
            {"reading": "reading: {readers: [rule], thresholds: {model: 0.5}}"},
            "model, who is not among the `readers`",
        ),
        ({"reading": "reading: {samples: 0}"}, "reading.samples"),
        ({"reading": "reading: {order: [rule]}"}, "order"),
        ({"reading": "reading: {tools: get_order}"}, "reading.tools"),
        (
            {"phrases": "    phrases: {maybe: [perhaps so]}\n"},
            "of the answers yes, no, not 'maybe'",
        ),
        ({"phrases": "    phrases: {unclear: [who knows]}\n"}, "not 'unclear'"),
        ({"phrases": "    phrases: {yes: [a]}\n"}, "phrases.yes"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    files: dict[str, str], tools: Any, given: dict[str, str], told: str
) -> None:
    with pytest.raises(SopError, match=r"sop\.yaml:\d+") as caught:
        sop_with(files, tools, **given)
    assert told in str(caught.value)

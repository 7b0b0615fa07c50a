"""JUnit XML, read back as continuous integration does."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casewright.models import GoldCase
from evals.bundle import Attacks
from evals.junit import junit
from evals.report_case import explanations, failing
from evals.report_page import Material
from evals.scored import Scored, Traits

Make = Callable[..., Material]
Writer = Callable[..., Scored]


def parsed(made: Material) -> Element:
    told = explanations(failing(made.scored), made.errors, made.command)
    root = ElementTree.fromstring(junit(made.bundle, made.scored, told))
    (suite,) = root
    return suite


@pytest.fixture
def suite(scored: Writer, material: Make) -> Element:
    cases = [
        scored("overturn", "overturn", case_id="right"),
        scored("overturn", "uphold", case_id="wrong", facts={"late": True}).model_copy(
            update={"traits": Traits(row=3, factors={"late": False}, seconds=1.25)}
        ),
        scored("uphold", "overturn", case_id="known", decided="overturn"),
        scored("uphold", "overturn", case_id="other", decided="partial"),
        scored("uphold", "", case_id="failed").model_copy(update={"reason": "the source was down"}),
        scored("uphold", "request_information", case_id="asked", asked=("scans",), ask=("scans",)),
    ]
    attacks = Attacks(graph_version="late_shipment_appeal@1+abc", texts=2, readings=9)
    return parsed(material(cases, attacks=attacks, findings=()))


def test_every_case_is_a_test_and_ends_as_it_came_out(suite: Element) -> None:
    ends = {case.attrib["name"]: [child.tag for child in case] for case in suite.iter("testcase")}
    assert ends == {
        "right": [],
        "wrong": ["failure"],
        "known": ["skipped"],
        "other": ["failure"],
        "failed": ["error"],
        "asked": [],
    }
    counts = {key: int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": 6, "failures": 2, "errors": 1, "skipped": 1}
    assert float(suite.attrib["time"]) == 1.25


def test_a_failure_says_what_was_decided_and_why(suite: Element) -> None:
    (failure,) = suite.findall("testcase[@name='wrong']/failure")
    assert failure.attrib["message"] == "decided uphold; gold overturn"
    assert "came out: uphold by row 3" in (failure.text or "")
    assert "late: was no, gold yes" in (failure.text or "")
    assert "more: casewright sop explain wrong" in (failure.text or "")
    (error,) = suite.findall("testcase[@name='failed']/error")
    assert "the source was down" in (error.text or "")


def test_figures_are_properties_and_the_order_is_that_of_the_schema(suite: Element) -> None:
    assert [child.tag for child in suite] == ["properties"] + ["testcase"] * 6
    found = {one.attrib["name"]: one.attrib["value"] for one in suite.iter("property")}
    assert found["graph_version"] == "late_shipment_appeal@1+abc"
    assert found["accuracy"].startswith("0.250000 (")
    assert (found["attacks.changed"], found["checker.findings"]) == ("0", "0")
    assert suite.attrib["timestamp"] == "2026-06-01T00:00:00"


def test_cases_of_two_worlds_are_told_apart(scored: Writer, material: Make) -> None:
    cases = [scored("overturn", "overturn", seed=seed) for seed in (7, 11)]
    names = [case.attrib["name"] for case in parsed(material(cases)).iter("testcase")]
    assert names == ["c1 [seed 7]", "c1 [seed 11]"]


@given(text=st.text(st.characters(codec=None, categories=None), min_size=1))
def test_whatever_a_text_holds_it_parses_and_stays_text(
    text: str, gold: Callable[..., GoldCase], material: Make
) -> None:
    case = Scored(gold=gold(text.encode("utf-8", "replace").decode(), "uphold"), outcome="partial")
    made = parsed(material([case.model_copy(update={"reason": text})]))
    assert [one.tag for one in made.iter()][-2:] == ["testcase", "failure"]

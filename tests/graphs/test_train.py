"""Classifiers are trained on closed cases of the source, kept, pinned to versions, and erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.trained import Classifier, Estimate, encoded
from casewright.errors import StoreCorrupt
from casewright.settings import Settings
from graphs import train as module
from graphs.catalog import Catalog
from graphs.classifiers import (
    CLASSIFIERS,
    classifiers_in,
    keep_classifiers,
    question_digest,
    with_classifiers,
)
from graphs.load import load_sop
from graphs.sop import Sop
from graphs.train import train
from graphs.versions import version_of
from knowledge_base.erasure import refused_of
from knowledge_base.opened import KNOWLEDGE, index_of
from tools.inbox import closed_cases

NAME, FACTOR = "refund_abuse", "fault_shown"


@pytest.fixture(scope="module")
def refunds(tools) -> Sop:
    return Catalog(tools).load(NAME)


@pytest.fixture
def made(refunds: Sop) -> Classifier:
    """A classifier of two features: what it says is nothing to these tests."""
    import numpy as np

    return Classifier(
        factor=FACTOR,
        question=question_digest(refunds.factors[FACTOR]),
        answers=("no", "yes"),
        embedder="e",
        weights=encoded(np.ones((1, 2))),
        bias=(0.0,),
        threshold=0.9,
        until="2026-03-01T00:00:00Z",
        estimate=Estimate(cases=40, right=38, answered=20, right_answered=20),
    )


async def test_a_procedures_questions_are_learned_from_closed_cases(
    settings: Settings, refunds: Sop
) -> None:
    told: list[tuple[str, int, int]] = []
    report = await train(
        settings, [refunds], least=0.6, progress=lambda *progress: told.append(progress)
    )
    found = {one.factor: one for one in report}
    assert found.keys() == {rule.name for rule in refunds.questions}
    learned = found[FACTOR].classifier
    assert learned is not None
    assert learned.estimate.cases > 80
    assert learned.estimate.right / learned.estimate.cases > 0.75
    assert learned.threshold is not None
    cases = [(done, of) for what, done, of in told if what == NAME]
    assert cases[-1] == (len(cases), len(cases))
    assert [what for what, *_ in told[len(cases) :]] == [
        f"{NAME}: learning {rule.name}" for rule in refunds.questions
    ]
    again = with_classifiers(refunds, settings.home)
    assert again.classifiers[FACTOR] == learned
    assert version_of(again, settings) != version_of(refunds, settings)


async def test_what_teaches_nothing_is_left_out(
    settings: Settings, refunds: Sop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Overturned cases, erased ones, and those of a day that has not come."""
    taught: list[str] = []

    async def listed(source, case_type):
        cases = [one async for one in closed_cases(source, case_type)][:6]
        lasting = [one.model_copy(update={"overturned_at": None}) for one in cases]
        yield lasting[0].model_copy(update={"overturned_at": lasting[0].closed_at})
        yield lasting[1].model_copy(update={"closed_at": datetime(2999, 1, 1, tzinfo=UTC)})
        yield lasting[2].model_copy(update={"facts": {}})
        for one in lasting[3:]:
            yield one

    def taking(facts, case):
        taught.append(case.case.case_id)
        return iter(())

    monkeypatch.setattr(module, "closed_cases", listed)
    monkeypatch.setattr(module, "_taught", taking)
    (report, *_) = await train(settings, [refunds])
    assert report.lacking == "closed cases know no answer"
    first, *others = sorted(taught)
    assert len(others) == 2
    refused_of(index_of(settings)).add(sellers=(), case_ids=[first])
    taught.clear()
    await train(settings, [refunds])
    assert sorted(taught) == others


def test_a_classifier_is_a_file_of_the_version(
    refunds: Sop, made: Classifier, tools, tmp_path: Path, settings: Settings
) -> None:
    keep_classifiers(refunds, tmp_path, [made])
    with_it = with_classifiers(refunds, tmp_path)
    assert with_it.files[f"{CLASSIFIERS}/{FACTOR}.json"]
    again = load_sop(with_it.files, tools, folder=NAME)
    assert again.classifiers == {FACTOR: made}
    assert version_of(again, settings) == version_of(with_it, settings)
    keep_classifiers(refunds, tmp_path, [])
    assert with_classifiers(refunds, tmp_path) is refunds


def test_one_that_no_longer_fits_its_question_is_passed_over(
    refunds: Sop, made: Classifier, tmp_path: Path
) -> None:
    keep_classifiers(refunds, tmp_path, [made.model_copy(update={"question": "f" * 64})])
    assert with_classifiers(refunds, tmp_path).classifiers == {}


def test_a_procedure_that_wants_none_gets_none(
    refunds: Sop, made: Classifier, tmp_path: Path
) -> None:
    keep_classifiers(refunds, tmp_path, [made])
    plan = refunds.spec.reading.model_copy(update={"readers": ("rule", "model")})
    without = replace(refunds, spec=refunds.spec.model_copy(update={"reading": plan}))
    assert with_classifiers(without, tmp_path) is without


def test_a_broken_file_is_told_with_what_to_do(
    refunds: Sop, made: Classifier, tmp_path: Path
) -> None:
    keep_classifiers(refunds, tmp_path, [made])
    (file,) = (tmp_path / KNOWLEDGE / CLASSIFIERS).rglob("*.json")
    file.write_text("{}", "utf-8")
    with pytest.raises(StoreCorrupt, match="kb train"):
        with_classifiers(refunds, tmp_path)
    with pytest.raises(StoreCorrupt):
        classifiers_in({f"{CLASSIFIERS}/x.json": "[]"})

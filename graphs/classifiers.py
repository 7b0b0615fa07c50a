"""Trained classifiers among an SOP's files: where they are kept, and which of them still fit.

In the home folder they lie below ``knowledge/classifiers``, one file a question; in a graph version
they are files of the SOP like its ``sop.yaml``, so that a run is pinned to them as to its rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from agents.trained import Classifier
from casewright.canonical import digest_of
from casewright.errors import HomeUnwritable, StoreCorrupt
from graphs.sop import FactorRule, Sop
from knowledge_base.index import CLASSIFIERS
from knowledge_base.opened import KNOWLEDGE


def question_digest(rule: FactorRule) -> str:
    """What a classifier is trained for: asked otherwise, or of other texts, it no longer fits."""
    spec = rule.spec
    return digest_of([rule.name, spec.question, list(spec.closed_answers), list(spec.read)])


def classifiers_in(files: Mapping[str, str]) -> dict[str, Classifier]:
    """The classifiers among an SOP's files, by factor.

    Raises:
        StoreCorrupt: one of them is none.
    """
    found = {}
    for name, text in files.items():
        if PurePosixPath(name).parent.name == CLASSIFIERS:
            trained = _parsed(text, name)
            found[trained.factor] = trained
    return found


def with_classifiers(sop: Sop, home: Path) -> Sop:
    """The SOP with those classifiers of a home folder that fit its questions.

    Where its plan does not name the classifier among the readers, it is as it was.

    Raises:
        StoreCorrupt: a file is no classifier.
    """
    if "classifier" not in sop.spec.reading.readers:
        return sop
    files = {}
    for rule in sop.questions:
        path = _file(home, sop, rule.name)
        if path.is_file():
            text = path.read_text("utf-8")
            if _parsed(text, str(path)).question == question_digest(rule):
                files[f"{CLASSIFIERS}/{rule.name}.json"] = text
    if not files:
        return sop
    return replace(sop, files={**sop.files, **files}, classifiers=classifiers_in(files))


def keep_classifiers(sop: Sop, home: Path, trained: Iterable[Classifier]) -> None:
    """Write an SOP's classifiers in place of those that it had.

    Raises:
        HomeUnwritable: the folder cannot be written.
    """
    try:
        kept = [_written(_file(home, sop, one.factor), one) for one in trained]
        for path in _file(home, sop, "*").parent.glob("*.json"):
            if path not in kept:
                path.unlink()
    except OSError as error:
        raise HomeUnwritable(f"A classifier cannot be written: {error}.") from error


def _written(path: Path, trained: Classifier) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(trained.model_dump_json(indent=1), "utf-8")
    return draft.replace(path)


def _file(home: Path, sop: Sop, factor: str) -> Path:
    return home / KNOWLEDGE / CLASSIFIERS / sop.name / f"{factor}.json"


@lru_cache(maxsize=256)  # the same files are looked at for every case of a process
def _parsed(text: str, name: str) -> Classifier:
    try:
        return Classifier.model_validate_json(text)
    except ValidationError as error:
        raise StoreCorrupt(
            f"{name} is no classifier.", remedy="Train it again: casewright kb train."
        ) from error

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from casewright.errors import SopError
from evals.gate_file import SCHEMA, Gate, gate_of, load_gate, schema_text


def test_the_kept_schema_is_the_models_schema() -> None:
    assert SCHEMA.read_text("utf-8") == schema_text(), "run `python -m evals.gate_file`"
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text()))


def test_the_nearer_file_counts_alone(tmp_path: Path) -> None:
    sop = tmp_path / "sops" / "mine"
    sop.mkdir(parents=True)
    assert gate_of(sop, tmp_path) == (Gate(), "built-in")
    (tmp_path / "gate.yaml").write_text("minimum_cases: 7\nleast: {coverage: 0.5}\n", "utf-8")
    gate, origin = gate_of(sop, tmp_path)
    assert (gate.minimum_cases, gate.least.coverage) == (7, 0.5)
    assert origin == str(tmp_path / "gate.yaml")
    (sop / "gate.yaml").write_text("max_age_days: 2\n", "utf-8")
    gate, _ = gate_of(sop, tmp_path)
    assert (gate.max_age_days, gate.minimum_cases) == (2, Gate().minimum_cases)
    assert gate.digest != Gate().digest
    assert gate_of(sop, None)[0] == gate


def test_an_empty_file_is_the_built_in_gate(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text("# nothing yet\n", "utf-8")
    assert load_gate(tmp_path / "gate.yaml") == Gate()


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("minimum_cases: 100\nleest: {}\n", 2, "did you mean 'least'"),
        ("least:\n  accuracy: 1.5\n", 2, "least.accuracy"),
        ("outcomes:\n  uphold:\n    precison: 0.9\n", 3, "did you mean 'precision'"),
        ("attacks: [\n", 2, "not valid YAML"),
    ],
)
def test_mistakes_are_told_with_their_line(tmp_path: Path, text: str, line: int, told: str) -> None:
    path = tmp_path / "gate.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(SopError) as caught:
        load_gate(path)
    assert caught.value.line == line
    assert told.lower() in str(caught.value).lower()

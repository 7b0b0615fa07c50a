from __future__ import annotations

import pytest
from pydantic import ValidationError

from casewright.telemetry import Listener, Step, ignore


def test_a_step_survives_its_json() -> None:
    step = Step(node="gather", wall_ms=12.5, cpu_ms=3.0, detail="4 of 4")
    assert Step.model_validate_json(step.model_dump_json()) == step


def test_a_step_says_which_kind_of_record_it_is() -> None:
    assert Step(node="gather", wall_ms=1, cpu_ms=1).model_dump()["kind"] == "step"
    with pytest.raises(ValidationError, match="kind"):
        Step.model_validate({"kind": "run", "node": "gather", "wall_ms": 1, "cpu_ms": 1})


def test_those_who_do_not_listen_may_be_told_all_the_same() -> None:
    listener: Listener = ignore
    listener(Step(node="gather", wall_ms=1, cpu_ms=1))

"""Statistics as functions: their types, what they refuse, and what their digest covers."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from casewright.errors import UsageError
from tools.statistic import Statistic, offered, statistic


@statistic(name="spread", description="How far apart they lie.", source="arithmetic")
def spread(values: Sequence[float], scale: float = 1.0) -> float | None:
    """Largest less smallest."""
    return (max(values) - min(values)) / scale if values else None


def test_a_typed_function_becomes_a_statistic() -> None:
    assert isinstance(spread, Statistic)
    assert spread.value({"values": [1, 4, 2.5]}) == 3.0
    assert spread.value({"values": (1, 4), "scale": 2}) == 1.5
    assert spread.value({"values": []}) is None
    assert "wilson_lower" in offered()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"values": "many"}, "refuses values"),
        ({"values": [1, "2"]}, r"refuses values\.1"),
        ({}, "refuses values: Field required"),
        ({"values": [1], "scal": 2}, "refuses scal: Extra inputs"),
        ({"values": [1, 2], "scale": 0}, "refuses its inputs: .*division by zero"),
        ({"values": [datetime(2026, 1, 1, tzinfo=UTC)]}, r"refuses values\.0"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        spread.value(given)


def test_every_input_has_a_type() -> None:
    with pytest.raises(UsageError, match="input 'x' of the statistic 'bare' has no type"):

        @statistic(name="bare", description="", source="")
        def bare(x) -> float:  # type: ignore[no-untyped-def]
            return 0.0


MODULE = """\
from tools.statistic import statistic

FACTOR = {factor}

@statistic(name="scaled", description="", source="")
def scaled(x: float) -> float:
    return x * FACTOR
"""


def test_what_a_function_calls_is_part_of_its_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(name: str, factor: int) -> Statistic:
        file = tmp_path / f"{name}.py"
        file.write_text(MODULE.format(factor=factor), "utf-8")
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        found: Statistic = module.scaled
        return found

    one, same, other = loaded("st_one", 2), loaded("st_same", 2), loaded("st_other", 3)
    assert one.digest == same.digest != other.digest

from __future__ import annotations

import pytest

from casewright.enforcement import ParameterValue
from graphs.outcomes import EXACT, Kind, ParameterSpec


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "-1200", -1200),
        ("integer", str(EXACT), EXACT),
        ("number", "0.5", 0.5),
        ("ids", "a, b,,c ", ("a", "b", "c")),
        ("text", " as it is ", " as it is "),
    ],
)
def test_a_parameter_is_read_as_its_type(kind: Kind, text: str, value: ParameterValue) -> None:
    assert ParameterSpec(value="1", type=kind).read(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "1.5"),
        ("integer", str(EXACT + 1)),
        ("integer", "9" * 5000),
        ("number", "nan"),
        ("number", "-inf"),
        ("number", "1e300"),
        ("number", ""),
    ],
)
def test_what_is_no_number_or_too_large_a_one_is_none(kind: Kind, text: str) -> None:
    with pytest.raises(ValueError, match=r"int|float|number"):
        ParameterSpec(value="1", type=kind).read(text)

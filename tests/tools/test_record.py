"""Field types are strict: what does not fit is an error, save where the API announced it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tools.record import Arguments, Grams, Record, Timestamp


class Scan(Record):
    at: Timestamp | None = None
    weight_g: Grams | None = None
    n: int | None = None
    rate: float | None = None


def read(**fields):
    return Scan.model_validate_json(json.dumps(fields))


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2026-06-01T08:00:00Z", 8),
        ("2026-06-01T08:00:00.250Z", 8),
        ("2026-06-01T10:00:00+02:00", 8),
        ("2026-06-01t08:00:00z", 8),
        ("2026-06-01 08:00:00Z", 8),
    ],
)
def test_instants_are_read_in_utc(written, hour):
    at = read(at=written).at
    assert at is not None
    assert (at.hour, at.tzinfo) == (hour, UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-06-01T08:00:00",
        "2026-06-01",
        "2026-02-30T00:00:00Z",
        "9999-12-31T23:59:59-05:00",
        "1748764800",
        1748764800,
        True,
        "",
        ["2026-06-01T08:00:00Z"],
    ],
)
def test_what_is_no_instant_is_refused(written):
    with pytest.raises(ValidationError):
        read(at=written)


@given(st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_instants_survive_a_round_trip(moment):
    dumped = Scan.model_validate_json(Scan(at=moment.isoformat()).model_dump_json())
    assert dumped.at == moment


@given(st.integers(0, 10**12 - 1))
def test_grams_may_be_written_as_a_string(grams):
    assert read(weight_g=grams) == read(weight_g=str(grams)) == read(weight_g=f"{grams}.0")


@pytest.mark.parametrize("written", ["0.35 kg", "350.5", "-1", "", " 12", "1e3", True, 3.5, "٣"])
def test_other_strings_are_no_weight(written):
    with pytest.raises(ValidationError, match="weight_g"):
        read(weight_g=written)


@pytest.mark.parametrize("field", [{"n": "3"}, {"n": 3.0}, {"n": True}, {"rate": "0.1"}])
def test_nothing_else_is_lax(field):
    with pytest.raises(ValidationError):
        read(**field)


def test_numbers_must_be_finite():
    with pytest.raises(ValidationError, match="finite"):
        Scan.model_validate_json('{"rate": NaN}')


def test_results_drop_what_they_do_not_name_and_arguments_refuse_it():
    assert read(operator_id="hidden").model_dump(exclude_unset=True) == {}

    class Given(Arguments):
        n: int

    with pytest.raises(ValidationError, match="Extra inputs"):
        Given.model_validate_json('{"n": 1, "m": 2}')

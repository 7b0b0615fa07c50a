"""Against the examples that RFC 8785 itself publishes (sections 3.2.2 and 3.2.3, appendix B)."""

from __future__ import annotations

import hashlib
import json
import struct
from enum import IntEnum, StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.canonical import canonical, digest_of, parsed

APPENDIX_B = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555554": "333333333.33333325",
    "41b3de4355555555": "333333333.3333333",
    "41b3de4355555556": "333333333.3333334",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}

quick = settings(max_examples=50, deadline=None)

SAFE = 2**53 - 1
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(("bits", "written"), APPENDIX_B.items())
def test_numbers_are_written_as_in_appendix_b(bits: str, written: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical(number) == written.encode()


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000"])
def test_nan_and_infinity_are_errors_as_in_appendix_b(bits: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(number)


def test_the_example_of_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value).decode() == (
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_are_sorted_by_utf_16_as_in_section_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(value)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@quick
@given(JSON)
def test_what_is_written_reads_back_and_is_written_the_same_again(value: Any) -> None:
    written = canonical(value)
    read = parsed(written)
    assert read == value
    assert canonical(read) == written


ANY: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.integers(-SAFE - 2, SAFE + 2).map(float)
    | st.text(st.characters())
    | st.text(st.sampled_from('\ud83d\ude00\U0001f600\uffff\ufb33\x00\x1f\x7f"\\/é')),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(
            st.text(st.characters()) | st.sampled_from(["\ud83d", "\U0001f600", "\uffff", "a", ""]),
            inner,
        )
        | st.dictionaries(st.integers(0, 3) | st.none() | st.booleans(), inner, max_size=1)
    ),
    max_leaves=12,
)
"""What somebody may take for JSON, among it much that is none."""


@settings(max_examples=400, deadline=None)
@given(ANY)
def test_the_bytes_and_the_refusals_are_those_of_the_library(value: Any) -> None:
    try:
        written = rfc8785.dumps(value)
    except ValueError as refused:
        with pytest.raises(type(refused)):
            canonical(value)
    else:
        assert canonical(value) == written


class _Colour(StrEnum):
    RED = "red"


class _Size(IntEnum):
    SMALL = 1


@pytest.mark.parametrize("value", [_Colour.RED, _Size.SMALL, {_Colour.RED: [_Size.SMALL]}])
def test_enumerations_are_written_by_their_value(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("number", [2.0**53, 1e20, -1e20, 2.497969658402013e16])
def test_large_floats_are_read_as_floats_and_stay_canonical(number: float) -> None:
    written = canonical(number)
    assert b"e" not in written
    assert parsed(written) == number
    assert canonical(parsed(written)) == written


@quick
@given(JSON)
def test_a_digest_is_the_sha_256_of_the_canonical_bytes(value: Any) -> None:
    assert digest_of(value) == hashlib.sha256(canonical(value)).hexdigest()


def test_a_known_digest_stays_what_it_is() -> None:
    # sha-256 of the two bytes `{}`; stored evidence would be lost if this ever changed.
    assert digest_of({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize("value", [2**53 + 1, {1: "key"}, {"a": object()}, "\ud800"])
def test_what_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(value)

"""Whether a sentence says more than its proof."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.faithful import overreach

PROOF = (
    "The first scan, 2026-05-24 01:13 UTC, lies after ship-by, 2026-05-23 08:56 UTC.",
    "1,234.50",
    "3",
    "ord_0004711",
    "outage",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The first scan of ord_0004711 came on 2026-05-24 at 01:13, after ship-by on 2026-05-23.",
        "El primer escaneo es del 2026-05-24; el plazo acababa el 2026-05-23 08:56.",
        "首次扫描在2026-05-24,晚于2026-05-23。",
        "It concerns 1.234,50 and three parcels.",
        "Trata de 1 234.5 y de tres paquetes.",
        "涉及三个包裹。",
        "The record says “outage”.",
        "One thing stands: it was late.",
    ],
)
def test_what_the_proof_holds_may_be_said_in_other_words(sentence):
    assert overreach(sentence, PROOF) == ""


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("The first scan came on 2026-05-25.", "a date in it stands in no proof"),
        ("The first scan came on 2026-05-24 at 02:13.", "a time in it stands in no proof"),
        ("The first scan came at 2026-05-24 01:14 UTC.", "a date in it stands in no proof"),
        ("The first scan came on 24 May 2026.", "a date in it is not written as in the proof"),
        ("El primer escaneo es del 24 de mayo.", "a date in it is not written as in the proof"),
        ("首次扫描在5月24日。", "a date in it is not written as in the proof"),
        ("It was 17 hours late.", "a number in it stands in no proof"),
        ("It concerns 1,234.60.", "a number in it stands in no proof"),
        ("It concerns four parcels.", "a number in it, in words, stands in no proof"),
        ("Son cuatro paquetes.", "a number in it, in words, stands in no proof"),
        ("涉及四个包裹。", "a number in it, in words, stands in no proof"),
        ("The order is ord_0004712.", "an identifier in it stands in no proof"),
        ("The seller said “I was ill”.", "a quote in it stands in no proof"),
        ("El vendedor dice «estaba enfermo».", "a quote in it stands in no proof"),
    ],
)
def test_a_value_of_its_own_is_told(sentence, told):
    assert overreach(sentence, PROOF) == told


values = st.one_of(
    st.integers(0, 10**9).map(str),
    st.decimals(0, 10**6, places=2).map(str),
    st.datetimes().map(lambda one: f"{one:%Y-%m-%d %H:%M} UTC".rjust(20, "0")),
    st.from_regex(r"[a-z]{2,4}_[0-9]{4,7}", fullmatch=True),
)


@given(st.lists(values, min_size=1, max_size=5))
def test_a_sentence_proves_itself(found):
    sentence = f"These stand: {'; '.join(found)}."
    assert overreach(sentence, [sentence]) == ""


@given(st.lists(st.integers(2, 10**6), min_size=1, max_size=4), st.integers(2, 10**6))
def test_a_number_that_no_proof_holds_is_always_told(proven, said):
    told = overreach(f"There were {said} of them.", map(str, proven))
    assert bool(told) == (said not in proven)

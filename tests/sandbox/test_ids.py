from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import ids

KINDS = ["sel", "buy", "lst", "ord", "vio", "app", "doc", "msg", "clm", "alr", "inc", "case"]


@given(kind=st.sampled_from(KINDS), number=st.integers(0, 10**9))
def test_an_id_reads_back_as_its_number(kind, number):
    assert ids.parse(kind, ids.render(kind, number)) == number


@given(kind=st.sampled_from(KINDS), text=st.text(max_size=20))
def test_only_rendered_ids_are_read(kind, text):
    number = ids.parse(kind, text)
    assert number is None or ids.render(kind, number) == text


@pytest.mark.parametrize(
    "text", ["ord_123", "ord_00000123456", "sel_0000123", "ord_0001234\n", "ord_٠٠٠١٢٣٤"]
)
def test_look_alikes_are_refused(text):
    assert ids.parse("ord", text) is None


def test_numbers_are_handed_out_once():
    numbers = ids.Numbers()
    assert numbers.take("ord", 2).tolist() == [1, 2]
    assert numbers.take("sel", 1).tolist() == [1]
    assert numbers.take("ord", 1).tolist() == [3]
    assert numbers.used("ord") == 3

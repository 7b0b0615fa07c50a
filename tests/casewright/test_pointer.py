"""JSON Pointers as the library writes and follows them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from jsonpointer import JsonPointer, resolve_pointer

from casewright.pointer import pointer_of

STEPS = st.lists(st.text() | st.sampled_from(["~1", "a/b", "~", "/"]) | st.integers(0, 3))


@given(STEPS)
def test_a_pointer_is_the_one_that_the_library_writes(steps: list[str | int]) -> None:
    assert pointer_of(steps) == JsonPointer.from_parts(steps).path


@given(STEPS)
def test_a_pointer_leads_where_its_steps_lead(steps: list[str | int]) -> None:
    value: object = "here"
    for step in reversed(steps):
        value = {str(step): value}
    assert resolve_pointer(value, pointer_of(steps)) == "here"

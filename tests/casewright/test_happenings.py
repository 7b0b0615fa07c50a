"""Digests of models are those of what the store keeps of them, whatever numbers they hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.canonical import digest_of, parsed
from casewright.happenings import digest_of_model
from casewright.models import Citation

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_a_model_has_the_digest_of_its_json(value: Any) -> None:
    cited = Citation(kind="evidence", reference="a", quote=value)
    assert digest_of_model(cited) == digest_of(parsed(cited.model_dump_json()))


@pytest.mark.parametrize("value", [2**53 + 1, float("nan"), 1e300, -0.0, 1e22])
def test_numbers_that_only_their_text_can_tell_have_a_digest(value: Any) -> None:
    cited = Citation(kind="evidence", reference="a", quote=value)
    assert digest_of_model(cited) == digest_of(parsed(cited.model_dump_json()))

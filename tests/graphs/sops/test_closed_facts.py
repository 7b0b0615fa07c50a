"""What closed cases of the sandbox note speaks of the factors that the built-in SOPs ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graphs.library import Library
from graphs.sop import Sop
from sandbox.casetypes import CASE_TYPES

TABLES = {each.name: each.table for each in CASE_TYPES}


@pytest.mark.parametrize("name", Library().sops())
def test_every_question_is_a_column_that_reviewers_read_and_note(
    load: Callable[[str], Sop], name: str
) -> None:
    sop = load(name)
    table = TABLES[sop.spec.case_type]
    questions = {factor.name for factor in sop.questions}
    assert questions == set(table.read)
    noted = set(table.flags()) - set(table.unnoted)
    assert questions <= noted <= set(sop.factors)

from collections.abc import Callable

import pytest

from casewright.errors import EnvironmentFault
from casewright.models import GoldCase
from evals.commands import _told_alone, of_world

Writer = Callable[..., GoldCase]


def test_a_case_is_judged_in_the_world_that_it_names(gold: Writer) -> None:
    cases = [gold("a"), gold("b", seed=7), gold("c", seed=11)]
    assert [(one.case_id, one.seed) for one in of_world(cases, 7)] == [("a", 7), ("b", 7)]
    assert of_world(cases, None) == tuple(cases)


def test_a_fault_of_the_machine_is_told_alone() -> None:
    fault = EnvironmentFault("results.jsonl cannot be written: No space left on device.")
    with pytest.raises(EnvironmentFault, match="No space"), _told_alone():
        raise ExceptionGroup("tasks", [fault])
    with pytest.raises(ExceptionGroup), _told_alone():
        raise ExceptionGroup("tasks", [ZeroDivisionError()])

"""Which calls of a killed batch are counted as repeated, and which kill they are put down to."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from batch_kills import Call, Kill, charge


def test_a_repeated_call_is_put_down_to_the_kill_before_it() -> None:
    kills = [Kill(at=10.0, flying=2), Kill(at=20.0, flying=1)]
    calls = [
        Call(1.0, "/v1/orders/a", 1.1),
        Call(9.9, "/v1/orders/b", 10.2),
        Call(9.9, "/v1/orders/c", 10.2),
        Call(11.0, "/v1/orders/a", 11.1),  # answered long before
        Call(11.0, "/v1/orders/b", 11.1),  # was on its way
        Call(12.0, "/v1/orders/c", 12.1),
        Call(21.0, "/v1/cases?limit=1", 21.1),
        Call(22.0, "/v1/orders/shared", 22.1),
    ]
    calls += [Call(21.0, "/v1/cases?limit=1", 21.1), Call(23.0, "/v1/chat/completions x", 23.1)]
    calls += [Call(21.0, "/v1/lost", 21.1), Call(22.5, "/v1/lost", 22.6)]  # no kill between
    reference = Counter({one.what: 1 for one in calls})
    reference["/v1/chat/completions x"] = 0  # a prompt that was worded otherwise alone
    assert charge(kills, reference, calls) == (["/v1/cases?limit=1"], ["/v1/lost"])
    assert kills[0].repeated == ["/v1/orders/a", "/v1/orders/b", "/v1/orders/c"]
    assert (kills[0].answered, kills[0].excess) == (1, 1)
    assert (kills[1].repeated, kills[1].excess) == ([], 0)


def test_what_several_cases_ask_is_not_repeated_when_it_was_shared() -> None:
    kills = [Kill(at=10.0, flying=1)]
    calls = [Call(at, "/v1/sellers/s", at + 0.1) for at in (1.0, 11.0)]
    charge(kills, Counter({"/v1/sellers/s": 2}), calls)
    assert kills[0].repeated == []

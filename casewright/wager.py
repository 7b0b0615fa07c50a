"""Whether a promised error is exceeded, asked anew after every case and never too often.

A wager against the promise "at most a share ``target`` is wrong": the mixture likelihood ratio

    E = mean over q of prod (q / target)^x · ((1 - q) / (1 - target))^(1 - x),  x = 1 for an error

with q greater than the target. While the promise holds, whoever stakes 1 has E on average at most 1
after any number of cases, and by Ville's inequality (1939) E ever reaches 1/a with probability a at
most: one may look after each case and stop at will (Robbins 1970; Howard, Ramdas, McAuliffe and
Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences"; Waudby-Smith and
Ramdas 2024, "Estimating means of bounded random variables by betting").
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

MULTIPLES: Final = (1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
"""Errors that are wagered on, as multiples of the target."""


def e_value(looked: int, errors: int, target: float) -> float:
    """The evidence against the promise; it does not depend on the order of the cases.

    Args:
        looked: Cases whose truth is known, 0 or more.
        errors: Of them those that were wrong.
        target: The promised share, within 0 and 1, both excluded.

    Raises:
        ValueError: the counts or the target cannot be.
    """
    if not 0 <= errors <= looked or not 0 < target < 1:
        raise ValueError(f"{errors} errors in {looked} cases at a target of {target} cannot be.")
    rivals = sorted({min(many * target, (1 + target) / 2) for many in MULTIPLES})
    logs = [_log_ratio(looked, errors, rival, target) for rival in rivals]
    return math.exp(min(700.0, _log_mean(logs)))


def _log_ratio(looked: int, errors: int, rival: float, target: float) -> float:
    right = looked - errors
    return errors * math.log(rival / target) + right * math.log((1 - rival) / (1 - target))


def _log_mean(logs: Iterable[float]) -> float:
    found = list(logs)
    top = max(found)
    return top + math.log(sum(math.exp(one - top) for one in found) / len(found))

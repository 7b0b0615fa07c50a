"""Cautious rates."""

from __future__ import annotations

import math


def wilson_low(hits: int, total: int) -> float:
    """Return the lower end of the 95% Wilson score interval for ``hits`` of ``total``.

    Wilson, E. B. (1927), Journal of the American Statistical Association 22. 0 of 0 gives 0.
    """
    if total == 0:
        return 0.0
    z = 1.959964
    rate = min(1.0, hits / total)
    spread = z * math.sqrt(rate * (1 - rate) / total + z * z / (4 * total * total))
    return max(0.0, round((rate + z * z / (2 * total) - spread) / (1 + z * z / total), 6))

"""Named random streams: each part of the world draws from its own, undisturbed by the others."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of the part called ``name`` in the world of ``seed``."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def lognormal(
    rng: np.random.Generator, median: float | Floats, sigma: float | Floats, count: int
) -> Floats:
    """Draw ``count`` lognormal values with the given median and log-scale deviation."""
    return np.asarray(median) * np.exp(np.asarray(sigma) * rng.standard_normal(count))


def pick(
    rng: np.random.Generator, values: Sequence[str], weights: Sequence[float], count: int
) -> list[str]:
    """Draw ``count`` of ``values`` by ``weights``, which need not sum to one."""
    share = np.asarray(weights, dtype=np.float64)
    chosen = rng.choice(len(values), size=count, p=share / share.sum())
    return [values[int(i)] for i in chosen]


def whole(values: Floats) -> Ints:
    """Round to whole numbers (seconds, cents)."""
    return np.rint(values).astype(np.int64)


def scan_lateness(rng: np.random.Generator, count: int) -> Ints:
    """Seconds between a scan and its record: LN(2 h, 1.0), 3% over 36 h (handbook 11.3)."""
    usual = np.minimum(lognormal(rng, 2.0, 1.0, count), 36.0)
    late = 36.0 + rng.exponential(20.0, count)
    return whole(3600 * np.where(rng.random(count) < 0.03, late, usual))

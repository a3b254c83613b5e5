"""Limits of a funnel plot: how far chance alone takes a supplier of this size from the target.

Pure. Source: docs/domains/parts.md, "Funnel".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from pilothouse.parts.estimation import log_gamma
from pilothouse.parts.stocking import beyond


@lru_cache(maxsize=16384)
def limits(expected: float, level: float = 0.95) -> tuple[float, float]:
    """Exact Poisson limits of the ratio observed / expected at a target of 1. expected > 0.

    The means at which a count of at least, and of at most, `expected` has chance (1 - level) / 2: half the quantiles
    of chi-squared with 2 n and 2 n + 2 degrees of freedom (Garwood 1936), as FunnelPlotR draws them; between whole
    numbers the gamma function continues them.
    """
    tail = (1 - level) / 2
    low = _mean_with(expected, tail, float(beyond(expected)))
    high = _mean_with(expected + 1, 1 - tail, float(beyond(beyond(expected))))
    return low / expected, high / expected


def chance(seen: int, expected: float) -> float:
    """The chance of a count as far out on its side of a Poisson mean `expected` > 0, or farther."""
    return _at_least(expected, seen) if seen > expected else 1 - _at_least(expected, seen + 1)


def _at_least(mean: float, count: float) -> float:
    """P(N >= count) of a Poisson N: the regularised lower incomplete gamma function, as its series."""
    if count <= 0:
        return 1.0
    return _series(count, mean)(mean) if mean > 0 else 0.0


def _series(count: float, top: float) -> Callable[[float], float]:
    """P(N >= count > 0) as a function of the mean, 0 < mean <= top."""
    at = count + np.arange(max(beyond(top) - int(count), 1) + 1, dtype=float)
    factorials = log_gamma(at + 1)
    return lambda mean: float(np.exp(at * np.log(mean) - mean - factorials).sum())


def _mean_with(count: float, tail: float, top: float) -> float:
    """The mean, between 0 and top, at which P(N >= count) is `tail`, to ten digits."""
    if count <= 0:
        return 0.0
    at_least = _series(count, top)
    low, high = 0.0, top
    for _ in range(44):  # each halves what is left: eleven digits or more
        middle = (low + high) / 2
        low, high = (middle, high) if at_least(middle) < tail else (low, middle)
    return (low + high) / 2

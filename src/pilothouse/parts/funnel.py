"""Limits of a funnel plot: how far chance alone takes a supplier of this size from the target.

Pure. Source: docs/domains/parts.md, "Funnel".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pilothouse.parts.stocking import beyond, poisson


def limits(expected: int, level: float = 0.95) -> tuple[float, float]:
    """Exact Poisson limits of the ratio observed / expected at a target of 1, for a whole expected count >= 1.

    The means at which a count of at least, and of at most, `expected` has chance (1 - level) / 2: half the quantiles
    of chi-squared with 2 n and 2 n + 2 degrees of freedom (Garwood 1936), as FunnelPlotR draws them.
    """
    tail = (1 - level) / 2

    def at_most(mean: float, count: int) -> float:
        return float(poisson(mean, max(beyond(mean), count + 1))[: count + 1].sum())

    low = _falling(lambda mean: at_most(mean, expected - 1) - (1 - tail), float(beyond(expected)))
    high = _falling(lambda mean: at_most(mean, expected) - tail, float(beyond(beyond(expected))))
    return low / expected, high / expected


def _falling(function: Callable[[float], float], top: float) -> float:
    """The zero of a falling function between 0 and top."""
    low, high = 0.0, top
    while high - low > 4 * np.spacing(high):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) > 0 else (low, middle)
    return (low + high) / 2

"""The best plan that can be found in the time, checked, with a bound that no plan exceeds.

Small problems: linear relaxation, reduced-cost fixing, whole-number core by HiGHS and a beam over items
(`beam.py`), or neighbourhoods of a plan where options are tied (`neighbours.py`). Large ones: prices by our own dual
decomposition (`pricing.py`). Source: docs/domains/masterplan.md.
"""

from __future__ import annotations

import time

from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.masterplan.reduced import Contradiction, reduce
from pilothouse.masterplan.rules import Plan, Problem
from pilothouse.masterplan.searching import Search

__all__ = ["Contradiction", "solve"]


def solve(
    problem: Problem, *, gap: float = 0.005, seconds: float = 30.0, progress: Progress = SILENT
) -> Plan:
    """A plan within `gap` of the bound, or the best found in about `seconds`. Raises Contradiction if there is none."""
    started = time.perf_counter()
    reduced = reduce(problem)
    search = Search(reduced, gap, started + seconds, progress)
    search.run()
    return search.plan(time.perf_counter() - started)

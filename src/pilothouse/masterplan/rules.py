"""The problem of the master plan, a plan, and the independent check of one against the other.

Source: docs/domains/masterplan.md, "Model" and "Check". Nothing here knows how plans are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import fsum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SLACK = 2.0**-51
"""Share of a limit's maximum that reading decimals as binary numbers can account for: 0.1 + 0.2 is within 0.3."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Items with options, limits, and what ties options together. The options of an item stand side by side.

    start: item i has the options start[i] to start[i + 1]. benefit: of each option, in points.
    must: items of which exactly one option is chosen. bundle: of each option, -1 without. committed: chosen anyhow.
    needs: rows of (option, the option it requires). use_start: option o uses use_limit and use_amount from
    use_start[o] to use_start[o + 1], each limit at most once. cap: the maximum of each limit. Amounts and maxima are
    finite and not below zero.
    """

    start: Ints
    benefit: Floats
    must: Flags
    bundle: Ints
    committed: Flags
    needs: Ints
    use_start: Ints
    use_limit: Ints
    use_amount: Floats
    cap: Floats

    @property
    def options(self) -> int:
        return len(self.benefit)

    @property
    def items(self) -> int:
        return len(self.must)

    @property
    def limits(self) -> int:
        return len(self.cap)

    @cached_property
    def item(self) -> Ints:
        """The item of each option."""
        return np.repeat(np.arange(self.items), np.diff(self.start))

    @cached_property
    def use_option(self) -> Ints:
        """The option of each use."""
        return np.repeat(np.arange(self.options), np.diff(self.use_start))

    @cached_property
    def is_plain(self) -> bool:
        """Nothing ties options of different items but the limits."""
        return len(self.needs) == 0 and not bool((self.bundle >= 0).any())


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """A plan that was checked, and a bound that no plan exceeds.

    price: shadow price of each limit, points a unit. ties, calls: of bundles and requirements (reduced.py). worth: of each option, what the shadow prices of its uses and
    ties leave of its benefit. status: optimal, within_gap or time.
    """

    chosen: Flags
    benefit: float
    bound: float
    seconds: float
    status: str
    price: Floats
    ties: Floats
    calls: Floats
    worth: Floats

    @property
    def gap(self) -> float:
        """How far the benefit can be from the best, as a share of the bound."""
        return gap_of(self.benefit, self.bound)


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that a plan breaks: limit, item, must, bundle, requires or committed, and where."""

    rule: str
    place: int


def gap_of(benefit: float, bound: float) -> float:
    """(bound - benefit) / |bound|, never below zero; a bound of zero is measured against the benefit.

    Without a bound yet the gap is infinite.
    """
    if bound == np.inf:
        return np.inf
    apart = bound - benefit
    if apart <= 0:
        return 0.0
    return apart / max(abs(bound), abs(benefit))


def value(problem: Problem, chosen: Flags) -> float:
    """The sum of the chosen benefits, correctly rounded, whatever their sizes."""
    return fsum(problem.benefit[chosen].tolist())


def used(problem: Problem, chosen: Flags) -> list[float]:
    """What a plan uses of each limit, each sum correctly rounded."""
    mine = chosen[problem.use_option]
    limit, amount = problem.use_limit[mine], problem.use_amount[mine]
    order = np.argsort(limit, kind="stable")
    edges = np.searchsorted(limit[order], np.arange(problem.limits + 1))
    sums = amount[order].tolist()
    return [fsum(sums[a:b]) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]


def broken(problem: Problem, chosen: Flags) -> list[Breach]:
    """Every rule that the plan breaks; empty for a plan that may be carried out.

    A limit holds if its exact sum is at most the maximum, but for `SLACK`.
    """
    breaches = [Breach("limit", place) for place, (total, cap) in enumerate(zip(used(problem, chosen), problem.cap.tolist(), strict=True)) if total > cap * (1 + SLACK)]  # fmt: skip
    count = np.bincount(problem.item[chosen], minlength=problem.items)
    breaches += [Breach("item", int(place)) for place in np.flatnonzero(count > 1)]
    breaches += [Breach("must", int(place)) for place in np.flatnonzero(problem.must & (count == 0))]
    breaches += [Breach("committed", int(place)) for place in np.flatnonzero(problem.committed & ~chosen)]
    tied = problem.bundle >= 0
    if tied.any():
        size = np.bincount(problem.bundle[tied])
        taken = np.bincount(problem.bundle[tied & chosen], minlength=len(size))
        breaches += [Breach("bundle", int(place)) for place in np.flatnonzero((taken > 0) & (taken < size))]
    if len(problem.needs):
        unmet = chosen[problem.needs[:, 0]] & ~chosen[problem.needs[:, 1]]
        breaches += [Breach("requires", int(place)) for place in problem.needs[unmet, 0]]
    return breaches

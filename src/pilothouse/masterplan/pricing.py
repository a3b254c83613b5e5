"""Prices for problems that are too large for HiGHS as a whole: our own dual decomposition over numpy.

Given prices of the limits, every item decides alone. A sample of the items, with its share of each limit, gives first
prices; bundles and requirements are priced by a relaxation of the items that they tie, without limits; a cutting plane
with a box of trust (Kelley 1960; Marsten, Hogan and Blankenship 1975) then finds the prices of the least bound.
Source: docs/domains/masterplan.md, "Large problems".
"""

from __future__ import annotations

import time
from dataclasses import replace

import highspy
import numpy as np

from pilothouse.masterplan.highs import relax, solver, whole
from pilothouse.masterplan.reduced import Contradiction, Prices, Reduced, priced
from pilothouse.masterplan.rules import Flags, Floats, Ints, Problem

SAMPLE = 12_000
"""Options of the sample that the first prices come from."""
STEPS = 60
ENOUGH = 1e-6
"""A promised decrease below this share of the bound ends the search for prices."""


def sampled(reduced: Reduced, seconds: float, seed: int = 0) -> Floats:
    """Prices of the limits from a sample of the items, ties left aside; zeros if it says nothing."""
    p = reduced.problem
    rng = np.random.default_rng(seed)
    open_items = np.unique(p.item[reduced.allowed & ~reduced.forced])
    each = max(len(np.flatnonzero(reduced.allowed)) / max(len(open_items), 1), 1.0)
    take = np.sort(rng.choice(open_items, min(len(open_items), int(SAMPLE / each) + 1), replace=False))
    part, _ = items_of(reduced, take, (p.cap - reduced.used) * len(take) / max(len(open_items), 1))
    try:
        relaxed = relax(part, part.allowed, part.forced, seconds)
    except Contradiction:
        return np.zeros(p.limits)
    return relaxed.prices.limits if relaxed else np.zeros(p.limits)


def items_of(reduced: Reduced, items: Ints, cap: Floats) -> tuple[Reduced, Ints]:
    """A problem of some items alone, without ties, with its own limits; and which options its options are."""
    p = reduced.problem
    counts = p.start[items + 1] - p.start[items]
    start = np.append(0, np.cumsum(counts))
    options = np.repeat(p.start[items] - start[:-1], counts) + np.arange(start[-1])
    use_counts = p.use_start[options + 1] - p.use_start[options]
    use_start = np.append(0, np.cumsum(use_counts))
    uses = np.repeat(p.use_start[options] - use_start[:-1], use_counts) + np.arange(use_start[-1])
    none = np.zeros(len(options), bool)
    part = Problem(start, p.benefit[options], p.must[items], np.full(len(options), -1), none, np.zeros((0, 2), np.int64), use_start, p.use_limit[uses], p.use_amount[uses], np.maximum(cap, 0.0))  # fmt: skip
    return Reduced(part, none, reduced.allowed[options], reduced.must[items]), options


class Tied:
    """The items that bundles and requirements tie, as a problem of their own without limits."""

    def __init__(self, reduced: Reduced) -> None:
        self.reduced = reduced
        p = reduced.problem
        touched = np.zeros(p.options, bool)
        for pairs in (reduced.ties, p.needs):
            touched[pairs.ravel()] = True
        self.items = np.zeros(p.items, bool)
        self.items[p.item[touched]] = True
        self.options = self.items[p.item]
        free = np.zeros(p.options + 1, np.int64)
        self.alone = replace(reduced, problem=replace(p, use_start=free, use_limit=np.zeros(0, np.int64), use_amount=np.zeros(0), cap=np.zeros(0)))  # fmt: skip

    def _at(self, limits: Floats) -> tuple[Reduced, Flags, Flags]:
        p = self.reduced.problem
        worth = p.benefit - priced(p, limits)
        alone = replace(self.alone, problem=replace(self.alone.problem, benefit=worth), must=self.reduced.must & self.items)  # fmt: skip
        held = self.reduced.forced & self.options
        settled = np.bincount(p.item[held], minlength=p.items) > 0
        return alone, self.options & self.reduced.allowed & ~settled[p.item], held

    def prices(self, limits: Floats, seconds: float) -> Prices:
        """The prices of ties and requirements at these prices of the limits."""
        alone, free, held = self._at(limits)
        relaxed = relax(alone, free, held, seconds) if free.any() else None
        nothing = self.reduced.nothing()
        return (
            Prices(limits, relaxed.prices.ties, relaxed.prices.needs)
            if relaxed
            else replace(nothing, limits=limits)
        )

    def plan(self, limits: Floats, seconds: float) -> Flags | None:
        """What the tied items do at these prices, each tie and requirement held; None if none was found in time."""
        alone, free, held = self._at(limits)
        return whole(alone, free, held, seconds, share=1e-4).chosen if free.any() else held


def descend(reduced: Reduced, prices: Prices, deadline: float, steps: int = STEPS) -> Prices:
    """Better prices of the limits, those of ties as they are: the least bound that a cutting plane finds in time."""
    at = _Evaluated(reduced, prices)
    centre, (value, slope) = prices.limits.copy(), at(prices.limits)
    points, values, slopes = [centre], [value], [slope]
    scale = np.maximum(centre, _usual(reduced.problem))
    box = 0.2
    for _ in range(steps):
        if time.perf_counter() > deadline:
            break
        trial, promised = _lowest(np.array(points), np.array(values), np.array(slopes), centre, box * scale)
        if trial is centre or value - promised <= ENOUGH * abs(value):
            break
        found, slope = at(trial)
        points.append(trial)
        values.append(found)
        slopes.append(slope)
        if found < value:
            box = min(box * 1.5, 1.0) if value - found > 0.5 * (value - promised) else box
            centre, value = trial, found
        else:
            box *= 0.9
    return replace(prices, limits=centre)


def _usual(problem: Problem) -> Floats:
    """A price at which a limit's whole maximum would be worth a hundredth of all benefits."""
    total = float(np.abs(problem.benefit).sum()) / max(problem.options / max(problem.items, 1), 1.0)
    return 0.01 * total / max(problem.limits, 1) / np.maximum(problem.cap, 1e-300) * (problem.cap > 0)


class _Evaluated:
    """The bound and its slope at prices of the limits, in a few passes over the options."""

    def __init__(self, reduced: Reduced, prices: Prices) -> None:
        p = self.p = reduced.problem
        self.must = reduced.must
        benefit = reduced.worth(replace(prices, limits=np.zeros(p.limits)))
        self.benefit = np.where(reduced.allowed, benefit, -np.inf)
        self.single = len(p.use_limit) == p.options and bool((np.diff(p.use_start) == 1).all())

    def __call__(self, limits: Floats) -> tuple[float, Floats]:
        p = self.p
        each = limits[p.use_limit] * p.use_amount
        worth = self.benefit - (each if self.single else np.bincount(p.use_option, each, p.options))
        best = np.maximum.reduceat(worth, p.start[:-1])
        taken = np.flatnonzero(worth == best[p.item])
        taken = taken[np.append(True, np.diff(p.item[taken]) > 0)]  # one an item, the first of equals
        taken = taken[(best > 0) | self.must]
        total = np.where(self.must, best, np.maximum(best, 0.0)).sum()
        uses = taken if self.single else _spans(p.use_start[taken], p.use_start[taken + 1])
        used = np.bincount(p.use_limit[uses], p.use_amount[uses], p.limits)
        return float(total + limits @ p.cap), p.cap - used


def _spans(start: Ints, stop: Ints) -> Ints:
    """All places from each start to its stop."""
    count = stop - start
    ends = np.cumsum(count)
    return np.repeat(start - (ends - count), count) + np.arange(ends[-1] if len(ends) else 0)


def _lowest(
    points: Floats, values: Floats, slopes: Floats, centre: Floats, box: Floats
) -> tuple[Floats, float]:
    """The prices within the box at which the highest of all cuts is lowest, and how low it is."""
    m = points.shape[1]
    size = max(float(np.abs(values).max()), 1e-300)
    unit = np.maximum(box, 1e-300)
    rows = np.concatenate([slopes * unit / size, -np.ones((len(values), 1))], axis=1)
    base = (values - (slopes * (points - centre)).sum(axis=1)) / size  # each cut's height at the centre
    lowest = float(base.max())
    h = solver()
    n, inf = m + 1, highspy.kHighsInf
    lower = np.append(np.maximum(-1.0, -centre / unit), -10.0)
    starts = np.arange(len(values) + 1, dtype=np.int32) * n
    columns = np.tile(np.arange(n, dtype=np.int32), len(values))
    cost = np.append(np.zeros(m), 1.0)
    boost = 1e4  # far more than HiGHS' tolerance, of decreases that are small shares of the bound
    rows[:, :m] *= boost
    h.passModel(n, len(values), rows.size, 2, 1, 0.0, cost, lower * np.append(np.ones(m), boost), np.append(np.ones(m), boost), np.full(len(values), -inf), (lowest - base) * boost, starts, columns, rows.ravel(), np.zeros(n, np.int32))  # fmt: skip
    h.run()
    solved = np.array(h.getSolution().col_value)
    if h.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return centre, lowest * size  # nothing lower is promised, which ends the search
    trial: Floats = np.maximum(centre + solved[:m] * unit, 0.0)
    return trial, float(lowest + solved[m] / boost) * size

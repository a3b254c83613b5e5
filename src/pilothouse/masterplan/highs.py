"""The one place that talks to HiGHS: the linear relaxation with its prices, and the whole-number model.

A problem is handed over in plain arrays; limits are scaled by powers of two so that amounts of any size meet
HiGHS' absolute tolerances. What comes back is never trusted: bounds are worked out anew from the prices, and plans
are checked.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import highspy
import numpy as np

from pilothouse.masterplan.reduced import Contradiction, Prices, Reduced
from pilothouse.masterplan.rules import Flags, Floats, Ints

TOLERANCE = 1e-6
"""HiGHS' own: what a whole-number bound may be off by, as a share of the largest benefit."""
SMALL = 200
"""Options up to which HiGHS gets no plan to start from."""
_INF = highspy.kHighsInf


@dataclass(frozen=True, eq=False)
class Model:
    """Columns are `options`; rows by number in coordinates, each with its lower and upper end."""

    options: Ints
    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    starts: Ints
    columns: Ints
    values: Floats
    limit_scale: Floats
    cost_scale: float
    kinds: tuple[Ints, Ints, Ints]
    """Rows of limits, of ties, of calls: the number of the limit, tie or call of each."""


def model(reduced: Reduced, free: Flags, kept: Flags) -> Model:
    """The problem over the options `free`, with those `kept` chosen and all others not.

    Items of which an option is kept have no free options; requirements and ties towards them are decided by the
    caller (`free` holds no option whose requirement is not free, kept or met).
    """
    p = reduced.problem
    options = np.flatnonzero(free)
    place = np.full(p.options, -1)
    place[options] = np.arange(len(options))
    mine = kept[p.use_option]
    room = p.cap - np.bincount(p.use_limit[mine], p.use_amount[mine], p.limits)
    uses = np.flatnonzero(free[p.use_option])
    limits, limit_row = np.unique(p.use_limit[uses], return_inverse=True)
    largest = np.zeros(p.limits)
    np.maximum.at(largest, p.use_limit[uses], p.use_amount[uses])
    scale = _power(largest, 1000.0)
    rows, columns, values = (
        [limit_row],
        [place[p.use_option[uses]]],
        [p.use_amount[uses] * scale[p.use_limit[uses]]],
    )
    lower, upper = [np.full(len(limits), -_INF)], [np.maximum(room[limits], 0.0) * scale[limits]]
    # One row an item, where it may hold more than one or must hold one.
    count = np.bincount(p.item[options], minlength=p.items)
    decided = np.bincount(p.item[kept], minlength=p.items) > 0
    must = reduced.must & ~decided
    if (must & (count == 0)).any():
        raise Contradiction
    items, item_row = np.unique(p.item[options], return_inverse=True)
    at = len(limits)
    rows.append(at + item_row)
    columns.append(np.arange(len(options)))
    values.append(np.ones(len(options)))
    lower.append(np.where(must[items], 1.0, -_INF))
    upper.append(np.ones(len(items)))
    at += len(items)
    ties = (
        np.flatnonzero(free[reduced.ties[:, 0]] & free[reduced.ties[:, 1]])
        if len(reduced.ties)
        else np.zeros(0, np.int64)
    )
    needs = (
        np.flatnonzero(free[p.needs[:, 0]] & free[p.needs[:, 1]]) if len(p.needs) else np.zeros(0, np.int64)
    )
    own = at + np.arange(len(ties))
    rows += [own, own]
    columns += [place[reduced.ties[ties, 0]], place[reduced.ties[ties, 1]]]
    values += [np.ones(len(ties)), -np.ones(len(ties))]
    at += len(ties)
    calls, call_row = np.unique(reduced.call[needs], return_inverse=True)
    rows += [at + call_row, at + np.arange(len(calls))]
    columns += [place[p.needs[needs, 0]], place[reduced.called[calls]]]
    values += [np.ones(len(needs)), -np.ones(len(calls))]
    at += len(calls)
    lower += [np.zeros(len(ties)), np.full(len(calls), -_INF)]
    upper += [np.zeros(len(ties) + len(calls))]
    row = np.concatenate(rows)
    order = np.argsort(row, kind="stable")
    starts = np.searchsorted(row[order], np.arange(at + 1))
    benefit = p.benefit[options]
    cost_scale = float(_power(np.array([np.abs(benefit).max(initial=0.0)]), 10_000.0)[0])
    return Model(
        options, -benefit * cost_scale, np.zeros(len(options)), np.ones(len(options)), np.concatenate(lower), np.concatenate(upper),
        starts, np.concatenate(columns)[order], np.concatenate(values)[order], scale, cost_scale, (limits, ties, calls),
    )  # fmt: skip


def _power(largest: Floats, wanted: float) -> Floats:
    """Powers of two that bring the largest to about `wanted`; numbers of ordinary size stay as they are."""
    usual = (largest <= 0) | ((largest >= 1.0) & (largest <= 1e6))
    exponent = np.log2(wanted) - np.log2(np.where(usual, wanted, largest))
    return np.asarray(np.exp2(np.round(np.where(usual, 0.0, exponent))))


def solver() -> Any:
    """A silent HiGHS of one thread."""
    _take_banner()
    h: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # its own stubs know only half of it
    h.silent()
    h.setOptionValue("threads", 1)
    return h


@cache
def _take_banner() -> None:
    """The first HiGHS of a process writes its name on standard output, before it can be told not to; nothing of
    ours may stand there. It is made once with standard output turned away."""
    sys.stdout.flush()
    library = ctypes.CDLL(None) if os.name == "posix" else ctypes.cdll.msvcrt  # type: ignore[attr-defined,unused-ignore]
    library.fflush(None)
    kept = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()  # type: ignore[no-untyped-call]
        with suppress(AttributeError):
            library.fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _loaded(made: Model, *, whole: bool) -> Any:
    h = solver()
    n, m = len(made.options), len(made.row_lower)
    common = (n, m, len(made.values), 2, 1, 0.0, made.cost, made.lower, made.upper, made.row_lower, made.row_upper, made.starts.astype(np.int32), made.columns.astype(np.int32), made.values)  # fmt: skip
    h.passModel(*common, np.full(n, int(whole), np.int32))
    return h


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The linear relaxation: how far each option is chosen, the prices, its value."""

    share: Floats
    prices: Prices
    value: float


class Relaxation:
    """A relaxation that can be solved again for other benefits, from where the last one ended."""

    def __init__(self, reduced: Reduced, free: Flags, kept: Flags) -> None:
        self.reduced, self.kept = reduced, kept
        self.made = model(reduced, free, kept)
        self.h = _loaded(self.made, whole=False)

    def solved(self, seconds: float, benefit: Floats | None = None) -> Relaxed | None:
        """The relaxation's solution; None if the time ended. Raises Contradiction if it has none."""
        made, h = self.made, self.h
        if benefit is not None:
            columns = np.arange(len(made.options), dtype=np.int32)
            h.changeColsCost(len(columns), columns, -benefit[made.options] * made.cost_scale)
        h.setOptionValue("time_limit", float(h.getRunTime()) + max(seconds, 0.01))
        h.run()
        status = h.getModelStatus()
        if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
            raise Contradiction
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        solution = h.getSolution()
        share = self.kept.astype(float)
        share[made.options] = np.clip(solution.col_value, 0.0, 1.0)
        weighed = self.reduced.problem.benefit if benefit is None else benefit
        return Relaxed(share, self._prices(np.array(solution.row_dual)), float(weighed @ share))

    def _prices(self, row_dual: Floats) -> Prices:
        made = self.made
        dual = -row_dual / made.cost_scale
        limits, ties, calls = made.kinds
        prices = self.reduced.nothing()
        prices.limits[limits] = np.maximum(dual[: len(limits)], 0.0) * made.limit_scale[limits]
        at = len(dual) - len(ties) - len(calls)
        prices.ties[ties] = dual[at : at + len(ties)]
        prices.needs[calls] = np.maximum(dual[at + len(ties) :], 0.0)
        return prices


def relax(reduced: Reduced, free: Flags, kept: Flags, seconds: float) -> Relaxed | None:
    """Solve a relaxation once; None if the time ended. Raises Contradiction if it has no solution."""
    return Relaxation(reduced, free, kept).solved(seconds)


@dataclass(frozen=True, eq=False)
class Found:
    """chosen: None if no plan was found. bound: no plan within the model exceeds it; empty: there is no plan at all.

    is_final: HiGHS says that its plan is the best. is_through: it ended before its time.
    """

    chosen: Flags | None
    bound: float
    empty: bool
    is_final: bool = False
    is_through: bool = True


def whole(reduced: Reduced, free: Flags, kept: Flags, seconds: float, start: Flags | None = None, *, seed: int = 0, share: float = 0.0) -> Found:  # fmt: skip
    """Solve the whole-number model within the time; `share`: the gap at which it may stop, of its bound.

    The plan is HiGHS', so within its tolerances only; the bound is its own, widened by `TOLERANCE`. Trap (HiGHS
    1.16): with a start, a model that presolve reduces to nothing is called optimal at the start; so a small model gets
    none, and a plan that its own bound does not meet is not final.
    """
    made = model(reduced, free, kept)
    base = float(reduced.problem.benefit[kept].sum())
    if not len(made.options):
        return Found(kept.copy(), base, False, True)
    h = _loaded(made, whole=True)
    for name, setting in (("time_limit", max(seconds, 0.01)), ("mip_rel_gap", share), ("mip_abs_gap", 0.0), ("random_seed", seed)):  # fmt: skip
        h.setOptionValue(name, setting)
    if start is not None and len(made.options) >= SMALL:
        h.setSolution(len(made.options), np.arange(len(made.options), dtype=np.int32), start[made.options].astype(float))  # fmt: skip
    h.run()
    status = h.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Found(None, -np.inf, True)
    info = h.getInfo()
    bound = -info.mip_dual_bound / made.cost_scale
    margin = TOLERANCE * float(np.abs(made.cost).max()) / made.cost_scale
    bound = base + bound + margin + 1e-12 * abs(base) if np.isfinite(bound) else np.inf
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return Found(None, bound, False, is_through=False)
    chosen = kept.copy()
    chosen[made.options] = np.array(h.getSolution().col_value) > 0.5
    apart = bound - float(reduced.problem.benefit[chosen].sum())
    meets = apart <= 2 * margin + 1e-9 * abs(bound)
    is_through = status == highspy.HighsModelStatus.kOptimal
    return Found(chosen, bound, False, is_through and share == 0.0 and meets, is_through)

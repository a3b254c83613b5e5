"""Why there is no plan: the smallest set of commitments, items that must have an option, and limits that clash.

The smallest unsatisfiable set is a smallest hitting set of all correction sets (Reiter 1987; Ignatiev and others
2015): guess a smallest set that meets every known correction; if it can be kept, what had to give is a new one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np

from pilothouse.masterplan.highs import solver
from pilothouse.masterplan.reduced import called, tied_pairs
from pilothouse.masterplan.rules import SLACK, Flags, Floats, Ints, Problem

Wish = tuple[str, int]
"""What should hold: ("committed", option), ("must", item) or ("limit", limit)."""


@dataclass(frozen=True, slots=True)
class Clash:
    """What cannot hold together. is_smallest: proven to be of the fewest parts; else none of it may be missing."""

    wishes: tuple[Wish, ...]
    is_smallest: bool


def clash(problem: Problem, seconds: float = 10.0) -> Clash | None:
    """The smallest set that cannot hold together, or None if a plan exists after all."""
    deadline = time.perf_counter() + seconds
    elastic = _Elastic(problem)
    wishes = elastic.wishes
    if elastic.corrected(range(len(wishes)), deadline) is not None:
        return None
    simple = _one_limit(problem)
    corrections: list[list[int]] = []
    while time.perf_counter() < deadline:
        kept = _hitting(corrections, len(wishes))
        if simple is not None and len(kept) >= len(simple):
            return Clash(tuple(simple), True)
        given = elastic.corrected(kept, deadline)
        if given is None:
            return Clash(tuple(wishes[place] for place in kept), time.perf_counter() < deadline)
        corrections.append(given)
    if simple is not None:
        return Clash(tuple(simple), False)
    return Clash(tuple(wishes[place] for place in _thinned(elastic, seconds)), False)


def _thinned(elastic: _Elastic, seconds: float) -> list[int]:
    """All wishes without those that are not needed for the clash, as far as time allows."""
    deadline = time.perf_counter() + seconds
    kept = list(range(len(elastic.wishes)))
    for place in list(kept):
        rest = [one for one in kept if one != place]
        if time.perf_counter() > deadline:
            break
        if elastic.corrected(rest, deadline) is None and time.perf_counter() < deadline:
            kept = rest
    return kept


def _one_limit(p: Problem) -> list[Wish] | None:
    """The fewest commitments that alone exceed one limit, with it: its largest amounts first."""
    best: list[Wish] | None = None
    mine = p.committed[p.use_option]
    for limit in range(p.limits):
        own = np.flatnonzero(mine & (p.use_limit == limit))
        own = own[np.argsort(-p.use_amount[own], kind="stable")]
        over = np.flatnonzero(np.cumsum(p.use_amount[own]) > p.cap[limit] * (1 + SLACK))
        if len(over) and (best is None or over[0] + 2 < len(best)):
            best = [("committed", int(o)) for o in p.use_option[own[: over[0] + 1]]] + [("limit", limit)]
    return best


class _Elastic:
    """The problem of holding as many wishes as possible; only options that a wish can call for are in it."""

    def __init__(self, problem: Problem) -> None:
        p = self.p = problem
        self.ties = tied_pairs(p)
        self.options = np.flatnonzero(_called(p, self.ties))
        self.wishes: list[Wish] = [("committed", int(o)) for o in np.flatnonzero(p.committed)]
        self.wishes += [("must", int(i)) for i in np.flatnonzero(p.must)]
        self.wishes += [("limit", limit) for limit in range(p.limits)]
        self._rows()

    def _rows(self) -> None:
        """Rows over the options and, behind them, one column a wish that is 1 where the wish is given up."""
        p, place = self.p, np.full(self.p.options, -1)
        place[self.options] = np.arange(len(self.options))
        n = len(self.options)
        self.rows: list[tuple[float, float, Ints, Floats]] = []
        inf = highspy.kHighsInf
        uses = np.flatnonzero(place[p.use_option] >= 0)
        by_item: dict[int, list[int]] = {}
        for option in self.options.tolist():
            by_item.setdefault(int(p.item[option]), []).append(int(place[option]))
        for own in by_item.values():
            self._row(-inf, 1.0, own, [1.0] * len(own))
        for one, other in self.ties.tolist():
            if place[one] >= 0 and place[other] >= 0:
                self._row(0.0, 0.0, [place[one], place[other]], [1.0, -1.0])
        for one, other in p.needs.tolist():
            if place[one] >= 0:
                self._row(-inf, 0.0, [place[one], place[other]], [1.0, -1.0])
        for at, (kind, where) in enumerate(self.wishes):
            if kind == "committed":
                self._row(1.0, inf, [place[where], n + at], [1.0, 1.0])
            elif kind == "must":
                own = by_item.get(where, [])
                self._row(1.0, inf, [*own, n + at], [1.0] * (len(own) + 1))
            else:
                own_uses = uses[p.use_limit[uses] == where]
                amounts = p.use_amount[own_uses]
                scale = 1.0 / max(float(amounts.max(initial=0.0)), float(p.cap[where]), 1e-300)
                self._row(-inf, float(p.cap[where]) * scale, [*place[p.use_option[own_uses]], n + at], [*(amounts * scale), -max(float(amounts.sum()) * scale, 1.0)])  # fmt: skip

    def _row(self, low: float, high: float, columns: list[int], values: list[float]) -> None:
        self.rows.append((low, high, np.array(columns, np.int64), np.array(values, float)))

    def corrected(self, kept: range | list[int], deadline: float) -> list[int] | None:
        """The fewest wishes to give up so that those `kept` hold; None if they cannot hold."""
        n, wishes = len(self.options), len(self.wishes)
        upper = np.ones(n + wishes)
        upper[n + np.array(list(kept), np.int64)] = 0.0
        cost = np.concatenate([np.zeros(n), np.ones(wishes)])
        solved = _solve(cost, upper, self.rows, deadline)
        return None if solved is None else np.flatnonzero(solved[n:] > 0.5).tolist()


def _called(p: Problem, ties: Ints) -> Flags:
    """Options that a wish can call for: committed ones, those of items that must have one, and all that these need."""
    start = p.committed | p.must[p.item]
    spread = Problem(p.start, p.benefit, p.must, p.bundle, start, p.needs, p.use_start, p.use_limit, p.use_amount, p.cap)  # fmt: skip
    return called(spread, ties)


def _hitting(sets: list[list[int]], wishes: int) -> list[int]:
    """A smallest set of wishes that meets every given set."""
    if not sets:
        return []
    rows = [(1.0, highspy.kHighsInf, np.array(one, np.int64), np.ones(len(one))) for one in sets]
    solved = _solve(np.ones(wishes), np.ones(wishes), rows, np.inf)
    return [] if solved is None else np.flatnonzero(solved > 0.5).tolist()


def _solve(cost: Floats, upper: Floats, rows: list[tuple[float, float, Ints, Floats]], deadline: float) -> Floats | None:  # fmt: skip
    h = solver()
    if np.isfinite(deadline):
        h.setOptionValue("time_limit", max(deadline - time.perf_counter(), 0.05))
    starts = np.cumsum([0, *(len(columns) for _, _, columns, _ in rows)]).astype(np.int32)
    columns = np.concatenate([row[2] for row in rows]).astype(np.int32) if rows else np.zeros(0, np.int32)
    values = np.concatenate([row[3] for row in rows]) if rows else np.zeros(0)
    h.passModel(len(cost), len(rows), len(values), 2, 1, 0.0, cost, np.zeros(len(cost)), upper, np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), starts, columns, values, np.ones(len(cost), np.int32))  # fmt: skip
    h.run()
    if h.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return np.array(h.getSolution().col_value)

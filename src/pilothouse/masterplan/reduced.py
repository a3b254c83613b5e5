"""A problem after what is decided already: what is forced, what cannot be chosen at all, and bounds by prices.

Source: docs/domains/masterplan.md, "Bound".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pilothouse.masterplan.rules import SLACK, Flags, Floats, Ints, Problem

ROUNDING = 2.0**-50
"""A sum of n terms computed in pairs is off by less than this share of the sum of their sizes, for n up to 2^32."""


class Contradiction(Exception):  # what is wrong is named by `conflicts`
    """No plan holds what must hold."""


@dataclass(frozen=True, eq=False)
class Prices:
    """Multipliers of the limits (not below zero), of the bundles' ties and of the calls (not below zero)."""

    limits: Floats
    ties: Floats
    needs: Floats


@dataclass(frozen=True, eq=False)
class Reduced:
    """forced: chosen in every plan. allowed: may be chosen, forced ones included.

    ties: rows of (option, first option of its bundle): both are chosen or neither. must: items of which one option
    is chosen in every plan. A *call* is all options of one item that require the same option: as only one of them is
    chosen, together they are chosen at most as often as it is, which bounds better than each alone.
    call: of each requirement its call; called: of each call the option that it requires.
    """

    problem: Problem
    forced: Flags
    allowed: Flags
    must: Flags
    ties: Ints = field(default_factory=lambda: np.zeros((0, 2), np.int64))

    @cached_property
    def _calls(self) -> tuple[Ints, Ints]:
        p = self.problem
        if not len(p.needs):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        pairs = np.stack([p.item[p.needs[:, 0]], p.needs[:, 1]], axis=1)
        groups, call = np.unique(pairs, axis=0, return_inverse=True)
        return call.ravel(), groups[:, 1]

    @property
    def call(self) -> Ints:
        return self._calls[0]

    @property
    def called(self) -> Ints:
        return self._calls[1]

    @cached_property
    def used(self) -> Floats:
        """What the forced options use of each limit."""
        mine = self.forced[self.problem.use_option]
        return np.asarray(
            np.bincount(self.problem.use_limit[mine], self.problem.use_amount[mine], self.problem.limits),
            float,
        )

    def nothing(self) -> Prices:
        """Prices of zero."""
        return Prices(np.zeros(self.problem.limits), np.zeros(len(self.ties)), np.zeros(len(self.called)))

    def worth(self, prices: Prices) -> Floats:
        """What each option's benefit is more than the prices of its uses and ties."""
        p = self.problem
        worth = p.benefit - priced(p, prices.limits)
        if len(self.ties):
            np.subtract.at(worth, self.ties[:, 0], prices.ties)
            np.add.at(worth, self.ties[:, 1], prices.ties)
        if len(p.needs):
            np.subtract.at(worth, p.needs[:, 0], prices.needs[self.call])
            np.add.at(worth, self.called, prices.needs)
        return worth

    def bound(self, prices: Prices, worth: Floats | None = None) -> float:
        """A number that no plan's benefit exceeds, whatever the prices are (Lagrange; Everett 1963).

        Every rounding error is covered: the sum of the sizes of all terms times `ROUNDING` is added.
        """
        p = self.problem
        worth = self.worth(prices) if worth is None else worth
        best = self.best(worth)
        paid = prices.limits * p.cap
        size = np.abs(best).sum() + paid.sum() + self._size(prices)
        return float(best.sum() + paid.sum() + ROUNDING * size)

    def best(self, worth: Floats) -> Floats:
        """The best worth of each item: of one of its allowed options, or none of them where that may be."""
        best = np.maximum.reduceat(np.where(self.allowed, worth, -np.inf), self.problem.start[:-1])
        return np.where(self.must, best, np.maximum(best, 0.0))

    def _size(self, prices: Prices) -> float:
        """The sizes of all terms that worths of the best options are made of."""
        p = self.problem
        ties = (
            2.0 * (np.abs(prices.ties).sum() + prices.needs[self.call].sum() + prices.needs.sum())
            if len(self.ties) or len(p.needs)
            else 0.0
        )
        sizes = np.abs(p.benefit) + priced(p, prices.limits)
        return float(np.maximum.reduceat(np.where(self.allowed, sizes, 0.0), p.start[:-1]).sum() + ties)


def priced(problem: Problem, limits: Floats) -> Floats:
    """The price of each option's uses."""
    each = limits[problem.use_limit] * problem.use_amount
    return np.asarray(np.bincount(problem.use_option, each, problem.options), float)


def reduce(problem: Problem) -> Reduced:
    """What follows from the commitments before anything is weighed. Raises Contradiction if they cannot hold."""
    ties = tied_pairs(problem)
    forced = called(problem, ties)
    per_item = np.bincount(problem.item[forced], minlength=problem.items)
    if (per_item > 1).any():
        raise Contradiction
    mine = forced[problem.use_option]
    used = np.bincount(problem.use_limit[mine], problem.use_amount[mine], problem.limits)
    room = problem.cap * (1 + SLACK) - used
    if (room < -problem.cap * 1e-12).any():
        raise Contradiction
    allowed = forced | (per_item[problem.item] == 0)
    tight = (
        problem.use_amount > np.maximum(room, 0)[problem.use_limit] + problem.cap[problem.use_limit] * 1e-12
    )
    allowed[problem.use_option[tight & ~forced[problem.use_option]]] = False
    allowed &= ~_doubled(problem)
    allowed = _spread(problem, ties, allowed)
    must = problem.must | (per_item > 0)
    left = np.bincount(problem.item[allowed], minlength=problem.items)
    if (forced & ~allowed).any() or (must & (left == 0)).any():
        raise Contradiction
    return Reduced(problem, forced, allowed, must, ties)


def tied_pairs(problem: Problem) -> Ints:
    """Each option of a bundle but its first, with the first."""
    tied = np.flatnonzero(problem.bundle >= 0)
    _, first, back = np.unique(problem.bundle[tied], return_index=True, return_inverse=True)
    pairs = np.stack([tied, tied[first][back]], axis=1) if len(tied) else np.zeros((0, 2), np.int64)
    return np.asarray(pairs[pairs[:, 0] != pairs[:, 1]], np.int64)


def called(problem: Problem, ties: Ints) -> Flags:
    """The committed options, what they require, and the whole of their bundles."""
    forced = problem.committed.copy()
    while True:
        before = forced.sum()
        if len(problem.needs):
            forced[problem.needs[forced[problem.needs[:, 0]], 1]] = True
        if len(ties):
            forced[ties[forced[ties[:, 0]], 1]] = True
            forced[ties[forced[ties[:, 1]], 0]] = True
        if forced.sum() == before:
            return forced


def _doubled(problem: Problem) -> Flags:
    """Options of bundles that hold two options of one item, and so can never be chosen."""
    tied = np.flatnonzero(problem.bundle >= 0)
    pairs, count = np.unique(np.stack([problem.bundle[tied], problem.item[tied]]), axis=1, return_counts=True)
    return np.isin(problem.bundle, pairs[0, count > 1]) & (problem.bundle >= 0)


def _spread(problem: Problem, ties: Ints, allowed: Flags) -> Flags:
    """Without what needs, or is tied to, an option that cannot be chosen."""
    allowed = allowed.copy()
    while True:
        before = allowed.sum()
        if len(problem.needs):
            allowed[problem.needs[~allowed[problem.needs[:, 1]], 0]] = False
        if len(ties):
            allowed[ties[~allowed[ties[:, 0]], 1]] = False
            allowed[ties[~allowed[ties[:, 1]], 0]] = False
        if allowed.sum() == before:
            return allowed

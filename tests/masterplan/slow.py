"""A second, slow and obvious way: every plan is tried, in exact fractions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import numpy as np

from pilothouse.masterplan.rules import Flags, Problem


def every_plan(problem: Problem) -> Iterator[set[int]]:
    """Every way to give each item one of its options or none."""
    ranges = [
        [-1, *range(int(a), int(b))] for a, b in zip(problem.start[:-1], problem.start[1:], strict=True)
    ]
    for choice in product(*ranges):
        yield {option for option in choice if option >= 0}


def holds(problem: Problem, plan: set[int]) -> bool:
    """Whether a plan breaks no rule, read off the definition one rule after another."""
    for limit, cap in enumerate(problem.cap.tolist()):
        total = sum(
            (Fraction(amount) for option, amount in _uses(problem, limit) if option in plan), Fraction()
        )
        if total > Fraction(cap) * (1 + Fraction(1, 2**51)):
            return False
    for item in range(problem.items):
        options = set(range(int(problem.start[item]), int(problem.start[item + 1])))
        if len(options & plan) > 1 or (problem.must[item] and not options & plan):
            return False
    if any(option not in plan for option in np.flatnonzero(problem.committed).tolist()):
        return False
    for name in set(problem.bundle.tolist()) - {-1}:
        members = set(np.flatnonzero(problem.bundle == name).tolist())
        if members & plan and not members <= plan:
            return False
    return all(needed in plan for option, needed in problem.needs.tolist() if option in plan)


def _uses(problem: Problem, limit: int) -> list[tuple[int, float]]:
    return [(int(option), float(amount)) for option, at, amount in zip(problem.use_option, problem.use_limit, problem.use_amount, strict=True) if at == limit]  # fmt: skip


def best(problem: Problem) -> Fraction | None:
    """The most that any plan brings; None if no plan holds."""
    sums = [sum((Fraction(problem.benefit[o]) for o in plan), Fraction()) for plan in every_plan(problem) if holds(problem, plan)]  # fmt: skip
    return max(sums, default=None)


def flags(problem: Problem, plan: set[int]) -> Flags:
    chosen = np.zeros(problem.options, bool)
    chosen[list(plan)] = True
    return chosen


def random_problem(dice: np.random.Generator, items: int = 5, limits: int = 3, *, tied: bool = True, scale: float = 1.0) -> Problem:  # fmt: skip
    """A small problem of any kind: bundles, requirements, must, commitments, negative benefits, odd amounts."""
    counts = dice.integers(1, 4, items)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    n = int(start[-1])
    benefit = np.round(dice.normal(20, 25, n), int(dice.integers(0, 4))) * scale
    uses = np.round(dice.uniform(0, 10, (n, limits)), int(dice.integers(0, 3))) * (
        dice.random((n, limits)) < 0.7
    )
    item = np.repeat(np.arange(items), counts)
    bundle = np.full(n, -1)
    needs: list[tuple[int, int]] = []
    if tied and dice.random() < 0.7:
        bundle[dice.choice(n, min(n, 3), replace=False)] = 0
        bundle[dice.choice(n, 1)] = 1
        bundle = np.unique(bundle, return_inverse=True)[1] - 1 if (bundle < 0).any() else bundle
    if tied:
        for _ in range(int(dice.integers(0, 4))):
            one, other = sorted(dice.choice(n, 2, replace=False).tolist())
            if item[one] != item[other]:
                needs.append((other, one))
    row, column = np.nonzero(uses)
    committed = np.zeros(n, bool)
    if dice.random() < 0.4:
        committed[dice.integers(n)] = True
    cap = np.round(uses.sum(axis=0) * dice.uniform(0.1, 0.6), 1)
    return Problem(start, benefit, dice.random(items) < 0.2, bundle.astype(np.int64), committed, np.array(sorted(set(needs)), np.int64).reshape(-1, 2), np.concatenate([[0], np.cumsum((uses > 0).sum(axis=1))]).astype(np.int64), column.astype(np.int64), uses[row, column], cap)  # fmt: skip

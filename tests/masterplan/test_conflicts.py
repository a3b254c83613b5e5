"""The smallest set that cannot hold together, against every set tried one by one."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from pilothouse.masterplan.conflicts import Wish, clash
from pilothouse.masterplan.rules import Problem
from tests.masterplan import slow


def kept_only(problem: Problem, wishes: tuple[Wish, ...]) -> Problem:
    """The problem with these wishes alone."""
    committed, must = np.zeros(problem.options, bool), np.zeros(problem.items, bool)
    cap = np.full(problem.limits, 1e9)
    for kind, place in wishes:
        if kind == "committed":
            committed[place] = True
        elif kind == "must":
            must[place] = True
        else:
            cap[place] = problem.cap[place]
    return replace(problem, committed=committed, must=must, cap=cap)


@pytest.mark.parametrize("seed", range(25))
def test_the_clash_is_a_smallest_one(seed: int) -> None:
    dice = np.random.default_rng(seed)
    problem = slow.random_problem(dice, items=4, limits=2)
    problem = replace(problem, committed=dice.random(problem.options) < 0.3, must=dice.random(4) < 0.5, cap=problem.cap * 0.5)  # fmt: skip
    found = clash(problem)
    if slow.best(problem) is not None:
        assert found is None
        return
    assert found is not None
    assert found.is_smallest
    assert slow.best(kept_only(problem, found.wishes)) is None
    every: list[Wish] = [("committed", int(o)) for o in np.flatnonzero(problem.committed)] + [("must", int(i)) for i in np.flatnonzero(problem.must)] + [("limit", k) for k in range(2)]  # fmt: skip
    for size in range(len(found.wishes)):
        for few in combinations(every, size):
            assert slow.best(kept_only(problem, few)) is not None

"""The independent checker against the slow reading of the rules, and what sums of decimals may do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pilothouse.masterplan.rules import Breach, Problem, broken, gap_of, used, value
from tests.masterplan import slow


@pytest.mark.parametrize("seed", range(30))
def test_the_checker_accepts_exactly_the_plans_that_the_slow_reading_accepts(seed: int) -> None:
    problem = slow.random_problem(np.random.default_rng(seed), items=4)
    for plan in slow.every_plan(problem):
        assert (broken(problem, slow.flags(problem, plan)) == []) == slow.holds(problem, plan)


def one_limit(amounts: list[float], cap: float) -> Problem:
    n = len(amounts)
    none = np.zeros(n, bool)
    return Problem(np.arange(n + 1), np.ones(n), none, np.full(n, -1), none, np.zeros((0, 2), np.int64), np.arange(n + 1), np.zeros(n, np.int64), np.array(amounts), np.array([cap]))  # fmt: skip


def test_decimals_that_add_up_to_the_limit_fit() -> None:
    assert broken(one_limit([0.1, 0.2], 0.3), np.ones(2, bool)) == []
    assert broken(one_limit([0.1] * 10, 1.0), np.ones(10, bool)) == []


def test_a_millionth_of_a_cent_above_a_large_limit_does_not_fit() -> None:
    problem = one_limit([1e9, 0.000002], 1e9)
    assert broken(problem, np.ones(2, bool)) == [Breach("limit", 0)]


def test_sums_of_sizes_far_apart_are_exact() -> None:
    problem = one_limit([1e12, 1e-3, 1e-3], 2e12)
    huge = replace(problem, benefit=np.array([1e12, 1e-3, -1e12]))
    assert value(huge, np.ones(3, bool)) == 1e-3
    assert used(problem, np.ones(3, bool)) == [1e12 + 0.002]


def test_the_gap_is_a_share_of_the_bound_and_never_negative() -> None:
    assert gap_of(90.0, 100.0) == pytest.approx(0.1)
    assert gap_of(100.0, 99.0) == 0.0
    assert gap_of(0.0, 0.0) == 0.0
    assert gap_of(-110.0, -100.0) == pytest.approx(10 / 110)

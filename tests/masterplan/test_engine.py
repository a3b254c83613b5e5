"""Plans against the slow way and HiGHS against our own decomposition, on small problems of every kind."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pilothouse.masterplan import draws, searching
from pilothouse.masterplan.draws import survive
from pilothouse.masterplan.engine import Contradiction, solve
from pilothouse.masterplan.highs import relax
from pilothouse.masterplan.pricing import descend
from pilothouse.masterplan.reduced import reduce
from pilothouse.masterplan.rules import Problem, broken, value
from tests.masterplan import slow


@pytest.mark.parametrize("seed", range(80))
def test_a_plan_is_as_good_as_the_best_of_all_plans(seed: int) -> None:
    problem = slow.random_problem(np.random.default_rng(seed))
    best = slow.best(problem)
    if best is None:
        with pytest.raises(Contradiction):
            solve(problem, gap=0, seconds=5)
        return
    plan = solve(problem, gap=0, seconds=5)
    assert plan.status == "optimal"
    assert plan.benefit == pytest.approx(float(best), rel=1e-6, abs=1e-6)
    assert Fraction(plan.bound) >= best * (1 - Fraction(1, 10**14) * (1 if best > 0 else -1))
    assert broken(problem, plan.chosen) == []


@pytest.mark.parametrize("seed", range(40))
def test_our_own_decomposition_never_bounds_below_the_best_and_breaks_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(searching, "LARGE", 0)
    problem = slow.random_problem(np.random.default_rng(1000 + seed))
    best = slow.best(problem)
    if best is None:
        with pytest.raises(Contradiction):
            solve(problem, gap=0, seconds=2)
        return
    plan = solve(problem, gap=0, seconds=2)
    assert Fraction(plan.bound) >= best - Fraction(1, 10**9)
    assert Fraction(value(problem, plan.chosen)) <= best + Fraction(1, 10**9)
    assert broken(problem, plan.chosen) == []


def larger(seed: int, items: int = 400, limits: int = 4, *, tied: bool = True) -> Problem:
    """A problem of a few hundred items, with some bundles and requirements."""
    dice = np.random.default_rng(seed)
    n = items * 3
    benefit, amount = dice.lognormal(3, 0.6, n), dice.lognormal(3, 0.6, n)
    bundle, needs = np.full(n, -1), []
    order = dice.permutation(items)
    if tied:
        for name in range(8):
            bundle[order[name * 4 : name * 4 + 4] * 3] = name
        needs = [(int(order[40 + k]) * 3 + 1, int(order[80 + k]) * 3) for k in range(30)]
    return Problem(np.arange(0, n + 1, 3), benefit, np.zeros(items, bool), bundle, np.zeros(n, bool), np.array(needs, np.int64).reshape(-1, 2), np.arange(n + 1), dice.integers(0, limits, n), amount, np.full(limits, amount.sum() / 3 / limits * 0.3))  # fmt: skip


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_our_own_decomposition_comes_near_highs(
    seed: int, tied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = larger(seed, tied=tied)
    whole = solve(problem, gap=0.005, seconds=3)
    monkeypatch.setattr(searching, "LARGE", 0)
    own = solve(problem, gap=0.01, seconds=3)
    assert own.gap <= 0.01
    assert own.bound >= whole.benefit
    assert whole.bound >= own.benefit
    assert broken(problem, own.chosen) == []


@pytest.mark.parametrize("seed", range(3))
def test_the_prices_of_the_cutting_plane_bound_as_well_as_the_relaxation(seed: int) -> None:
    reduced = reduce(larger(seed, tied=False))
    relaxed = relax(reduced, reduced.allowed, reduced.forced, 9.0)
    assert relaxed is not None
    bound = reduced.bound(relaxed.prices)
    assert bound == pytest.approx(relaxed.value, rel=1e-9)
    start = replace(reduced.nothing(), limits=relaxed.prices.limits * 1.2)
    assert bound * (1 - 1e-12) <= reduced.bound(descend(reduced, start, np.inf)) <= bound * 1.0005


def test_benefits_far_apart_are_all_weighed() -> None:
    """1e12 beside 1e-3: the small ones are still taken where they fit, and the bound holds."""
    n = 6
    none = np.zeros(n, bool)
    benefit = np.array([1e12, 2e-3, 1e-3, 5e11, 4e-3, 1e-3])
    problem = Problem(np.arange(n + 1), benefit, none, np.full(n, -1), none, np.zeros((0, 2), np.int64), np.arange(n + 1), np.zeros(n, np.int64), np.array([5.0, 1.0, 1.0, 5.0, 1.0, 0.5]), np.array([7.0]))  # fmt: skip
    plan = solve(problem, gap=0, seconds=5)
    assert plan.chosen.tolist() == [True, True, False, False, True, False]
    assert plan.bound >= plan.benefit


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_amounts_may_be_of_any_size(scale: float) -> None:
    problem = slow.random_problem(np.random.default_rng(5), tied=False)
    problem = replace(problem, use_amount=problem.use_amount * scale, cap=problem.cap * scale)
    best = slow.best(problem)
    assert best is not None
    assert solve(problem, gap=0, seconds=5).benefit == pytest.approx(float(best))


def test_a_plan_with_no_room_at_all_chooses_what_uses_nothing() -> None:
    none = np.zeros(2, bool)
    problem = Problem(np.arange(3), np.array([5.0, 3.0]), none, np.full(2, -1), none, np.zeros((0, 2), np.int64), np.array([0, 1, 1]), np.array([0]), np.array([1.0]), np.array([0.0]))  # fmt: skip
    assert solve(problem, gap=0).chosen.tolist() == [False, True]


def test_a_sure_choice_survives_all_draws_and_a_tie_does_not() -> None:
    none = np.zeros(3, bool)
    problem = Problem(np.arange(4), np.array([100.0, 10.0, 10.0]), none, np.full(3, -1), none, np.zeros((0, 2), np.int64), np.arange(4), np.zeros(3, np.int64), np.array([1.0, 1.0, 1.0]), np.array([2.0]))  # fmt: skip
    plan = solve(problem, gap=0)
    survival = survive(problem, plan, {}, 60, 0)
    assert survival.share[0] == 1.0
    assert 0.25 < survival.share[1] < 0.75
    assert survival.share[1] + survival.share[2] == pytest.approx(1.0)
    assert np.array_equal(survival.share, survive(problem, plan, {}, 60, 0).share)


def test_draws_move_the_weights_of_criteria() -> None:
    """What both criteria favour stays; what one favours depends on its weight."""
    none = np.zeros(3, bool)
    parts = {"age": np.array([10.0, 12.0, 0.0]), "security": np.array([10.0, 0.0, 11.0])}
    problem = Problem(np.arange(4), parts["age"] + parts["security"], none, np.full(3, -1), none, np.zeros((0, 2), np.int64), np.arange(4), np.zeros(3, np.int64), np.ones(3), np.array([2.0]))  # fmt: skip
    survival = survive(problem, solve(problem, gap=0), parts, 80, 3)
    assert survival.share[0] == 1.0
    assert 0.2 < survival.share[1] < 0.8


def test_draws_by_parts_tell_much_the_same_as_draws_by_one_relaxation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = larger(7)
    plan = solve(problem, gap=0.005, seconds=5)
    whole = survive(problem, plan, {}, 15, 1)
    monkeypatch.setattr(draws, "LARGE", 0)
    parts = survive(problem, plan, {}, 15, 1)
    assert max(whole.gap, parts.gap) < 0.01
    assert np.abs(whole.share - parts.share).mean() < 0.06

"""Rates behind small counts: published examples, algebra told in two ways, and calibration by simulation."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import lgamma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.parts.estimation import (
    Counts,
    Floats,
    draws,
    estimate,
    learn,
    log_gamma,
    log_likelihood,
    moments,
    worse_than_median,
)
from pilothouse.parts.funnel import limits


def best(function: Callable[..., float], start: tuple[float, ...]) -> tuple[float, ...]:
    """The maximum of a smooth function of positive numbers: Newton's steps in their logarithms."""
    at = np.log(np.array(start))
    h = 1e-3

    def f(u: Floats) -> float:
        return function(*np.exp(u))

    for _ in range(50):
        unit = np.eye(len(at)) * h
        slope = np.array([(f(at + e) - f(at - e)) / (2 * h) for e in unit])
        curve = np.array([[(f(at + a + b) - f(at + a - b) - f(at - a + b) + f(at - a - b)) / (4 * h * h) for a in unit] for b in unit])  # fmt: skip
        step = np.linalg.solve(curve, slope)
        at -= step
    return tuple(np.exp(at))


@pytest.fixture
def rats(public_data: Path) -> dict[str, list[int]]:
    loaded: dict[str, list[int]] = json.loads(
        (public_data / "outside/stats/beta_binomial_rats.json").read_text()
    )
    return loaded


def test_moments_and_maximum_likelihood_of_the_rat_tumours_have_the_published_digits(
    public_data: Path,
) -> None:
    told = json.loads((public_data / "outside/stats/beta_binomial_rats.json").read_text())
    computed = told["computed_here"]
    y, n = np.array(told["y"], float), np.array(told["n"], float)
    assert moments(y[:70] / n[:70]) == pytest.approx((computed["moments_alpha"], computed["moments_beta"]), rel=1e-12)  # fmt: skip
    for count, expected in ((70, computed["mle_70"]), (71, computed["mle_71"])):
        counts = Counts.of(n[:count], y[:count])
        found = best(lambda a, b, c=counts: float(log_likelihood(c, np.array([a]), np.array([b])).sum()), (1.4, 8.6))  # fmt: skip
        assert found == pytest.approx(expected, rel=2e-5)


def test_each_method_gives_its_own_estimate_for_casellas_example(public_data: Path) -> None:
    told = json.loads((public_data / "outside/stats/beta_binomial_casella.json").read_text())
    p, n = np.array(told["y"], float) / told["n"], told["n"]

    def by_moments(variance: float) -> float:
        """l of Beta(l, l): the variance of y / n is (1 + (n - 1) / (2 l + 1)) / (4 n)."""
        return float(((n - 1) / (4 * n * variance - 1) - 1) / 2)

    assert by_moments(float(p.var(ddof=1))) == pytest.approx(15.205128, abs=5e-7)
    assert by_moments(float(np.mean((p - 0.5) ** 2))) == pytest.approx(7.2532, abs=5e-5)
    counts = Counts.of([told["n"]] * 2, told["y"])
    found = best(lambda one: float(log_likelihood(counts, np.array([one]), np.array([one])).sum()), (10.0,))
    assert found[0] == pytest.approx(7.5107, abs=5e-5)


def test_the_rat_tumours_integrated_rate_lies_by_the_books(rats: dict[str, list[int]]) -> None:
    counts = Counts.of(rats["n"], rats["y"])
    found = estimate(learn(counts), counts)
    assert found.mean[70] == pytest.approx(
        0.21, abs=0.015
    )  # BDA's full posterior; plugging in moments gives 0.225
    assert found.low[70] < 4 / 14 < found.high[70] * 1.2


def test_funnel_limits_have_every_digit_of_funnelplotr(public_data: Path) -> None:
    told = json.loads((public_data / "outside/stats/funnel_poisson_limits.json").read_text())
    for place, expected in enumerate(told["expected"]):
        low, high = limits(expected, 0.95)
        assert (low, high) == pytest.approx((told["ll95"][place], told["ul95"][place]), abs=6e-7)
        low, high = limits(expected, 0.998)
        assert (low, high) == pytest.approx((told["ll998"][place], told["ul998"][place]), abs=6e-7)


@given(st.lists(st.floats(1e-3, 1e7), min_size=1, max_size=9))
def test_log_gamma_is_the_standard_librarys(values: list[float]) -> None:
    found = log_gamma(np.array(values))
    assert found == pytest.approx([lgamma(value) for value in values], rel=1e-12, abs=1e-11)


counts_of_one = st.integers(0, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


@settings(max_examples=30, deadline=None)
@given(st.lists(counts_of_one, min_size=2, max_size=6))
def test_the_grids_posterior_is_the_mixture_of_betas(cells: list[tuple[int, int]]) -> None:
    """The mean by points equals the mean by formula; the interval holds 90 % of the mixture's draws."""
    counts = Counts.of(*zip(*cells, strict=True))
    community = learn(counts)
    found = estimate(community, counts)
    by_formula = [community.weight @ ((community.a + x) / (community.a + community.b + n)) for n, x in cells]
    assert found.mean == pytest.approx(by_formula, abs=2e-4)
    drawn = draws(community, counts, 1, 4_000)
    held = ((found.low <= drawn) & (drawn <= found.high)).mean(axis=0)
    assert (np.abs(held - 0.9) < 0.03).all()


def test_small_numbers_slander_nobody() -> None:
    """One dead of two is no 50 % among suppliers that run at 2 %."""
    counts = Counts.of([2] + [300] * 9, [1] + [6] * 9)
    community = learn(counts)
    found = estimate(community, counts)
    assert found.mean[0] < 0.08
    worse = worse_than_median(draws(community, counts, 0), lower_is_worse=False)
    assert worse[0] < 0.95
    assert found.low[0] < 0.02 < found.high[0]


def test_a_supplier_without_items_gets_the_groups_distribution() -> None:
    counts = Counts.of([200, 300, 150, 250, 0], [4, 9, 2, 6, 0])
    community = learn(counts)
    found = estimate(community, counts)
    assert found.mean[4] == pytest.approx(community.mean, abs=1e-3)
    assert found.high[4] - found.low[4] > found.high[1] - found.low[1]


def test_lower_is_worse_for_punctuality() -> None:
    drawn = np.array([[0.9, 0.8, 0.7], [0.95, 0.9, 0.5]])
    assert worse_than_median(drawn, lower_is_worse=True).tolist() == [0.0, 0.0, 1.0]
    assert worse_than_median(drawn, lower_is_worse=False).tolist() == [1.0, 0.0, 0.0]


def test_an_interval_of_ninety_percent_holds_the_truth_about_that_often() -> None:
    dice = np.random.default_rng(3)
    held = []
    for _ in range(40):
        p = dice.beta(2, 78, 20)
        n = dice.integers(5, 300, 20)
        counts = Counts.of(n, dice.binomial(n, p))
        found = estimate(learn(counts), counts)
        held += list((found.low <= p) & (p <= found.high))
    assert 0.86 <= np.mean(held) <= 0.95


def test_counts_beyond_all_measure_still_give_a_narrow_interval_around_the_truth() -> None:
    counts = Counts.of([5_000_000, 10], [100_000, 0])
    found = estimate(learn(counts), counts)
    assert found.mean[0] == pytest.approx(0.02, rel=1e-3)
    spread = 2 * 1.645 * np.sqrt(0.02 * 0.98 / 5e6)
    assert found.high[0] - found.low[0] == pytest.approx(spread, rel=0.05)

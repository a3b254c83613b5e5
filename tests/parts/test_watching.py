"""The alarm: published run lengths, the recursion against the plain Markov chain, crossings against a slow loop."""

from __future__ import annotations

import json
from math import erf, exp, factorial, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pilothouse.parts.watching import (
    LARGEST,
    RUN,
    Bad,
    _Chain,
    chart,
    last_alarms,
    run_length,
    steps,
    watched_rate,
)


@pytest.fixture
def published(public_data: Path) -> dict[str, list[dict[str, object]]]:
    loaded: dict[str, list[dict[str, object]]] = json.loads((public_data / "outside/stats/cusum_published_arl.json").read_text())  # fmt: skip
    return loaded


def poisson(mean: float) -> dict[int, float]:
    return {k: exp(-mean) * mean**k / factorial(k) for k in range(30)}


def test_poisson_charts_run_as_long_as_lucas_printed(published: dict[str, list[dict[str, object]]]) -> None:
    """Steps of a quarter: k = 1/4, h = 10 is a threshold of 40; a head start is half of it."""
    upper = {4 * k - 1: p for k, p in poisson(0.25).items()}
    lower = {1 - 4 * k: p for k, p in poisson(0.25).items()}
    for moves, told in ((upper, published["poisson_upper"][0]), (lower, published["poisson_lower"][0])):
        assert round(run_length(moves, 40)) == told["ARL"]
        assert round(run_length(moves, 40, 20)) == told["FIR_ARL"]


def normal(k: float, h: float, shift: float, states: int = 400) -> tuple[dict[int, float], int]:
    """A one-sided normal CUSUM on a fine lattice: moves of x - k"""
    unit = h / (states - 0.5)  # Brook and Evans: a state stands for half a unit on each side

    def edge(z: float) -> float:
        return 0.5 * (1 + erf(z / sqrt(2)))

    reach = int(9 / unit)
    moves = {i: edge((i + 0.5) * unit + k - shift) - edge((i - 0.5) * unit + k - shift) for i in range(-reach, reach + 1)}  # fmt: skip
    return moves, states


@pytest.mark.parametrize(("shift", "run"), [(0.0, 117.59), (0.5, 17.35), (-0.5, 1963.0)])
def test_normal_charts_run_as_long_as_brook_evans_and_waldmann_printed(shift: float, run: float) -> None:
    moves, threshold = normal(0.5, 3, shift)
    assert run_length(moves, threshold) == pytest.approx(run, rel=3e-3)


@pytest.mark.parametrize(("shift", "run"), [(-0.25, 2071.51), (-0.125, 400.28), (0.0, 124.66), (0.125, 59.30), (0.25, 36.71), (0.5, 20.37), (1.0, 10.75)])  # fmt: skip
def test_normal_charts_run_as_long_as_goel_and_wu_printed(shift: float, run: float) -> None:
    moves, threshold = normal(0.0, 10, shift, 500)
    assert run_length(moves, threshold) == pytest.approx(run, rel=3e-3)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.002, 0.6), st.integers(1, 30), st.integers(1, 6), st.integers(1, 90))
def test_the_recursion_is_the_markov_chain(p: float, up: int, down: int, threshold: int) -> None:
    assume(threshold >= down)
    assume(-np.log(1 - p) * threshold / down < 12)  # what the recursion loses; charts stay far below
    expected = run_length({up: p, -down: 1 - p}, threshold)
    assume(0 < expected < 1e4)
    assert _Chain(p, up, down).run(threshold) == pytest.approx(expected, rel=1e-6)


@given(st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_false_alarms_are_rare_enough_and_the_threshold_is_the_smallest(rate: float) -> None:
    """Also at the group's rate itself, from which the watched one is rounded up."""
    p0 = watched_rate(rate)
    made = chart(p0)
    assert made.run >= RUN
    if made.threshold < 700 and rate > 1e-5:
        assert run_length({made.up: rate, -made.down: 1 - rate}, made.threshold) >= RUN * (1 - 1e-9)
    if p0 > LARGEST:
        assert made.threshold == RUN * made.up  # so many in a row: no rate can cross sooner
        return
    moves = {made.up: p0, -made.down: 1 - p0}
    if made.threshold > made.down and made.threshold > 1 and made.threshold < 700:
        assert run_length(moves, made.threshold) == pytest.approx(made.run, rel=1e-6)
        assert run_length(moves, made.threshold - 1) < RUN


@given(st.floats(1e-4, 0.9))
def test_the_steps_have_the_ratio_of_the_log_likelihoods_of_twice_the_odds(p0: float) -> None:
    p1 = 2 * p0 / (1 + p0)
    up, down = steps(p0)
    exact = np.log(p1 / p0) / np.log((1 - p0) / (1 - p1))
    assert up / down == pytest.approx(exact, rel=0.0101)


@given(st.floats(1e-4, 1.0))
def test_a_rate_is_watched_from_above_by_less_than_a_hundredth(rate: float) -> None:
    assert rate * (1 - 1e-8) <= watched_rate(rate) <= rate * 1.0101


series = st.lists(st.booleans(), max_size=40)


@given(st.lists(series, min_size=1, max_size=5), st.integers(1, 6), st.integers(1, 3), st.integers(1, 12))
def test_all_series_at_once_cross_where_each_alone_does(many: list[list[bool]], up: int, down: int, threshold: int) -> None:  # fmt: skip
    expected = []
    for items in many:
        total, last = 0, -1
        for day, is_bad in enumerate(items):
            total = total + up if is_bad else max(total - down, 0)
            if total >= threshold:
                total, last = 0, day
        expected.append(last)
    flat = [(which, day) for which, items in enumerate(many) for day, is_bad in enumerate(items) if is_bad]
    places = np.array(flat, np.int64).reshape(-1, 2)
    bad = Bad(places[:, 0], places[:, 1], places[:, 1])
    charts = [np.full(len(many), value, np.int64) for value in (up, down, threshold)]
    assert last_alarms(bad, *charts).tolist() == expected

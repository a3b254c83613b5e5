"""The alarm: a Bernoulli CUSUM for each supplier and rate, with a threshold whose false alarms are known.

After each item the sum goes up by ln(p1 / p0) if it was bad, else down by ln((1 - p0) / (1 - p1)), never below
zero; at the threshold it is an alarm. The two steps are brought to whole numbers, so that the sum is a
Markov chain whose average run length is reckoned exactly. Source: docs/domains/parts.md, "Alarm".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, log, log10

import numpy as np
from numpy.typing import NDArray

RUN = 1_000
"""Items to a false alarm, on average, at the least."""
ODDS = 2.0
"""How much worse the odds are that the alarm is tuned to find."""
SMALLEST, LARGEST = 1e-4, 0.95
"""A rate below is watched as if it were SMALLEST, which is rarer false alarms; above LARGEST see `chart`."""
_CLOSE = 0.01
"""How near the whole steps come to the exact ones, as a share."""
_MOST_STEPS = 51


@dataclass(frozen=True, slots=True)
class Chart:
    """Steps and threshold in whole units: `up` for a bad item, `down` for a good one, alarm at `threshold`."""

    p0: float
    up: int
    down: int
    threshold: int
    run: float
    """Average number of items to a false alarm from a sum of zero, when p is p0; above LARGEST the least of any p."""


def watched_rate(rate: float) -> float:
    """p0 of a chart: the group's rate rounded up to three digits, which can only make false alarms rarer."""
    inside = max(rate, SMALLEST)
    unit = 10.0 ** (int(np.floor(log10(inside))) - 2)
    return min(round(ceil(inside / unit - 1e-9) * unit, 12), 1.0)


@lru_cache(maxsize=4096)
def chart(p0: float) -> Chart:
    """The chart for p0 with the smallest threshold that keeps RUN.

    Above LARGEST hardly an item is good and no chart can tell twice the odds: RUN bad items in a row, which no p can
    cross sooner.
    """
    up, down = steps(min(p0, LARGEST))
    if p0 > LARGEST:
        return Chart(p0, up, down, RUN * up, float(RUN))
    if 1 / p0 >= RUN:
        return Chart(p0, up, down, 1, 1 / p0)
    chain = _Chain(p0, up, down)
    low, high = 0, max(down, 1)
    while chain.run(high) < RUN:
        low, high = (
            high,
            high + max(high // 16, 1),
        )  # in small steps: runs far beyond RUN cannot be reckoned well
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if middle >= down and chain.run(middle) >= RUN else (middle, high)
    return Chart(p0, up, down, high, chain.run(high))


def steps(p0: float) -> tuple[int, int]:
    """Whole steps up and down, whose ratio is that of the log likelihoods to within a hundredth."""
    odds = p0 / (1 - p0)
    down = log((1 + ODDS * odds) / (1 + odds))
    ratio = (log(ODDS) - down) / down
    few = range(1, _MOST_STEPS + 1)
    pairs = [(round(ratio * n), n) for n in few] if ratio >= 1 else [(n, round(n / ratio)) for n in few]
    errors = [abs(up / (ratio * under) - 1) for up, under in pairs]
    close = [pair for pair, error in zip(pairs, errors, strict=True) if error <= _CLOSE]
    return close[0] if close else pairs[errors.index(min(errors))]


class _Chain:
    """Average run lengths of the lattice CUSUM for any threshold.

    With L(s) the items still to come from sum s: L(s) = 1 + q L(max(s - down, 0)) + p L(s + up), and L = 0 from
    the threshold on. Read from the threshold downwards this gives L(s - down) from what is above it; the first
    `down` values stay unknown and follow from the equations at the floor. The recursion does not depend on the
    threshold, so one serves all.
    """

    def __init__(self, p: float, up: int, down: int) -> None:
        self.p, self.q, self.up, self.down = p, 1 - p, up, down
        # Entry j: the run from j below the threshold, as a constant and a coefficient of each unknown.
        self._below = [np.zeros(down + 1)]
        self._below += [np.eye(down + 1)[unknown + 1] for unknown in range(down)]

    def _at(self, distance: int) -> NDArray[np.float64]:
        while len(self._below) <= distance:
            j = len(self._below) - self.down
            value = self._below[j] - self.p * self._below[max(j - self.up, 0)]
            value[0] -= 1.0
            self._below.append(value / self.q)
        return self._below[max(distance, 0)]

    def run(self, threshold: int) -> float:
        """Average number of items to an alarm from zero; threshold at least `down`."""
        whole = self._at(threshold)
        floor = [self._at(j) - self.q * whole - self.p * self._at(j - self.up) for j in range(threshold - self.down + 1, threshold + 1)]  # fmt: skip
        equations = np.array(floor)
        unknown = np.linalg.solve(equations[:, 1:], 1.0 - equations[:, 0])
        return float(whole[0] + whole[1:] @ unknown)


def run_length(moves: Mapping[int, float], threshold: int, start: int = 0) -> float:
    """Average number of steps until a lattice CUSUM max(0, s + move) reaches the threshold, for any law of moves.

    moves: probability of each whole step. Source: Brook and Evans 1972 (Markov chain of the states below the
    threshold).
    """
    states = np.arange(threshold)
    matrix = np.eye(threshold)
    for move, probability in moves.items():
        then = np.maximum(states + move, 0)
        inside = then < threshold
        np.subtract.at(matrix, (states[inside], then[inside]), probability)
    return float(np.linalg.solve(matrix, np.ones(threshold))[start])


@dataclass(frozen=True, slots=True)
class Bad:
    """The bad items of many series, sorted by series and then by time.

    series: number of the series. ordinal: place of the item in its series, from 0, good ones counted too.
    day: the day on which it counts, as a number.
    """

    series: NDArray[np.int64]
    ordinal: NDArray[np.int64]
    day: NDArray[np.int64]


def last_alarms(bad: Bad, up: NDArray[np.int64], down: NDArray[np.int64], threshold: NDArray[np.int64]) -> NDArray[np.int64]:  # fmt: skip
    """For each series the day of its last crossing, or -1; after a crossing the sum starts from zero.

    up, down, threshold: the chart of each series. All series advance together, one bad item a round: only a bad
    item can cross, and the good ones before it only lower the sum.
    """
    many = len(up)
    counts = np.bincount(bad.series, minlength=many)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    order = np.argsort(-counts, kind="stable")
    total, last = np.zeros(many, np.int64), np.full(many, -1, np.int64)
    alarm = np.full(many, -1, np.int64)
    descending = -counts[order]
    for turn in range(int(counts.max(initial=0))):
        going = order[: np.searchsorted(descending, -turn, side="left")]
        item = first[going] + turn
        good = bad.ordinal[item] - last[going] - 1
        total[going] = np.maximum(total[going] - down[going] * good, 0) + up[going]
        last[going] = bad.ordinal[item]
        crossed = going[total[going] >= threshold[going]]
        alarm[crossed] = bad.day[first[crossed] + turn]
        total[crossed] = 0
    return alarm

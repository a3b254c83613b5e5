"""Where to hold how many: one place by the newsvendor, a depot and its places by the exact two-echelon model.

Demand is Poisson, every demand is reordered one for one. Depot backorders are split binomially over the places
by their share of demand; METRIC takes the split for Poisson and is too low by a quarter at small stocks.
Sources: Simon 1971, Graves 1985 (Management Science 31); docs/domains/parts.md, "Spares".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pilothouse.parts.estimation import log_gamma

Floats = NDArray[np.float64]

YEAR_DAYS = 365.0
LARGEST_PIPELINE = 2_000.0
"""Items on their way at once beyond which a part is no spare part and the exact model is not meant."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place that needs a part: demand a year, days from the depot (or the maker) to it, cost of a day without."""

    demand_per_year: float
    resupply_days: float
    downtime_per_day: float

    @property
    def on_the_way(self) -> float:
        """Average number of items on their way when whoever sends them always has one."""
        return self.demand_per_year * self.resupply_days / YEAR_DAYS

    @property
    def backorder_per_year(self) -> float:
        """What one device waiting all year would cost."""
        return self.downtime_per_day * YEAR_DAYS


@dataclass(frozen=True, slots=True)
class Standing:
    """What a stock means: average backorders at any moment, average stock on hand."""

    stock: int
    backorders: float
    on_hand: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Stocks of a depot (None without one) and its places in their order, with the yearly cost of holding and downtime."""

    depot: Standing | None
    places: tuple[Standing, ...]
    cost: float


def poisson(mean: float, size: int) -> Floats:
    """P(0), P(1), … P(size - 1)."""
    if mean == 0:
        certain: Floats = np.eye(1, size)[0]
        return certain
    k = np.arange(size, dtype=float)
    probabilities: Floats = np.exp(k * np.log(mean) - mean - log_gamma(k + 1))
    return probabilities


def beyond(mean: float) -> int:
    """A count that a Poisson number of this mean exceeds with a chance below 1e-14."""
    return int(mean + 9 * np.sqrt(mean) + 22)


def expected_backorders(law: Floats) -> Floats:
    """E max(N - s, 0) for s = 0, 1, … of a law of N along the last axis, of the same length."""
    above = np.flip(np.cumsum(np.flip(law, -1), -1), -1)  # P(N >= s)
    beyond_s = np.concatenate([above[..., 1:], np.zeros_like(above[..., :1])], axis=-1)  # P(N > s)
    backorders: Floats = np.flip(np.cumsum(np.flip(beyond_s, -1), -1), -1)
    return backorders


def standing(mean: float, backorders: Floats, stock: int) -> Standing:
    """What a stock means for a pipeline of this mean; beyond the law's end no one waits."""
    waiting = float(backorders[stock]) if stock < len(backorders) else 0.0
    return Standing(stock, waiting, stock - mean + waiting)


def newsvendor(backorders: Floats, holding: float, shortage: float) -> int:
    """The smallest stock whose next unit would cost more to hold than it saves.

    Minimises holding * on hand + shortage * backorders: the smallest s with P(N <= s) >= shortage / (shortage + holding).
    backorders: E max(N - s, 0) by s. holding > 0, or everything that can ever be needed is held.
    """
    saved = (holding + shortage) * -np.diff(backorders)
    worth = np.flatnonzero(saved <= holding * (1 + 1e-12))
    return int(worth[0]) if len(worth) else len(backorders) - 1


def plan_alone(place: Place, holding: float) -> Plan:
    """The best stock of a place that buys straight from the maker. holding: cost of one item on hand for a year."""
    waiting = expected_backorders(poisson(place.on_the_way, beyond(place.on_the_way)))
    stock = newsvendor(waiting, holding, place.backorder_per_year)
    return _plan(None, [standing(place.on_the_way, waiting, stock)], [place], holding)


def weigh_alone(place: Place, stock: int, holding: float) -> Plan:
    """What a given stock of such a place means."""
    waiting = expected_backorders(poisson(place.on_the_way, beyond(place.on_the_way)))
    return _plan(None, [standing(place.on_the_way, waiting, stock)], [place], holding)


class TwoEchelon:
    """One part of a depot and its places, for any stocks.

    Row S of `of_place[j]` is E max(N_j - s, 0) by s when the depot's stock is S.
    """

    def __init__(self, places: Sequence[Place], lead_days: float, *, most: int = 0) -> None:
        self.places = tuple(places)
        demand = sum(place.demand_per_year for place in places)
        self.mean = demand * lead_days / YEAR_DAYS
        size = max(beyond(self.mean), most + 1)
        law = poisson(self.mean, size)
        self.depot = expected_backorders(law)
        self._waiting = _backorder_laws(law)
        shares = [place.demand_per_year / demand if demand else 0.0 for place in places]
        self.of_place = [self._place(place, share) for place, share in zip(places, shares, strict=True)]

    def _place(self, place: Place, share: float) -> tuple[Floats, Floats]:
        """By depot stock: the mean of what is outstanding at the place, and its expected backorders by stock."""
        owed = self._waiting @ _split(self._waiting.shape[1], share, beyond(share * self.mean))
        travel = poisson(place.on_the_way, beyond(place.on_the_way))
        outstanding = np.stack([np.convolve(law, travel) for law in owed])
        return place.on_the_way + share * self.depot, expected_backorders(outstanding)

    def weigh(self, depot: int, stocks: Sequence[int], holding: float) -> Plan:
        """What given stocks mean."""
        row = min(depot, len(self.depot) - 1)
        standings = [standing(float(mean[row]), waiting[row], stock) for (mean, waiting), stock in zip(self.of_place, stocks, strict=True)]  # fmt: skip
        return _plan(standing(self.mean, self.depot, depot), standings, self.places, holding)

    def best(self, holding: float) -> Plan:
        """The stocks of least holding and downtime in all.

        Given the depot's stock each place is a newsvendor of its own, because on hand in all is stock in all plus
        backorders of the places less a constant. The depot is enumerated, since the cost is not convex in it, until
        what it holds already costs more than the places could still save.
        """
        found: Plan | None = None
        floor = self._at(len(self.depot) - 1, holding).cost
        least = floor - holding * (len(self.depot) - 1 - self.mean)
        for depot in range(len(self.depot)):
            if found is not None and least + holding * (depot - self.mean) > found.cost:
                break
            plan = self._at(depot, holding)
            if found is None or plan.cost < found.cost - 1e-9 * max(1.0, abs(found.cost)):
                found = plan
        assert found is not None
        return found

    def _at(self, depot: int, holding: float) -> Plan:
        stocks = [newsvendor(waiting[depot], holding, place.backorder_per_year) for place, (_, waiting) in zip(self.places, self.of_place, strict=True)]  # fmt: skip
        return self.weigh(depot, stocks, holding)


def _backorder_laws(law: Floats) -> Floats:
    """Row S: the law of max(N - S, 0)."""
    size = len(law)
    padded = np.concatenate([law, np.zeros(size)])
    rows = np.lib.stride_tricks.sliding_window_view(padded, size)[:size].copy()
    rows[:, 0] = np.cumsum(law)
    return rows


def _split(size: int, share: float, longest: int) -> Floats:
    """P(k of b backorders are this place's), b down, k across: binomial, cut where next to nothing is left."""
    columns = min(longest, size)
    k, b = np.arange(columns, dtype=float), np.arange(size, dtype=float)[:, None]
    if share in (0.0, 1.0):
        return np.where(np.minimum(b * share, columns - 1) == k, 1.0, 0.0)
    inside = np.where(k <= b, 1.0, 0.0)
    left = np.maximum(b - k, 0.0)
    chance: Floats = inside * np.exp(log_gamma(b + 1) - log_gamma(k + 1) - log_gamma(left + 1) + k * np.log(share) + left * np.log1p(-share))  # fmt: skip
    return chance


def _plan(depot: Standing | None, stood: Sequence[Standing], places: Sequence[Place], holding: float) -> Plan:
    downtime = sum(one.backorders * place.backorder_per_year for one, place in zip(stood, places, strict=True))  # fmt: skip
    on_hand = sum(one.on_hand for one in stood) + (depot.on_hand if depot else 0.0)
    return Plan(depot, tuple(stood), downtime + holding * on_hand)

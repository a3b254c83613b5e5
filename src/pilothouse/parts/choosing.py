"""Offers for one need, ranked by expected cost at the posterior means, each with its range.

Source: docs/domains/parts.md, "Choosing among offers".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from pilothouse.parts.engine import Counted, Group, Key, cells, count, groups, judge, seed_of
from pilothouse.parts.estimation import LEVEL, Counts, draws, estimate
from pilothouse.parts.rules import Cost, Need, Offer, changes_if, cost, ranked

DRAWS = 20_000
"""Draws behind the range of an expected cost."""
_FAILING = ("doa", "early90")
CERTAIN = 0.999
"""A drawn chance of failing is cut here: beyond it every replacement fails and no cost is expected."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One offer and what came of it. low, high: 90 % range of the expected cost. n: tested items of its own behind p_doa.

    known: which of the rates (doa, early90) any item of any supplier tells; what is not known is charged as 0.
    """

    offer: Offer
    rank: int
    cost: Cost
    low: float
    high: float
    n: int
    changes_if: str
    known: frozenset[str]


def choose(con: duckdb.DuckDBPyConnection, at: date, need: Need, offers: Sequence[Offer], *, seed: int = 0) -> list[Choice]:  # fmt: skip
    """The offers from the best on. Takes the relation `receipts` (see `engine.judge`).

    An offer of a supplier new to its group is judged by the group's own distribution.
    """
    judge(con, at)
    keys = sorted({*cells(con), *((one.supplier, one.category, one.condition) for one in offers)})
    counted = count(con, keys)
    doa, early = (_judged(name, keys, counted[name], offers, seed) for name in _FAILING)
    known = frozenset(name for name in _FAILING if counted[name].n.any())
    costs = [cost(need, one, doa[0][i], early[0][i]) for i, one in enumerate(offers)]
    places = {key: place for place, key in enumerate(keys)}
    chosen = []
    for rank, i in enumerate(ranked(offers, costs), 1):
        one = offers[i]
        low, high = _range(need, one, doa[1][i], early[1][i])
        n = int(counted["doa"].n[places[one.supplier, one.category, one.condition]])
        chosen.append(Choice(one, rank, costs[i], low, high, n, changes_if(need, offers, costs, i), known))
    return chosen


Judged = tuple[list[float], list[np.ndarray[tuple[int], np.dtype[np.float64]]]]
"""For each offer the posterior mean of a rate, and draws of it."""


def _judged(rate: str, keys: Sequence[Key], counted: Counted, offers: Sequence[Offer], seed: int) -> Judged:
    counts = Counts.of(counted.n, counted.x)
    places = {key: place for place, key in enumerate(keys)}
    wanted = {(one.category, one.condition) for one in offers}
    known = {group.name: group for group in groups(keys, counts, wanted)}
    means, drawn = [], []
    for one in offers:
        own = counts.take(np.array([places[one.supplier, one.category, one.condition]]))
        group = known.get((one.category, one.condition))
        means.append(_mean(group, own))
        words = (rate, one.supplier, one.category, one.condition)
        drawn.append(_draws(group, own, seed_of(seed, *words)))
    return means, drawn


def _mean(group: Group | None, own: Counts) -> float:
    """The posterior mean; without a single item in all the lists nothing is known, and nothing is charged."""
    return float(estimate(group.community, own).mean[0]) if group else 0.0


def _draws(group: Group | None, own: Counts, seed: list[int]):  # type: ignore[no-untyped-def]  # an array of floats
    return draws(group.community, own, seed, DRAWS)[:, 0] if group else np.zeros(DRAWS)


def _range(need: Need, offer: Offer, doa: np.ndarray[tuple[int], np.dtype[np.float64]], early: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:  # fmt: skip
    """90 % range of the expected cost over the draws."""
    p = np.minimum(doa + (1 - doa) * early, CERTAIN)
    fixed = cost(need, offer, 0.0, 0.0)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(fixed.once + p / (1 - p) * fixed.again, [tail, 1 - tail])
    return float(low), float(high)

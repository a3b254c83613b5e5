"""The limits of the plan: what all wishes of a year ask for, cut to what a hospital has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import ceil, floor, log10

from pilothouse.demo.wishes.options import AWAY, CAPITAL, GIANT, HOURS, SERVICE, TEACHING, Option, limit

HEADER = ("limit", "max", "year", "kind")
LEAN = 0.9
"""Of the money, in limits-lean.csv."""

_SHARES = {
    CAPITAL: (0.13, 0.10, 0.08, 0.09, 0.14),
    SERVICE: (0.22, 0.17, 0.25, 0.30, 0.30),
    HOURS: (0.38, 0.24, 0.28, 0.20, 0.30),
    TEACHING: (0.40, 0.32, 0.22, 0.22, 0.40),
}
"""By year, the part of what is asked for that there is."""
_LEAST_AWAY = 2


def limits(options: Iterable[Option], years: tuple[int, ...], money: float = 1.0) -> Iterator[tuple[str, float, int, str]]:  # fmt: skip
    """Every limit that an option uses: name, maximum, year, kind. money: the part of capital and service money left."""
    asked: dict[str, float] = defaultdict(float)
    items: dict[tuple[str, str], list[float]] = defaultdict(list)
    committed: dict[str, float] = defaultdict(float)
    for one in options:
        if one.planted == GIANT:
            continue
        for name, amount in one.uses.items():
            items[one.item, name].append(amount)
            committed[name] += amount if one.committed else 0
    for (_, name), amounts in items.items():
        asked[name] += sum(amounts) / len(amounts)
    for kind, shares in _SHARES.items():
        for year, share in zip(years, shares, strict=True):
            name = limit(kind, year)
            left = money if kind in (CAPITAL, SERVICE) else 1.0
            yield name, _round(max(asked[name] * share, 1.25 * committed[name]) * left), year, kind
    for name in sorted(name for name in asked if name.startswith(AWAY)):
        most = max(max(amounts) for (_, used), amounts in items.items() if used == name)
        yield (
            name,
            float(max(_LEAST_AWAY, most, ceil(asked[name] * 0.3), committed[name])),
            int(name[-7:-3]),
            AWAY,
        )


def _round(amount: float) -> float:
    """Three digits, as budgets are told, and never nothing."""
    if amount < 1:
        return 1.0
    step = 10.0 ** max(0, floor(log10(amount)) - 2)
    return float(ceil(amount / step) * step)

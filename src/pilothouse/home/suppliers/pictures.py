"""Where the marks of the page's pictures stand: intervals on an axis, funnels, lines by quarter. Pure geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from pilothouse.core import words
from pilothouse.home.suppliers.facts import Line
from pilothouse.parts.funnel import chance, limits
from pilothouse.parts.rates import BY_NAME, Rate

IV_WIDTH = 140
FUNNEL_WIDTH, FUNNEL_HEIGHT = 480, 260
_LEFT, _RIGHT, _TOP, _FOOT = 34, 12, 12, 34
TREND_WIDTH, TREND_HEIGHT = 300, 96
SPARK_WIDTH, SPARK_HEIGHT = 96, 20
_STEPS = (1, 2, 2.5, 5, 10)
_LEAST = 0.1
"""Expected items from which on the limits are drawn."""
WARN, ALARM = 0.95, 0.998
"""Levels of the funnel's limits."""


def rate_text(share: float | None) -> str:
    """A rate in percent with one decimal: 4.2."""
    return words.UNKNOWN if share is None else words.decimal(100 * share, 1)


@dataclass(frozen=True, slots=True)
class Axis:
    """Where a share stands on an axis that begins at `low` and ends at `high`."""

    low: float
    high: float
    width: int = IV_WIDTH

    def at(self, share: float) -> float:
        """The place of a share, kept inside."""
        return round(self.width * min(max((share - self.low) / (self.high - self.low), 0), 1), 1)

    @property
    def ends(self) -> tuple[str, str]:
        """Both ends in words."""
        return f"{words.decimal(100 * self.low, 0)} %", f"{words.decimal(100 * self.high, 0)} %"


def axis_for(rate: Rate, shown: Sequence[Line]) -> Axis:
    """An axis for the intervals of some lines of one rate: from nothing on, or up to all where lower is worse."""
    if rate.lower_is_worse:
        least = min((line.low for line in shown if line.low is not None), default=0.0)
        return Axis(1 - _round(1 - least), 1.0)
    return Axis(0.0, _round(max((line.high for line in shown if line.high is not None), default=1.0)))


def _round(share: float) -> float:
    """The next round number of percent at or above."""
    unit = 0.01
    while True:
        for step in _STEPS:
            if share <= unit * step:
                return min(unit * step, 1.0)
        unit *= 10


@dataclass(frozen=True, slots=True)
class Interval:
    """One interval: its bar from `start` over `width`, the raw rate as a ring, the estimate as a dot."""

    start: int
    width: int
    raw: int | None
    mean: int


def interval(line: Line, axis: Axis) -> Interval | None:
    """None where nothing is estimated. In whole units: a page has thousands of them."""
    if line.mean is None or line.low is None or line.high is None:
        return None
    start, end = round(axis.at(line.low)), round(axis.at(line.high))
    return Interval(start, max(end - start, 1), None if line.raw is None else round(axis.at(line.raw)), round(axis.at(line.mean)))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stood:
    """One supplier in a funnel: bad items seen and expected, the limits of their ratio, and where that puts it."""

    supplier: str
    anchor: str
    seen: int
    expected: float
    low: float
    high: float
    outside: str
    x: float
    y: float

    @property
    def ratio(self) -> str:
        """Seen over expected."""
        return words.decimal(self.seen / self.expected, 2)

    @property
    def expected_text(self) -> str:
        """Bad items expected."""
        return words.decimal(self.expected, 1)

    @property
    def between(self) -> str:
        """The limits in words."""
        return f"{words.decimal(self.low, 2)} to {words.decimal(self.high, 2)}"


@dataclass(frozen=True, slots=True)
class Funnel:
    """One rate's funnel plot: lines of the limits, suppliers as dots, and the same as a sentence."""

    rate: Rate
    stood: tuple[Stood, ...]
    curves: tuple[tuple[str, str], ...]
    ticks_x: tuple[tuple[float, str], ...]
    ticks_y: tuple[tuple[float, str], ...]
    one: float
    named: tuple[Stood, ...]
    sentence: str
    width: int = FUNNEL_WIDTH
    height: int = FUNNEL_HEIGHT
    left: int = _LEFT
    right: int = FUNNEL_WIDTH - _RIGHT
    foot: int = FUNNEL_HEIGHT - _FOOT


def funnel(rate: Rate, told: Sequence[tuple[str, str, int, float]]) -> Funnel | None:
    """told: supplier, anchor, bad items seen, bad items expected. None where nothing is expected of anyone."""
    told = [one for one in told if one[3] > 0]
    if not told:
        return None
    widest = max(1.0, max(expected for *_, expected in told)) * 1.05
    tallest = max(2.5, min(6.0, 1.1 * max(seen / expected for *_, seen, expected in told if expected >= 1) if any(one[3] >= 1 for one in told) else 2.5))  # fmt: skip

    def across(expected: float) -> float:
        return round(_LEFT + (FUNNEL_WIDTH - _LEFT - _RIGHT) * sqrt(expected / widest), 1)

    def up(ratio: float) -> float:
        return round(_TOP + (FUNNEL_HEIGHT - _TOP - _FOOT) * (1 - min(ratio, tallest) / tallest), 1)

    stood = []
    for supplier, anchor, seen, expected in told:
        low, high = limits(expected, WARN)
        stood.append(Stood(supplier, anchor, seen, expected, low, high, _outside(seen, expected), across(expected), up(seen / expected)))  # fmt: skip
    stood.sort(key=lambda one: (-one.expected, one.supplier))
    points = [widest * (place / 48) ** 2 for place in range(1, 49)]
    curves = []
    for level, ink in ((WARN, "c-goal"), (ALARM, "c-base")):
        for side in (0, 1):
            at = [(point, limits(round(point, 4), level)[side]) for point in points if point >= _LEAST]
            inside = [f"{across(point)} {up(ratio)}" for point, ratio in at if ratio <= tallest]
            if len(inside) > 1:
                curves.append((f"M{'L'.join(inside)}", ink))
    above = [one for one in stood if one.outside.startswith("above")]
    named = sorted((one for one in above if one.outside.endswith("both limits")), key=lambda one: one.y)[:4]
    kept = [one for place, one in enumerate(named) if all(abs(one.y - other.y) > 13 for other in named[:place])]  # fmt: skip
    return Funnel(rate, tuple(stood), tuple(curves), tuple((across(tick), words.count(tick)) for tick in _ticks(widest)),
                  tuple((up(tick), str(tick)) for tick in range(int(tallest) + 1)), up(1), tuple(kept), _funnel_words(rate, stood))  # fmt: skip


def _outside(seen: int, expected: float) -> str:
    """Which limits a supplier is outside of, in words; empty for none.

    Outside is who lies beyond the line and whose count is itself that unlikely: none of one expected is below a line
    that is nearly nought and yet no surprise.
    """
    ratio, unlikely = seen / expected, chance(seen, expected)
    outside = ""
    for level, words_of in ((WARN, "the 95 % limit"), (ALARM, "both limits")):
        low, high = limits(expected, level)
        if not low <= ratio <= high and unlikely <= (1 - level) / 2:
            outside = f"{'above' if ratio > high else 'below'} {words_of}"
    return outside


def _ticks(widest: float) -> list[int]:
    """A few round numbers of expected items."""
    every = [1, 5, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 200_000]
    inside = [tick for tick in every if tick <= widest]
    return inside[:1] + inside[1:][-4:]


def _funnel_words(rate: Rate, stood: Sequence[Stood]) -> str:
    both = [one.supplier for one in stood if one.outside == "above both limits"]
    some = [one.supplier for one in stood if one.outside == "above the 95 % limit"]
    fine = len(stood) - len(both) - len(some)
    told = []
    if both:
        told.append(f"above both limits {words.listed(both[:6])}{' and others' if len(both) > 6 else ''}")
    if some:
        told.append(f"above the 95 % limit only {words.listed(some[:6])}{' and others' if len(some) > 6 else ''}")  # fmt: skip
    told.append(f"{words.counted(fine, 'supplier')} not above")
    return f"{rate.title}: {'; '.join(told)}."


@dataclass(frozen=True, slots=True)
class Trend:
    """A rate by quarter: a line, its last point with its figure and number of items, and the ends of its axis."""

    rate: Rate
    points: str
    end: tuple[float, float]
    figure: str
    of: str
    first: str
    last: str
    axis: Axis
    sentence: str
    width: int = TREND_WIDTH
    height: int = TREND_HEIGHT


def trend(rate: Rate, names: Sequence[str], counts: dict[int, tuple[int, int]]) -> Trend | None:
    """None where the rate has fewer than two quarters."""
    seen = [(place, counts[place]) for place in sorted(counts)]
    if len(seen) < 2:
        return None
    shares = [(place, x / n) for place, (n, x) in seen]
    every = [share for _, share in shares]
    axis = Axis(1 - _round(1 - min(every)), 1.0) if rate.lower_is_worse else Axis(0.0, _round(max(every)))
    step = (TREND_WIDTH - 60) / max(len(names) - 1, 1)
    tall = TREND_HEIGHT - 30
    points = [(round(2 + step * place, 1), round(8 + tall * (1 - axis.at(share) / axis.width), 1)) for place, share in shares]  # fmt: skip
    told = ", ".join(f"{names[place]} {rate_text(share)}" for place, share in shares)
    return Trend(rate, " ".join(f"{x},{y}" for x, y in points), points[-1], f"{rate_text(every[-1])} %", f"of {words.count(seen[-1][1][0])}", names[0], names[seen[-1][0]], axis, f"{rate.title} by quarter, percent: {told}")  # fmt: skip


def spark(rate: str, names: Sequence[str], counts: dict[int, tuple[int, int]]) -> tuple[str, str]:
    """The share of bad items by quarter as points of a small line, and in words; empty where there is too little."""
    seen = [(place, counts[place]) for place in sorted(counts)]
    if len(seen) < 2:
        return "", ""
    low = BY_NAME[rate].lower_is_worse
    shares = [(place, (n - x if low else x) / n) for place, (n, x) in seen]
    top = max(max(share for _, share in shares), 0.01)
    step = (SPARK_WIDTH - 4) / max(len(names) - 1, 1)
    points = " ".join(f"{2 + step * place:.0f},{SPARK_HEIGHT - 1 - (SPARK_HEIGHT - 3) * share / top:.0f}" for place, share in shares)  # fmt: skip
    return points, f"{BY_NAME[rate].bad}, percent by quarter: " + ", ".join(
        rate_text(share) for _, share in shares
    )

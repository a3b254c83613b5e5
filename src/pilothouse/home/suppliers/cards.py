"""The suppliers' scorecards: what one sheet says of one supplier, and who is most likely worse than its group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from pilothouse.core import words
from pilothouse.home.suppliers import pictures
from pilothouse.home.suppliers.facts import Line, Quarters
from pilothouse.home.suppliers.pictures import Axis, Interval, rate_text
from pilothouse.parts.rates import RATES, Rate
from pilothouse.parts.watching import RUN

LIKELY = 0.95
"""From this probability on a supplier counts as most likely worse than its group's median."""
MOST_WORSE = 25
MOST_LINES = 6_000
"""Lines in all scorecards of a page; each rate of each supplier has its share of them."""
MOST_GROUPS = 25
MOST_CARDS = 400
MOST_EVENTS_OF_ONE = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One line in words, with its interval as a picture."""

    line: Line
    picture: Interval | None
    axis: Axis | None = None
    anchor: str = ""

    @property
    def group(self) -> str:
        """Category and condition in words."""
        return f"{self.line.category}, {self.line.condition}" if self.line.condition else self.line.category

    @property
    def of(self) -> str:
        """x of n."""
        return f"{words.count(self.line.x)} of {words.count(self.line.n)}"

    @property
    def raw(self) -> str:
        """The counted rate in percent."""
        return rate_text(self.line.raw)

    @property
    def mean(self) -> str:
        """The estimated rate in percent."""
        return rate_text(self.line.mean)

    @property
    def between(self) -> str:
        """The 90 % interval in percent."""
        return f"{rate_text(self.line.low)} to {rate_text(self.line.high)}"

    @property
    def worse(self) -> str:
        """Probability of being worse than the group's median."""
        if self.line.worse is None:
            return "alone"
        if not 0 < self.line.worse < 1:  # so many draws and no more
            return "over 99.9 %" if self.line.worse else "under 0.1 %"
        return words.percent(self.line.worse)

    @property
    def likely(self) -> bool:
        """Whether that is likely enough to be named."""
        return is_likely(self.line)

    @property
    def alarm(self) -> str:
        """The day of the last alarm, without its weekday."""
        return words.day(self.line.alarm).split(" ", 1)[1] if self.line.alarm else "none"

    @property
    def pool(self) -> str:
        """Outside counts, x of n."""
        return f"{words.count(self.line.x_pool)} of {words.count(self.line.n_pool)}" if self.line.n_pool else "none"  # fmt: skip


def is_likely(line: Line) -> bool:
    """Whether a line is most likely worse than its group's median supplier."""
    return line.worse is not None and line.worse >= LIKELY


@dataclass(frozen=True, slots=True)
class WorseOf:
    """The lines of one rate that are most likely worse, the surest first, on one axis."""

    rate: Rate
    axis: Axis
    rows: tuple[Row, ...]


def most_worse(told: Sequence[Line], anchors: dict[str, str]) -> tuple[list[WorseOf], int]:
    """By rate the lines most likely worse than their group's median, and how many there are in all."""
    found = sorted((line for line in told if is_likely(line)), key=lambda line: (-(line.worse or 0), -line.n, line.supplier, line.group))  # fmt: skip
    shown = found[:MOST_WORSE]
    by_rate = []
    for rate in RATES:
        own = [line for line in shown if line.rate == rate.name]
        if own:
            axis = pictures.axis_for(rate, own)
            rows = tuple(Row(line, pictures.interval(line, axis), axis, anchors.get(line.supplier, "")) for line in own)  # fmt: skip
            by_rate.append(WorseOf(rate, axis, rows))
    return by_rate, len(found)


@dataclass(frozen=True, slots=True)
class RateOfOne:
    """One rate on a scorecard: its lines, groups without an item, and the whole against what its groups would have."""

    rate: Rate
    rows: tuple[Row, ...]
    axis: Axis
    further: int
    none_yet: int
    waiting: int
    spark: str
    spark_words: str
    whole: str


@dataclass(frozen=True, slots=True)
class Event:
    """One bad item: the day it became known, what it was."""

    day: str
    what: str
    group: str
    receipt: str
    part: str


@dataclass(frozen=True, slots=True)
class Card:
    """One supplier's sheet."""

    name: str
    anchor: str
    received: int
    groups: int
    likely: int
    alarms: int
    rates: tuple[RateOfOne, ...]
    silent: str
    events: tuple[Event, ...]
    further_events: int
    pooled: bool

    @property
    def said(self) -> str:
        """The sheet's first sentence."""
        told = [f"{words.counted(self.received, 'item')} received in {words.counted(self.groups, 'group')}"]
        told.append(f"{words.counted(self.likely, 'rate')} most likely worse than the median of {'its' if self.likely == 1 else 'their'} group" if self.likely else "no rate most likely worse than its group's median")  # fmt: skip
        told.append(words.counted(self.alarms, "alarm") if self.alarms else "no alarm")
        return f"{words.listed(told)}."


def expected_bad(told: Sequence[Line]) -> dict[tuple[str, str], tuple[int, float, int]]:
    """By supplier and rate: bad items seen, bad items expected at the rates of its groups, items; groups of one left out.

    The rate of a group is all its bad items among all its items, so that seen and expected are the same in all.
    """
    groups: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in told:
        if line.n:
            groups[line.category, line.condition, line.rate].append(line)
    lower = {rate.name for rate in RATES if rate.lower_is_worse}
    sums: dict[tuple[str, str], tuple[int, float, int]] = defaultdict(lambda: (0, 0.0, 0))
    for (_, _, rate), own in groups.items():
        if len(own) < 2:
            continue
        bad = [line.n - line.x if rate in lower else line.x for line in own]
        share = sum(bad) / sum(line.n for line in own)
        for line, seen in zip(own, bad, strict=True):
            before = sums[line.supplier, rate]
            sums[line.supplier, rate] = (before[0] + seen, before[1] + share * line.n, before[2] + line.n)
    return dict(sums)


def cards(told: Sequence[Line], by_quarter: Quarters, bad: pa.Table, anchors: dict[str, str], expected: dict[tuple[str, str], tuple[int, float, int]]) -> list[Card]:  # fmt: skip
    """The sheets of the suppliers in `anchors`, by name."""
    own: dict[str, list[Line]] = defaultdict(list)
    for line in told:
        own[line.supplier].append(line)
    events, counts = _events(bad)
    share = min(max(MOST_LINES // (len(RATES) * max(len(anchors), 1)), 3), MOST_GROUPS)
    return [_card(name, anchor, own[name], by_quarter, events.get(name, ()), counts.get(name, 0), expected, share) for name, anchor in anchors.items()]  # fmt: skip


def _card(name: str, anchor: str, own: Sequence[Line], by_quarter: Quarters, events: tuple[Event, ...], bad: int, expected: dict[tuple[str, str], tuple[int, float, int]], share: int) -> Card:  # fmt: skip
    rates, silent = [], []
    for rate in RATES:
        lines = [line for line in own if line.rate == rate.name]
        if any(line.n or line.waiting for line in lines):
            rates.append(_rate(rate, lines, by_quarter, expected.get((name, rate.name)), share))
        else:
            silent.append(rate.title)
    return Card(
        name=name,
        anchor=anchor,
        received=sum(line.n for line in own if line.rate == "reject"),
        groups=len({line.group for line in own}),
        likely=sum(is_likely(line) for line in own),
        alarms=sum(line.alarm is not None for line in own),
        rates=tuple(rates),
        silent=words.listed(silent),
        events=events,
        further_events=max(0, bad - len(events)),
        pooled=any(line.n_pool for line in own),
    )


def _rate(rate: Rate, lines: Sequence[Line], by_quarter: Quarters, expected: tuple[int, float, int] | None, share: int) -> RateOfOne:  # fmt: skip
    known = [line for line in lines if line.n]
    telling = sorted(known, key=lambda line: (line.alarm is None, not is_likely(line), -line.n))[:share]
    shown = sorted(telling, key=lambda line: line.group)
    axis = pictures.axis_for(rate, shown)
    points, told = pictures.spark(rate.name, by_quarter.names, by_quarter.counts.get((lines[0].supplier, rate.name), {}))  # fmt: skip
    whole = ""
    if expected and expected[2]:
        whole = f"{words.count(expected[0])} {rate.bad} where its groups' rates give {words.decimal(expected[1], 1)}"
    return RateOfOne(rate, tuple(Row(line, pictures.interval(line, axis)) for line in shown), axis, len(known) - len(shown), len(lines) - len(known), sum(line.waiting for line in lines), points, told, whole)  # fmt: skip


def _events(bad: pa.Table) -> tuple[dict[str, tuple[Event, ...]], dict[str, int]]:
    """By supplier its newest bad items, and how many there are in the table."""
    first: dict[str, list[Event]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    columns = (bad[name].to_pylist() for name in ("day", "supplier", "what", "group", "receipt", "part"))
    for day, supplier, what, group, receipt, part in zip(*columns, strict=True):
        counts[supplier] += 1
        if len(first[supplier]) < MOST_EVENTS_OF_ONE:
            first[supplier].append(Event(words.day(day), what, group, receipt, part))
    return {name: tuple(own) for name, own in first.items()}, counts


def by_chance(told: Sequence[Line]) -> int:
    """Alarms that chance alone would give at most, on average: one in RUN items of every series."""
    return round(sum(line.n for line in told) / RUN)

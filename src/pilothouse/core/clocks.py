"""Clocks of findings: how much of the time is used, what is left in words, and where the bars stand.

Pure; times come in. Lengths are percent of an axis, so that a picture needs no arithmetic. Source: docs/look.md, "Clock".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from pilothouse.core.words import lasting

State = Literal["running", "soon", "breached", "paused", "none"]
SOON: Final = timedelta(hours=24)
SOON_SHARE: Final = 0.9
"""A clock is nearly out in its last tenth and in its last 24 hours."""


@dataclass(frozen=True, slots=True)
class Clock:
    """used: share of the time, 0 to 1. left: the time left or overdue, alone; words: the whole phrase."""

    state: State
    used: float
    left: str
    words: str
    opened_at: datetime | None = None
    due_at: datetime | None = None
    now: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()


def clock(
    opened_at: datetime,
    due_at: datetime | None,
    now: datetime,
    *,
    reason: str = "",
    paused: bool = False,
    pauses: Sequence[tuple[datetime, datetime | None]] = (),
) -> Clock:
    """How a clock stands at a moment. reason: why it is paused, or why there is none; pauses: open ones end now."""
    if due_at is None:
        return Clock("none", 0.0, "", f"No clock: {reason}" if reason else "No clock", opened_at)
    left = due_at - now
    used = (now - opened_at) / (due_at - opened_at) if due_at > opened_at else 1.0
    used = round(min(1.0, max(0.0, used)), 4)
    stood = tuple((start, end or now) for start, end in pauses)
    told = lasting(abs(left))
    if paused:
        state, words = "paused", f"Paused, {told} left" + (f", {reason}" if reason else "")
    elif left < timedelta():
        state, used, words = "breached", 1.0, f"Overdue by {told}"
    else:
        state = "soon" if left <= SOON or used >= SOON_SHARE else "running"
        words = f"{told} left"
    return Clock(state, used, told, words, opened_at, due_at, now, stood)  # type: ignore[arg-type]  # a State by its branches


@dataclass(frozen=True, slots=True)
class Axis:
    """The time that all clocks of a list share, with the place of now in percent and its weeks."""

    start: datetime
    end: datetime
    now: datetime

    def at(self, when: datetime) -> float:
        """Where a moment stands, in percent from 0 to 100; what lies outside stands at the edge."""
        share = (when - self.start) / (self.end - self.start)
        return round(100 * min(1.0, max(0.0, share)), 2)

    @property
    def weeks(self) -> tuple[tuple[float, str], ...]:
        """The days a whole number of weeks from now that lie well inside, as place and label."""
        step = max(1, -(-(self.end - self.start) // timedelta(weeks=6)))
        marks = (self.now + timedelta(weeks=step * n) for n in (-2, -1, 1, 2))
        inside = [(self.at(mark), f"{mark.day} {mark:%b}") for mark in marks]
        return tuple((place, label) for place, label in inside if 4 < place < 96)


def axis(now: datetime, clocks: Iterable[Clock] = (), *, most: timedelta = timedelta(weeks=13)) -> Axis:
    """An axis around now that is as wide as the clocks need, three weeks to either side at least."""
    reach = timedelta(weeks=3)
    for one in clocks:
        for when in (one.opened_at, one.due_at):
            if when is not None and one.due_at is not None:
                reach = max(reach, min(abs(when - now), most))
    return Axis(now - reach, now + reach, now)


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a lane. kind: used, over, left, hold; at and width in percent."""

    kind: str
    at: float
    width: float


@dataclass(frozen=True, slots=True)
class Lane:
    """A clock as it lies on an axis. due: where its end stands, None for a clock that has none."""

    bars: tuple[Bar, ...]
    due: float | None
    tone: str
    now: float


def lane(on: Axis, one: Clock) -> Lane:
    """The pieces of a clock's bar on an axis that it shares with others."""
    now = on.at(on.now)
    if one.due_at is None or one.opened_at is None:
        return Lane((), None, "", now)
    opened, due = on.at(one.opened_at), on.at(one.due_at)
    if one.state == "breached":
        bars = [Bar("used", opened, due - opened), Bar("over", due, now - due)]
    elif one.state == "paused":
        bars = [Bar("used", opened, now - opened), Bar("hold", now, due - now)]
    else:
        bars = [Bar("used", opened, now - opened), Bar("left", now, due - now)]
    tone = {"breached": "crit", "soon": "high"}.get(one.state, "")
    kept = tuple(Bar(bar.kind, bar.at, round(bar.width, 2)) for bar in bars if bar.width > 0)
    return Lane(kept, None if one.state == "paused" else due, tone, now)


def whole(one: Clock) -> tuple[Axis, tuple[Bar, ...]] | None:
    """The one large clock of a finding: opening to end (or now, when it is later), with its pauses."""
    if one.due_at is None or one.opened_at is None or one.now is None:
        return None
    on = Axis(one.opened_at, max(one.due_at, one.now, one.opened_at + timedelta(minutes=1)), one.now)
    until = min(one.now, one.due_at)
    bars = [Bar("used", 0.0, on.at(until))]
    bars += [Bar("hold", on.at(start), round(on.at(end) - on.at(start), 2)) for start, end in one.pauses]
    if one.state == "breached":
        bars.append(Bar("over", on.at(one.due_at), round(100 - on.at(one.due_at), 2)))
    return on, tuple(bars)

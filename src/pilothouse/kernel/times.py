"""Times as people write them, the instants they mean, and half-open intervals between instants.

A time without an offset is a wall clock's and needs a zone. Where plain `zoneinfo` shifts a wall clock that
spring skips (02:30 would be 03:30), here it means the first instant that exists (03:00); one that autumn
shows twice means the first. Source: docs/domains/governance.md, "Time".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from pilothouse.kernel.errors import BadUsage
from pilothouse.kernel.text import near_it

Instant: TypeAlias = int
"""Microseconds since 1970-01-01T00:00Z. A number, because `9999-12-31 23:59` in New York is a common
"for ever" and lies beyond what a UTC datetime can hold."""

ALWAYS: Instant = -(1 << 62)
OPEN: Instant = 1 << 62
DAY: Instant = 86_400_000_000

FORMS = "2026-11-02, 2026-11-02 07:30, 2026-11-02T07:30:00, 2026-11-02T07:30Z or 2026-11-02T07:30+01:00"

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  a wall clock; offsets are applied by hand
_NO_TIME = timedelta()
_SECOND = timedelta(seconds=1)
_FORM = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<clock>(?!24)\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)"
    r"(?P<offset>Z|(?P<sign>[+-])(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?)?)?",
    re.ASCII,
)


class Span(NamedTuple):
    """The instants t with `start <= t < end`."""

    start: Instant
    end: Instant


NEVER = Span(ALWAYS, ALWAYS)
"""The interval that holds no instant."""


class NotATime(ValueError):
    """The text is no time in one of the forms taken here."""


class UnknownZone(BadUsage):
    """No time zone of the IANA list has this name."""


@cache
def zone_names() -> frozenset[str]:
    """Every name of the IANA list."""
    package = find_spec("tzdata")
    if package is None or package.origin is None:
        return frozenset(available_timezones())
    return frozenset(Path(package.origin).with_name("zones").read_text(encoding="ascii").split())


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name such as `Europe/Berlin`.

    Only names of the IANA list: `localtime`, which zoneinfo would take, is the machine's own and changes from
    one machine to the next. Raises UnknownZone with near names.
    """
    if name in zone_names():
        return ZoneInfo(name)
    hint = near_it(name, zone_names()) or "; an IANA name such as Europe/Berlin is needed"
    raise UnknownZone(f"{name!r} is no time zone{hint}")


def is_bare_day(text: str) -> bool:
    """Whether the text names a day without a time of day."""
    return len(text) == 10


_SECONDS = {f":{m:02}": m * 60 for m in range(60)} | {
    f":{m:02}:{s:02}": m * 60 + s for m in range(60) for s in range(60)
}
"""What may follow the hour of a wall clock's time, and the seconds it stands for."""


class TimeReader:
    """Reads the times of one body of text as `read_time` does; what has no offset is of its zone.

    It remembers the hours it has met, for a roster names few of them thousands of times. Only an hour that
    the clocks go through once and evenly is remembered: in it, minutes and seconds are just added.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._hours: dict[str, Instant] = {}
        self._others: dict[str, Instant] = {}

    def read(self, text: str) -> Instant:
        """The instant a text means; raises NotATime."""
        hour = self._hours.get(text[:13])
        seconds = _SECONDS.get(text[13:])
        if hour is not None and seconds is not None:
            return hour + seconds * 1_000_000
        known = self._others.get(text)
        if known is None:
            known = self._others[text] = read_time(text, self.zone)
            if seconds is not None:
                self._remember(text[:13])
        return known

    def _remember(self, hour: str) -> None:
        first, last = read_time(f"{hour}:00", self.zone), read_time(f"{hour}:59:59", self.zone)
        if last - first == 3_599_000_000:
            self._hours[hour] = first


def read_time(text: str, zone: ZoneInfo) -> Instant:
    """The instant that one of FORMS means; without an offset it is a wall clock's of `zone`.

    Raises NotATime for anything else, days that no calendar has among them.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise NotATime(text)
    try:
        wall = datetime.fromisoformat(f"{form['day']}T{form['clock'] or '00:00'}")
    except ValueError:
        raise NotATime(text) from None
    if form["offset"] is None:
        return from_wall_clock(wall, zone)
    return _microseconds(wall - _EPOCH - _offset(form, text))


def _offset(form: re.Match[str], text: str) -> timedelta:
    if form["offset"] == "Z":
        return timedelta()
    hours, minutes = int(form["hours"]), int(form["minutes"] or 0)
    if hours > 23 or minutes > 59:
        raise NotATime(text)
    size = timedelta(hours=hours, minutes=minutes)
    return -size if form["sign"] == "-" else size


def from_wall_clock(wall: datetime, zone: ZoneInfo) -> Instant:
    """The instant at which clocks on the wall of `zone` show `wall` (a datetime without tzinfo).

    Shown twice: the first time. Never shown: the first instant after the jump.
    """
    before = zone.utcoffset(wall) or _NO_TIME
    after = zone.utcoffset(wall.replace(fold=1)) or _NO_TIME
    if before < after:
        return _jump(wall, zone, before, after)
    return _microseconds(wall - _EPOCH - before)


def _microseconds(span: timedelta) -> int:
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def _jump(wall: datetime, zone: ZoneInfo, before: timedelta, after: timedelta) -> Instant:
    """The instant of the jump that skips `wall`: it lies in (wall - after, wall - before], on a whole second."""
    low = (wall - _EPOCH - after) // _SECOND
    high = -((_EPOCH - wall + before) // _SECOND)
    while high - low > 1:
        middle = (low + high) // 2
        if as_datetime(middle * 1_000_000, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high * 1_000_000


def as_instant(moment: datetime) -> Instant:
    """The instant of a datetime with a zone; raises ValueError without one."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a moment needs a zone")
    return _microseconds(moment.replace(tzinfo=None) - _EPOCH - offset)


def as_datetime(instant: Instant, zone: ZoneInfo) -> datetime:
    """The instant on the clocks of `zone`; raises OverflowError outside the years 1 to 9999 there."""
    since = timedelta(microseconds=instant)
    try:
        return (_EPOCH + since).replace(tzinfo=UTC).astimezone(zone)
    except OverflowError:
        edge = datetime(9999, 12, 31, tzinfo=zone) if instant > 0 else datetime(1, 1, 1, tzinfo=zone)
        offset = edge.utcoffset() or timedelta()
        return (_EPOCH + (since + offset)).replace(tzinfo=zone)


def join(spans: Iterable[Span]) -> list[Span]:
    """The fewest spans that hold the same instants, in order: those that overlap or touch become one."""
    joined: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined

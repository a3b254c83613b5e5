"""A chain of command indexed once, so that a question reads only the rows that bear on it.

Source: docs/domains/governance.md, "Words" and "Time".
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from pilothouse.governance.words import (
    ANY_TOPIC,
    SYSTEM,
    Appointment,
    Delegation,
    Facility,
    Place,
    Position,
    Rows,
    Shift,
)
from pilothouse.kernel.times import Instant, Span, join


class Timed(Protocol):
    """A row that is valid for a time."""

    @property
    def row(self) -> int: ...
    @property
    def start(self) -> Instant: ...
    @property
    def end(self) -> Instant: ...


Row = TypeVar("Row", bound=Timed)


class Timeline(Generic[Row]):
    """Rows in the order they begin, from which those valid at an instant are found without reading all."""

    __slots__ = ("_latest_end", "_rows", "_starts")

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = sorted(rows, key=attrgetter("start", "row"))
        self._starts = [row.start for row in self._rows]
        self._latest_end = list(accumulate((row.end for row in self._rows), max))

    def at(self, at: Instant) -> Iterator[Row]:
        """The rows valid at the instant: first the one that began last, of equals the later row."""
        index = bisect_right(self._starts, at) - 1
        while index >= 0 and self._latest_end[index] > at:
            if self._rows[index].end > at:
                yield self._rows[index]
            index -= 1

    def latest_at(self, at: Instant) -> Row | None:
        """The row valid at the instant that began last, or None."""
        return next(self.at(at), None)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)


NOTHING: Timeline[Any] = Timeline(())  # Any: an empty timeline is one of every kind of row

Key = TypeVar("Key")
_START = attrgetter("start")


def _timelines(rows: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, Timeline[Row]]:
    groups: defaultdict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return {name: Timeline(group) for name, group in groups.items()}


class Chain:
    """A valid chain of command, indexed for questions.

    `units`, `facilities`, `positions` and `people` are by id, for whoever has to find a place by its name.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.zone = rows.zone
        self.units = {unit.id: unit for unit in rows.units}
        self.facilities = facilities(rows)
        self.positions = {position.id: position for position in rows.positions}
        self.people = {person.id: person for person in rows.people}
        self.helm = next(position for position in rows.positions if position.helm)
        self.mandates = _timelines(rows.mandates, lambda m: (m.topic, m.scope))
        self.holders = _timelines(
            (a for a in rows.appointments if a.kind == "holder"), attrgetter("position")
        )
        self.shifts: dict[str, Timeline[Shift]] = _timelines(rows.shifts, attrgetter("position"))
        self.delegations: dict[tuple[str, str], Timeline[Delegation]] = _timelines(
            rows.delegations, lambda d: (d.position, d.topic)
        )
        self.deputies = _deputies(rows.appointments)
        self.mandates_of = _timelines(rows.mandates, attrgetter("position"))
        self._absences = _joined_spans((a.person, Span(a.start, a.end)) for a in rows.absences)
        self._facility_times = _joined_spans((u.facility, Span(u.start, u.end)) for u in rows.units)

    def has_place(self, place: Place, at: Instant) -> bool:
        """Whether the place exists at the instant; a facility does while one of its units does."""
        if place.id is None:
            return place.kind == "system"
        if place.kind == "unit":
            unit = self.units.get(place.id)
            return unit is not None and unit.start <= at < unit.end
        return _span_at(self._facility_times.get(place.id, ()), at) is not None

    def scopes(self, place: Place) -> tuple[Place, ...]:
        """The scopes a known place lies in, narrowest first."""
        if place.kind == "unit" and place.id is not None:
            return (place, Place("facility", self.units[place.id].facility), SYSTEM)
        return (place, SYSTEM) if place.kind == "facility" else (SYSTEM,)

    def upwards(self, position: Position) -> Iterator[Position]:
        """The position, the one it reports to, and so on up to the helm."""
        yield position
        while position.reports_to is not None:
            position = self.positions[position.reports_to]
            yield position

    def away_until(self, person: str, at: Instant) -> Instant | None:
        """The end of the joined absence the person is in at the instant; None if they are not away."""
        span = _span_at(self._absences.get(person, ()), at)
        return None if span is None else span.end

    def first_helm(self) -> Instant:
        """The instant from which somebody has held the helm without a break."""
        return max(self.helm.start, min(a.start for a in self.holders[self.helm.id]))

    def topics_at(self, at: Instant) -> set[str]:
        """The topics that some mandate names at the instant, `*` not counted."""
        return {m.topic for m in self.rows.mandates if m.start <= at < m.end} - {ANY_TOPIC}


def facilities(rows: Rows) -> dict[str, Facility]:
    """Every facility that a unit names; its name is the first one given."""
    found: dict[str, Facility] = {}
    for unit in rows.units:
        if unit.facility not in found or found[unit.facility].name is None:
            found[unit.facility] = Facility(unit.facility, unit.facility_name)
    return found


def _deputies(appointments: Iterable[Appointment]) -> dict[str, list[Appointment]]:
    """By position: by order (none last), then by begin (always first), then by row."""
    groups: defaultdict[str, list[Appointment]] = defaultdict(list)
    for appointment in appointments:
        if appointment.kind == "deputy":
            groups[appointment.position].append(appointment)
    for group in groups.values():
        group.sort(key=lambda a: (a.order is None, a.order or 0, a.start, a.row))
    return dict(groups)


def _joined_spans(named: Iterable[tuple[str, Span]]) -> dict[str, list[Span]]:
    groups: defaultdict[str, list[Span]] = defaultdict(list)
    for name, span in named:
        groups[name].append(span)
    return {name: join(spans) for name, spans in groups.items()}


def _span_at(spans: Sequence[Span], at: Instant) -> Span | None:
    index = bisect_right(spans, at, key=_START) - 1
    return spans[index] if index >= 0 and spans[index].end > at else None

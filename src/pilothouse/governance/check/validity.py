"""What makes a chain of command invalid, as far as it shows only between rows: pure rules.

What shows in one cell (a time, a topic, a kind outside its form) the sources find while reading.
Source: docs/domains/governance.md, "What makes a chain invalid".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from pilothouse.governance.words import Appointment, Issue, Mandate, Position, Rows
from pilothouse.kernel.times import ALWAYS, OPEN, Instant, Span, as_datetime, join


class Named(Protocol):
    """A row with an id of its own."""

    @property
    def row(self) -> int: ...
    @property
    def id(self) -> str: ...


class OfPosition(Protocol):
    """A row that names a position."""

    @property
    def row(self) -> int: ...
    @property
    def position(self) -> str: ...


class OfPerson(Protocol):
    """A row that names a person."""

    @property
    def row(self) -> int: ...
    @property
    def person(self) -> str: ...


Overlapping = TypeVar("Overlapping", Appointment, Mandate)


def errors(rows: Rows) -> list[Issue]:
    """Every error that shows between the rows, each with its file and row; none means a valid chain.

    A row whose time could not be read must come with an empty span: it then overlaps nothing.
    """
    return [
        *_ids_twice(rows),
        *_unknown_references(rows),
        *_helm(rows),
        *_circles(rows),
        *_two_at_once(rows),
        *_helm_gaps(rows),
    ]


def shown(instant: Instant, rows: Rows) -> str:
    """The instant on the chain's clocks, or what its emptiness means."""
    if instant in (ALWAYS, OPEN):
        return "always" if instant == ALWAYS else "open"
    return as_datetime(instant, rows.zone).isoformat()


def _ids_twice(rows: Rows) -> Iterator[Issue]:
    first_units: dict[str, int] = {}
    facility_of: dict[str, str] = {}
    for unit in rows.units:
        first = first_units.setdefault(unit.id, unit.row)
        facility = facility_of.setdefault(unit.id, unit.facility)
        if unit.facility != facility:
            text = f"the unit {unit.id} lies in {unit.facility} here and in {facility} in row {first}; a unit lies in one facility"
            yield Issue("error", "unit_in_two_facilities", rows.file("units"), unit.row, text)
        elif first != unit.row:
            yield _twice(rows, "units", unit, first)
    named: tuple[tuple[str, Iterable[Named]], ...] = (("positions", rows.positions), ("people", rows.people))
    for kind, those in named:
        seen: dict[str, int] = {}
        for one in those:
            first = seen.setdefault(one.id, one.row)
            if first != one.row:
                yield _twice(rows, kind, one, first)


def _twice(rows: Rows, kind: str, one: Named, first: int) -> Issue:
    text = f"the id {one.id} stands in row {first} already; an id names one thing"
    return Issue("error", "id_twice", rows.file(kind), one.row, text)


class _Known:
    """The ids of one kind; for one that is missing it says which spelling was probably meant."""

    def __init__(self, kind: str, ids: Iterable[str]) -> None:
        self.kind = kind
        self.ids = set(ids)
        self._folded = {id_.casefold(): id_ for id_ in self.ids}

    def missing(self, rows: Rows, file: str, row: int, id_: str | None) -> Issue:
        """The error for an id that is not known; ids are compared exactly."""
        text = f"there is no {self.kind} {id_}" if id_ else f"the {self.kind} is empty"
        meant = self._folded.get((id_ or "").casefold())
        hint = f"; is {meant} meant? Ids are compared letter by letter" if meant else ""
        return Issue("error", f"unknown_{self.kind}", rows.file(file), row, text + hint)


def _unknown_references(rows: Rows) -> Iterator[Issue]:
    positions = _Known("position", (position.id for position in rows.positions))
    people = _Known("person", (person.id for person in rows.people))
    yield from _unknown_scopes(rows)
    for position in rows.positions:
        if position.reports_to is not None and position.reports_to not in positions.ids:
            yield positions.missing(rows, "positions", position.row, position.reports_to)
    of_positions: dict[str, Sequence[OfPosition]] = {"mandates": rows.mandates, "appointments": rows.appointments, "roster": rows.shifts, "delegations": rows.delegations}  # fmt: skip
    for file, those in of_positions.items():
        for one in those:
            if one.position not in positions.ids:
                yield positions.missing(rows, file, one.row, one.position)
    of_people: dict[str, Sequence[OfPerson]] = {"appointments": rows.appointments, "absences": rows.absences, "roster": rows.shifts, "delegations": rows.delegations}  # fmt: skip
    for file, them in of_people.items():
        for each in them:
            if each.person not in people.ids:
                yield people.missing(rows, file, each.row, each.person)


def _unknown_scopes(rows: Rows) -> Iterator[Issue]:
    known = {
        "unit": _Known("unit", (unit.id for unit in rows.units)),
        "facility": _Known("facility", (unit.facility for unit in rows.units)),
    }
    scoped: dict[str, tuple[Position, ...] | tuple[Mandate, ...]] = {"positions": rows.positions, "mandates": rows.mandates}  # fmt: skip
    for file, those in scoped.items():
        for one in those:
            kind, id_ = one.scope.kind, one.scope.id
            if kind != "system" and id_ not in known[kind].ids:
                yield known[kind].missing(rows, file, one.row, id_)


def _helm(rows: Rows) -> Iterator[Issue]:
    """Exactly one helm, of the system's scope, reporting to none; everyone else reports to somebody."""
    file = rows.file("positions")
    helms = [position for position in rows.positions if position.helm]
    if not helms:
        yield Issue("error", "no_helm", file, None, "no position is the helm; exactly one has `yes` there")
    for helm in helms[1:]:
        text = f"{helm.id} is a second helm beside {helms[0].id} in row {helms[0].row}; exactly one has `yes` there"
        yield Issue("error", "two_helms", file, helm.row, text)
    for helm in helms:
        if helm.scope.kind != "system":
            text = f"the helm {helm.id} has the scope {helm.scope.kind} {helm.scope.id}; the helm's is the system"
            yield Issue("error", "helm_scope", file, helm.row, text)
        if helm.reports_to is not None:
            text = f"the helm {helm.id} reports to {helm.reports_to}; above the helm there is nothing"
            yield Issue("error", "helm_reports", file, helm.row, text)
    for position in rows.positions:
        if position.reports_to is None and not position.helm:
            text = f"{position.id} reports to nobody and is not the helm; `reports_to` names its superior"
            yield Issue("error", "no_superior", file, position.row, text)


def _circles(rows: Rows) -> Iterator[Issue]:
    """One error for each position of a circle; those that hang below it are counted."""
    superior = {position.id: position.reports_to for position in reversed(rows.positions)}
    by_id = {position.id: position for position in reversed(rows.positions)}
    circle_of: dict[str, tuple[str, ...]] = {}
    below: defaultdict[tuple[str, ...], int] = defaultdict(int)
    for start in by_id:
        walk: dict[str, None] = {}
        at: str | None = start
        while at in superior and at not in walk and at not in circle_of:
            walk[at] = None
            at = superior[at]
        path = list(walk)
        circle = tuple(path[path.index(at) :]) if at in walk else circle_of.get(at or "", ())
        below[circle] += sum(id_ not in circle for id_ in path)
        circle_of.update(dict.fromkeys(path, circle))
    for id_, circle in circle_of.items():
        if id_ in circle:
            yield _in_circle(rows, by_id[id_], circle, below[circle])


def _in_circle(rows: Rows, position: Position, circle: tuple[str, ...], below: int) -> Issue:
    start = circle.index(position.id)
    way = " → ".join((*circle[start:], *circle[:start], position.id))
    more = f"; with it {below} more never arrive at the helm" if below else ""
    text = f"{position.id} reports to itself in a circle: {way}{more}"
    return Issue("error", "circle", rows.file("positions"), position.row, text)


def _two_at_once(rows: Rows) -> Iterator[Issue]:
    holders = (a for a in rows.appointments if a.kind == "holder")
    for first, later in _overlaps(holders, lambda a: a.position):
        text = (
            f"{later.position} has two holders from {shown(later.start, rows)}: {later.person} here and "
            f"{first.person} in row {first.row}"
        )
        yield Issue("error", "two_holders", rows.file("appointments"), later.row, text)
    for one, other in _overlaps(rows.mandates, lambda m: (m.topic, m.scope)):
        where = f"{other.scope.kind} {other.scope.id}" if other.scope.id else "system"
        text = (
            f"{other.topic} in {where} has two mandates from {shown(other.start, rows)}: {other.position} here "
            f"and {one.position} in row {one.row}"
        )
        yield Issue("error", "two_mandates", rows.file("mandates"), other.row, text)


def _overlaps(
    rows: Iterable[Overlapping], key: Callable[[Overlapping], Hashable]
) -> Iterator[tuple[Overlapping, Overlapping]]:
    """For each row that begins while another of its key is valid: that other one, and the row."""
    groups: defaultdict[Hashable, list[Overlapping]] = defaultdict(list)
    for row in rows:
        if row.start < row.end:
            groups[key(row)].append(row)
    for group in groups.values():
        group.sort(key=lambda row: (row.start, row.row))
        longest = group[0]
        for row in group[1:]:
            if row.start < longest.end:
                yield longest, row
            longest = max(longest, row, key=lambda one: one.end)


def _helm_gaps(rows: Rows) -> Iterator[Issue]:
    """From the first helm holder on, somebody holds the helm at every moment, for ever.

    The helm's own time counts too: outside it nobody can hold it.
    """
    helms = [position for position in rows.positions if position.helm]
    if len(helms) != 1:
        return  # which of them would have to be held?
    (helm,) = helms
    holders = [a for a in rows.appointments if a.position == helm.id and a.kind == "holder"]
    if helm.start >= helm.end or any(a.start >= a.end for a in holders):
        return  # a time that could not be read is an error already
    held = join(Span(max(a.start, helm.start), min(a.end, helm.end)) for a in holders)
    if not held:
        text = f"the helm {helm.id} has no holder at any time"
        yield Issue("error", "helm_without_holder", rows.file("positions"), helm.row, text)
    begins_after = [span.start for span in held[1:]]
    for span, until in zip(held, [*begins_after, OPEN], strict=False):
        if span.end == until:
            continue
        last = next((a for a in holders if a.end == span.end), None)
        to = "on" if until == OPEN else f"to {shown(until, rows)}"
        text = f"nobody holds the helm {helm.id} from {shown(span.end, rows)} {to}"
        if last is None:
            text += f", for {helm.id} itself ends"
            yield Issue("error", "helm_without_holder", rows.file("positions"), helm.row, text)
        else:
            yield Issue("error", "helm_without_holder", rows.file("appointments"), last.row, text)

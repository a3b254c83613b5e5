"""The cells of a chain's tables as typed rows. A cell outside its form is an error with its file and row.

Every record becomes a row all the same, so that one bad cell does not make its id unknown elsewhere; a row
whose own time or kind cannot be read gets an empty span and takes part in nothing.
Source: docs/domains/governance.md, "As files" and "Time".
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import get_args
from zoneinfo import ZoneInfo

from pilothouse.governance.sources.tables import Table, Tables
from pilothouse.governance.words import (
    SYSTEM,
    Absence,
    Appointment,
    AppointmentKind,
    Delegation,
    Issue,
    Mandate,
    Person,
    Place,
    Position,
    Rows,
    ScopeKind,
    Shift,
    Unit,
)
from pilothouse.kernel.times import (
    ALWAYS,
    FORMS,
    NEVER,
    OPEN,
    Instant,
    NotATime,
    Span,
    TimeReader,
    is_bare_day,
)

TOPIC_FORM = re.compile(r"[a-z0-9_]+|\*", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
SUM_FORM = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)
_YES = frozenset({"yes", "y", "true", "1", "ok"})
_SCOPE_KINDS: dict[str, ScopeKind] = {kind: kind for kind in get_args(ScopeKind)}
_APPOINTMENT_KINDS: dict[str, AppointmentKind] = {kind: kind for kind in get_args(AppointmentKind)}


def rows_of(tables: Tables, zone: ZoneInfo) -> Rows:
    """All rows; adds to the tables' errors and notes. Times without an offset are of `zone`."""
    cells = _Cells(tables, zone)
    return Rows(
        units=cells.units(),
        positions=cells.positions(),
        people=cells.people(),
        appointments=cells.appointments(),
        mandates=cells.mandates(),
        absences=cells.absences(),
        shifts=cells.shifts(),
        delegations=cells.delegations(),
        zone=zone,
        files={kind: table.file for kind, table in tables.by_kind.items()},
    )


class _Cells:
    """Reads the cells of one chain's tables."""

    def __init__(self, tables: Tables, zone: ZoneInfo) -> None:
        self.tables = tables
        self.times = TimeReader(zone)

    def units(self) -> tuple[Unit, ...]:
        table = self.tables.by_kind["units"]
        unit, facility, name, facility_name, start, end = table.places("unit", "facility", "name", "facility_name", "from", "to")  # fmt: skip
        return tuple(
            Unit(
                row,
                self._id(table, row, "unit", c[unit]),
                self._id(table, row, "facility", c[facility]),
                c[name] or None,
                c[facility_name] or None,
                *self._span(table, row, c[start], c[end]),
            )
            for row, c in table.records
        )

    def positions(self) -> tuple[Position, ...]:
        table = self.tables.by_kind["positions"]
        position, title, kind, scope, superior, helm, start, end = table.places("position", "title", "scope_kind", "scope", "reports_to", "helm", "from", "to")  # fmt: skip
        return tuple(
            Position(
                row,
                self._id(table, row, "position", c[position]),
                c[title] or None,
                self._scope(table, row, c[kind], c[scope]) or SYSTEM,
                c[superior] or None,
                self._helm(table, row, c[helm]),
                *self._span(table, row, c[start], c[end]),
            )
            for row, c in table.records
        )

    def people(self) -> tuple[Person, ...]:
        table = self.tables.by_kind["people"]
        person, name, email, phone, tested_on, test_ok = table.places("person", "name", "email", "phone", "tested_on", "test_ok")  # fmt: skip
        with_result = "test_ok" in table.column
        return tuple(
            Person(
                row,
                self._id(table, row, "person", c[person]),
                c[name] or None,
                c[email] or None,
                c[phone] or None,
                self._instant(table, row, "tested_on", c[tested_on]) if c[tested_on] else None,
                c[test_ok].casefold() in _YES if with_result and (c[test_ok] or c[tested_on]) else None,
            )
            for row, c in table.records
        )

    def appointments(self) -> tuple[Appointment, ...]:
        table = self.tables.by_kind["appointments"]
        person, position, kind, order, start, end = table.places("person", "position", "kind", "order", "from", "to")  # fmt: skip
        found = []
        for row, c in table.records:
            span = self._span(table, row, c[start], c[end])
            known = _APPOINTMENT_KINDS.get(c[kind])
            if known is None:
                self._error(table, row, "kind", f"kind is {c[kind]!r}; holder or deputy is needed")
                span = NEVER
            place = self._order(table, row, known, c[order])
            found.append(Appointment(row, c[person], c[position], known or "holder", place, *span))
        return tuple(found)

    def mandates(self) -> tuple[Mandate, ...]:
        table = self.tables.by_kind["mandates"]
        topic, kind, scope, position, limit, currency, start, end = table.places("topic", "scope_kind", "scope", "position", "limit", "currency", "from", "to")  # fmt: skip
        found = []
        for row, c in table.records:
            span = self._span(table, row, c[start], c[end])
            place = self._scope(table, row, c[kind], c[scope])
            named = self._topic(table, row, c[topic])
            largest = self._limit(table, row, c[limit])
            if place is None or not named:
                place, span = place or SYSTEM, NEVER
            found.append(Mandate(row, named, place, c[position], largest, c[currency] or None, *span))
        return tuple(found)

    def absences(self) -> tuple[Absence, ...]:
        table = self.tables.by_kind["absences"]
        person, start, end = table.places("person", "from", "to")
        return tuple(
            Absence(row, c[person], *self._span(table, row, c[start], c[end])) for row, c in table.records
        )

    def shifts(self) -> tuple[Shift, ...]:
        table = self.tables.by_kind["roster"]
        position, person, start, end = table.places("position", "person", "from", "to")
        return tuple(
            Shift(row, c[position], c[person], *self._span(table, row, c[start], c[end]))
            for row, c in table.records
        )

    def delegations(self) -> tuple[Delegation, ...]:
        table = self.tables.by_kind["delegations"]
        position, topic, person, start, end = table.places("position", "topic", "person", "from", "to")
        return tuple(
            Delegation(
                row,
                c[position],
                self._topic(table, row, c[topic]),
                c[person],
                *self._span(table, row, c[start], c[end]),
            )
            for row, c in table.records
        )

    def _error(self, table: Table, row: int, code: str, text: str) -> None:
        self.tables.errors.append(Issue("error", code, table.file, row, text))

    def _id(self, table: Table, row: int, column: str, cell: str) -> str:
        if not cell:
            self._error(table, row, "id_missing", f"{column} is empty; every row needs one")
        return cell

    def _instant(self, table: Table, row: int, column: str, cell: str) -> Instant | None:
        try:
            return self.times.read(cell)
        except NotATime:
            self._error(table, row, "time", f"{column} is {cell!r}, which is no time; right are {FORMS}")
            return None

    def _span(self, table: Table, row: int, start: str, end: str) -> Span:
        """The half-open time of a row; empty `from`: always, empty `to`: open."""
        try:
            first = self.times.read(start) if start else ALWAYS
            last = self.times.read(end) if end else OPEN
        except NotATime:
            for column, cell in (("from", start), ("to", end)):
                if cell:
                    self._instant(table, row, column, cell)
            return NEVER
        if end and is_bare_day(end):
            text = f"to is {end}: valid until that day begins, so the day before is its last"
            self.tables.notes.append(Issue("note", "bare_day_to", table.file, row, text))
        if last <= first:
            self._error(table, row, "to_not_after_from", f"to ({end}) is not after from ({start})")
            return NEVER
        return Span(first, last)

    def _scope(self, table: Table, row: int, kind: str, scope: str) -> Place | None:
        known = _SCOPE_KINDS.get(kind)
        if known is None:
            self._error(
                table, row, "scope_kind", f"scope_kind is {kind!r}; system, facility or unit is needed"
            )
            return None
        if known != "system":
            return Place(known, scope)
        if scope:
            self._error(table, row, "scope", f"scope is {scope!r}, but the system's scope is empty")
        return SYSTEM

    def _helm(self, table: Table, row: int, cell: str) -> bool:
        if cell and cell.casefold() != "yes":
            self._error(table, row, "helm", f"helm is {cell!r}; `yes` or nothing is needed")
        return cell.casefold() == "yes"

    def _order(self, table: Table, row: int, kind: AppointmentKind | None, cell: str) -> int | None:
        if not cell:
            return None
        if kind == "holder":
            self._error(table, row, "order", f"order is {cell!r} for a holder; only deputies have one")
            return None
        if not _WHOLE.fullmatch(cell) or int(cell) < 1:
            self._error(table, row, "order", f"order is {cell!r}; a whole number from 1 is needed")
            return None
        return int(cell)

    def _topic(self, table: Table, row: int, cell: str) -> str:
        if TOPIC_FORM.fullmatch(cell):
            return cell
        text = f"topic is {cell!r}; small letters a to z, digits and _ are needed, or * for every topic"
        self._error(table, row, "topic", text)
        return ""

    def _limit(self, table: Table, row: int, cell: str) -> Decimal | None:
        if not cell:
            return None
        if not SUM_FORM.fullmatch(cell):
            text = f"limit is {cell!r}; a plain number such as 25000 or 25000.50 is needed"
            self._error(table, row, "limit", text)
            return None
        return Decimal(cell)

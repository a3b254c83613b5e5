"""The chain's tables as the rows that the pure rules read: those that bear on a question, or all, today or as recorded.

Every query takes what it needs at once, so their number does not depend on the size of the chain. Rows of one kind are numbered
from 1 in the order of their `turn` and id, which is the order of the files they came from wherever the order matters.
Source: docs/domains/governance.md, "As tables".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from pilothouse.core.house import TIME_ZONE, zone_from
from pilothouse.core.keeping import among
from pilothouse.core.models import Setting
from pilothouse.governance.words import (
    ANY_TOPIC,
    SYSTEM,
    Absence,
    Appointment,
    Delegation,
    Mandate,
    Person,
    Place,
    Position,
    Rows,
    Shift,
    no_rows,
)
from pilothouse.governance.words import Unit as UnitRow
from pilothouse.kernel.times import Instant, UnknownZone, as_instant, zone

ZONE = "chain_tz"
"""The setting that names the zone in which the chain's times are shown."""

Line = tuple[Any, ...]
"""A row of an answer. `Any`: text, whole numbers, booleans or None."""


def chain_zone() -> ZoneInfo:
    """The zone of the setting `chain_tz`, else the house's."""
    named = dict(Setting.objects.filter(name__in=(ZONE, TIME_ZONE)).values_list("name", "value"))
    try:
        return zone(str(named[ZONE]))
    except (KeyError, UnknownZone):
        return zone_from(named.get(TIME_ZONE))


def lines_of(sql: str, parameters: Sequence[Any] = ()) -> list[Line]:
    """All rows of a query. `Any`: what a driver takes."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[Line] = cursor.fetchall()
    return found


@dataclass(frozen=True, slots=True)
class Scopes:
    """The places whose mandates bear on questions; None: those of every place."""

    facilities: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()


_KEY_OF = "(SELECT key FROM {} WHERE id = {})".format
"""Looked up row by row: a planner that guesses how many rows there are joins whole tables for a handful."""
_PLACE = f"{_KEY_OF('core_facility', 'm.facility_id')}, {_KEY_OF('core_unit', 'm.unit_id')}"
_MANDATE = f'SELECT m.id, m.topic, {_PLACE}, m.position_id, {_KEY_OF("governance_position", "m.position_id")}, m.most, m.currency, m.start, m."end" FROM governance_mandate m'
_CELLS = 'id, key, title, facility_id, unit_id, reports_to_id, helm, start, "end"'
_POSITION = f'SELECT m.id, m.key, m.title, {_PLACE}, {_KEY_OF("governance_position", "m.reports_to_id")}, m.helm, m.start, m."end" FROM'


def bearing_on(
    topics: Collection[str],
    scopes: Scopes | None,
    at: datetime,
    shown_in: ZoneInfo,
    *,
    amount: bool = False,
    units: tuple[UnitRow, ...] = (),
) -> Rows:
    """The rows of one moment that questions about these topics and places can meet. amount: those that a sum needs too.

    Only what is valid at the moment is there, and whoever ever held the helm. Without a chain, no positions.
    """
    instant = as_instant(at)
    wanted = {*topics, ANY_TOPIC}
    mandates = _mandates(wanted, scopes, instant)
    positions = _upwards({line[4] for line in mandates}, everything=scopes is None)
    on_the_way = [line[0] for line in positions]
    if amount and scopes is not None:
        mandates = [*dict.fromkeys([*mandates, *_mandates_of(on_the_way, wanted, instant)])]
    keys = {line[0]: line[1] for line in positions}
    helm = next((line[0] for line in positions if line[6]), 0)
    named = _people(None if scopes is None else on_the_way, helm, wanted, instant)
    people = {line[2]: line[3:7] for line in named}
    absences = _absences(None if scopes is None else people, instant)
    return replace(
        _sorted_out(named, keys, shown_in),
        units=units,
        positions=tuple(_position(row, line[1:]) for row, line in enumerate(positions, 1)),
        people=tuple(_person(row, line) for row, line in enumerate(people.values(), 1)),
        mandates=tuple(_mandate(row, (*line[1:4], *line[5:])) for row, line in enumerate(mandates, 1)),
        absences=tuple(
            Absence(row, people[who][0], start, end)
            for row, (who, start, end) in enumerate(absences, 1)
            if who in people
        ),
    )


def _mandates(topics: Collection[str], scopes: Scopes | None, at: Instant) -> list[Line]:
    """The mandates valid at an instant for topics, at the system and the scopes."""
    topic, names = among(topics)
    valid = f'm.topic {topic} AND m.start <= %s AND m."end" > %s'
    if scopes is None:
        return lines_of(f"{_MANDATE} WHERE {valid}", [names, at, at])
    parts = [f"{_MANDATE} WHERE {valid} AND m.facility_id IS NULL AND m.unit_id IS NULL"]
    parameters: list[Any] = [names, at, at]
    for column, ids in (("facility_id", scopes.facilities), ("unit_id", scopes.units)):
        if ids:
            one, given = among(ids)
            parts.append(f"{_MANDATE} WHERE {valid} AND m.{column} {one}")
            parameters += [names, at, at, given]
    return lines_of(" UNION ALL ".join(parts), parameters)


def _mandates_of(positions: Collection[int], topics: Collection[str], at: Instant) -> list[Line]:
    one, ids = among(positions)
    topic, names = among(topics)
    sql = f'{_MANDATE} WHERE m.position_id {one} AND m.topic {topic} AND m.start <= %s AND m."end" > %s'
    return lines_of(sql, [ids, names, at, at])


def _upwards(positions: Collection[int], *, everything: bool = False) -> list[Line]:
    """Positions with all above them, and the helm; or every position."""
    if everything:
        return lines_of(f"{_POSITION} governance_position m")
    one, ids = among(positions)
    return lines_of(
        f"""
        WITH RECURSIVE up AS (
            SELECT {_CELLS} FROM governance_position WHERE id {one}
            UNION SELECT {_CELLS} FROM governance_position WHERE helm
            UNION SELECT b.{_CELLS.replace(", ", ", b.")} FROM up JOIN governance_position b ON b.id = up.reports_to_id
        ) {_POSITION} up m
        """,
        [ids],
    )


def _people(positions: Collection[int] | None, helm: int, topics: Collection[str], at: Instant) -> list[Line]:
    """Whoever is appointed, on shift or delegated at these positions at an instant, with their names.

    (kind, position, person, key, name, email, phone, topic, rank, start, end), in the order of files.
    """
    where, ids = ("", []) if positions is None else _one_of("position_id", positions)
    topic, names = among(topics)
    valid = 'start <= %s AND "end" > %s'
    return lines_of(
        f"""
        SELECT r.kind, r.position_id, r.person_id, c.key, c.name, c.email, c.phone, r.topic, r.rank, r.start, r."end" FROM (
            SELECT kind, position_id, person_id, '' AS topic, rank, start, "end", turn, id FROM governance_appointment
            WHERE {where} {valid}
            UNION ALL SELECT kind, position_id, person_id, '', rank, start, "end", turn, id FROM governance_appointment
            WHERE position_id = %s AND kind = 'holder' AND NOT ({valid})
            UNION ALL SELECT 'shift', position_id, person_id, '', NULL, start, "end", turn, id FROM governance_shift
            WHERE {where} {valid}
            UNION ALL SELECT 'delegate', position_id, person_id, topic, NULL, start, "end", turn, id FROM governance_delegation
            WHERE {where} {valid} AND topic {topic}
        ) r JOIN core_person c ON c.id = r.person_id ORDER BY r.turn, r.id
        """,
        [*ids, at, at, helm, at, at, *ids, at, at, *ids, at, at, names],
    )


def _one_of(column: str, ids: Collection[int]) -> tuple[str, list[Any]]:
    one, given = among(ids)
    return f"{column} {one} AND ", [given]


def _absences(people: Collection[int] | None, at: Instant) -> list[Line]:
    """The absences of these people that have not ended at an instant: only they can reach over it or beyond."""
    where, ids = ("", []) if people is None else _one_of("person_id", people)
    return lines_of(
        f'SELECT person_id, start, "end" FROM governance_absence WHERE {where} "end" > %s', [*ids, at]
    )


def _sorted_out(named: Iterable[Line], keys: dict[int, str], shown_in: ZoneInfo) -> Rows:
    """Rows with the appointments, shifts and delegations of `_people`."""
    appointments: list[Appointment] = []
    shifts: list[Shift] = []
    delegations: list[Delegation] = []
    for row, (kind, position, _, person, _, _, _, topic, rank, start, end) in enumerate(named, 1):
        if kind == "shift":
            shifts.append(Shift(row, keys[position], person, start, end))
        elif kind == "delegate":
            delegations.append(Delegation(row, keys[position], topic, person, start, end))
        else:
            appointments.append(Appointment(row, person, keys[position], kind, rank, start, end))
    return replace(
        no_rows(shown_in),
        appointments=tuple(appointments),
        shifts=tuple(shifts),
        delegations=tuple(delegations),
    )


def scope_of(facility: str | None, unit: str | None) -> Place:
    """The place that two keys name; neither: the system."""
    if unit is not None:
        return Place("unit", unit)
    return SYSTEM if facility is None else Place("facility", facility)


def _position(row: int, line: Line) -> Position:
    key, title, facility, unit, superior, helm, start, end = line
    return Position(row, key, title or None, scope_of(facility, unit), superior, bool(helm), start, end)


def _mandate(row: int, line: Line) -> Mandate:
    topic, facility, unit, position, most, currency, start, end = line
    limit = Decimal(most) if most else None
    return Mandate(row, topic, scope_of(facility, unit), position, limit, currency or None, start, end)


def _person(row: int, line: Line) -> Person:
    return Person(row, *(line[0], *(text or None for text in line[1:4])))

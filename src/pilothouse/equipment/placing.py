"""Where devices stand: the places of core by the texts that won, read again when places change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from pilothouse.core.keeping import Row, Writing, writing
from pilothouse.core.locating import Locator, NamedUnit
from pilothouse.core.models import Facility, Person, Unit
from pilothouse.equipment import fleet
from pilothouse.equipment.models import Room
from pilothouse.kernel.times import as_instant

CHUNK = 5_000
_FACILITY, _UNIT, _FACILITY_TEXT, _UNIT_TEXT = (
    fleet.COLUMNS.index(name) for name in ("facility", "unit", "facility_text", "unit_text")
)


def locator_at(at: datetime) -> Locator[int]:
    """A locator over the facilities and the units that exist at a moment: two queries."""
    instant = as_instant(at)
    units = Unit.objects.filter(start__lte=instant, end__gt=instant).values_list(
        "id", "facility_id", "key", "name"
    )
    facilities = Facility.objects.values_list("id", "key", "name")
    return Locator.of(
        [NamedUnit(id_, facility, (key, name)) for id_, facility, key, name in units],
        [(id_, (key, name)) for id_, key, name in facilities],
    )


def place_devices(*, by: Person | None, at: datetime) -> int:
    """Read the texts of all devices to places again; gives how many moved. To be called when places have changed.

    The caller has checked that places may be changed. One revision; nothing is written when nobody moves.
    """
    locator = locator_at(at)
    moved = _moved(locator)
    strayed = list(
        Room.objects.exclude(unit=None).exclude(facility=F("unit__facility")).select_related("unit")
    )
    if not moved and not strayed:
        return 0
    with writing(by=by, at=at, verb="place_devices", note=f"{len(moved):,} devices stand elsewhere") as w:
        for start in range(0, len(moved), CHUNK):
            rows = fleet.stored(moved[start : start + CHUNK])
            fleet.change(w, [(record, _placed(row, locator)) for record, row in rows.items()])
        for room in strayed:
            _follow(w, room)
    return len(moved)


def _follow(w: Writing, room: Any) -> None:
    """A room goes with its unit; where its code is another's in that facility, the unit's key is added to it. `Any`: a room."""
    room.facility_id = room.unit.facility_id
    if Room.objects.filter(facility=room.facility_id, key=room.key).exists():
        room.aliases = "\n".join(filter(None, (room.aliases, room.key)))
        room.key = f"{room.key}, {room.unit.key}"
    w.save(room)


def _moved(locator: Locator[int]) -> list[int]:
    """The devices whose texts now lead elsewhere. Distinct texts are asked first: most often nothing moves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT facility, unit, facility_id, unit_id FROM equipment_equipment")
        wrong = {row for row in map(tuple, cursor.fetchall()) if _found(locator, row) != row[2:]}
    if not wrong:
        return []
    with connection.chunked_cursor() as cursor:
        cursor.execute("SELECT facility, unit, facility_id, unit_id, id FROM equipment_equipment ORDER BY id")
        return [row[4] for row in iter(cursor.fetchone, None) if row[:4] in wrong]


def _found(locator: Locator[int], row: Row) -> tuple[int | None, int | None]:
    found = locator.find(row[0], row[1])
    return found.facility, found.unit


def _placed(row: Row, locator: Locator[int]) -> Row:
    found = locator.find(row[_FACILITY_TEXT], row[_UNIT_TEXT])
    new = list(row)
    new[_FACILITY], new[_UNIT] = found.facility, found.unit
    return tuple(new)

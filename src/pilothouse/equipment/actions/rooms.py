"""Rooms and bays, kept by people. A device moves by its own texts: nothing of it is written here but what `put_in_room` sets by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final

from pilothouse.core.errors import Invalid, NotFound, Stale
from pilothouse.core.keeping import Writing, writing
from pilothouse.core.models import Facility, Unit
from pilothouse.core.permissions import Viewer, need
from pilothouse.equipment.actions.access import Done
from pilothouse.equipment.actions.hand import set_by_hand
from pilothouse.equipment.hand import LONGEST
from pilothouse.equipment.models import Room

ROOM_FIELDS: Final = ("key", "name", "aliases")
"""What a person types of a room."""


def add_room(
    values: Mapping[str, str],
    *,
    by: Viewer,
    at: datetime,
    facility: int | None = None,
    unit: int | None = None,
    within: int | None = None,
) -> Room:
    """A room of a unit or of a facility alone, or a bay within a room, which stands where that does.

    Raises NotAllowed, NotFound for a place that is not there, Invalid with a message for each field.
    """
    with writing(by=by.person, at=at, verb="add_room") as w:
        one = Room(facility_id=facility, unit_id=unit)
        if within is not None:
            one.within = _room(by, within)
            if one.within.within_id is not None:
                raise Invalid("A bay is in a room.", {"within": "Choose a room, not a bay."})
            one.facility_id, one.unit_id = one.within.facility_id, one.within.unit_id
        elif unit is not None:
            one.facility_id = Unit.objects.filter(pk=unit).values_list("facility_id", flat=True).first()
        _need(by, one)
        _fill(one, values)
        w.save(one)
    return one


def edit_room(
    record: int, values: Mapping[str, str], *, by: Viewer, at: datetime, read_at: int | None = None
) -> int:
    """Say what a room is called; gives the revision, 0 if nothing changed. Raises NotFound, NotAllowed, Invalid, Stale."""
    return _changed(record, values, None, by, at, "edit_room", read_at)


def close_room(record: int, *, by: Viewer, at: datetime, closed: bool = True) -> int:
    """A room is no longer used, or is again; its bays with it. What stands there by its texts still does."""
    return _changed(record, {}, closed, by, at, "close_room" if closed else "open_room", None)


def put_in_room(record: int, ids: Collection[int], *, by: Viewer, at: datetime, note: str = "") -> Done:
    """Devices stand in a room or bay, set by hand. Raises NotFound, NotAllowed, Invalid."""
    one = _room(by, record)
    if one.closed:
        raise Invalid("This room is closed.")
    values = {"facility": one.facility.name or one.facility.key, "room": one.key}
    values["unit"] = (one.unit.name or one.unit.key) if one.unit else ""
    return set_by_hand(ids, values, by=by, at=at, note=note)


def _room(by: Viewer, record: int) -> Room:
    scope = by.scope("see_equipment").q()
    found = Room.objects.filter(scope, pk=record).select_related("facility", "unit", "within").first()
    if found is None:
        raise NotFound("There is no such room.")
    return found


def _need(by: Viewer, one: Room) -> None:
    """Raise unless the place is there, the viewer sees it and may edit equipment at it."""
    place = {"facility": one.facility_id, "unit": one.unit_id}
    there = one.facility_id is not None and Facility.objects.filter(pk=one.facility_id).exists()
    if not there or not by.may("see_equipment", **place):
        raise NotFound("There is no such place.")
    need(by, "edit_equipment", **place)


def _changed(
    record: int,
    values: Mapping[str, str],
    closed: bool | None,
    by: Viewer,
    at: datetime,
    verb: str,
    read_at: int | None,
) -> int:
    with writing(by=by.person, at=at, verb=verb) as w:
        one = _room(by, record)
        _need(by, one)
        since = one.since
        if read_at is not None and read_at != since:
            raise Stale("Somebody else has changed this room since you opened it.", since, {name: getattr(one, name) for name in ROOM_FIELDS})  # fmt: skip
        if values:
            _fill(one, values)
        if closed is not None:
            _close(w, one, closed)
        w.save(one)
        return w.number if one.since != since else 0


def _close(w: Writing, one: Room, closed: bool) -> None:
    one.closed = closed
    for bay in Room.objects.filter(within=one):
        bay.closed = closed
        w.save(bay)


def _fill(one: Room, values: Mapping[str, str]) -> None:
    """Set what was typed, checked."""
    wrong = {name: f"At most {LONGEST:,} letters." for name, text in values.items() if len(text) > LONGEST}
    wrong |= {name: "This cannot be set." for name in values if name not in ROOM_FIELDS}
    for name in ROOM_FIELDS:
        lines = [" ".join(line.split()) for line in values.get(name, getattr(one, name)).splitlines()]
        setattr(one, name, "\n".join(dict.fromkeys(filter(None, lines))))
    if not one.key or "\n" in one.key:
        wrong["key"] = "Enter its code in one line."
    elif Room.objects.filter(facility=one.facility_id, key=one.key).exclude(pk=one.pk).exists():
        wrong["key"] = "Another room of this facility has this code."
    if "\n" in one.name:
        wrong["name"] = "Enter its name in one line."
    if wrong:
        raise Invalid("Some values cannot be taken.", wrong)

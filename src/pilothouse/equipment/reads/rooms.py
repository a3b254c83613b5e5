"""Rooms and bays, as far as a viewer sees equipment there, and which of them a device's texts mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet

from pilothouse.core.errors import NotFound
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.models import Room
from pilothouse.equipment.reads.versions import Version

MOST_OPTIONS = 400


def rooms(viewer: Viewer) -> QuerySet[Room]:
    """The rooms and bays where the viewer sees equipment, with their places and, as `bays`, how many bays each has."""
    found = Room.objects.filter(viewer.scope("see_equipment").q())
    return found.select_related("facility", "unit", "within").annotate(bays=Count("room_bays"))


def room(viewer: Viewer, record: int) -> Room:
    """One of them. Raises NotFound."""
    found = rooms(viewer).filter(pk=record).first()
    if found is None:
        raise NotFound("There is no such room.")
    return found


def with_bays(ids: Iterable[int]) -> Sequence[Room]:
    """Rooms and the bays in them: one query."""
    wanted = list(ids)
    return (
        Room.objects.filter(Q(pk__in=wanted) | Q(within__in=wanted)).select_related("within")
        if wanted
        else []
    )


def room_of(version: Version) -> Room | None:
    """The room or bay in which a device stands by its own texts, now or then; one query, none where no room is told."""
    told = version.room.strip().lower()
    if not told or version.facility_id is None:
        return None
    fits = [one for one in near(version.facility_id, version.unit_id) if told in one.spellings]
    return min(
        fits, key=lambda one: (one.closed, one.unit_id is None, one.within_id is None, one.pk), default=None
    )


def near(facility: int, unit: int | None) -> QuerySet[Room]:
    """The rooms of a unit, and those that belong to its facility alone."""
    places = Q(facility=facility, unit=None) | (Q(unit=unit) if unit is not None else Q())
    return Room.objects.filter(places).select_related("within").order_by("key", "pk")


def offered(version: Version | None) -> list[tuple[str, str]]:
    """What may be typed as a device's room: spelling and name of each open room near it."""
    if version is None or version.facility_id is None:
        return []
    found = near(version.facility_id, version.unit_id).filter(closed=False)[:MOST_OPTIONS]
    return [(one.key, called(one)) for one in found]


def called(one: Any) -> str:
    """A room's name; a bay's with that of its room. `Any`: a room."""
    return f"{one.within}, {one}" if one.within_id else str(one)

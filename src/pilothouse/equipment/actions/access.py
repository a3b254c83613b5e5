"""Whether a viewer may change a set of devices, asked of the database for the whole set."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection

from pilothouse.core.errors import Invalid, NotFound, Stale
from pilothouse.core.keeping import among
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.equipment import fleet
from pilothouse.equipment.fields import NEEDS


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did. revision: by which it can be undone, 0 if nothing changed; ids: the devices that changed."""

    revision: int
    ids: list[int] = field(default_factory=list)
    made: int = 0
    """The id of a new device, if one was made."""


def changeable(viewer: Viewer, ids: Collection[int], permission: str = "edit_equipment") -> list[int]:
    """The ids, sorted and each once, if the viewer sees them all and may change them all.

    Raises NotFound if one is not there or hidden, NotAllowed if one may only be looked at, Invalid if there is none.
    """
    wanted = sorted(set(ids))
    if not wanted:
        raise Invalid("Choose a device first.")
    sees, may = viewer.scope("see_equipment"), viewer.scope(permission)
    sql, parameter = among(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(CASE WHEN {may.sql()} THEN 1 END) FROM equipment_equipment"
            f" WHERE id {sql} AND {sees.sql()}",
            [parameter],
        )
        seen, allowed = cursor.fetchone()
    if seen < len(wanted):
        raise NotFound("There is no such device.")
    if allowed < seen:
        fewer = f"{seen - allowed:,} of these {seen:,} devices" if seen > 1 else "this device"
        raise NotAllowed(f"You may look at {fewer} but not change it." if seen == 1 else f"You may look at {fewer} but not change them.")  # fmt: skip
    return wanted


def not_stale(record: int, read_at: int | None, by: Viewer) -> None:
    """Raise Stale, with what stands now, if a device has changed since the revision it was read at."""
    if read_at is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT since FROM equipment_equipment WHERE id = %s", [record])
        (since,) = cursor.fetchone()
    if since != read_at:
        row = fleet.stored([record])[record]
        place = dict(zip(("facility", "unit"), fleet.place_of(row), strict=True))
        hidden = {name for name, needed in NEEDS.items() if not by.may(needed, **place)}
        present = {name: value for name, value in fleet.values_of(row).items() if name not in hidden}
        raise Stale("Somebody else has changed this device since you opened it.", since, present)

"""One verb over many chosen devices: which of them it fits, what it needs to know, and doing it as one revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from pilothouse.core import seeing
from pilothouse.core.errors import Invalid
from pilothouse.core.keeping import among
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import count, counted
from pilothouse.equipment import actions
from pilothouse.equipment.actions import Done
from pilothouse.equipment.models import Stage

MOST: Final = 100_000
"""Devices that one verb takes at once."""
CRITICALITIES: Final = ("High", "Medium", "Low")


@dataclass(frozen=True, slots=True)
class Bulk:
    """A verb. title: on its button and its page; done: what the toast says; fits: SQL of the devices it makes sense for."""

    name: str
    title: str
    done: str
    fits: str = "1 = 1"
    unfit: str = ""


BULKS: Final[Mapping[str, Bulk]] = {
    bulk.name: bulk
    for bulk in (
        Bulk("move", "Move", "moved"),
        Bulk("criticality", "Set criticality of", "set"),
        Bulk("retire", "Retire", "retired", f"stage <> '{Stage.RETIRED}'", "retired already"),
    )
}


@dataclass(frozen=True, slots=True)
class Fitting:
    """Of the chosen devices: how many there are, which the viewer may change and the verb fits, and why not the others."""

    chosen: int
    ids: list[int]
    locked: int
    unfit: int

    def says(self, bulk: Bulk) -> str:
        """`Retire 2 of 3 devices`."""
        if len(self.ids) == self.chosen:
            return f"{bulk.title} {counted(self.chosen, 'device')}"
        return f"{bulk.title} {count(len(self.ids))} of {counted(self.chosen, 'device')}"

    def why(self, bulk: Bulk) -> list[str]:
        """Why some are left out, in words."""
        told = []
        if self.unfit:
            told.append(f"{counted(self.unfit, 'device')} {'is' if self.unfit == 1 else 'are'} {bulk.unfit}.")
        if self.locked:
            told.append(
                f"{counted(self.locked, 'device')} {'stands' if self.locked == 1 else 'stand'} where you may look but not change."
            )
        return told


def fitting(viewer: Viewer, bulk: Bulk, ids: Sequence[int]) -> Fitting:
    """Which of the devices a verb fits; those the viewer may not see are not counted at all. One query."""
    if len(ids) > MOST:
        raise Invalid(
            f"{counted(len(ids), 'device')} are more than can be changed at once. Narrow the filter to {count(MOST)} or fewer."
        )
    sees, may = viewer.scope("see_equipment").sql(), viewer.scope("edit_equipment").sql()
    sql, parameter = among(sorted(set(ids)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, CASE WHEN {may} THEN 1 ELSE 0 END, CASE WHEN {bulk.fits} THEN 1 ELSE 0 END FROM equipment_equipment"
            f" WHERE id {sql} AND {sees} ORDER BY id",
            [parameter],
        )
        rows = cursor.fetchall()
    return Fitting(
        chosen=len(rows),
        ids=[record for record, allowed, fits in rows if allowed and fits],
        locked=sum(not allowed for _, allowed, _ in rows),
        unfit=sum(bool(allowed and not fits) for _, allowed, fits in rows),
    )


def do(viewer: Viewer, bulk: Bulk, ids: Sequence[int], told: Mapping[str, Any], at: datetime) -> Done:
    """Do the verb to the devices it fits: one revision. told: `unit` (an id), `criticality`, `note`. `Any`: texts of a form.

    Raises Invalid with a message for the field that is wrong.
    """
    note = " ".join(str(told.get("note", "")).split())[:500]
    if bulk.name == "retire":
        return actions.retire(ids, by=viewer, at=at, note=note)
    if bulk.name == "criticality":
        value = str(told.get("criticality", ""))
        if value not in CRITICALITIES:
            raise Invalid("Choose how critical they are.", {"criticality": "Choose one."})
        return actions.set_by_hand(ids, {"criticality": value}, by=viewer, at=at, note=note)
    unit = _unit(viewer, str(told.get("unit", "")))
    values = {"facility": unit.facility.name or unit.facility.key, "unit": unit.name or unit.key}
    return actions.set_by_hand(ids, values, by=viewer, at=at, note=note)


def _unit(viewer: Viewer, text: str) -> Any:
    """The unit a form names, if the viewer may change devices there. `Any`: a unit of core."""
    found = seeing.units(viewer).filter(pk=int(text)).first() if text.isdecimal() and len(text) < 19 else None
    if found is None:
        raise Invalid("Choose a unit.", {"unit": "Choose one."})
    if not viewer.may("edit_equipment", facility=found.facility_id, unit=found.pk):
        raise Invalid(
            "Devices can only be moved to where you may change them.", {"unit": "Choose another unit."}
        )
    return found


def units(viewer: Viewer) -> list[tuple[int, str]]:
    """Where the viewer may move devices to."""
    rows = (
        seeing.units(viewer)
        .order_by("facility__name", "name")
        .values_list("id", "facility_id", "name", "key", "facility__name")
    )
    return [
        (id_, f"{name or key}, {facility}")
        for id_, where, name, key, facility in rows
        if viewer.may("edit_equipment", facility=where, unit=id_)
    ]

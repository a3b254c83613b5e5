"""The register's part of the search over everything: tags, serials, addresses, names and models, without punctuation."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Q

from pilothouse.core.permissions import Viewer
from pilothouse.core.ports import Hit
from pilothouse.equipment.lists.conditions import Cond, place, read_words
from pilothouse.equipment.lists.picking import NOW, Wanted, pick
from pilothouse.equipment.model_names import product_called
from pilothouse.equipment.reads import rooms
from pilothouse.kernel.text import squash

LOOKED_AT = 30
"""Rows among which the best are chosen."""


class EquipmentFinder:
    """A `Finder` of core."""

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        """Devices the text fits, those whose tag, serial or address it is first. Three characters at least."""
        words = read_words(text)
        scope = place(viewer.scope("see_equipment"))
        if not words or viewer.scope("see_equipment").nowhere:
            return []
        wanted = Wanted(tuple(scope), words, ("tag",), False, None, LOOKED_AT, apart=True)
        ids = [key[-1] for key in pick(NOW, wanted).keys]
        rows = _rows([*_named(text, scope), *ids])
        told = squash(text)
        ranked = sorted(rows, key=lambda row: (_rank(row, told), row[8] == "retired"))
        return [_hit(row) for row in ranked[:most]]


def _named(text: str, scope: list[Cond]) -> list[int]:
    """Devices whose tag or serial is the text."""
    spelt = list(dict.fromkeys((text.strip(), text.strip().upper(), text.strip().lower())))
    marks = ", ".join(["%s"] * len(spelt))
    within = " AND ".join(["1 = 1", *(cond.sql.replace("{}", "e.") for cond in scope)])
    params = [value for cond in scope for value in cond.params]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM equipment_equipment e WHERE e.tag IN ({marks}) AND {within}"
            f" UNION SELECT id FROM equipment_equipment e WHERE e.serial IN ({marks}) AND {within} LIMIT {LOOKED_AT}",
            [*spelt, *params, *spelt, *params],
        )
        return [record for (record,) in cursor.fetchall()]


Row = tuple[Any, ...]
"""id, tag, serial, mac, ip, host, name, unit, stage, maker, model. `Any`: texts and an id."""


def _rows(ids: list[int]) -> list[Row]:
    if not ids:
        return []
    marks = ", ".join(["%s"] * len(set(ids)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, tag, serial, mac, ip, host, name, unit, stage, maker, model FROM equipment_equipment"
            f" WHERE id IN ({marks}) ORDER BY tag, id",
            list(set(ids)),
        )
        return list(cursor.fetchall())


def _rank(row: Row, told: str) -> int:
    """0: it is one of the device's identifiers; 1: one begins with it; 2: anything else."""
    names = [squash(value) for value in row[1:6] if value]
    return 0 if told in names else 1 if any(name.startswith(told) for name in names) else 2


def _hit(row: Row) -> Hit:
    record, tag, serial, _, ip, _, name, unit, stage, maker, model = row
    title = (
        " ".join(part for part in (name, product_called(maker, model)) if part)
        or tag
        or serial
        or f"Device {record}"
    )
    told = [tag, serial and f"serial {serial}", ip, unit, "retired" if stage == "retired" else ""]
    return Hit("Equipment", title, ", ".join(part for part in told if part), f"/equipment/{record}/")


class RoomFinder:
    """A `Finder` of core: rooms and bays by code, name or what else lists call them."""

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        """Those where the viewer sees equipment."""
        told = text.strip()
        if len(told) < 2:
            return []
        fits = Q(key__icontains=told) | Q(name__icontains=told) | Q(aliases__icontains=told)
        found = rooms.rooms(viewer).filter(fits).order_by("closed", "key", "pk")[:most]
        return [Hit("Rooms", rooms.called(one), f"{one.key}, {one.unit or one.facility}", f"/rooms/{one.pk}/") for one in found]  # fmt: skip

"""How many devices stand where, now and as it was."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from pilothouse.core.keeping import revision_at
from pilothouse.core.permissions import Viewer

ByPlace = Mapping[tuple[int, int], Counter[str]]
"""By (facility, unit), 0 for none: how many of each stage."""


def counts_by_place(viewer: Viewer, as_of: datetime | None = None) -> ByPlace:
    """The devices the viewer may see, by place and stage; one query, two more for the past."""
    scope = viewer.scope("see_equipment").sql()
    found: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    _add(
        found,
        f"SELECT facility_id, unit_id, stage, n FROM equipment_equipmentcount WHERE n <> 0 AND {scope}",
        (),
        1,
    )
    if as_of is not None:
        revision = revision_at(as_of)
        grouped = "SELECT facility_id, unit_id, stage, count(*) FROM {} WHERE {} AND {} GROUP BY facility_id, unit_id, stage"
        _add(found, grouped.format("equipment_equipment", "since > %s", scope), (revision,), -1)
        alive = "until > %s AND since <= %s"
        _add(found, grouped.format("equipment_equipmentpast", alive, scope), (revision, revision), 1)
    return {place: +stages for place, stages in found.items() if +stages}


def _add(found: dict[tuple[int, int], Counter[str]], sql: str, params: tuple[Any, ...], sign: int) -> None:
    """What changed since is taken from what stands; what was replaced since is added. `Any`: whole numbers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for facility, unit, stage, n in cursor.fetchall():
            found[facility or 0, unit or 0][stage] += sign * n

"""What must hold of claims, devices and runs, for `pilothouse check`. A handful of queries, whatever there is."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from pilothouse.equipment import fleet
from pilothouse.imports.models import Run

MOST = 20
"""Records named of each problem."""

_PROBLEMS = (
    (
        "claim {0} speaks of equipment {1}, which does not exist",
        "SELECT c.id, c.equipment_id FROM equipment_claim c WHERE NOT EXISTS (SELECT 1 FROM equipment_equipment e WHERE e.id = c.equipment_id) ORDER BY c.id LIMIT %s",
    ),
    (
        "equipment {0} leads to {1}, which does not exist",
        "SELECT r.old, r.new FROM equipment_redirect r WHERE NOT EXISTS (SELECT 1 FROM equipment_equipment e WHERE e.id = r.new)"
        " AND NOT EXISTS (SELECT 1 FROM equipment_redirect n WHERE n.old = r.new) ORDER BY r.old LIMIT %s",
    ),
    (
        "of unit {1} in facility {0} the counts say {3} devices that are {2}, and there are {4}",
        "SELECT facility_id, unit_id, stage, sum(told), sum(there) FROM ("
        " SELECT facility_id, unit_id, stage, n AS told, 0 AS there FROM equipment_equipmentcount"
        " UNION ALL SELECT coalesce(facility_id, 0), coalesce(unit_id, 0), stage, 0, count(*) FROM equipment_equipment GROUP BY 1, 2, 3"
        ") both_sides GROUP BY facility_id, unit_id, stage HAVING sum(told) <> sum(there) ORDER BY 1, 2, 3 LIMIT %s",
    ),
)  # fmt: skip


class RegisterCheck:
    """The room's invariants."""

    def problems(self) -> Iterator[str]:
        """Each in words that name the record."""
        for words, sql in _PROBLEMS:
            with connection.cursor() as cursor:
                cursor.execute(sql, [MOST])
                rows = cursor.fetchall()
            yield from (words.format(*row) for row in rows)
        for name in fleet.missing_indexes():
            yield f"the register has no index {name}, so that lists are slow; the next import of equipment makes it anew"
        for run in Run.objects.filter(state__in=["applying", "undoing"]).select_related("source")[:MOST]:
            yield f"run {run.pk} of {run.source} ({run.file}) is {run.get_state_display().lower()}; go on with it, or undo it"

"""Which positions a viewer sees: those of the whole system, those of their places, and what stands above these."""

from __future__ import annotations

from pilothouse.core.permissions import Viewer


def seen_sql(viewer: Viewer, alias: str = "p") -> str:
    """A condition over a position's facility_id and unit_id; whole numbers and names of ours only."""
    scope = viewer.scope("see_chain")
    if scope.everywhere:
        return "1 = 1"
    if scope.nowhere:
        return "1 = 0"
    facilities = _listed(scope.facilities)
    units = _listed(scope.units)
    return (
        f"(({alias}.facility_id IS NULL AND {alias}.unit_id IS NULL) OR {alias}.facility_id IN ({facilities}) OR {alias}.unit_id IN ({units})"
        f" OR {alias}.unit_id IN (SELECT id FROM core_unit WHERE facility_id IN ({facilities}))"
        f" OR {alias}.facility_id IN (SELECT facility_id FROM core_unit WHERE id IN ({units})))"
    )


def _listed(ids: frozenset[int]) -> str:
    return ", ".join(f"{number:d}" for number in sorted(ids)) or "0"

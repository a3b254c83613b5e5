"""The page of places: every facility and unit the viewer may see, with its devices counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from pilothouse.core import seeing
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.lists.counts import ByPlace, counts_by_place
from pilothouse.equipment.models import Stage

MOST_UNITS = 400
"""Units that are shown at once; with more of them only those of one facility are."""
COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("In use", ("in_use", "on_loan")),
    ("In repair", ("in_repair",)),
    ("In stock", ("in_stock", "expected")),
    ("Missing", ("missing",)),
    ("Unknown", ("unknown",)),
    ("Retired", ("retired",)),
)
assert {stage for _, stages in COLUMNS for stage in stages} == set(Stage.values)


@dataclass(frozen=True, slots=True)
class Counted:
    """A place or a group of them. cells: number and the address of those devices, in the order of COLUMNS; total: all of them.

    page: the address of the place itself.
    """

    name: str
    key: str
    query: str
    total: int
    cells: Sequence[tuple[int, str]]
    units: Sequence[Counted] = ()
    open: bool = False
    page: str = ""


def places(viewer: Viewer, as_of: datetime | None = None, facility: int | None = None) -> list[Counted]:
    """Facilities with their units and counts, and what is not placed; facility: whose units are wanted where not all are shown."""
    by_place = counts_by_place(viewer, as_of)
    facilities = list(seeing.facilities(viewer).order_by("name", "key").values_list("id", "name", "key"))
    units = list(seeing.units(viewer).order_by("name", "key").values_list("id", "name", "key", "facility_id"))
    every = len(units) <= MOST_UNITS
    by_facility: dict[int, Counter[str]] = {}
    by_unit: dict[int, Counter[str]] = {}
    for (where, unit), stages in by_place.items():
        by_facility.setdefault(where, Counter()).update(stages)
        by_unit.setdefault(unit, Counter()).update(stages)
    found = []
    for id_, name, key in facilities:
        shown = every or id_ == facility
        inner = [_counted(unit_name or unit_key, unit_key, f"unit={unit}", by_unit.get(unit), page=reverse("unit_page", args=[unit])) for unit, unit_name, unit_key, where in units if shown and where == id_]  # fmt: skip
        lost = by_place.get((id_, 0))
        if shown and lost:
            inner.append(_counted("No unit known", "", f"facility={id_}&unit=none", lost))
        found.append(
            _counted(
                name or key,
                key,
                f"facility={id_}",
                by_facility.get(id_),
                inner,
                shown,
                reverse("facility_page", args=[id_]),
            )
        )
    if nowhere := by_facility.get(0):
        found.append(_counted("No facility known", "", "facility=none", nowhere))
    return found


def total(by_place: ByPlace) -> int:
    """All devices."""
    return sum(sum(stages.values()) for stages in by_place.values())


def _counted(
    name: str,
    key: str,
    query: str,
    stages: Mapping[str, int] | None,
    units: Sequence[Counted] = (),
    shown: bool = False,
    page: str = "",
) -> Counted:
    stages = stages or {}
    cells = [
        (
            sum(stages.get(stage, 0) for stage in group),
            "&".join([query, *(f"stage={stage}" for stage in group)]),
        )
        for _, group in COLUMNS
    ]
    return Counted(name, key, query, sum(stages.values()), cells, units, shown, page)

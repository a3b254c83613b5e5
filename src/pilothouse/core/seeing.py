"""Reading places: a viewer sees the facilities and units at which they hold a role, the units of such facilities, and their own facility's name."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from pilothouse.core.models import Facility, Unit
from pilothouse.core.permissions import Scope, Viewer


def held_scope(viewer: Viewer) -> Scope:
    """Where a viewer holds any role."""
    return Scope(
        everywhere=any(one.facility is None and one.unit is None for one in viewer.held),
        facilities=frozenset(one.facility for one in viewer.held if one.facility is not None),
        units=frozenset(one.unit for one in viewer.held if one.unit is not None),
    )


def facilities(viewer: Viewer) -> QuerySet[Any]:
    """The facilities of which a viewer may see something."""
    scope = held_scope(viewer)
    if scope.everywhere:
        return Facility.objects.all()
    mine = Unit.objects.filter(pk__in=sorted(scope.units)).values("facility_id")
    return Facility.objects.filter(Q(pk__in=sorted(scope.facilities)) | Q(pk__in=mine))


def units(viewer: Viewer, *, facility: int | None = None) -> QuerySet[Any]:
    """The units a viewer may see, with their facility; of one facility if it is named."""
    found = Unit.objects.select_related("facility").filter(held_scope(viewer).q("facility_id", "id"))
    return found if facility is None else found.filter(facility_id=facility)

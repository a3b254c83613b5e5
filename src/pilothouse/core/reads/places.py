"""A facility or a unit as its page shows it, and as what entries of the log are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from pilothouse.core import places, ports, seeing
from pilothouse.core.models import Facility, Membership, Unit
from pilothouse.core.permissions import Viewer
from pilothouse.core.reads.people import moment
from pilothouse.core.words import counted
from pilothouse.kernel.times import as_instant

MOST_UNITS = 400


@dataclass(frozen=True, slots=True)
class PlacePage:
    """A place. kind: facility or unit; state: open, to come, closed; standing: what hangs on it, in words, with an address or none."""

    kind: str
    place: Any
    facility: Any
    state: str
    start: datetime | None
    end: datetime | None
    units: Sequence[Any]
    standing: Sequence[tuple[str, str]]
    may_edit: bool

    @property
    def id(self) -> int:
        """The place's number."""
        return int(self.place.pk)


def facility_page(viewer: Viewer, number: int, at: datetime) -> PlacePage:
    """A facility the viewer sees, with those of its units that they see. Raises NotFound."""
    one = places.facility_of(viewer, number)
    units = list(seeing.units(viewer, facility=number).order_by("name", "key")[:MOST_UNITS])
    state = "open" if any(places.is_open(unit, at) for unit in units) else "closed" if units else "empty"
    may = places.may_edit_facility(viewer, number)
    return PlacePage("facility", one, one, state, None, None, units, _standing(viewer, number, None, at), may)


def unit_page(viewer: Viewer, number: int, at: datetime) -> PlacePage:
    """A unit the viewer sees. Raises NotFound."""
    one = places.unit_of(viewer, number)
    state = "open" if places.is_open(one, at) else "closed" if one.end <= as_instant(at) else "to come"
    standing = _standing(viewer, None, number, at)
    may = places.may_edit_unit(viewer, one)
    return PlacePage("unit", one, one.facility, state, moment(one.start), moment(one.end), (), standing, may)


def _standing(viewer: Viewer, facility: int | None, unit: int | None, at: datetime) -> list[tuple[str, str]]:
    told = [one for follower in ports.place_followers for one in follower.standing_at(viewer, facility, unit)]
    if viewer.may("manage_people"):
        held = Membership.objects.filter(facility=facility, unit=unit, end__gt=as_instant(at)).count()
        told += [(counted(held, "role"), "")] if held else []
    return told


def offered_facilities(viewer: Viewer) -> list[tuple[str, str]]:
    """Facilities to which the viewer may move a unit, or add one: number and name."""
    rows = seeing.facilities(viewer).order_by("name", "key")
    return [(str(one.pk), str(one)) for one in rows if places.may_edit_facility(viewer, one.pk)]


class Facilities:
    """What `facility:12` stands for."""

    kind = "facility"

    def may_see(self, viewer: Viewer, number: int) -> bool:
        """As on its page."""
        return seeing.facilities(viewer).filter(pk=number).exists()

    def may_change(self, viewer: Viewer, number: int) -> bool:
        """Who may edit it."""
        return self.may_see(viewer, number) and places.may_edit_facility(viewer, number)

    def titles(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Names and pages: one query."""
        rows = Facility.objects.filter(pk__in=list(numbers))
        return {one.pk: (str(one), reverse("facility_page", args=[one.pk])) for one in rows}


class Units:
    """What `unit:12` stands for."""

    kind = "unit"

    def may_see(self, viewer: Viewer, number: int) -> bool:
        """As on its page."""
        return seeing.units(viewer).filter(pk=number).exists()

    def may_change(self, viewer: Viewer, number: int) -> bool:
        """Who may edit it."""
        one = seeing.units(viewer).filter(pk=number).first()
        return one is not None and places.may_edit_unit(viewer, one)

    def titles(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Names and pages: one query."""
        rows = Unit.objects.filter(pk__in=list(numbers))
        return {one.pk: (str(one), reverse("unit_page", args=[one.pk])) for one in rows}

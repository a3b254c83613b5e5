"""What is done with places: facilities and units added, renamed, moved, closed, opened again. ADR 0014.

Nothing is ever removed. Whoever stands above (equipment, the chain, findings) follows in the same transaction and may refuse
(`core.ports.PlaceFollower`). by: who does it; None is the operator at the command line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pilothouse.core import ports, seeing
from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import Writing, writing
from pilothouse.core.models import Facility, Unit
from pilothouse.core.permissions import NotAllowed, Viewer, need
from pilothouse.kernel.times import ALWAYS, OPEN, Instant, as_instant

LONGEST: Final = 200
KEY_FORM: Final = re.compile(r"\S{1,60}")
EDIT: Final = "edit_places"


@dataclass(frozen=True, slots=True)
class Changed:
    """What was written: the place, and the revision (0: nothing had to be). `Any`: a facility or a unit."""

    place: Any
    revision: int


def facility_of(viewer: Viewer, number: int) -> Any:  # Any: a facility
    """A facility the viewer sees. Raises NotFound."""
    found = seeing.facilities(viewer).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such facility, or it is not yours to see")
    return found


def unit_of(viewer: Viewer, number: int) -> Any:  # Any: a unit
    """A unit the viewer sees. Raises NotFound."""
    found = seeing.units(viewer).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such unit, or it is not yours to see")
    return found


def may_edit_facility(viewer: Viewer, facility: int) -> bool:
    """Whether the viewer may rename it, close it, and add units to it."""
    return viewer.may(EDIT, facility=facility)


def may_edit_unit(viewer: Viewer, unit: Any) -> bool:  # Any: a unit
    """Whether the viewer may rename and close it; it is its facility's too."""
    return viewer.may(EDIT, facility=unit.facility_id, unit=unit.pk)


def add_facility(*, by: Viewer, at: datetime, key: str, name: str) -> Changed:
    """A new hospital, clinic or other site; it is there once it has a unit. Raises Invalid for a key that is taken."""
    need(by, EDIT)
    one = Facility(key=_free(key), name=_name(name))
    with writing(by=by.person, at=at, verb="add_facility") as w:
        return _written(w, one, [])


def change_facility(number: int, *, by: Viewer, at: datetime, since: int, name: str) -> Changed:
    """Call a facility otherwise. since: the version that was read; raises Stale."""
    with writing(by=by.person, at=at, verb="change_facility") as w:
        one = facility_of(by, number)
        _need(may_edit_facility(by, number))
        _unchanged(one, since, {"name": one.name})
        one.name = _name(name)
        return _written(w, one, [])


def close_facility(number: int, *, by: Viewer, at: datetime, since: int, end: Instant) -> Changed:
    """All its units that are still open end: with them it is no more. What stood there goes to the system. Raises Stale, Conflict."""
    with writing(by=by.person, at=at, verb="close_facility") as w:
        one = facility_of(by, number)
        _need(may_edit_facility(by, number))
        _unchanged(one, since, {"name": one.name})
        units = list(Unit.objects.filter(facility=one, end__gt=end).order_by("pk"))
        if not units:
            raise Conflict("None of its units is open then")
        for unit in units:
            unit.end = _later(unit, end)
            w.save(unit)
        w.subject = f"facility:{number}"
        _follow(w, [unit.pk for unit in units])
        return Changed(one, w.number)


def add_unit(
    *, by: Viewer, at: datetime, facility: int, key: str, name: str, start: Instant = ALWAYS
) -> Changed:
    """A new ward, department or laboratory of a facility. Raises Invalid for a key that is taken."""
    with writing(by=by.person, at=at, verb="add_unit") as w:
        where = facility_of(by, facility)
        _need(may_edit_facility(by, facility))
        return _written(w, Unit(key=_free(key), name=_name(name), facility=where, start=start), [])


def change_unit(
    number: int,
    *,
    by: Viewer,
    at: datetime,
    since: int,
    name: str | None = None,
    facility: int | None = None,
    end: Instant | None = None,
) -> Changed:
    """Call a unit otherwise, move it to another facility, let it end, or open it again (`end` OPEN). None: stays. Raises Stale.

    Moving needs the permission at both facilities.
    """
    with writing(by=by.person, at=at, verb="change_unit") as w:
        one = unit_of(by, number)
        _need(may_edit_unit(by, one))
        _unchanged(one, since, {"name": one.name, "facility": one.facility_id})
        if facility is not None and facility != one.facility_id:
            _need(may_edit_facility(by, one.facility_id) and may_edit_facility(by, facility))
            one.facility = facility_of(by, facility)
        if name is not None:
            one.name = _name(name)
        if end is not None:
            one.end = _later(one, end)
        return _written(w, one, [number])


def _written(w: Writing, one: Any, units: list[int]) -> Changed:  # Any: a facility or a unit
    """Saved, and followed; what is as it was leaves no trace."""
    kind = "unit" if isinstance(one, Unit) else "facility"
    w.save(one)
    if one.since != w.number:
        return Changed(one, 0)
    w.subject = f"{kind}:{one.pk}"
    _follow(w, units or ([one.pk] if kind == "unit" else []))
    return Changed(one, w.number)


def _follow(w: Writing, units: list[int]) -> None:
    for follower in ports.place_followers:
        follower.places_changed(w, units)


def _need(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed("You may not change this place (edit places)")


def _unchanged(one: Any, since: int, present: dict[str, object]) -> None:  # Any: a facility or a unit
    if one.since != since:
        raise Stale("Somebody changed this place meanwhile", one.since, present)


def _later(unit: Any, end: Instant) -> Instant:  # Any: a unit
    if end <= unit.start:
        raise Invalid("It would end before it begins", {"end": "Choose a later day."})
    return end


def _free(key: str) -> str:
    """A key that no place has: chain files know places by it, and it stays."""
    clean = key.strip()
    if not KEY_FORM.fullmatch(clean) or not clean.isprintable():
        raise Invalid("An id is up to 60 characters without blanks", {"key": "Such as NGH-ICU."})
    if Facility.objects.filter(key=clean).exists() or Unit.objects.filter(key=clean).exists():
        raise Invalid("This id is taken", {"key": f"{clean} is another place's."})
    return clean


def _name(text: str) -> str:
    clean = " ".join(text.split())
    if not clean or len(clean) > LONGEST or any(not c.isprintable() for c in clean):
        raise Invalid("A place needs a name", {"name": f"Enter 1 to {LONGEST} characters."})
    return clean


def is_open(unit: Any, at: datetime) -> bool:  # Any: a unit
    """Whether it exists at a moment."""
    return bool(unit.start <= as_instant(at) < unit.end)


def ends(unit: Any) -> bool:  # Any: a unit
    """Whether it has an end."""
    return bool(unit.end != OPEN)

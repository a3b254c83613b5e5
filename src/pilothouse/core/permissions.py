"""Who may do what, where: one table from permission to roles, and the part of the register a viewer may see.

Deny by default: what the table does not name nobody may do. A role counts at its place: the system, a facility with its units,
or one unit. What is not placed anywhere is seen by those whose role counts for the system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Q

from pilothouse.core.models import Membership, Person
from pilothouse.core.models.people import Role
from pilothouse.kernel.errors import PilothouseError
from pilothouse.kernel.times import as_instant

_HTM: Final = (Role.HELM, Role.HTM_MANAGER, Role.TECHNICIAN)
_ALL: Final = tuple(Role.values)

TABLE: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(map(str, roles))
    for name, roles in {
        "see_equipment": _ALL,
        "see_prices": (Role.HELM, Role.HTM_MANAGER, Role.BUYER, Role.AUDITOR),
        "edit_equipment": _HTM,
        "merge_equipment": (Role.HELM, Role.HTM_MANAGER, Role.TECHNICIAN),
        "edit_models": (Role.HELM, Role.HTM_MANAGER),
        "export_equipment": (*_HTM, Role.SECURITY_ANALYST, Role.BUYER, Role.AUDITOR),
        "see_sources": (*_HTM, Role.SECURITY_ANALYST, Role.AUDITOR),
        "import_sources": (Role.HELM, Role.HTM_MANAGER),
        "review_links": _HTM,
        "see_advisories": (*_HTM, Role.SECURITY_ANALYST, Role.NURSE_MANAGER, Role.AUDITOR),
        "sync_advisories": (Role.HELM, Role.HTM_MANAGER, Role.SECURITY_ANALYST),
        "confirm_names": (Role.HELM, Role.HTM_MANAGER, Role.SECURITY_ANALYST),
        "see_findings": _ALL,
        "work_findings": (*_HTM, Role.SECURITY_ANALYST, Role.NURSE_MANAGER, Role.BUYER),
        "assign_findings": (Role.HELM, Role.HTM_MANAGER, Role.SECURITY_ANALYST),
        "see_chain": _ALL,
        "edit_chain": (Role.HELM, Role.HTM_MANAGER),
        "edit_places": (Role.HELM, Role.HTM_MANAGER, Role.KEEPER),
        "see_people": _ALL,
        "manage_people": (Role.HELM, Role.KEEPER),
        "see_audit": (Role.HELM, Role.AUDITOR, Role.KEEPER),
        "share_views": (Role.HELM, Role.HTM_MANAGER, Role.SECURITY_ANALYST, Role.KEEPER),
        "see_jobs": (*_HTM, Role.SECURITY_ANALYST, Role.KEEPER),
        "stop_jobs": (Role.HELM, Role.KEEPER),
        "manage_settings": (Role.HELM, Role.KEEPER),
    }.items()
}


class NotAllowed(PilothouseError):
    """You may not do this here."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The places at which something is allowed. everywhere: also what is not placed."""

    everywhere: bool = False
    facilities: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()

    @property
    def nowhere(self) -> bool:
        """Whether nothing at all is allowed."""
        return not (self.everywhere or self.facilities or self.units)

    def holds(self, *, facility: int | None, unit: int | None) -> bool:
        """Whether a row at this place is within."""
        return self.everywhere or facility in self.facilities or unit in self.units

    def q(self, facility: str = "facility_id", unit: str = "unit_id") -> Q:
        """The same as a condition of the ORM; it is to stand in every query for rows."""
        if self.everywhere:
            return Q()
        return Q(**{f"{facility}__in": sorted(self.facilities)}) | Q(**{f"{unit}__in": sorted(self.units)})

    def sql(self, alias: str = "") -> str:
        """The same as a condition of SQL over facility_id and unit_id; holds only whole numbers of ours."""
        if self.everywhere:
            return "1 = 1"
        dot = f"{alias}." if alias else ""
        parts = [
            f"{dot}{column} IN ({', '.join(map(str, sorted(ids)))})"
            for column, ids in (("facility_id", self.facilities), ("unit_id", self.units))
            if ids
        ]
        return f"({' OR '.join(parts)})" if parts else "1 = 0"


EVERYWHERE: Final = Scope(everywhere=True)


@dataclass(frozen=True, slots=True)
class Held:
    """One role at one place, as a viewer holds it."""

    role: Role
    facility: int | None
    unit: int | None


@dataclass(frozen=True)
class Viewer:
    """Who looks, and with which roles. only: the permissions of an API token; None for a person at the screen."""

    person: Person
    held: tuple[Held, ...]
    only: frozenset[str] | None = None
    _scopes: dict[str, Scope] = field(default_factory=dict, compare=False, repr=False)

    def scope(self, permission: str) -> Scope:
        """Where the viewer may do this. Raises KeyError for a permission that the table does not name."""
        if permission not in self._scopes:
            self._scopes[permission] = self._reckoned(permission)
        return self._scopes[permission]

    def may(self, permission: str, *, facility: int | None = None, unit: int | None = None) -> bool:
        """Whether the viewer may do this at a place; without a place: for the system."""
        return self.scope(permission).holds(facility=facility, unit=unit)

    def may_somewhere(self, permission: str) -> bool:
        """Whether the viewer may do this at any place: whether a page is theirs at all."""
        return not self.scope(permission).nowhere

    def _reckoned(self, permission: str) -> Scope:
        roles = TABLE[permission]
        if self.only is not None and permission not in self.only:
            return Scope()
        held = [one for one in self.held if one.role in roles]
        return Scope(
            everywhere=any(one.facility is None and one.unit is None for one in held),
            facilities=frozenset(one.facility for one in held if one.facility is not None),
            units=frozenset(one.unit for one in held if one.unit is not None),
        )


def viewer_of(person: Person, at: datetime, only: Iterable[str] | None = None) -> Viewer:
    """The viewer a person is at a moment: one query. Who has left holds nothing, whatever sign-in or token is left."""
    if person.left:
        return Viewer(person, (), None if only is None else frozenset(only))
    instant = as_instant(at)
    rows = Membership.objects.filter(person=person, start__lte=instant, end__gt=instant).values_list(
        "role", "facility_id", "unit_id"
    )
    held = tuple(Held(Role(role), facility, unit) for role, facility, unit in rows)
    return Viewer(person, held, None if only is None else frozenset(only))


def house_viewer(person: Person) -> Viewer:
    """One who sees everything: for the command line of the operator, who holds the database anyway."""
    return Viewer(person, tuple(Held(Role(role), None, None) for role in _ALL))


def need(viewer: Viewer, permission: str, *, facility: int | None = None, unit: int | None = None) -> None:
    """Raise NotAllowed unless the viewer may do this at the place."""
    if not viewer.may(permission, facility=facility, unit=unit):
        raise NotAllowed(f"You may not do this here ({permission.replace('_', ' ')})")

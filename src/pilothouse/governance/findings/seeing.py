"""Which findings a viewer may see: those of the places their role reaches, and those they own themselves."""

from __future__ import annotations

from django.db.models import Q

from pilothouse.core.permissions import Viewer
from pilothouse.governance.findings.rows import Record

SEE = "see_findings"


def _owns(viewer: Viewer) -> bool:
    """Whether owning counts: a token without the permission sees nothing by owning it."""
    return viewer.only is None or SEE in viewer.only


def seen_q(viewer: Viewer) -> Q:
    """As a condition of the ORM over findings; it stands in every query for rows."""
    scope = viewer.scope(SEE)
    if scope.everywhere or not _owns(viewer):
        return scope.q() if not scope.nowhere else Q(pk__in=[])
    mine = Q(owner_id=viewer.person.pk)
    return mine if scope.nowhere else scope.q() | mine


def seen_sql(viewer: Viewer, alias: str = "") -> str:
    """The same as SQL; holds only whole numbers of ours."""
    scope = viewer.scope(SEE)
    if scope.everywhere or not _owns(viewer):
        return scope.sql(alias)
    dot = f"{alias}." if alias else ""
    return f"({scope.sql(alias)} OR {dot}owner_id = {int(viewer.person.pk)})"


def may_see(viewer: Viewer, row: Record) -> bool:
    """The same for one row."""
    mine = _owns(viewer) and row.owner == viewer.person.pk
    return mine or viewer.scope(SEE).holds(facility=row.facility, unit=row.unit)


def may_act(viewer: Viewer, row: Record, permission: str) -> bool:
    """Whether the viewer may do this to it: the permission at its place, or owning it, within what their token may do."""
    owns = row.owner == viewer.person.pk and (viewer.only is None or permission in viewer.only)
    return owns or viewer.may(permission, facility=row.facility, unit=row.unit)


def may_act_sql(viewer: Viewer, permission: str, alias: str = "") -> str:
    """The same as SQL; holds only whole numbers of ours."""
    scope = viewer.scope(permission).sql(alias)
    if viewer.only is not None and permission not in viewer.only:
        return scope
    return f"({scope} OR {f'{alias}.' if alias else ''}owner_id = {int(viewer.person.pk)})"

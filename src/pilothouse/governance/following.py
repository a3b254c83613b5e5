"""What the chain and its findings do when places change, and what of them hangs on a place."""

from __future__ import annotations

from collections.abc import Sequence

from pilothouse.core.jobs import enqueue
from pilothouse.core.keeping import Writing
from pilothouse.core.models import Unit, UnitPast
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import counted
from pilothouse.governance import models as m
from pilothouse.governance.check import errors
from pilothouse.governance.command.jobs import CHAIN_FINDINGS
from pilothouse.governance.command.seeing import seen_sql as chain_seen
from pilothouse.governance.command.validity import Refused
from pilothouse.governance.findings.reads import UNRESOLVED, visible
from pilothouse.governance.findings.rows import among, listed, parts, put, stored
from pilothouse.governance.recorded import whole
from pilothouse.kernel.times import as_instant


class PlaceFollower:
    """The chain stays valid, and what is open at a unit goes with it to its new facility; owners are found anew before the next read."""

    def places_changed(self, w: Writing, units: Sequence[int]) -> None:
        """Raises Refused where the chain would be invalid: it names a facility that has no unit any more."""
        moved = _moved(w, units)
        if moved and m.Position.objects.exists() and (found := errors(whole().rows)):
            raise Refused(found)
        _follow(w, moved)
        enqueue(CHAIN_FINDINGS, by=None, at=w.at, key=CHAIN_FINDINGS)

    def standing_at(self, viewer: Viewer, facility: int | None, unit: int | None) -> list[tuple[str, str]]:
        """Open findings, offices and mandates: three queries."""
        where = {"unit": unit} if unit is not None else {"facility": facility}
        findings = visible(viewer).filter(UNRESOLVED, **where).count()
        query = f"u{unit}" if unit is not None else f"f{facility}"
        told = [(counted(findings, "open finding"), f"/findings/?place={query}")] if findings else []
        if viewer.may_somewhere("see_chain"):
            seen = m.Position.objects.extra(where=[chain_seen(viewer, "governance_position")])  # noqa: S610 - numbers and names of ours
            for noun, number in (
                ("office", seen.filter(**where).count()),
                ("mandate", m.Mandate.objects.filter(position__in=seen, **where).count()),
            ):
                told += [(counted(number, noun), "")] if number else []
        return told


def _moved(w: Writing, units: Sequence[int]) -> dict[int, int]:
    """Of these units those that this revision moved to another facility: which."""
    was = dict(UnitPast.objects.filter(record__in=units, until=w.number).values_list("record", "facility_id"))
    now = Unit.objects.filter(pk__in=list(was)).values_list("id", "facility_id")
    return {unit: facility for unit, facility in now if was[unit] != facility}


def _follow(w: Writing, moved: dict[int, int]) -> None:
    if not moved:
        return
    rows = stored(f"NOT (state = 'resolved') AND {among('unit_id')}", [listed(moved)])
    for part in parts(rows):
        changes = [(one.id, one.row, one.row._replace(facility=moved[one.row.unit or 0])) for one in part]
        put(w, [change for change in changes if change[1] != change[2]], as_instant(w.at))

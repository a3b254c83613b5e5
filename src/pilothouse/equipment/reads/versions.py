"""A device as it is, or as it was recorded at a revision, with what its sources said: one query each. ADR 0011."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from pilothouse.core.errors import NotFound
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.claims import HAND, Said
from pilothouse.equipment.fields import NEEDS
from pilothouse.equipment.fleet import FIELD_OF
from pilothouse.equipment.models import Claim, ClaimPast, Equipment, EquipmentPast
from pilothouse.equipment.settling import ClaimRow, Sources, last_read, said
from pilothouse.imports.models import Source

Version = Equipment | EquipmentPast
"""A row of the present or the past; both have the same columns."""


def device(viewer: Viewer, record: int, revision: int | None = None) -> Version:
    """A device the viewer may see, as recorded at a revision (None: now). Raises NotFound.

    What stands at a place of theirs now is theirs with all its past; what stood there then may be looked at as it was then.
    """
    scope = viewer.scope("see_equipment")
    current = _joined(Equipment.objects.filter(pk=record)).first()
    mine = current is not None and scope.holds(facility=current.facility_id, unit=current.unit_id)
    if revision is None or (current is not None and current.since <= revision):
        if current is None or not mine:
            raise NotFound("There is no such device.")
        return current
    past = _joined(EquipmentPast.objects.filter(record=record, since__lte=revision, until__gt=revision)).first()  # fmt: skip
    if past is None or not (mine or scope.holds(facility=past.facility_id, unit=past.unit_id)):
        raise NotFound("There was no such device then.")
    return past


def _joined(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With the names of places and products. `Any`: of either table."""
    return rows.select_related("facility", "unit", "device_model__maker")


def values(version: Version) -> dict[str, str]:
    """The winning values by field of `equipment.fields`, empty ones too."""
    return {name: getattr(version, column) for name, column in FIELD_OF.items()}


def hidden_fields(viewer: Viewer, version: Version) -> frozenset[str]:
    """The fields of a device that this viewer may not see."""
    return frozenset(
        name
        for name, permission in NEEDS.items()
        if not viewer.may(permission, facility=version.facility_id, unit=version.unit_id)
    )


@dataclass(frozen=True, slots=True)
class Known:
    """The sources of the register: how they are ranked, when they were read, and what they are called."""

    sources: Sources
    names: Mapping[int, str]
    keys: Mapping[int, str]

    @classmethod
    def now(cls) -> Known:
        """As they stand: two queries, for a whole page."""
        rows = list(Source.objects.order_by("place", "id").values_list("id", "key", "kind", "name"))
        ranked = {id_: (HAND if key == HAND else kind, n) for n, (id_, key, kind, _) in enumerate(rows)}
        names = {id_: name or key for id_, key, _, name in rows}
        return cls(Sources(ranked, last_read()), names, {id_: key for id_, key, *_ in rows})


Told = list[tuple[Said, Claim | ClaimPast]]
"""What is said of a device, with the rows it is read from."""


def claims(record: int, revision: int | None = None, known: Known | None = None) -> Told:
    """What is said of a device, or was at a revision, with the rows: one query, two for the past, and those of `Known`."""
    rows: list[Claim | ClaimPast] = [
        row for row in Claim.objects.filter(equipment_id=record) if revision is None or row.since <= revision
    ]
    if revision is not None:
        rows += ClaimPast.objects.filter(equipment_id=record, since__lte=revision, until__gt=revision)
    sources = (known or Known.now()).sources
    told = [(said(_as_row(row), claim_id(row), sources), row) for row in rows]
    return sorted(told, key=lambda pair: (pair[0].ordinal, pair[0].row, pair[0].id))


def claim_id(row: Claim | ClaimPast) -> int:
    """The claim's own id, of its present or its past."""
    return row.record if isinstance(row, ClaimPast) else row.pk


def _as_row(row: Claim | ClaimPast) -> ClaimRow:
    return row


def without(of: Iterable[Said], fields: frozenset[str]) -> list[Said]:
    """Claims without what the viewer may not see."""
    if not fields:
        return list(of)
    return [
        Said(
            one.id,
            one.kind,
            one.ordinal,
            one.seen,
            {name: value for name, value in one.doc.items() if name not in fields},
            one.row,
            one.aside,
        )
        for one in of
    ]

"""The verbs over many chosen devices: which of them each fits, what it needs to know, and doing it as one revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from django import forms
from django.db import connection
from django.http import QueryDict
from django.urls import reverse

from pilothouse.core import seeing
from pilothouse.core.keeping import among
from pilothouse.core.listing import Bulk, Fitting, LeftOut, few_enough
from pilothouse.core.listing.bulk import Done
from pilothouse.core.models import Unit
from pilothouse.core.permissions import Viewer
from pilothouse.equipment import actions
from pilothouse.equipment.models import Stage

CRITICALITIES: Final = ("High", "Medium", "Low")


class NoteForm(forms.Form):
    """Why."""

    note = forms.CharField(label="Why", required=False, max_length=500)

    def __init__(self, viewer: Viewer, sent: QueryDict | None) -> None:
        super().__init__(sent)


class CriticalityForm(NoteForm):
    """How critical devices are."""

    criticality = forms.ChoiceField(
        label="How critical they are", choices=[(one, one) for one in CRITICALITIES], widget=forms.RadioSelect
    )
    field_order = ("criticality", "note")


class MoveForm(NoteForm):
    """Where devices are moved to: a unit where the viewer may change them."""

    unit = forms.ChoiceField(label="To which unit")
    field_order = ("unit", "note")

    def __init__(self, viewer: Viewer, sent: QueryDict | None) -> None:
        super().__init__(viewer, sent)
        self.fields["unit"].choices = [("", "Choose a unit"), *units(viewer)]


def fitting(viewer: Viewer, ids: Sequence[int], fits: str = "1 = 1", unfit: str = "") -> Fitting:
    """Which of the devices a verb fits (SQL over their row); those the viewer may not see are not counted at all. One query."""
    sees, may = viewer.scope("see_equipment").sql(), viewer.scope("edit_equipment").sql()
    sql, parameter = among(few_enough(ids, "device"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, CASE WHEN {may} THEN 1 ELSE 0 END, CASE WHEN {fits} THEN 1 ELSE 0 END FROM equipment_equipment"
            f" WHERE id {sql} AND {sees} ORDER BY id",
            [parameter],
        )
        rows = cursor.fetchall()
    wrong = sum(bool(allowed and not fit) for _, allowed, fit in rows)
    locked = sum(not allowed for _, allowed, _ in rows)
    told = (
        LeftOut(wrong, f"{'is' if wrong == 1 else 'are'} {unfit}"),
        LeftOut(locked, f"{'stands' if locked == 1 else 'stand'} where you may look but not change"),
    )
    return Fitting(
        len(rows),
        [record for record, allowed, fit in rows if allowed and fit],
        [one for one in told if one.number],
    )


def _set(viewer: Viewer, ids: Sequence[int], told: Mapping[str, Any], at: datetime) -> Done:
    values = {"criticality": told["criticality"]}
    return _told(actions.set_by_hand(ids, values, by=viewer, at=at, note=told["note"]))


def _move(viewer: Viewer, ids: Sequence[int], told: Mapping[str, Any], at: datetime) -> Done:
    unit = Unit.objects.select_related("facility").get(pk=told["unit"])
    values = {"facility": str(unit.facility), "unit": str(unit)}
    return _told(actions.set_by_hand(ids, values, by=viewer, at=at, note=told["note"]))


def _retire(viewer: Viewer, ids: Sequence[int], told: Mapping[str, Any], at: datetime) -> Done:
    return _told(actions.retire(ids, by=viewer, at=at, note=told["note"]))


def _told(done: actions.Done) -> Done:
    return Done(len(done.ids), reverse("equipment_undo", args=[done.revision]) if done.revision else "")


def units(viewer: Viewer) -> list[tuple[int, str]]:
    """Where the viewer may move devices to."""
    rows = (
        seeing.units(viewer)
        .order_by("facility__name", "name")
        .values_list("id", "facility_id", "name", "key", "facility__name")
    )
    return [
        (id_, f"{name or key}, {facility}")
        for id_, where, name, key, facility in rows
        if viewer.may("edit_equipment", facility=where, unit=id_)
    ]


BULKS: Final[Mapping[str, Bulk]] = {
    bulk.name: bulk
    for bulk in (
        Bulk("move", "Move", "moved", MoveForm, fitting, _move),
        Bulk("criticality", "Set criticality of", "set", CriticalityForm, fitting, _set),
        Bulk(
            "retire",
            "Retire",
            "retired",
            NoteForm,
            partial(fitting, fits=f"stage <> '{Stage.RETIRED}'", unfit="retired already"),
            _retire,
            "They stay in the register with their past, and no longer count where work is due.",
        ),
    )
}

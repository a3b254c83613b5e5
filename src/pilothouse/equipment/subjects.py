"""Devices as what files are put to and what entries of the log are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.urls import reverse

from pilothouse.core.permissions import Viewer
from pilothouse.equipment.model_names import product_called
from pilothouse.equipment.models import Equipment


class EquipmentSubjects:
    """Seen and changed as on the device's page."""

    kind = "equipment"

    def may_see(self, viewer: Viewer, number: int) -> bool:
        """Within where the viewer sees equipment."""
        return Equipment.objects.filter(viewer.scope("see_equipment").q(), pk=number).exists()

    def may_change(self, viewer: Viewer, number: int) -> bool:
        """Within where the viewer edits equipment."""
        rows = Equipment.objects.filter(viewer.scope("see_equipment").q(), pk=number)
        return rows.filter(viewer.scope("edit_equipment").q()).exists()

    def titles(self, numbers: Iterable[int]) -> Mapping[int, tuple[str, str]]:
        """Name, or maker and model, or tag; one query."""
        rows = Equipment.objects.filter(pk__in=list(numbers)).values_list(
            "id", "name", "maker", "model", "tag"
        )
        return {
            number: (
                name or product_called(maker, model) or tag or f"device {number}",
                reverse("equipment_page", args=[number]),
            )
            for number, name, maker, model, tag in rows
        }

"""What the register does when places change, and what of it stands at a place."""

from __future__ import annotations

from collections.abc import Sequence

from pilothouse.core.keeping import Writing
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import counted
from pilothouse.equipment.jobs import ask_to_place
from pilothouse.equipment.models import Equipment


class PlaceFollower:
    """Devices name their place in their sources' words, which are read again."""

    def places_changed(self, w: Writing, units: Sequence[int]) -> None:
        """A job of the same transaction."""
        ask_to_place(by=None, at=w.at)

    def standing_at(self, viewer: Viewer, facility: int | None, unit: int | None) -> list[tuple[str, str]]:
        """The devices that the viewer sees there: one query."""
        where = {"unit": unit} if unit is not None else {"facility": facility}
        found = Equipment.objects.filter(viewer.scope("see_equipment").q(), **where).count()
        query = f"unit={unit}" if unit is not None else f"facility={facility}"
        return [(counted(found, "device"), f"/equipment/?{query}")] if found else []

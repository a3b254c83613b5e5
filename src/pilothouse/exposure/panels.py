"""Exposure's part of a device's page: what the advisories say of it, and how its answers changed."""

from __future__ import annotations

from django.urls import reverse

from pilothouse.core import words
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.ports import Moment, PanelBlock
from pilothouse.exposure.reads.advisories import may_look
from pilothouse.exposure.reads.devices import device_changes, device_exposure

MOST_LINES = 60
_SAID = {"affected": "affected", "possible": "possibly affected", "not_affected": "not affected"}


class DevicePanel:
    """The device's own page has made sure that the viewer may see the device."""

    def panels(self, viewer: Viewer, equipment_id: int, as_of_revision: int | None) -> list[PanelBlock]:
        """One block; none when advisories are nothing for the viewer."""
        if not may_look(viewer):
            return []
        told = device_exposure(equipment_id, as_of_revision)
        context = {
            "told": told,
            "lines": told.lines[:MOST_LINES],
            "more": max(0, len(told.lines) - MOST_LINES),
            "said": _sentence(told.judged, told.advisories, told.affected, told.possible),
        }
        return [PanelBlock("Exposure", "exposure/device_panel.html", context, note=str(context["said"]))]

    def timeline(self, viewer: Viewer, equipment_id: int) -> list[Moment]:
        """Answers that changed."""
        if not may_look(viewer):
            return []
        return [
            Moment(
                change.at,
                f"{change.tracking}: {_SAID[change.status]}{f', was {_SAID[change.before]}' if change.before else ''}. {change.reason}",
                reverse("advisory_page", args=[change.advisory]),
            )
            for change in device_changes(equipment_id)
        ]


def _sentence(judged: bool, advisories: int, affected: int, possible: int) -> str:
    if not judged:
        return "not matched with the advisories yet"
    if not advisories:
        return "no advisory names this device"
    named = (
        f"{words.counted(advisories, 'advisory', 'advisories')} {'names' if advisories == 1 else 'name'} it"
    )
    answers = [f"{words.count(n)} {said}" for n, said in ((affected, "affected"), (possible, "possible")) if n]  # fmt: skip
    return f"{named}: {', '.join(answers) or 'not affected by any'}"

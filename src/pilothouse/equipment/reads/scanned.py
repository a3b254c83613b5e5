"""What a scanned or typed UDI means in this register: the device by its serial number, the model by its device identifier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from pilothouse.core.permissions import Viewer
from pilothouse.core.ports import Hit
from pilothouse.equipment.identifiers import read_serial
from pilothouse.equipment.models import DeviceModel, Equipment
from pilothouse.equipment.udi import NoUdi, Udi, read_udi

MOST = 20


@dataclass(frozen=True, slots=True)
class Scanned:
    """A UDI with the models of its device identifier and the devices that the viewer sees."""

    udi: Udi
    models: tuple[DeviceModel, ...]
    devices: tuple[Equipment, ...]


def looks_like_udi(text: str) -> bool:
    """Whether a typed text may be a UDI at all, so that a search asks `scanned`."""
    plain = text.strip()
    return len(plain) >= 10 and (plain[0] in "(+=&]*" or "(01)" in plain or (plain[:2] == "01" and plain[:16].isdigit() and len(plain) >= 16))  # fmt: skip


def models_of(udi: Udi) -> list[DeviceModel]:
    """The models that carry the device identifier."""
    found = DeviceModel.objects.filter(identifiers__contains=udi.di).select_related("maker")[:MOST]
    return [model for model in found if udi.di in model.identifiers.split()]


def scanned(viewer: Viewer, text: str, today: date) -> Scanned:
    """Three queries. Raises NoUdi.

    Devices of the serial number; where the identifier names a model that some of them are of, those alone. Without a serial
    number none: an identifier alone names a kind.
    """
    udi = read_udi(text, today=today)
    models = models_of(udi)
    devices: list[Equipment] = []
    if udi.serial:
        spellings = {udi.serial, udi.serial.upper(), udi.serial.lower(), read_serial(udi.serial).key} - {""}
        same = Equipment.objects.filter(viewer.scope("see_equipment").q(), Q(serial__in=spellings))
        devices = list(same.select_related("unit", "facility").order_by("tag", "id")[:MOST])
    of_model = [one for one in devices if one.device_model_id in {model.pk for model in models}]
    return Scanned(udi, tuple(models), tuple(of_model or devices))


class ScanFinder:
    """A `Finder` of core for what a scanner sends: the devices of its serial number, then the models of its identifier."""

    def find(self, viewer: Viewer, text: str, most: int) -> list[Hit]:
        """Nothing for a text that is no UDI."""
        if not looks_like_udi(text) or viewer.scope("see_equipment").nowhere:
            return []
        try:
            found = scanned(viewer, text, timezone.localdate())
        except NoUdi:
            return []
        devices = [Hit("Equipment", str(one), f"serial {one.serial}", reverse("equipment_page", args=[one.pk])) for one in found.devices]  # fmt: skip
        models = [Hit("Models", one.called, found.udi.di, reverse("model_page", args=[one.pk])) for one in found.models]  # fmt: skip
        return [*devices, *models][:most]

"""Who makes what: makers with their aliases, device models, and the rooms equipment stands in."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models import Facility, Kept, Past, Text, Unit
from pilothouse.equipment.model_names import product_called


class MakerFields(models.Model):
    """key: the folded name it is compared by; aliases: other spellings, one a line."""

    key = Text()
    name = Text()
    aliases = Text()

    class Meta:
        abstract = True


class Maker(MakerFields, Kept):
    """A manufacturer."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="equipment_maker_key")]

    def __str__(self) -> str:
        return self.name


class MakerPast(MakerFields, Past):
    """A maker as it was known."""

    of = Maker


class DeviceModelFields(models.Model):
    """key: maker's key and folded model, parted by `|`. support_until: day as ISO text, empty if unknown.

    product_code: FDA's three letters; category: what it is ("Infusion pump"); software: what runs on it. identifiers: the device
    identifiers of its UDIs, one a line.
    """

    key = Text()
    maker = models.ForeignKey(
        Maker, models.PROTECT, null=True, related_name="%(class)s_rows", db_constraint=False
    )
    name = Text()
    category = Text()
    product_code = Text()
    software = Text()
    support_until = Text()
    note = Text()
    identifiers = Text()

    class Meta:
        abstract = True


class DeviceModel(DeviceModelFields, Kept):
    """A kind of device as its maker sells it."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="equipment_model_key")]

    @property
    def called(self) -> str:
        """Maker and model as one name; its maker is to be at hand."""
        return product_called(self.maker.name if self.maker else "", self.name)

    def __str__(self) -> str:
        return self.name


class DeviceModelPast(DeviceModelFields, Past):
    """A device model as it was known."""

    of = DeviceModel


class RoomFields(models.Model):
    """A room, or a bay, whose room is `within`. key: its code, once in its facility; aliases: what else lists call it, one a line.

    unit: None where it belongs to the facility alone. closed: devices are no longer put there. ADR 0014.
    """

    key = Text()
    name = Text()
    aliases = Text()
    closed = models.BooleanField(default=False)
    facility = models.ForeignKey(Facility, models.PROTECT, null=True, related_name="%(class)s_rows")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="%(class)s_rows")
    within = models.ForeignKey("equipment.Room", models.PROTECT, null=True, related_name="%(class)s_bays")

    class Meta:
        abstract = True


class Room(RoomFields, Kept):
    """Where equipment stands: its devices are those of its unit whose own text of a room is one of its spellings."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["facility", "key"], name="equipment_room_key")]

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def spellings(self) -> frozenset[str]:
        """What lists may call it, in small letters. A bay's own name alone says nothing: it needs that of its room."""
        told = {self.key, *self.aliases.splitlines()}
        if self.within is None:
            told.add(self.name)
        else:
            rooms = {self.within.key, self.within.name, *self.within.aliases.splitlines()} - {""}
            bays = {self.key, self.name} - {""}
            told |= {f"{room}{mark}{bay}" for room in rooms for bay in bays for mark in (" ", ", ", "/", "-")}
        return frozenset(text.strip().lower() for text in told if text.strip())


class RoomPast(RoomFields, Past):
    """A room as it was."""

    of = Room

"""The register's rows: each piece of equipment once, flat, as lists and searches read it."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models import Facility, Kept, Past, Text, Unit
from pilothouse.equipment.fields import NEEDS
from pilothouse.equipment.model_names import product_called


class Stage(models.TextChoices):
    """Where a piece of equipment stands in its life; the sources' own words stay in `status`."""

    EXPECTED = "expected", "Expected"
    IN_STOCK = "in_stock", "In stock"
    IN_USE = "in_use", "In use"
    IN_REPAIR = "in_repair", "In repair"
    ON_LOAN = "on_loan", "On loan"
    MISSING = "missing", "Missing"
    RETIRED = "retired", "Retired"
    UNKNOWN = "unknown", "Unknown"


class EquipmentFields(models.Model):
    """One column for each field of `equipment.fields` but `seen`, holding the winning value as text; empty is unknown.

    stage, facility_id, unit_id and model_id are read from those texts; search: what a search compares, folded.
    """

    tag = Text()
    uid = Text()
    maker = Text()
    model = Text()
    serial = Text()
    name = Text()
    mac = Text()
    ip = Text()
    host = Text()
    os = Text()
    firmware = Text()
    facility_text = Text(db_column="facility")
    unit_text = Text(db_column="unit")
    room = Text()
    owner = Text()
    status = Text()
    purchased = Text()
    installed = Text()
    warranty = Text()
    price = Text()
    last_pm = Text()
    criticality = Text()
    phi = Text()
    stage = models.CharField(max_length=12, choices=Stage.choices, default=Stage.UNKNOWN)
    facility = models.ForeignKey(
        Facility,
        models.PROTECT,
        null=True,
        related_name="%(class)s_rows",
        db_constraint=False,
        db_index=False,
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="%(class)s_rows", db_constraint=False, db_index=False
    )
    device_model = models.ForeignKey(
        "equipment.DeviceModel",
        models.PROTECT,
        null=True,
        related_name="%(class)s_rows",
        db_constraint=False,
        db_index=False,
    )
    sources = models.IntegerField(default=0)
    search = Text()

    class Meta:
        abstract = True

    @property
    def product(self) -> str:
        """Maker and model as one name."""
        return product_called(self.maker, self.model)


FILTERED = ("device_model", "unit", "facility", "stage", "criticality", "phi", "sources")
"""What lists filter by, each with an index in the order of tags."""


class Equipment(EquipmentFields, Kept):
    """A piece of equipment as it is known now. Retired ones stay; merged ones leave a `Redirect`."""

    unsealed = ("facility", "unit", "device_model", "sources", "search")
    """Read from the sealed texts, and set anew in place when places or products change."""
    needs = NEEDS

    class Meta:
        indexes = [
            models.Index(fields=["tag", "id"], name="equipment_tag"),
            models.Index(fields=["serial", "id"], name="equipment_serial"),
            models.Index(fields=["name", "tag", "id"], name="equipment_name_tag"),
            models.Index(fields=["maker", "model", "tag", "id"], name="equipment_maker_model_tag"),
            models.Index(fields=["maker", "serial", "id"], name="equipment_maker_serial"),
            models.Index(fields=["maker", "name", "tag", "id"], name="equipment_maker_name"),
            models.Index(fields=["facility", "name", "tag", "id"], name="equipment_facility_name"),
            models.Index(fields=["unit_text", "tag", "id"], name="equipment_unit_text_tag"),
            *(
                models.Index(fields=[name, "tag", "id"], name=f"equipment_{name}_tag"[:30])
                for name in FILTERED
            ),
            models.Index(fields=["since", "facility", "unit", "stage"], name="equipment_counts"),
            models.Index(
                fields=["tag", "id"],
                name="equipment_not_located",
                condition=models.Q(facility=None, unit=None, room=""),
            ),
        ]

    def __str__(self) -> str:
        return " ".join(part for part in (self.tag, self.product) if part) or f"Equipment {self.pk}"


class EquipmentPast(EquipmentFields, Past):
    """A piece of equipment as it was known."""

    of = Equipment

    class Meta:
        indexes = [
            models.Index(fields=["tag", "record"], name="equipment_past_tag"),
            models.Index(fields=["name", "tag", "record"], name="equipment_past_name_tag"),
            models.Index(fields=["unit", "tag", "record"], name="equipment_past_unit_tag"),
            models.Index(fields=["facility", "tag", "record"], name="equipment_past_facility_tag"),
            models.Index(
                fields=["until", "since", "facility", "unit", "stage"], name="equipment_past_counts"
            ),
        ]


class Redirect(models.Model):
    """An id that no longer stands for a device of its own: it was merged into another, at a revision."""

    old = models.BigIntegerField(primary_key=True)
    new = models.BigIntegerField(db_index=True)
    since = models.BigIntegerField()


class EquipmentCount(models.Model):
    """How many devices of a stage stand at a place (0: none): what a list's total is read from, kept up by each write."""

    facility_id = models.BigIntegerField(default=0)
    unit_id = models.BigIntegerField(default=0)
    stage = models.CharField(max_length=12)
    n = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["facility_id", "unit_id", "stage"], name="equipment_count_once")
        ]

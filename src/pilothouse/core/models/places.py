"""Places: the one health system, its facilities, their units. Ids are the chain's own texts."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models.kept import Kept, Past, Text
from pilothouse.kernel.times import ALWAYS, OPEN


class FacilityFields(models.Model):
    """key: the id that chain files use."""

    key = Text()
    name = Text()

    class Meta:
        abstract = True


class Facility(FacilityFields, Kept):
    """A hospital, clinic or other site."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="core_facility_key")]

    def __str__(self) -> str:
        return self.name or self.key


class FacilityPast(FacilityFields, Past):
    """A facility as it was."""

    of = Facility


class UnitFields(models.Model):
    """A unit exists from `start` until `end` (instants, microseconds since 1970 UTC)."""

    key = Text()
    name = Text()
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="%(class)s_rows")
    start = models.BigIntegerField(default=ALWAYS)
    end = models.BigIntegerField(default=OPEN)

    class Meta:
        abstract = True


class Unit(UnitFields, Kept):
    """A ward, a department, a laboratory: lies in exactly one facility."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="core_unit_key")]

    def __str__(self) -> str:
        return self.name or self.key


class UnitPast(UnitFields, Past):
    """A unit as it was."""

    of = Unit

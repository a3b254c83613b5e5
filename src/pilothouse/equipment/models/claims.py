"""Claims: what each source says of a device, one document a record. ADR 0015."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models import Kept, Past, Text
from pilothouse.equipment.fields import NEEDS
from pilothouse.imports.models import Source


class ClaimFields(models.Model):
    """What one record of one source says, and of which device.

    key: the record's own key in its source; doc: JSON object from field to value as text, without empty ones; seen: when the
    record was last true by its own word or its file's, ISO text; sealed in `digest` (SHA-256 of the doc), by which an
    unchanged record is told at once. run: the import that brought this version. missing_since: the run that first found
    it gone; 0 while it is there.
    """

    equipment = models.ForeignKey(
        "equipment.Equipment", models.PROTECT, related_name="%(class)s_rows", db_constraint=False
    )
    source = models.ForeignKey(
        Source, models.PROTECT, related_name="%(class)s_rows", db_constraint=False, db_index=False
    )
    key = Text()
    doc = Text()
    seen = Text()
    digest = Text()
    run = models.BigIntegerField(default=0)
    missing_since = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class Claim(ClaimFields, Kept):
    """A record's claims as they stand. The source `hand` holds what people set by hand, keyed by the device's id."""

    unsealed = ("seen",)
    """The time of the last look changes with every scan, without a new version."""
    needs = NEEDS

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="equipment_claim_record")]


class ClaimPast(ClaimFields, Past):
    """A record's claims as they were."""

    of = Claim

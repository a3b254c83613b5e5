"""Whom the advisories touch: one answer for each way in which devices are named and each advisory. ADR 0021."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models import Kept, Past, Text
from pilothouse.exposure.models.advisories import Advisory


class Status(models.TextChoices):
    """The three answers, worst first."""

    AFFECTED = "affected", "Affected"
    POSSIBLE = "possible", "Possible"
    NOT_AFFECTED = "not_affected", "Not affected"


class ProfileFields(models.Model):
    """Everything of a device that an advisory can speak of. key: SHA-256 over the five, so that a device's profile is told by its row."""

    key = Text()
    maker = Text()
    model = Text()
    name = Text()
    os = Text()
    firmware = Text()

    class Meta:
        abstract = True


class Profile(ProfileFields, Kept):
    """Devices that are named alike and run the same version: an advisory has one answer for all of them."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="exposure_profile_key")]
        indexes = [models.Index(fields=["maker", "model"], name="exposure_profile_model")]


class ProfilePast(ProfileFields, Past):
    """A profile that no device bears any more."""

    of = Profile


class ExposureFields(models.Model):
    """What an advisory that names a product says of the devices of one profile.

    status: the worst over the advisory's vulnerabilities, with its reason. lines: empty when all of them are told so; else a JSON
    object from each vulnerability that speaks of these devices to null (told so as well) or to its own [status, reason].
    """

    profile = models.ForeignKey(
        Profile, models.PROTECT, related_name="%(class)s_rows", db_constraint=False, db_index=False
    )
    advisory = models.ForeignKey(
        Advisory, models.PROTECT, related_name="%(class)s_rows", db_constraint=False, db_index=False
    )
    status = models.CharField(max_length=12, choices=Status.choices)
    reason = Text()
    lines = Text()

    class Meta:
        abstract = True


class Exposure(ExposureFields, Kept):
    """An answer as it stands."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["profile", "advisory"], name="exposure_once")]
        indexes = [models.Index(fields=["advisory", "status", "profile"], name="exposure_by_advisory")]


class ExposurePast(ExposureFields, Past):
    """An answer as it was."""

    of = Exposure

    class Meta:
        indexes = [models.Index(fields=["profile", "until"], name="exposure_past_profile")]


class Link(models.Model):
    """Which profile a live device bears, where it stands, and its worst answer: an index over kept rows, not a record of its own.

    worst: 3 affected, 2 possible, 1 named and not affected, 0 named by no advisory. affected, possible: advisories.
    """

    equipment = models.OneToOneField(
        "equipment.Equipment",
        models.DO_NOTHING,
        primary_key=True,
        related_name="exposure_link",
        db_constraint=False,
    )
    profile = models.ForeignKey(Profile, models.DO_NOTHING, related_name="links", db_constraint=False)
    facility_id = models.BigIntegerField(default=0)
    unit_id = models.BigIntegerField(default=0)
    worst = models.SmallIntegerField(default=0)
    affected = models.IntegerField(default=0)
    possible = models.IntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["worst", "equipment"], name="exposure_link_worst")]


class Tally(models.Model):
    """How many devices at a place (0: none) an advisory touches: what lists, findings and the helm's page count from."""

    advisory = models.ForeignKey(
        Advisory, models.DO_NOTHING, related_name="tallies", db_constraint=False, db_index=False
    )
    facility_id = models.BigIntegerField(default=0)
    unit_id = models.BigIntegerField(default=0)
    affected = models.IntegerField(default=0)
    possible = models.IntegerField(default=0)
    clear = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["advisory", "facility_id", "unit_id"], name="exposure_tally_once")
        ]


class Matched(models.Model):
    """How far the matching has come: everything recorded by `revision` is matched, by the rules named. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    revision = models.BigIntegerField(default=0)
    rules = models.TextField(blank=True, default="")
    at = models.DateTimeField(null=True)
    devices = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)

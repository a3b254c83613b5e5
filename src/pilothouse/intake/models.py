"""What a person is asked about links, and what people answered."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models import Kept, Past, Person, Text
from pilothouse.equipment.models import Claim
from pilothouse.imports.models import Run


class Pair(models.Model):
    """Two records of different devices that may be one. evidence: the linker's sentence, points in brackets."""

    class State(models.TextChoices):
        OPEN = "open", "Waits"
        SAME = "same", "Same device"
        DIFFERENT = "different", "Different devices"
        UNSURE = "unsure", "Nobody can say yet"
        GONE = "gone", "No longer a question"

    left = models.ForeignKey(Claim, models.PROTECT, related_name="+", db_constraint=False)
    right = models.ForeignKey(Claim, models.PROTECT, related_name="+", db_constraint=False)
    probability = models.FloatField()
    evidence = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="pairs")
    made_at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_constraint=False)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["left", "right"], name="intake_pair_once")]
        indexes = [models.Index(fields=["state", "-probability", "id"], name="intake_pair_next")]


class VerdictFields(models.Model):
    """A person's word on two records, named by source and key so that it outlives their claims."""

    class Word(models.TextChoices):
        SAME = "same", "Same device"
        DIFFERENT = "different", "Different devices"

    left_source = models.BigIntegerField()
    left_key = Text()
    right_source = models.BigIntegerField()
    right_key = Text()
    verdict = models.CharField(max_length=10, choices=Word.choices)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_constraint=False)

    class Meta:
        abstract = True


class Verdict(VerdictFields, Kept):
    """The memory that later runs obey; the smaller record stands left."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["left_source", "left_key", "right_source", "right_key"], name="intake_verdict_once"
            )
        ]


class VerdictPast(VerdictFields, Past):
    """A verdict as it was."""

    of = Verdict

"""Sources of the register, their runs, and what could not be taken."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models import Kept, Past, Person, Text


class SourceFields(models.Model):
    """key: what the command line calls it. kind: cmms, network, security, other, hand, chain, people.

    target: the room's target that takes it. mapping: JSON object from field to column, as saved. place: order among sources, the
    smaller one winning where nothing else decides.
    """

    key = Text()
    name = Text()
    kind = Text()
    target = Text()
    mapping = Text()
    place = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Source(SourceFields, Kept):
    """A system that already exists and whose exports are imported again and again."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="imports_source_key")]

    def __str__(self) -> str:
        return self.name or self.key


class SourcePast(SourceFields, Past):
    """A source as it was set up."""

    of = Source


class Run(models.Model):
    """One import of one source: previewed, applied in chunks, undone as a whole. A killed one goes on where it stopped.

    file: as it was called; path: the stored copy below the files' folder; digest: SHA-256 of its bytes. done: records applied so
    far. counts: new, changed, unchanged, vanished, rejected and what linking found.
    """

    class State(models.TextChoices):
        PREVIEWED = "previewed", "Previewed"
        APPLYING = "applying", "Being applied"
        APPLIED = "applied", "Applied"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        FAILED = "failed", "Failed"

    source = models.ForeignKey(Source, models.PROTECT, related_name="runs", db_constraint=False)
    state = models.CharField(max_length=10, choices=State.choices)
    file = models.TextField()
    path = models.TextField(blank=True, default="")
    digest = models.CharField(max_length=64, blank=True, default="")
    as_of = models.DateTimeField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_constraint=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    first_revision = models.BigIntegerField(default=0)
    last_revision = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    complete = models.BooleanField(default=True)
    columns = models.JSONField(default=list)
    understood = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")


class RejectedRow(models.Model):
    """A record, or one value of it, that could not be taken; the columns of rejected.csv."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="rejected")
    row = models.BigIntegerField(null=True)
    line = models.BigIntegerField(null=True)
    column = models.TextField(blank=True, default="")
    value = models.TextField(blank=True, default="")
    problem = models.TextField()
    expected = models.TextField(blank=True, default="")
    raw = models.TextField(blank=True, default="")

"""The audit log: every writing transaction is one revision, and each seals the one before it. ADR 0011."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models.kept import Text


class Revision(models.Model):
    """One transaction that wrote: who did what, when, and the seal over every row it wrote.

    `id` counts up without being reused and `at` never goes back. content: SHA-256 of the rows written; seal: SHA-256 over this
    entry and the seal before it. by: None for what the house does by itself.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    by = models.ForeignKey("core.Person", models.PROTECT, null=True, related_name="+", db_constraint=False)
    verb = Text()
    subject = Text()
    note = Text()
    rows = models.BigIntegerField(default=0)
    content = Text()
    seal = Text()

    class Meta:
        indexes = [models.Index(fields=["subject", "id"], name="core_revision_subject")]


class Counter(models.Model):
    """The next free id of a kept table; ids are never used twice."""

    name = models.CharField(primary_key=True, max_length=60)
    next = models.BigIntegerField(default=1)

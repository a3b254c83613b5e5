"""Findings and who owns them. A finding without an owner cannot be written: the column is not null. ADR 0013, ADR 0018."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from pilothouse.core.models import Facility, Kept, Past, Person, Text, Unit
from pilothouse.kernel.times import OPEN


class Severity(models.IntegerChoices):
    """From worst to least, so that what is worst sorts first."""

    CRITICAL = 1, "Critical"
    HIGH = 2, "High"
    MEDIUM = 3, "Medium"
    LOW = 4, "Low"


class State(models.TextChoices):
    """A snoozed finding waits until a day, and its clock stands still; a resolved one is closed."""

    OPEN = "open", "Open"
    SNOOZED = "snoozed", "Snoozed"
    RESOLVED = "resolved", "Resolved"


class Basis(models.TextChoices):
    """Why somebody owns: the chain named them, a person did, or there is no chain yet and they hold the helm."""

    CHAIN = "chain", "By the chain"
    ASSIGNED = "assigned", "Assigned"
    HELM = "helm", "No chain yet, so the helm"


class FindingFields(models.Model):
    """Times are instants; OPEN where there is none.

    kind and key: what was found, and by what it is known again; unique while it is not resolved. subject_kind and subject: what it
    is about (`equipment`, 12). clock_due: when the rule `clock` says it is due; due_at: the same, later by `pauses` (JSON list of
    [from, until], the last one as long as planned while snoozed). reason: why snoozed or resolved; evidence: what proves it.
    by_hand: the severity was set by a person and is not overwritten by whoever finds it again. detail: JSON object.
    """

    kind = Text()
    key = Text()
    title = Text()
    subject_kind = Text()
    subject = models.BigIntegerField(default=0)
    topic = Text()
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
    severity = models.IntegerField(choices=Severity.choices)
    by_hand = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.BigIntegerField()
    clock = Text()
    clock_due = models.BigIntegerField(default=OPEN)
    due_at = models.BigIntegerField(default=OPEN)
    pauses = Text(default="[]")
    snoozed_until = models.BigIntegerField(default=OPEN)
    closed_at = models.BigIntegerField(default=OPEN)
    reason = Text()
    evidence = Text()
    detail = Text(default="{}")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="%(class)s_owned", db_index=False)
    position = models.ForeignKey(
        "governance.Position",
        models.PROTECT,
        null=True,
        related_name="%(class)s_owned",
        db_constraint=False,
        db_index=False,
    )
    basis = models.CharField(max_length=10, choices=Basis.choices)
    owned_from = models.BigIntegerField()

    class Meta:
        abstract = True


class Finding(FindingFields, Kept):
    """Something that somebody must decide on, and the one person who owns it now (of a resolved one: who did last)."""

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at", "id", "owner"], name="governance_finding_due"),
            models.Index(fields=["owner", "state", "due_at", "id"], name="governance_finding_owner"),
            models.Index(fields=["facility", "state", "due_at", "id"], name="governance_finding_facility"),
            models.Index(fields=["unit", "state", "due_at", "id"], name="governance_finding_unit"),
            models.Index(fields=["subject_kind", "subject"], name="governance_finding_subject"),
            models.Index(fields=["opened_at"], name="governance_finding_opened"),
            models.Index(fields=["closed_at"], name="governance_finding_closed_at"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"], condition=~Q(state="resolved"), name="governance_finding_found_once"
            ),
            models.CheckConstraint(
                condition=Q(state="snoozed", snoozed_until__lt=OPEN)
                | ~Q(state="snoozed") & Q(snoozed_until=OPEN),
                name="governance_finding_snoozed",
            ),
            models.CheckConstraint(
                condition=Q(state="resolved", closed_at__lt=OPEN) | ~Q(state="resolved") & Q(closed_at=OPEN),
                name="governance_finding_closed",
            ),
            models.CheckConstraint(
                condition=~Q(basis="chain") | Q(position__isnull=False),
                name="governance_finding_chain_position",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FindingPast(FindingFields, Past):
    """A finding as it was."""

    of = Finding


class FindingEver(FindingFields):
    """Every version of every finding, from `since` until `until` (of one that stands: beyond all revisions); read only.

    A view over the two tables above, so that a past day is read with the same filters as today. SQLite renames no table that a view
    names: a later migration that changes them drops the view first and makes it anew.
    """

    id = models.BigIntegerField(primary_key=True)
    since = models.BigIntegerField()
    until = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_finding_ever"


class Ownership(models.Model):
    """Who owned a finding from when until when; the current one is open. Written only beside the finding's own row."""

    finding = models.ForeignKey(
        Finding, models.PROTECT, related_name="ownerships", db_constraint=False, db_index=False
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    position = models.ForeignKey(
        "governance.Position",
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    basis = models.CharField(max_length=10, choices=Basis.choices)
    start = models.BigIntegerField()
    end = models.BigIntegerField(default=OPEN)

    class Meta:
        indexes = [
            models.Index(fields=["finding", "start"], name="governance_ownership_finding"),
            models.Index(fields=["start"], name="governance_ownership_start"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["finding"], condition=Q(end=OPEN), name="governance_ownership_one_now"
            ),
            models.CheckConstraint(condition=Q(end__gte=F("start")), name="governance_ownership_some_time"),
        ]


class FindingNoteFields(models.Model):
    """What a person said about a finding."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="%(class)s_rows", db_constraint=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="%(class)s_rows", db_constraint=False)
    at = models.BigIntegerField()
    text = Text()

    class Meta:
        abstract = True


class FindingNote(FindingNoteFields, Kept):
    """A comment."""


class FindingNotePast(FindingNoteFields, Past):
    """A comment that was taken back."""

    of = FindingNote


class DueInstant(models.Model):
    """An instant at which the answer of the chain may change, or a snoozed finding wakes; gone once owners are found anew."""

    at = models.BigIntegerField(primary_key=True)


class OwnersAsOf(models.Model):
    """One row: up to which revision of chain, places and people, and which instant, owners have been found."""

    id = models.IntegerField(primary_key=True, default=1)
    revision = models.BigIntegerField(default=0)
    instant = models.BigIntegerField(default=0)

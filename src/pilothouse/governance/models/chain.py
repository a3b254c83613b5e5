"""The chain of command as kept tables. Places and people are core's, found by the ids that chain files use.

Valid time is [start, end) in instants; ALWAYS and OPEN where a file leaves them empty. What no constraint here can say (no two
holders at once, no circle, the helm always held) the pure rules of `governance.check` say before each commit.
Source: docs/domains/governance.md, "Words" and "As tables".
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from pilothouse.core.models import Facility, Kept, Past, Person, Text, Unit
from pilothouse.kernel.times import ALWAYS, OPEN

_SYSTEM = Q(facility=None, unit=None)
_ONE_PLACE = Q(facility=None) | Q(unit=None)
_SOME_TIME = Q(end__gt=F("start"))


class Reference(models.ForeignKey):
    """Names another row. Rows of the past may outlive what they name, so only those of today are held to it."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **options: Any) -> None:
        super().__init__(to, on_delete, **{"related_name": "%(class)s_rows", **options})

    def contribute_to_class(self, cls: type[models.Model], name: str, **options: Any) -> None:
        """Take part in a table; `Any`: as Django hands it."""
        if issubclass(cls, Past):
            self.db_constraint = False
        super().contribute_to_class(cls, name, **options)


class PositionFields(models.Model):
    """key: the id of chain files. The scope is the facility, or the unit, or with neither the whole system."""

    key = Text()
    title = Text()
    facility = Reference(Facility, null=True)
    unit = Reference(Unit, null=True)
    reports_to = Reference("governance.Position", null=True)
    helm = models.BooleanField(default=False)
    start = models.BigIntegerField(default=ALWAYS)
    end = models.BigIntegerField(default=OPEN)

    class Meta:
        abstract = True


class Position(PositionFields, Kept):
    """An office, not a person. Exactly one is the helm, which alone reports to none."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="governance_position_key"),
            models.UniqueConstraint(
                fields=["helm"], condition=Q(helm=True), name="governance_position_one_helm"
            ),
            models.CheckConstraint(
                condition=Q(helm=True, reports_to=None) & _SYSTEM | Q(helm=False, reports_to__isnull=False),
                name="governance_position_superior",
            ),
            models.CheckConstraint(
                condition=Q(reports_to=None) | ~Q(reports_to=F("id")), name="governance_position_not_itself"
            ),
            models.CheckConstraint(condition=_ONE_PLACE, name="governance_position_one_place"),
            models.CheckConstraint(condition=_SOME_TIME, name="governance_position_some_time"),
        ]

    def __str__(self) -> str:
        return self.title or self.key


class PositionPast(PositionFields, Past):
    """A position as it was."""

    of = Position


class AppointmentFields(models.Model):
    """rank: a deputy's order from 1; None is last. turn: among rows of one position that begin together, the later ones' is larger."""

    class Kind(models.TextChoices):
        HOLDER = "holder", "Holder"
        DEPUTY = "deputy", "Deputy"

    person = Reference(Person)
    position = Reference(Position)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    rank = models.IntegerField(null=True)
    start = models.BigIntegerField(default=ALWAYS)
    end = models.BigIntegerField(default=OPEN)
    turn = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Appointment(AppointmentFields, Kept):
    """A person holds a position, or deputises for it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["position"],
                condition=Q(kind="holder", end=OPEN),
                name="governance_appointment_one_open_holder",
            ),
            models.CheckConstraint(
                condition=Q(rank=None) | Q(kind="deputy", rank__gte=1), name="governance_appointment_rank"
            ),
            models.CheckConstraint(condition=_SOME_TIME, name="governance_appointment_some_time"),
        ]


class AppointmentPast(AppointmentFields, Past):
    """An appointment as it was."""

    of = Appointment


class MandateFields(models.Model):
    """topic: `[a-z0-9_]+`, or `*` for whatever has none of its own. most: a sum as text; empty is without limit."""

    topic = Text()
    facility = Reference(Facility, null=True)
    unit = Reference(Unit, null=True)
    position = Reference(Position)
    most = Text()
    currency = Text()
    start = models.BigIntegerField(default=ALWAYS)
    end = models.BigIntegerField(default=OPEN)

    class Meta:
        abstract = True


class Mandate(MandateFields, Kept):
    """In this scope this topic is answered by that position."""

    class Meta:
        indexes = [models.Index(fields=["topic", "facility", "unit"], name="governance_mandate_scope")]
        constraints = [
            *(
                models.UniqueConstraint(
                    fields=["topic", *([] if kind == "system" else [kind])],
                    condition=scope & Q(end=OPEN),
                    name=f"governance_mandate_one_open_{kind}",
                )
                for kind, scope in (
                    ("system", _SYSTEM),
                    ("facility", Q(facility__isnull=False)),
                    ("unit", Q(unit__isnull=False)),
                )
            ),
            models.CheckConstraint(condition=_ONE_PLACE, name="governance_mandate_one_place"),
            models.CheckConstraint(condition=_SOME_TIME, name="governance_mandate_some_time"),
        ]


class MandatePast(MandateFields, Past):
    """A mandate as it was."""

    of = Mandate


class AbsenceFields(models.Model):
    """Times of one person that overlap or touch count as one."""

    person = Reference(Person)
    start = models.BigIntegerField(default=ALWAYS)
    end = models.BigIntegerField(default=OPEN)

    class Meta:
        abstract = True


class Absence(AbsenceFields, Kept):
    """A person is away."""

    class Meta:
        constraints = [models.CheckConstraint(condition=_SOME_TIME, name="governance_absence_some_time")]


class AbsencePast(AbsenceFields, Past):
    """An absence as it was known."""

    of = Absence


class ShiftFields(models.Model):
    """turn: among shifts of one position that begin together, the later ones' is larger."""

    position = Reference(Position, db_index=False)
    person = Reference(Person)
    start = models.BigIntegerField(default=ALWAYS)
    end = models.BigIntegerField(default=OPEN)
    turn = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Shift(ShiftFields, Kept):
    """A person is on duty for a position."""

    class Meta:
        indexes = [models.Index(fields=["position", "end"], name="governance_shift_position")]
        constraints = [models.CheckConstraint(condition=_SOME_TIME, name="governance_shift_some_time")]


class ShiftPast(ShiftFields, Past):
    """A shift as it was planned."""

    of = Shift


class DelegationFields(models.Model):
    """topic: `*` for all. turn: among delegations of one position and topic that begin together, the later ones' is larger."""

    position = Reference(Position)
    topic = Text()
    person = Reference(Person)
    start = models.BigIntegerField(default=ALWAYS)
    end = models.BigIntegerField(default=OPEN)
    turn = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Delegation(DelegationFields, Kept):
    """A position's duty for one topic, or for all, is in a person's hands."""

    class Meta:
        constraints = [models.CheckConstraint(condition=_SOME_TIME, name="governance_delegation_some_time")]


class DelegationPast(DelegationFields, Past):
    """A delegation as it was."""

    of = Delegation

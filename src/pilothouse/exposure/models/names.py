"""Names that a person decided on once for all devices, and those that wait for a decision."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models import Kept, Past, Person, Text
from pilothouse.exposure.models.advisories import Advisory
from pilothouse.kernel.text import fold


class NameDecisionFields(models.Model):
    """That `seen` means `means`, or that it does not: a line of the contract's names file, with who decided and when.

    kind: maker or product; decision: same or different; at: instant.
    """

    kind = Text()
    seen = Text()
    means = Text()
    decision = Text()
    by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="%(class)s_rows", db_constraint=False
    )
    at = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class NameDecision(NameDecisionFields, Kept):
    """A decision as it stands; every later matching obeys it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "seen", "means"], name="exposure_name_decision_once")
        ]


class NameDecisionPast(NameDecisionFields, Past):
    """A decision that was changed or taken back."""

    of = NameDecision


class Candidate(models.Model):
    """A name that only resembles a product: it exposes nothing until somebody confirms it. Made anew by each matching.

    maker, model, name: of the commonest device that is called so; seen: the phrase of model or name that a decision would be about;
    means: the product as the advisory names it; advisories: how many name it, advisory the newest; devices: how many bear the name.
    """

    maker = models.TextField(blank=True, default="")
    model = models.TextField(blank=True, default="")
    name = models.TextField(blank=True, default="")
    seen = models.TextField()
    means = models.TextField()
    advisory = models.ForeignKey(Advisory, models.CASCADE, related_name="+", db_constraint=False)
    advisories = models.IntegerField(default=1)
    score = models.FloatField(default=0)
    why = models.TextField(blank=True, default="")
    devices = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seen", "means"], name="exposure_candidate_once")]

    @property
    def shown(self) -> str:
        """The phrase as it is written, where it is the model or the description of a device."""
        return next((cell for cell in (self.model, self.name) if fold(cell) == self.seen), self.seen)

    @property
    def beside(self) -> str:
        """What else the device's row says of what it is."""
        told = (("model", self.model), ("described as", self.name))
        return ", ".join(f"{words} {cell}" for words, cell in told if cell and fold(cell) != self.seen)


class Bearer(models.Model):
    """A profile whose devices bear the name of a candidate: what "touches 12 devices" is counted by."""

    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="bearers")
    profile_id = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "profile_id"], name="exposure_bearer_once")
        ]

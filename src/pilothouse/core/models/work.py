"""What carries work: jobs and the times they are due, attachments, saved views, settings, remembered answers, what is counted."""

from __future__ import annotations

from django.db import models

from pilothouse.core.models.people import Account, Person


class Job(models.Model):
    """Something done in the background. A running job holds a lease that its worker renews; one that lapsed is taken up again.

    key: at most one open job of that key (None: any number). arguments: ids and texts. again: asked for while it ran, with these
    arguments: queued anew when it ends. done of total, said in words.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waits"
        RUNNING = "running", "Runs"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, null=True)
    arguments = models.JSONField(default=dict)
    again = models.JSONField(null=True)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_constraint=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField()
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=60, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    stop_asked = models.BooleanField(default=False)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    says = models.TextField(blank=True, default="")
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "due_at", "id"], name="core_job_next")]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(state__in=["queued", "running"]), name="core_job_one_open"
            ),
        ]


class Beat(models.Model):
    """A worker that is at work: the health page reads when one was last heard of."""

    worker = models.CharField(primary_key=True, max_length=60)
    started_at = models.DateTimeField()
    at = models.DateTimeField()


class Due(models.Model):
    """One turn of a schedule: unique on name and due time, so that two workers never run it twice."""

    name = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    job = models.ForeignKey(Job, models.SET_NULL, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "due_at"], name="core_due_once")]


class Attachment(models.Model):
    """A file at a subject (`equipment:12`). path: below the files' folder, named by the content's hash."""

    subject = models.CharField(max_length=100, db_index=True)
    name = models.CharField(max_length=255)
    path = models.CharField(max_length=255)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_constraint=False)
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)


class SavedView(models.Model):
    """A list's filter, sort order and columns under a name, for one person or for all."""

    list = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    query = models.TextField()
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="views")
    place = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "name", "account"], name="core_view_name")]


class Setting(models.Model):
    """A setting that is changed in the browser, such as the name of the health system."""

    name = models.CharField(primary_key=True, max_length=60)
    value = models.JSONField()


class Answered(models.Model):
    """The answer that was given to an API call with an idempotency key, given again when the call is repeated."""

    account = models.ForeignKey(Account, models.CASCADE)
    key = models.CharField(max_length=200)
    call = models.CharField(max_length=64)
    status = models.IntegerField(null=True)
    body = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="core_answered_once")]


class Remembered(models.Model):
    """What all processes remember together until a moment (seconds since 1970): tries of a password, codes that were used. value: JSON."""

    key = models.CharField(primary_key=True, max_length=250)
    value = models.TextField()
    until_s = models.FloatField(db_index=True)


class Called(models.Model):
    """How many calls of the API a caller has taken in a minute (since 1970); one row a caller, for its last minute."""

    caller = models.CharField(primary_key=True, max_length=60)
    minute = models.BigIntegerField()
    taken = models.BigIntegerField()

"""Work in the background: what a room offers as a job, and how an action asks for one. ADR 0020.

    @job("match_all", title="Match every device")
    def match_all(step: Step, *, advisory: int) -> dict[str, Any]: ...

    with writing(...) as w:
        enqueue("match_all", by=ana, at=now, key="match_all", advisory=12)

A job's function may run again from its start after its worker was killed, so it is to be safe to run twice: it does its work in
transactions of its own and calls `step.tell` inside each, which keeps a worker that lost its lease from writing anything.
The function's answer is shown on the job's page: `says` is its sentence, `url` where to go on, whole numbers are counts.
Jobs live in modules named `jobs` of the rooms; `schedule.every` runs them by the clock; `working.Worker` does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils.module_loading import autodiscover_modules

from pilothouse.core.models import Job, Person
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.kernel.errors import PilothouseError

OPEN_STATES = (Job.State.QUEUED, Job.State.RUNNING)


class UnknownJob(PilothouseError):
    """No room offers a job of this kind."""


class Stopped(BaseException):
    """Somebody asked the job to stop. No `Exception`, so that nothing on the way takes it for a failure."""


class Step(Protocol):
    """What a running job sees of its worker."""

    job: Job
    at: datetime

    @property
    def by(self) -> Person | None:
        """Who asked for the job; None for the house itself."""

    def tell(self, done: int, total: int = 0, says: str = "") -> None:
        """How far it is. Renews the lease; raises Stopped when the job is to stop, go on later, or is no longer this worker's."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. `Any`: what the job is called with and what it answers, both JSON."""

    name: str
    title: str
    run: Callable[..., dict[str, Any] | None]


_kinds: dict[str, Kind] = {}


def job(name: str, *, title: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Offer a function as a job. title: what its page is headed with. `Any`: see Kind."""

    def offer(run: Callable[..., Any]) -> Callable[..., Any]:
        known_one = _kinds.get(name)
        if known_one is not None and known_one.run.__module__ != run.__module__:
            raise ValueError(f"two rooms offer the job {name}: {known_one.run.__module__}, {run.__module__}")
        _kinds[name] = Kind(name, title or name.replace("_", " ").capitalize(), run)
        return run

    return offer


def load_rooms() -> None:
    """Import the module `jobs` of every room, so that all kinds and schedules are known."""
    autodiscover_modules("jobs")
    import_module("pilothouse.core.tidying")
    import_module("pilothouse.core.verifying")


def kind_of(name: str) -> Kind:
    """The kind of this name; raises UnknownJob."""
    if name not in _kinds:
        load_rooms()
    if name not in _kinds:
        raise UnknownJob(f"no room offers a job {name!r}")
    return _kinds[name]


def title_of(name: str) -> str:
    """What a job of this kind is called; its bare name when no room knows it any more."""
    try:
        return kind_of(name).title
    except UnknownJob:
        return name


def enqueue(
    kind: str,
    *,
    by: Person | None,
    at: datetime,
    key: str | None = None,
    due_at: datetime | None = None,
    **arguments: Any,
) -> Job:
    """Ask for a job in the caller's transaction: it begins when that is committed, and not before due_at.

    key: at most one open job of it. One that waits is answered as it is, with the earlier of the two due times; one that runs
    may have passed what is asked for, so it is queued anew when it ends. `Any`: JSON. Raises UnknownJob.
    """
    kind_of(kind)
    asked = {
        "kind": kind,
        "key": key,
        "arguments": arguments,
        "by": by,
        "due_at": due_at or at,
        "queued_at": at,
    }
    if key is None:
        return Job.objects.create(**asked)
    while True:
        with transaction.atomic():
            found = Job.objects.select_for_update().filter(key=key, state__in=OPEN_STATES).first()
            if found is not None:
                return _joined(found, arguments, due_at or at)
        try:
            with transaction.atomic():
                return Job.objects.create(**asked)
        except IntegrityError:  # another one came first; on the next turn it is seen, or has ended
            continue


def _joined(found: Job, arguments: dict[str, Any], due_at: datetime) -> Job:
    if found.state == Job.State.RUNNING:
        found.again = arguments
        found.save(update_fields=["again"])
    elif due_at < found.due_at:
        found.due_at = due_at
        found.save(update_fields=["due_at"])
    return found


def ask_to_stop(one: Job, *, by: Viewer, at: datetime) -> Job:
    """Stop a job: one that waits at once, one that runs at its next step. One's own, or with `stop_jobs`. Raises NotAllowed."""
    if one.by_id != by.person.pk and not by.may("stop_jobs"):
        raise NotAllowed("Only who asked for a job, the helm and the keeper may stop it")
    Job.objects.filter(pk=one.pk, state__in=OPEN_STATES).update(stop_asked=True, again=None)
    Job.objects.filter(pk=one.pk, state=Job.State.QUEUED).update(
        state=Job.State.STOPPED, ended_at=at, says=f"Stopped by {by.person} before it began"
    )
    one.refresh_from_db()
    return one

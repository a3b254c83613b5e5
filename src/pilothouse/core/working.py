"""The worker: takes the next job that is due, holds its lease while it runs, takes up what a dead worker left. ADR 0020."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    transaction,
)
from django.db.models import F, Q
from django.utils import timezone

from pilothouse.core import schedule
from pilothouse.core.house import use_zone
from pilothouse.core.jobs import Stopped, kind_of, load_rooms
from pilothouse.core.models import Beat, Job, Person
from pilothouse.kernel.errors import PilothouseError

LEASE: Final = timedelta(seconds=60)
BEAT_S: Final = 10.0
"""How often a lease is renewed and the worker says that it lives."""
POLL_S: Final = 1.0
GRACE_S: Final = 25.0
"""How long a worker that was told to end waits for its job's next step."""
MOST_ATTEMPTS: Final = 5
_PASSING: Final = (OperationalError, InterfaceError, OSError)
"""Failures of the outside world (a locked database, a full disk, a lost line) after which another try makes sense."""

log = logging.getLogger(__name__)


class LeaseLost(Stopped):
    """Another worker has taken the job up: this one writes nothing more of it."""


class WorkerEnds(Stopped):
    """The worker was told to end: the job is put back and goes on with the next one."""


def this_machine() -> str:
    """A name for where process ids mean what they mean here: host, boot and namespace of processes."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    space = Path("/proc/self/ns/pid")
    try:
        mark = f"{boot.read_text('ascii').strip()[:8]}-{space.stat().st_ino}"
    except OSError:
        mark = "somewhere"
    return f"{socket.gethostname()[:24]}/{mark}"


def is_gone(worker: str) -> bool:
    """Whether a worker is known to be dead: it was of this machine and its process is no more."""
    machine, _, process = worker.rpartition(":")
    if machine != this_machine() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(process)


def _is_zombie(process: str) -> bool:
    """Dead, and its parent has not looked yet."""
    try:
        return (
            Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[0] in "ZX"
        )
    except (OSError, IndexError):
        return False


@dataclass
class Running:
    """A job in the hands of this worker; the `Step` its function sees."""

    job: Job
    at: datetime
    now: Callable[[], datetime]
    ending: threading.Event

    @property
    def by(self) -> Person | None:
        """Who asked for the job."""
        return self.job.by

    def mine(self) -> Any:
        """The job's row as long as it is this worker's. `Any`: a queryset."""
        return Job.objects.filter(
            pk=self.job.pk, state=Job.State.RUNNING, worker=self.job.worker, attempts=self.job.attempts
        )

    def tell(self, done: int, total: int = 0, says: str = "") -> None:
        """See `jobs.Step`. Inside a transaction it is part of it, so that what was done and what is told fit."""
        told = {"done": done, "total": total} | ({"says": says} if says else {})
        if not self.mine().update(lease_until=self.now() + LEASE, **told):
            raise LeaseLost
        if self.ending.is_set():
            raise WorkerEnds
        if Job.objects.filter(pk=self.job.pk, stop_asked=True).exists():
            raise Stopped


@dataclass
class Worker:
    """One process that works. now and monotonic: the clocks; name: told in the job's row."""

    name: str = field(default_factory=lambda: f"{this_machine()}:{os.getpid()}")
    now: Callable[[], datetime] = timezone.now
    monotonic: Callable[[], float] = time.monotonic
    ending: threading.Event = field(default_factory=threading.Event)
    _seen: dict[int, tuple[datetime | None, float]] = field(default_factory=dict)

    def work_until_told(self) -> None:
        """Work until `ending` is set. A database that is away is waited for."""
        load_rooms()
        with self._beating():
            while not self.ending.is_set():
                try:
                    busy = self.turn()
                except (*_PASSING, DatabaseError):
                    log.warning("the worker's database does not answer; it tries again", exc_info=True)
                    close_old_connections()
                    busy = False
                if not busy:
                    self.ending.wait(POLL_S)
        Beat.objects.filter(worker=self.name).delete()

    def turn(self) -> bool:
        """Do what is due now; at most one job. Whether there was one."""
        schedule.tick(self.now())
        self.take_up()
        one = self.claim()
        if one is None:
            return False
        self.perform(one)
        return True

    def work_off(self, most: int = 1_000) -> int:
        """Do every job that is due, in this process and without a heart; how many there were. For commands and tests."""
        load_rooms()
        done = 0
        while done < most and (one := self.claim()) is not None:
            self.perform(one)
            done += 1
        return done

    def claim(self) -> Job | None:
        """The next job that is due, now this worker's."""
        now = self.now()
        # what is due at once is so whichever way the clock jumped since
        due = Job.objects.filter(Q(due_at__lte=now) | Q(due_at__lte=F("queued_at")), state=Job.State.QUEUED)
        if not due.exists():
            return None
        with transaction.atomic():
            one = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "id").first()
            if one is None:
                return None
            one.state = Job.State.RUNNING
            one.worker = self.name
            one.attempts += 1
            one.started_at = one.started_at or now
            one.lease_until = now + LEASE
            one.save(update_fields=["state", "worker", "attempts", "started_at", "lease_until"])
        return one

    def take_up(self) -> None:
        """Put back what a worker left behind that is dead or has not been heard of for a lease."""
        lapsed = [one for one in Job.objects.filter(state=Job.State.RUNNING) if self._has_lapsed(one)]
        for one in lapsed:
            with transaction.atomic():
                held = (
                    Job.objects.select_for_update(skip_locked=True, of=("self",))
                    .filter(pk=one.pk, state=Job.State.RUNNING, worker=one.worker, attempts=one.attempts)
                    .first()
                )
                if held is not None:
                    self._put_back(held, f"Its worker ended while it ran, {held.attempts} times by now")

    def _has_lapsed(self, one: Job) -> bool:
        """By the clock only when it also stood still before our eyes, for the clock may have jumped."""
        if is_gone(one.worker):
            return True
        lease, since = self._seen.get(one.pk, (None, 0.0))
        if one.pk not in self._seen or lease != one.lease_until:
            self._seen[one.pk] = (one.lease_until, self.monotonic())
            return False
        stood_s = self.monotonic() - since
        past = one.lease_until is None or one.lease_until < self.now()
        return stood_s > LEASE.total_seconds() or (past and stood_s > 1.5 * BEAT_S)

    def _put_back(self, one: Job, error: str) -> None:
        """Queue again, or give up after so many attempts."""
        one.error = error
        if one.stop_asked:
            _end(one, str(Job.State.STOPPED), self.now())
        elif one.attempts >= MOST_ATTEMPTS:
            _end(one, str(Job.State.FAILED), self.now())
        else:
            one.state, one.worker, one.lease_until = Job.State.QUEUED, "", None
            one.due_at = self.now() + timedelta(seconds=2 ** min(one.attempts, 6))
            one.save()

    def perform(self, one: Job) -> None:
        """Run a claimed job and record how it ended."""
        step = Running(one, self.now(), self.now, self.ending)
        self._step = step
        try:
            use_zone()
            answer = kind_of(one.kind).run(step, **one.arguments)
        except WorkerEnds:
            self._released(step)
        except LeaseLost:
            log.warning("job %s was taken up by another worker", one.pk)
        except Stopped:
            self._ended(step, str(Job.State.STOPPED), error="")
        except PilothouseError as error:
            self._ended(step, str(Job.State.FAILED), error=str(error))
        except _PASSING as error:
            self._failed_for_now(step, error)
        except Exception as error:  # whatever a room's job does, the worker goes on
            log.exception("job %s (%s) failed", one.pk, one.kind)
            self._ended(step, str(Job.State.FAILED), error=_in_words(error))
        else:
            self._ended(step, str(Job.State.DONE), result=answer or {}, error="")
        finally:
            self._step = None

    _step: Running | None = None

    def _ended(self, step: Running, state: str, **told: Any) -> None:
        """`Any`: the columns that tell how."""
        with transaction.atomic():
            held = step.mine().select_for_update(of=("self",)).first()
            if held is None:
                return
            for name, value in told.items():
                setattr(held, name, value)
            _end(held, state, self.now())

    def _released(self, step: Running) -> None:
        with transaction.atomic():
            held = step.mine().select_for_update(of=("self",)).first()
            if held is not None:
                held.state, held.worker, held.lease_until = Job.State.QUEUED, "", None
                held.attempts -= 1
                held.save()

    def _failed_for_now(self, step: Running, error: Exception) -> None:
        log.warning("job %s failed and is tried again", step.job.pk, exc_info=error)
        if not connection.in_atomic_block:
            close_old_connections()
        with transaction.atomic():
            held = step.mine().select_for_update(of=("self",)).first()
            if held is not None:
                self._put_back(held, _in_words(error))

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """While inside, a thread of its own renews the lease and says that the worker lives."""
        over = threading.Event()
        started = self.now()
        self._beat(started)
        heart = threading.Thread(target=self._beat_until, args=(over, started), daemon=True)
        heart.start()
        try:
            yield
        finally:
            over.set()
            heart.join(BEAT_S)

    def _beat_until(self, over: threading.Event, started: datetime) -> None:
        told_to_end: float | None = None
        while not over.wait(BEAT_S if told_to_end is None else 1.0):
            if self.ending.is_set():
                told_to_end = told_to_end or self.monotonic()
                if self.monotonic() - told_to_end > GRACE_S:
                    log.warning("the job came to no step in time; the worker ends and leaves it to the next")
                    os._exit(75)
            try:
                self._beat(started)
            except DatabaseError:  # locked or away: the next beat tells
                close_old_connections()
        connection.close()

    def _beat(self, started: datetime) -> None:
        now = self.now()
        Beat.objects.update_or_create(worker=self.name, defaults={"at": now, "started_at": started})
        if (step := self._step) is not None:
            step.mine().update(lease_until=now + LEASE)


def _end(one: Job, state: str, now: datetime) -> None:
    """Record the end, and queue anew what was asked for meanwhile."""
    one.state, one.ended_at, one.lease_until = state, now, None
    again, one.again = one.again, None
    one.save()
    if again is not None:
        Job.objects.create(
            kind=one.kind, key=one.key, arguments=again, by_id=one.by_id, due_at=now, queued_at=now
        )


def _in_words(error: Exception) -> str:
    if isinstance(error, OperationalError | InterfaceError):
        return f"The database did not answer: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({Path(last[0].filename).name}, line {last[0].lineno})" if last else ""
    return f"This should not have happened: {type(error).__name__}: {error}{where}"

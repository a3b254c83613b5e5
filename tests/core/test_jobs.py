"""Jobs: asked for in a transaction, done once, held by a lease, gone on with after whatever befell their worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from pilothouse.core import schedule
from pilothouse.core.jobs import UnknownJob, ask_to_stop, enqueue
from pilothouse.core.models import Beat, Due, Job, Setting
from pilothouse.core.permissions import NotAllowed, viewer_of
from pilothouse.core.working import LEASE, MOST_ATTEMPTS, LeaseLost, Running, Worker, is_gone, this_machine
from tests.conftest import NOW
from tests.core import job_kinds

assert job_kinds


class Clocks:
    """A wall clock that can jump, and one that only goes forward."""

    def __init__(self) -> None:
        self.wall = NOW
        self.ticks = 1_000.0

    def passes(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds

    def jumps(self, **by: float) -> None:
        self.wall += timedelta(**by)

    def worker(self, name: str) -> Worker:
        return Worker(name, now=lambda: self.wall, monotonic=lambda: self.ticks)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture(autouse=True)
def _no_schedule(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(schedule, "EVERY", {})
    schedule.forget()
    yield
    schedule.forget()


def asked(kind: str = "test_count", at: datetime = NOW, **rest: Any) -> Job:
    return enqueue(kind, by=None, at=at, **rest)


def state_of(one: Job) -> str:
    one.refresh_from_db()
    return str(one.state)


@pytest.mark.django_db
def test_a_job_is_done_and_tells_what_came_of_it(clocks: Clocks) -> None:
    one = asked(to=3)
    assert clocks.worker("a").work_off() == 1
    assert state_of(one) == "done"
    assert (one.done, one.total, one.says, one.result["counted"]) == (3, 3, "3 counted", 3)
    assert one.ended_at is not None
    assert one.lease_until is None


@pytest.mark.django_db
def test_a_job_of_a_transaction_that_failed_was_never_asked_for(clocks: Clocks) -> None:
    with transaction.atomic():
        asked(to=1)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_kind_that_no_room_offers_is_refused() -> None:
    with pytest.raises(UnknownJob, match="nonsense"):
        asked("nonsense")


@pytest.mark.django_db
def test_a_job_waits_until_it_is_due(clocks: Clocks) -> None:
    asked(to=1, due_at=NOW + timedelta(hours=1))
    assert clocks.worker("a").work_off() == 0
    clocks.passes(3_601)
    assert clocks.worker("a").work_off() == 1


@pytest.mark.django_db
def test_one_key_has_one_open_job_with_the_earlier_due_time() -> None:
    later = asked(to=1, key="k", due_at=NOW + timedelta(hours=2))
    sooner = asked(to=1, key="k", due_at=NOW + timedelta(hours=1))
    assert later.pk == sooner.pk
    assert sooner.due_at == NOW + timedelta(hours=1)
    assert asked(to=1, key="other").pk != later.pk


@pytest.mark.django_db
def test_what_is_asked_for_while_its_like_runs_is_done_after_it(clocks: Clocks) -> None:
    asked("test_deaf", key="deaf")
    assert clocks.worker("a").work_off() == 2
    assert [(one.state, one.arguments) for one in Job.objects.order_by("id")] == [
        ("done", {}),
        ("done", {"last": True}),
    ]


@pytest.mark.django_db
def test_a_refusal_is_told_in_its_own_words_and_not_tried_again(clocks: Clocks) -> None:
    one = asked("test_refuse")
    clocks.worker("a").work_off()
    assert (state_of(one), one.error) == ("failed", "Row 3 holds no serial number")


@pytest.mark.django_db
def test_a_fault_ends_its_job_and_not_the_worker(clocks: Clocks) -> None:
    one, other = asked("test_break"), asked(to=1)
    clocks.worker("a").work_off()
    assert state_of(one) == "failed"
    assert "KeyError" in one.error
    assert "job_kinds.py" in one.error
    assert state_of(other) == "done"


@pytest.mark.django_db
def test_a_locked_database_is_tried_again_and_given_up_with_the_error_kept(clocks: Clocks) -> None:
    one = asked("test_locked")
    worker = clocks.worker("a")
    for _ in range(MOST_ATTEMPTS):
        assert state_of(one) == "queued"
        worker.work_off()
        clocks.passes(120)
    assert state_of(one) == "failed"
    assert "database is locked" in one.error
    assert one.attempts == MOST_ATTEMPTS


@pytest.mark.django_db
def test_a_running_job_stops_at_its_next_step_and_what_it_did_stays(clocks: Clocks) -> None:
    one = asked(to=3)
    worker = clocks.worker("a")
    claimed = worker.claim()
    assert claimed is not None
    Job.objects.update(stop_asked=True)
    worker.perform(claimed)
    assert state_of(one) == "stopped"
    assert not Setting.objects.exists()


@pytest.mark.django_db
def test_no_handler_of_exceptions_keeps_a_job_from_stopping(clocks: Clocks) -> None:
    one = asked("test_swallow")
    worker = clocks.worker("a")
    claimed = worker.claim()
    Job.objects.update(stop_asked=True)
    assert claimed is not None
    worker.perform(claimed)
    assert state_of(one) == "stopped"


@pytest.mark.django_db
def test_who_asked_and_the_keeper_may_stop_a_job_and_nobody_else(
    person_with: Callable[..., Any], ana: Any, ben: Any
) -> None:
    one = enqueue("test_count", by=ana, at=NOW, to=1)
    with pytest.raises(NotAllowed):
        ask_to_stop(one, by=viewer_of(ben, NOW), at=NOW)
    assert ask_to_stop(one, by=viewer_of(ana, NOW), at=NOW).state == "stopped"
    two = enqueue("test_count", by=ana, at=NOW, to=1)
    keeper = person_with("Kim", "keeper")
    assert ask_to_stop(two, by=viewer_of(keeper, NOW), at=NOW).state == "stopped"


@pytest.mark.django_db
def test_two_workers_never_claim_the_same_job(clocks: Clocks) -> None:
    asked(to=1)
    asked(to=1)
    first, second = clocks.worker("a").claim(), clocks.worker("b").claim()
    assert first is not None
    assert second is not None
    assert first.pk != second.pk
    assert clocks.worker("c").claim() is None


@pytest.mark.django_db
def test_a_lapsed_lease_is_taken_up_and_its_old_holder_writes_nothing_more(clocks: Clocks) -> None:
    one = asked(to=2)
    first, second = clocks.worker("elsewhere:1"), clocks.worker("elsewhere:2")
    lost = first.claim()
    assert lost is not None
    second.take_up()
    clocks.passes(LEASE.total_seconds() + 1)
    second.take_up()
    assert state_of(one) == "queued"
    clocks.passes(5)
    assert second.work_off() == 1
    with pytest.raises(LeaseLost):
        Running(lost, clocks.wall, first.now, first.ending).tell(1)
    first.perform(lost)
    assert state_of(one) == "done"
    assert Setting.objects.get(name="test_count").value == [0, 1]


@pytest.mark.django_db
def test_a_lease_that_is_renewed_is_left_alone_though_the_clock_jumps(clocks: Clocks) -> None:
    one = asked(to=2)
    first, second = clocks.worker("elsewhere:1"), clocks.worker("elsewhere:2")
    held = first.claim()
    assert held is not None
    step = Running(held, clocks.wall, first.now, first.ending)
    for jump_h in (0, 5, -9, 0):
        clocks.jumps(hours=jump_h)
        for _ in range(8):
            second.take_up()
            clocks.passes(10)
            step.tell(0)
    assert state_of(one) == "running"


@pytest.mark.django_db
def test_a_lease_from_the_future_of_a_clock_that_went_back_lapses_all_the_same(clocks: Clocks) -> None:
    one = asked(to=2)
    clocks.worker("elsewhere:1").claim()
    clocks.jumps(days=-1)
    other = clocks.worker("elsewhere:2")
    other.take_up()
    clocks.passes(LEASE.total_seconds() + 1)
    other.take_up()
    assert state_of(one) == "queued"


@pytest.mark.django_db
def test_a_job_that_is_due_at_once_runs_though_the_clock_went_back(clocks: Clocks) -> None:
    asked(to=1)
    clocks.jumps(days=-1)
    assert clocks.worker("a").work_off() == 1


@pytest.mark.django_db
def test_a_job_that_kills_its_workers_is_given_up(clocks: Clocks) -> None:
    one = asked(to=1)
    dead = f"{this_machine()}:999999999"
    for _ in range(MOST_ATTEMPTS):
        assert clocks.worker(dead).claim() is not None
        clocks.worker("b").take_up()
        clocks.passes(120)
    assert state_of(one) == "failed"
    assert "5 times" in one.error


@pytest.mark.django_db
def test_a_worker_that_is_told_to_end_puts_its_job_back_without_counting_the_attempt(clocks: Clocks) -> None:
    one = asked(to=2)
    worker = clocks.worker("a")
    claimed = worker.claim()
    assert claimed is not None
    worker.ending.set()
    worker.perform(claimed)
    assert (state_of(one), one.attempts) == ("queued", 0)
    assert clocks.worker("b").work_off() == 1


def test_a_process_of_another_machine_is_never_taken_for_dead() -> None:
    assert is_gone(f"{this_machine()}:999999999")
    assert not is_gone(f"{this_machine()}:{os.getpid()}")
    assert not is_gone("elsewhere/1-1:999999999")
    assert not is_gone("")


@pytest.mark.django_db
def test_a_turn_of_the_schedule_is_run_once_by_however_many_workers(clocks: Clocks) -> None:
    schedule.every("test_deaf", hours=1, last=True)
    assert schedule.tick(NOW) == 1
    schedule.forget()
    assert schedule.tick(NOW) == 0
    assert Due.objects.count() == 1
    assert schedule.tick(NOW + timedelta(hours=1)) == 1
    assert Job.objects.count() == 1, "the one that waits is enough"


@pytest.mark.django_db
def test_turns_that_passed_while_nobody_worked_are_made_up_by_one(clocks: Clocks) -> None:
    schedule.every("test_deaf", hours=1, last=True)
    schedule.tick(NOW)
    clocks.worker("a").work_off()
    assert schedule.tick(NOW + timedelta(days=30)) == 1
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_a_clock_that_goes_back_repeats_no_turn_and_stops_none_for_good(clocks: Clocks) -> None:
    schedule.every("test_deaf", hours=1, last=True)
    schedule.tick(NOW)
    schedule.tick(NOW + timedelta(days=9))
    assert schedule.tick(NOW) == 0
    assert schedule.tick(NOW + timedelta(hours=1)) == 1


@pytest.mark.django_db
def test_what_is_old_is_thrown_away_and_what_is_open_stays(clocks: Clocks) -> None:
    asked(to=1)
    clocks.worker("a").work_off()
    waiting = asked(to=1, due_at=NOW + timedelta(days=365))
    clocks.passes(100 * 86_400)
    Beat.objects.create(worker="old", at=NOW, started_at=NOW)
    asked("tidy", at=clocks.wall)
    clocks.worker("a").work_off()
    assert [one.kind for one in Job.objects.order_by("id")] == ["test_count", "tidy"]
    assert state_of(waiting) == "queued"
    assert not Beat.objects.exists()


WORKER = """
import signal
import django
django.setup()
import tests.core.job_kinds
from pilothouse.core.working import Worker
worker = Worker()
signal.signal(signal.SIGTERM, lambda *_: worker.ending.set())
worker.work_until_told()
"""


@pytest.fixture
def start_worker(for_processes: dict[str, str]) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts real worker processes on the tests' database; ends those that are left."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", WORKER], env=for_processes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def test_a_job_goes_on_after_its_worker_is_killed_and_nothing_is_doubled_or_lost(
    start_worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    mark = tmp_path / "begun"
    one = asked(to=40, pause_s=0.05, mark=str(mark))
    first = start_worker()
    wait_for(mark.exists)
    first.kill()
    first.wait()
    assert state_of(one) == "running"
    assert one.done < 40
    start_worker()
    wait_for(lambda: state_of(one) == "done")
    assert one.attempts == 2
    assert Setting.objects.get(name="test_count").value == list(range(40))


def test_a_worker_that_gets_a_term_signal_releases_its_job_and_ends(
    start_worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    mark = tmp_path / "begun"
    one = asked(to=1_000, pause_s=0.05, mark=str(mark))
    first = start_worker()
    wait_for(mark.exists)
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=20) == 0
    assert (state_of(one), one.attempts) == ("queued", 0)
    assert not Beat.objects.exists()

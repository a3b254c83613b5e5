"""Bad days: kill -9 of a real worker at several moments of an import, a sync and a match; a disk that is full in the middle.

On restart the work goes on by itself, and what stands at the end is what would stand without any of it.
"""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from pilothouse.core.jobs import enqueue
from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Job
from pilothouse.core.permissions import house_viewer
from pilothouse.equipment.models import Claim, ClaimPast, Equipment, EquipmentPast
from pilothouse.exposure.models import Advisory, AdvisoryPast, Exposure, ExposurePast, Link, Profile
from pilothouse.governance.models import Finding
from pilothouse.imports import runs
from pilothouse.imports.jobs import ask
from pilothouse.imports.models import Run
from pilothouse.intake import importing
from tests.conftest import NOW
from tests.exposure.house import add_devices, csaf, folder_of

RECORDS = 5
LIST = "Asset Tag,Serial Number,Manufacturer,Model\n" + "".join(f"T-{n},S-{n}0{n},Acme,Nimbus {n}\n" for n in range(RECORDS))  # fmt: skip

WORKER = """
import os, signal, sys, time
from datetime import timedelta
import django
django.setup()
from django.utils import timezone
from django.db.backends.base.base import BaseDatabaseWrapper
from pilothouse.core.models import Job
from pilothouse.core.working import Worker
from pilothouse.exposure.actions import matching
from pilothouse.intake import importing
matching.AT_ONCE, importing.CHUNK = 2, 1
moment, after = int(sys.argv[1]), sys.argv[2] == "after"
commit, made = BaseDatabaseWrapper._commit, 0
def counted(self):
    global made
    made += 1
    if made == moment and not after:
        os.kill(os.getpid(), signal.SIGKILL)
    commit(self)
    if made == moment:
        os.kill(os.getpid(), signal.SIGKILL)
BaseDatabaseWrapper._commit = counted
ahead = timedelta(hours=int(sys.argv[3]))
worker, until = Worker(now=lambda: timezone.now() + ahead), time.monotonic() + 60
while Job.objects.filter(state__in=["queued", "running"]).exists() and time.monotonic() < until:
    worker.turn() or time.sleep(0.1)
"""
"""Does what there is to do, and kills itself before or after its so-manieth commit. Its clock is some hours ahead, so that nobody waits
for the next try; it asks again as a worker does, since PostgreSQL keeps what a killed one held for a moment."""
MOMENTS = ((3, "after"), (5, "before"), (8, "before"))
"""Four tries are the last but one: a job that kills its workers more often is given up, which another test holds."""


def _worked_through_kills(around: dict[str, str]) -> None:
    """Three workers die on the way, a fourth comes to the end."""
    for hours, (moment, when) in enumerate((*MOMENTS, (0, "never"))):
        told = subprocess.run(
            [sys.executable, "-c", WORKER, str(moment), when, str(hours)],
            env=around,
            timeout=120,
            check=False,
        )
        assert told.returncode == (-signal.SIGKILL if moment else 0), (moment, when)
    assert {(one.kind, one.state) for one in Job.objects.all() if one.state != "done"} == set()
    assert list(broken_seals()) == []


@pytest.mark.django_db(transaction=True)
def test_an_import_whose_worker_is_killed_again_and_again_loses_and_doubles_nothing(
    for_processes: dict[str, str], chief: Any
) -> None:
    by = house_viewer(chief)
    source = runs.make_source(key="cmms", kind="cmms", by=by, at=NOW)
    run = runs.begin(source, io.BytesIO(LIST.encode()), "cmms.csv", by=by, at=NOW)
    ask("apply_import", run, by=by, at=NOW)
    _worked_through_kills(for_processes)
    run.refresh_from_db()
    assert (run.state, run.counts["rejected"]) == (Run.State.APPLIED, 0)
    assert sorted(Equipment.objects.values_list("tag", flat=True)) == [f"T-{n}" for n in range(RECORDS)]
    assert (Claim.objects.count(), ClaimPast.objects.count(), EquipmentPast.objects.count()) == (RECORDS, 0, 0)  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_sync_and_its_match_whose_worker_is_killed_again_and_again_lose_and_double_nothing(
    for_processes: dict[str, str], places: dict[str, Any], chief: Any, tmp_path: Path
) -> None:
    add_devices([{"maker": "Acme", "model": "Nimbus 300", "firmware": f"1.{n}", "at": "NGH"} for n in range(7)], places)  # fmt: skip
    folder = folder_of(tmp_path / "in", csaf(), csaf("A-2", ("Nimbus 300", "vers:all/*", "P1"), title="Again"))  # fmt: skip
    enqueue("sync_advisories", by=chief, at=NOW, folder=str(folder))
    _worked_through_kills(for_processes)
    assert (Advisory.objects.count(), AdvisoryPast.objects.count()) == (2, 0)
    assert (Profile.objects.count(), Link.objects.count()) == (7, 7)
    assert (Exposure.objects.count(), ExposurePast.objects.count()) == (14, 0)
    assert [json.loads(one.detail)["affected"] for one in Finding.objects.all()] == [7, 7]


@pytest.mark.django_db(transaction=True)
def test_an_import_that_fills_the_disk_goes_on_when_there_is_room_again(
    chief: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite is given no more pages; PostgreSQL, whose disk a test cannot fill, says the same in the same place."""
    monkeypatch.setattr(importing, "CHUNK", 1)
    by = house_viewer(chief)
    source = runs.make_source(key="cmms", kind="cmms", by=by, at=NOW)
    run = runs.begin(source, io.BytesIO(LIST.replace("Nimbus", "Nimbus " + "x" * 3_000).encode()), "cmms.csv", by=by, at=NOW)  # fmt: skip
    write = importing._write
    calls: list[int] = []

    def fills(*given: Any) -> None:
        calls.append(1)
        if len(calls) == 3:
            _fill_the_disk()
        write(*given)

    with monkeypatch.context() as full:
        full.setattr(importing, "_write", fills)
        try:
            with pytest.raises(OperationalError, match=r"disk is full|No space left"):
                runs.apply(run, by=by, at=NOW)
        finally:
            _make_room()
    run.refresh_from_db()
    assert (run.state, Equipment.objects.count()) == (Run.State.APPLYING, 2)
    runs.apply(run, by=by, at=NOW)
    assert (run.state, Equipment.objects.count(), Claim.objects.count()) == (Run.State.APPLIED, RECORDS, RECORDS)  # fmt: skip
    assert list(broken_seals()) == []


def _fill_the_disk() -> None:
    if connection.vendor != "sqlite":
        raise OperationalError("could not extend file: No space left on device")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1")


def _make_room() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")

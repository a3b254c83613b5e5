"""Sources and runs in the browser: a file is looked at, imported by a job, corrected, undone; strangers find nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from pilothouse.core.models import Job
from pilothouse.core.permissions import house_viewer
from pilothouse.equipment.models import Equipment
from pilothouse.imports import jobs, runs
from pilothouse.imports.models import Run, Source
from tests.conftest import NOW
from tests.intake.test_importing import CMMS

pytestmark = pytest.mark.django_db


class Plainly:
    """A job's step without a worker."""

    def __init__(self, job: Job) -> None:
        self.job, self.at = job, timezone.now()
        self.by = job.by

    def tell(self, done: int, total: int = 0, says: str = "") -> None:
        """Nobody listens."""


def _work() -> None:
    for job in Job.objects.filter(state="queued", kind__endswith="_import"):
        getattr(jobs, job.kind)(Plainly(job), **job.arguments)
        Job.objects.filter(pk=job.pk).update(state="done")


def _uploaded(client: Any, text: str) -> Run:
    answer = client.post(
        "/sources/cmms/", {"file": SimpleUploadedFile("cmms.csv", text.encode()), "as_of": "2026-11-02"}
    )
    assert answer.status_code == 302
    return Run.objects.latest("pk")


def test_the_way_from_a_file_to_the_register_and_back(chief: Any, client_of: Callable[[Any], Any]) -> None:
    client = client_of(chief)
    assert "No source yet" in client.get("/sources/").content.decode()
    assert client.post("/sources/", {"name": "CMMS", "takes": "equipment", "kind": "cmms"}).status_code == 302
    run = _uploaded(client, CMMS.replace("2018-01-01", "31.31.2018"))
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "Nothing is written yet" in page
    assert "31.31.2018" in page
    assert Equipment.objects.count() == 0
    client.post(f"/runs/{run.pk}/apply/")
    assert "At work" in client.get(f"/runs/{run.pk}/").content.decode()
    _work()
    assert Equipment.objects.count() == 3
    assert b"31.31.2018" in b"".join(client.get(f"/runs/{run.pk}/to-correct.csv").streaming_content)
    assert "3" in client.get(f"/runs/{run.pk}/undo/").content.decode()
    client.post(f"/runs/{run.pk}/undo/")
    _work()
    assert set(Equipment.objects.values_list("stage", flat=True)) == {"retired"}


def test_columns_are_corrected_once_for_all_later_files(chief: Any, client_of: Callable[[Any], Any]) -> None:
    client = client_of(chief)
    runs.make_source(key="cmms", kind="cmms", by=house_viewer(chief), at=NOW)
    run = _uploaded(client, CMMS)
    client.post(
        f"/runs/{run.pk}/columns/",
        {"f-tag": "Asset Tag", "f-serial": "Serial Number", "f-room": "Department"},
    )
    run.refresh_from_db()
    assert '"room": "Department"' in Source.objects.get(key="cmms").mapping
    assert "NGH-ICU" in str(run.understood["samples"])


def test_who_may_not_see_sources_finds_none(ben: Any, chief: Any, client_of: Callable[[Any], Any]) -> None:
    source = runs.make_source(key="cmms", kind="cmms", by=house_viewer(chief), at=NOW)
    run = runs.begin(source, io.BytesIO(CMMS.encode()), "cmms.csv", by=house_viewer(chief), at=NOW)
    client = client_of(ben)
    assert client.get("/sources/").status_code in (403, 404)
    for address in (
        "/sources/cmms/",
        f"/runs/{run.pk}/",
        f"/runs/{run.pk}/undo/",
        f"/runs/{run.pk}/to-correct.csv",
    ):
        assert client.get(address).status_code == 404, address
    assert client.post(f"/runs/{run.pk}/apply/").status_code == 404


def test_a_file_that_cannot_be_read_is_told_on_its_page(chief: Any, client_of: Callable[[Any], Any]) -> None:
    runs.make_source(key="cmms", kind="cmms", by=house_viewer(chief), at=NOW)
    client = client_of(chief)
    run = _uploaded(client, "\0\1")
    assert "could not be read" in client.get(f"/runs/{run.pk}/").content.decode()


@pytest.mark.parametrize("lines", [1, 3])
def test_a_run_costs_the_same_queries_however_long_its_file(
    lines: int, chief: Any, client_of: Callable[[Any], Any], django_assert_max_num_queries: Any
) -> None:
    runs.make_source(key="cmms", kind="cmms", by=house_viewer(chief), at=NOW)
    client = client_of(chief)
    run = _uploaded(client, "\n".join(CMMS.splitlines()[: lines + 1]))
    for address in ("/sources/", "/sources/cmms/", f"/runs/{run.pk}/"):
        client.get(address)
        with django_assert_max_num_queries(12):
            client.get(address)

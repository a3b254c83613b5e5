"""The pages of jobs: one's own or everybody's, how far, stop."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.core.jobs import enqueue
from pilothouse.core.models import Job
from pilothouse.core.working import Worker
from tests.conftest import NOW
from tests.core import job_kinds

assert job_kinds
pytestmark = pytest.mark.django_db
Client = Any


def test_the_list_costs_the_same_with_many(
    chief: Any, client_of: Callable[[Any], Client], django_assert_max_num_queries: Any
) -> None:
    client = client_of(chief)
    client.get("/jobs/")
    counts = []
    for n in (3, 40):
        for _ in range(n):
            enqueue("test_count", by=chief, at=NOW, to=1)
        with django_assert_max_num_queries(20) as asked:
            assert client.get("/jobs/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_others_jobs_are_hidden_from_who_may_not_see_jobs(
    ana: Any, ben: Any, chief: Any, client_of: Callable[[Any], Client]
) -> None:
    one = enqueue("test_count", by=ana, at=NOW, to=1)
    for person, status in ((ana, 200), (chief, 200), (ben, 404)):
        assert client_of(person).get(f"/jobs/{one.pk}/").status_code == status
    assert client_of(ben).post(f"/jobs/{one.pk}/stop/").status_code == 404
    assert "Count to a number" not in client_of(ben).get("/jobs/").content.decode()
    assert "Count to a number" in client_of(ana).get("/jobs/").content.decode()


def test_a_job_that_runs_polls_and_one_that_is_done_does_not(
    ana: Any, client_of: Callable[[Any], Client]
) -> None:
    client = client_of(ana)
    one = enqueue("test_count", by=ana, at=NOW, to=3)
    assert "hx-trigger" in client.get(f"/jobs/{one.pk}/").content.decode()
    Job.objects.filter(pk=one.pk).update(
        state="running", done=1, total=3, started_at=timezone.now() - timedelta(seconds=30), says="1 counted"
    )
    part = client.get(f"/jobs/{one.pk}/", headers={"HX-Request": "true", "HX-Target": "job"}).content.decode()
    assert "<html" not in part
    assert "33&nbsp;%" in part
    assert "60 s left" in part
    assert "You may leave this page" in part
    Job.objects.filter(pk=one.pk).update(state="queued")
    Worker("w").work_off()
    done = client.get(f"/jobs/{one.pk}/").content.decode()
    assert "hx-trigger" not in done.partition("</main>")[0].partition('id="job"')[2]
    assert "3 counted." in done


def test_a_failed_job_says_why(ana: Any, client_of: Callable[[Any], Client]) -> None:
    one = enqueue("test_refuse", by=ana, at=NOW)
    Worker("w").work_off()
    assert "Row 3 holds no serial number." in client_of(ana).get(f"/jobs/{one.pk}/").content.decode()


def test_stop_is_a_button_that_works_without_script(ana: Any, client_of: Callable[[Any], Client]) -> None:
    one = enqueue("test_count", by=ana, at=NOW, to=3)
    client = client_of(ana)
    assert f'action="/jobs/{one.pk}/stop/"' in client.get(f"/jobs/{one.pk}/").content.decode()
    assert client.post(f"/jobs/{one.pk}/stop/").status_code == 302
    one.refresh_from_db()
    assert one.state == "stopped"
    assert client.get(f"/jobs/{one.pk}/stop/").status_code == 405


def test_a_result_leads_only_to_pages_of_the_house(ana: Any, client_of: Callable[[Any], Client]) -> None:
    one = enqueue("test_count", by=ana, at=NOW, to=3)
    Job.objects.filter(pk=one.pk).update(
        state="done",
        result={"says": "x", "url": "//evil.example", "downloads": [["file", "javascript:alert(1)"]]},
    )
    page = client_of(ana).get(f"/jobs/{one.pk}/").content.decode()
    assert "evil.example" not in page
    assert "javascript:" not in page

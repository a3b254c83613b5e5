"""What the house chooses takes effect, stands in the log, and comes after what the operator set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from pilothouse.core.choosing import change_settings
from pilothouse.core.errors import Invalid
from pilothouse.core.house import read_house
from pilothouse.core.jobs import enqueue
from pilothouse.core.models import Job, Revision, Setting
from pilothouse.core.permissions import NotAllowed, viewer_of
from pilothouse.core.working import Worker

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _zone_as_it_was() -> Any:
    yield
    timezone.deactivate()


@pytest.fixture
def boss(chief: Any) -> Any:
    return viewer_of(chief, timezone.now())


def test_pages_show_times_in_the_zone_that_was_chosen(boss: Any, chief: Any, client_of: Any) -> None:
    change_settings(by=boss, at=NOON, time_zone="Asia/Tokyo")
    assert 'time_zone: "UTC" to "Asia/Tokyo"' in Revision.objects.latest("id").note
    assert "21:00" in client_of(chief).get("/audit/").text
    assert (
        '<option value="Asia/Tokyo" selected>Asia/Tokyo</option>' in client_of(chief).get("/settings/").text
    )


def test_the_operators_zone_goes_before_and_the_page_says_so(
    boss: Any, chief: Any, client_of: Any, settings: Any
) -> None:
    change_settings(by=boss, at=NOON, time_zone="Asia/Tokyo")
    settings.ZONE_IS_SET, settings.TIME_ZONE = True, "Europe/Berlin"
    client = client_of(chief)
    page = client.get("/settings/").text
    assert "The operator has set it: PILOTHOUSE_TZ goes before." in page
    assert "13:00" in client.get("/audit/").text
    sent = {"house": "North", "time_zone": "UTC", "session_hours": 8, "jobs_kept_days": 90}
    assert client.post("/settings/", sent).status_code == 302
    assert Setting.objects.get(name="time_zone").value == "Asia/Tokyo"
    with pytest.raises(Invalid):
        change_settings(by=boss, at=NOON, time_zone="UTC")


def test_one_stays_signed_in_as_long_as_the_house_chose(boss: Any, ana: Any, client_of: Any) -> None:
    change_settings(by=boss, at=NOON, session_hours=2)
    client_of(ana)
    left = Session.objects.latest("expire_date").expire_date - timezone.now()
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)


def test_finished_jobs_go_after_the_days_that_were_chosen(boss: Any) -> None:
    change_settings(by=boss, at=NOON, jobs_kept_days=30)
    now = timezone.now()
    for days in (29, 31):
        one = enqueue("tidy", by=None, at=now - timedelta(days=days))
        Job.objects.filter(pk=one.pk).update(state="done", ended_at=now - timedelta(days=days))
    enqueue("tidy", by=None, at=now)
    Worker("w").work_off()
    assert Job.objects.filter(ended_at__lt=now - timedelta(days=1)).count() == 1


def test_what_cannot_be_is_refused_and_what_stands_is_no_change(boss: Any, ana: Any) -> None:
    for wrong in ({"time_zone": "Mars/Base"}, {"session_hours": 0}, {"jobs_kept_days": 1}):
        with pytest.raises(Invalid):
            change_settings(by=boss, at=NOON, **wrong)
    with pytest.raises(NotAllowed):
        change_settings(by=viewer_of(ana, timezone.now()), at=NOON, session_hours=1)
    assert change_settings(by=boss, at=NOON, time_zone="UTC", session_hours=12, jobs_kept_days=90) == []
    Setting.objects.create(name="session_hours", value="many")
    assert read_house().session_hours == 12


def test_who_is_not_signed_in_is_asked_nothing(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        client.get("/settings/")

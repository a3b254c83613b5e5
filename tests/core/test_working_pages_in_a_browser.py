"""People, jobs, audit log, settings and permissions in a real browser, as the helm meets them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pilothouse.core import people
from pilothouse.core.jobs import enqueue
from pilothouse.core.models import Beat, Job, Person, Revision, Token
from pilothouse.core.permissions import viewer_of
from pilothouse.core.working import Worker
from pilothouse.governance.findings import open_findings
from tests.core import job_kinds
from tests.governance.standing import found, stand_up
from tests.pages import SCREEN, Seen, browsing, faults, look_at

assert job_kinds
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

NAMES = (
    "Grace Whitfield", "Carla Mendes", "Liam Becker", "Dev Sharma", "Ben Okafor", "Finn Tarrow", "Noor Haddad", "Mira Lindqvist",
)  # fmt: skip


@pytest.fixture
def busy(places: dict[str, Any], chief: Any, ana: Any) -> Any:
    """A house at work: people with roles, jobs in every state, some entries."""
    now = timezone.now()
    boss = viewer_of(chief, now)
    roles = (
        "htm_manager",
        "technician",
        "technician",
        "security_analyst",
        "nurse_manager",
        "buyer",
        "auditor",
        "keeper",
    )
    keys = ("NGH", "NGH-ICU", "SGH", "SGH-ED", "NGH-OR", "SGH-ICU", "", "")
    for i, (name, role, key) in enumerate(zip(NAMES, roles, keys, strict=True)):
        login = name.lower().replace(" ", ".")
        one = people.add_person(
            by=boss, at=now, name=name, phone=f"44{30 + i}", pager=f"7{100 + i}", email=f"{login}@example.org"
        )
        place = places.get(key)
        at_unit = place.pk if place and "-" in key else None
        at_facility = place.pk if place and not at_unit else None
        people.grant(one.pk, by=boss, at=now, role=role, facility=at_facility, unit=at_unit)
        if i % 2 == 0:
            people.create_account(one.pk, by=boss, at=now, login=login, password="a long one indeed")
    one = Person.objects.get(name="Liam Becker")
    people.change_person(one.pk, by=boss, at=now, since=one.since, phone="4999", name="Liam J. Becker")
    enqueue("test_count", by=chief, at=now, to=4)
    enqueue("test_refuse", by=chief, at=now)
    enqueue("tidy", by=chief, at=now)
    Worker("w").work_off()
    running = enqueue("test_count", by=chief, at=now, to=12_418)
    Job.objects.filter(pk=running.pk).update(
        state="running", done=8_444, total=12_418, says="8,444 devices, 31 affected so far", started_at=now - timedelta(seconds=13),
        lease_until=now + timedelta(minutes=1), worker="w",
    )  # fmt: skip
    Beat.objects.create(worker="w", at=now, started_at=now - timedelta(hours=3))
    Token.objects.create(
        account=ana.account, name="Scanner at the dock", prefix="ph_4f2a", hashed="x", made_at=now
    )
    return chief


def test_people_look_well(live_server: Any, busy: Any, ana: Any) -> None:
    liam = Person.objects.get(phone="4999")
    look_at(
        live_server, busy, "/people/", "/people/new/", f"/people/{liam.pk}/", f"/people/{ana.pk}/", f"/people/{liam.pk}/edit/",
        f"/people/{liam.pk}/erase/",
    )  # fmt: skip


def test_jobs_look_well(live_server: Any, busy: Any) -> None:
    look_at(
        live_server,
        busy,
        "/jobs/",
        *(f"/jobs/{one.pk}/" for one in Job.objects.filter(kind="test_count").order_by("id")),
    )


def test_the_log_settings_and_permissions_look_well(live_server: Any, busy: Any) -> None:
    entry = Revision.objects.filter(verb="change_person").latest("id")
    look_at(live_server, busy, "/audit/", f"/audit/{entry.pk}/", "/settings/", "/permissions/")


def test_a_running_job_moves_by_itself_and_is_stopped_by_its_button(live_server: Any, busy: Any) -> None:
    one = Job.objects.get(state="running")
    with browsing(live_server, busy) as opened:
        page, _ = opened(f"/jobs/{one.pk}/", SCREEN)
        Job.objects.filter(pk=one.pk).update(done=12_000, says="12,000 devices, 40 affected so far")
        page.get_by_text("12,000 devices").wait_for(timeout=10_000)
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stops at its next step", exact=True).wait_for(timeout=10_000)
    one.refresh_from_db()
    assert one.stop_asked


def test_a_password_to_hand_over_and_a_clash_look_well(live_server: Any, busy: Any) -> None:
    one = Person.objects.get(phone="4999")
    with browsing(live_server, busy) as opened:
        page, _ = opened(f"/people/{one.pk}/edit/", SCREEN)
        people.change_person(one.pk, by=None, at=timezone.now(), since=one.since, phone="4711")
        page.get_by_label("Pager").fill("7999")
        page.get_by_role("button", name="Save person").click()
        page.get_by_text("saved this meanwhile").wait_for()
        assert faults(page, Seen()) == []
        page.goto(f"{live_server.url}/people/{Person.objects.get(name='Carla Mendes').pk}/")
        page.get_by_role("button", name="Let them sign in").click()
        page.get_by_text("Hand this over now").wait_for()
        assert faults(page, Seen()) == []


def test_places_and_somebody_who_left_look_well(live_server: Any, places: dict[str, Any], chief: Any) -> None:
    standing, now = stand_up(places), timezone.now()
    open_findings(None, [found(places)], now)
    nora = standing.people["nora"]
    people.change_person(nora.pk, by=viewer_of(chief, now), at=now, since=nora.since, left=True)
    at = f"/places/facilities/{places['NGH'].pk}/"
    unit = f"/places/units/{places['NGH-ICU'].pk}/"
    look_at(live_server, chief, "/places/", at, f"{at}close/", f"{at}units/new/", unit, f"/people/{nora.pk}/")

"""The pages of exposure, and a finding about an advisory, in a real browser: both themes, screen and phone, nothing that a page may not do."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from pilothouse.core.permissions import viewer_of
from pilothouse.exposure.actions.keeping_up import match
from pilothouse.exposure.actions.naming import decide_name
from pilothouse.governance.models import Finding
from tests.exposure.test_pages import first
from tests.exposure.test_pages import fleet as fleet
from tests.pages import PHONE, SCREEN, browsing, look_at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def lived_in(fleet: list[int], chief: Any) -> list[int]:
    """The fleet with its findings, a name that waits and one that was decided."""
    viewer = viewer_of(chief, timezone.now())
    decide_name(by=viewer, at=timezone.now(), seen="nimbus pump", means="Nimbus 300", decision="different")
    match(by=None, at=timezone.now())
    return fleet


def test_advisories_and_what_they_touch(live_server: Any, lived_in: list[int], chief: Any) -> None:
    look_at(live_server, chief, "/advisories/", f"/advisories/{first().pk}/", f"/advisories/{first().pk}/devices/")  # fmt: skip


def test_names_and_feeds(live_server: Any, lived_in: list[int], chief: Any) -> None:
    look_at(live_server, chief, "/names/", "/advisories/feeds/")


def test_a_house_without_advisories(live_server: Any, chief: Any) -> None:
    look_at(live_server, chief, "/advisories/", "/names/", "/advisories/feeds/", themes=("light",))


def test_a_finding_shows_the_devices_before_files(live_server: Any, lived_in: list[int], chief: Any) -> None:
    number = Finding.objects.get(key="exposure:ICSMA-24-001-01:SGH").pk
    look_at(live_server, chief, f"/findings/{number}/")
    with browsing(live_server, chief) as opened:
        for size in (SCREEN, PHONE):
            page, _ = opened(f"/findings/{number}/", size)
            tops = [page.get_by_role("heading", name=name, exact=True).bounding_box() for name in ("Devices here", "Files")]  # fmt: skip
            assert tops[0] is not None
            assert tops[1] is not None
            assert tops[0]["y"] < tops[1]["y"]

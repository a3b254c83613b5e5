"""The frame: every page has it, it shows a viewer only what is theirs, and nothing inline could run."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from pilothouse.core import ports
from pilothouse.core.as_of import read_as_of
from pilothouse.core.headers import POLICY
from pilothouse.core.models import Setting
from pilothouse.core.permissions import Viewer
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

SOURCE = Path(__file__).resolve().parents[2] / "src" / "pilothouse"


def test_an_unknown_address_is_not_found_in_our_look(ana: Any, client_of: Callable[[Any], Client]) -> None:
    page = client_of(ana).get("/nowhere/at/all/")
    assert page.status_code == 404
    assert "Not found" in page.text
    assert 'class="bar"' in page.text
    assert "Ana" in page.text


def test_who_is_not_signed_in_is_not_told_which_pages_exist() -> None:
    page = Client().get("/nowhere/")
    assert (page.status_code, page.headers["Location"]) == (302, "/sign-in/login/?next=/nowhere/")


def test_every_answer_carries_the_policy(ana: Any, client_of: Callable[[Any], Client]) -> None:
    assert client_of(ana).get("/nowhere/").headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY


def test_the_house_is_named(ana: Any, client_of: Callable[[Any], Client]) -> None:
    Setting.objects.create(name="house", value="Eastmoor <Hospital>")
    assert "Eastmoor &lt;Hospital&gt;" in client_of(ana).get("/nowhere/").text


class _Counts:
    def waiting(self, viewer: Viewer) -> dict[str, int]:
        return {"audit_log": 1234, "review": 0}


def test_numbers_of_the_rooms_stand_in_the_navigation(
    chief: Any, client_of: Callable[[Any], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pilothouse.core import navigation

    monkeypatch.setattr(navigation, "address", lambda page: f"/{page}/")
    monkeypatch.setattr(ports, "counters", [_Counts()])
    page = client_of(chief).get("/audit_log/")
    assert "1,234" in page.text
    assert 'href="/audit_log/" aria-current="page"' in page.text


def test_a_viewer_sees_only_their_own_places_in_the_navigation(
    ana: Any, chief: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pilothouse.core import navigation
    from pilothouse.core.permissions import viewer_of

    monkeypatch.setattr(navigation, "address", lambda page: f"/{page}/")
    mine = {link.text for link in navigation.places(viewer_of(ana, NOW))}
    theirs = {link.text for link in navigation.places(viewer_of(chief, NOW))}
    assert theirs - mine == {"Audit log", "Settings", "Names to confirm"}
    assert not mine - theirs


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("2026-10-02", datetime(2026, 10, 2, 23, 59, 59, 999999, UTC)),
        ("2026-10-02T08:30", datetime(2026, 10, 2, 8, 30, tzinfo=UTC)),
        ("2026-10-02T08:30+02:00", datetime(2026, 10, 2, 6, 30, tzinfo=UTC)),
        ("2026-11-02", None),
        ("2030-01-01", None),
        ("0001-01-01", None),
        ("9999-12-31T23:59-23:59", None),
        ("2026-02-31", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_day_means_its_end_and_only_the_past_can_be_looked_at(text: str, means: datetime | None) -> None:
    assert read_as_of(text, NOW) == means


def test_the_frame_asks_the_same_few_questions_however_much_there_is(
    ana: Any,
    person_with: Callable[..., Any],
    client_of: Callable[[Any], Client],
    django_assert_num_queries: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Session, account, person, roles, the house's choices; the numbers of the rooms are theirs to count."""
    monkeypatch.setattr(ports, "counters", [])
    client = client_of(ana)
    with django_assert_num_queries(5):
        client.get("/nowhere/")
    for number in range(5):
        person_with(f"P{number}", "technician", "NGH")
    with django_assert_num_queries(5):
        client.get("/nowhere/")


def test_the_past_is_told_at_the_head_of_the_page(ana: Any, client_of: Callable[[Any], Client]) -> None:
    page = client_of(ana).get("/kit/?a=1&a=2&as_of=2020-05-06")
    assert "You see <b>Wed 6 May 2020, 23:59</b>" in page.text
    assert 'href="/kit/?a=1&amp;a=2"' in page.text


def test_a_page_of_now_offers_no_other_day_and_says_so_when_asked(
    ana: Any, client_of: Callable[[Any], Client]
) -> None:
    assert "As of now" in client_of(ana).get("/kit/").text
    assert "As of" not in client_of(ana).get("/account/").text
    page = client_of(ana).get("/account/?as_of=2020-05-06").text
    assert "This page is always as it is now; it cannot show Wed 6 May 2020, 23:59." in page


def test_no_template_holds_a_style_or_script_of_its_own() -> None:
    """The report on plain files seals its own style: its pages lie deeper, its two parts of the kit are named here."""
    inline = re.compile(
        r"\sstyle=|<style|\son(?!e\b)[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE
    )
    report = {"kit/page.html", "kit/grid.html"}
    found = [
        path
        for path in SOURCE.glob("*/templates/**/*.html")
        if "/".join(path.parts[-2:]) not in report and inline.search(path.read_text("utf-8"))
    ]
    assert found == []

"""The helm's page, one's own page and the search: what waits, for whom, in a constant number of queries."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pilothouse.core.permissions import house_viewer
from pilothouse.governance.findings import Found, open_findings
from pilothouse.home import watch
from pilothouse.imports import runs
from tests.conftest import NOW
from tests.intake.test_importing import CMMS

pytestmark = pytest.mark.django_db


def _found(n: int, places: dict[str, Any], key: str = "k") -> None:
    at = timezone.now()
    told = [
        Found(kind="inventory", key=f"{key}{i}", title=f"Device {i} has no unit", subject=f"equipment:{i}", topic="inventory", facility=places["NGH"].pk, unit=None, severity="high", due_at=at + timedelta(days=i), detail={})
        for i in range(n)
    ]  # fmt: skip
    open_findings(None, told, at)


def test_the_helm_sees_what_waits_and_for_whom(
    chief: Any, places: dict[str, Any], client_of: Callable[[Any], Any]
) -> None:
    _found(3, places)
    page = client_of(chief).get("/").content.decode()
    assert "3 questions" in page
    assert "Device 1 has no unit" in page
    assert "Take the next question" in page


def test_who_sees_nothing_of_it_is_told_of_nothing(
    chief: Any, ben: Any, places: dict[str, Any], client_of: Callable[[Any], Any]
) -> None:
    _found(2, places)
    page = client_of(ben).get("/").content.decode()
    assert "No question is open" in page
    assert "has no unit" not in page


def test_the_wall_shows_what_may_be_seen_and_notes_nobodys_look(
    chief: Any, ben: Any, places: dict[str, Any], client_of: Callable[[Any], Any]
) -> None:
    _found(9, places)
    client = client_of(chief)
    page = client.get("/wall/").text
    assert "9 questions" in page
    assert "and 2 more questions" in page
    assert "Chief" in page
    chief.account.refresh_from_db()
    assert watch.SEEN not in chief.account.choices
    assert "has no unit" not in client_of(ben).get("/wall/").text
    part = Client().get("/wall/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/wall/"})
    assert part.headers["HX-Redirect"] == "/sign-in/login/?next=/wall/"


def test_the_pages_cost_the_same_however_much_waits(
    chief: Any,
    places: dict[str, Any],
    client_of: Callable[[Any], Any],
    django_assert_num_queries: Any,
    django_assert_max_num_queries: Any,
) -> None:
    client = client_of(chief)
    for address, most in (("/", 40), ("/wall/", 25), ("/my-work/", 25), ("/search/?q=device", 25)):
        _found(2, places, f"a{address}")
        client.get(address)
        with django_assert_max_num_queries(most) as few:
            client.get(address)
        few_queries = few.final_queries - few.initial_queries
        _found(40, places, f"b{address}")
        client.get(address)
        with django_assert_num_queries(few_queries):
            client.get(address)


def test_an_empty_house_shows_the_way_to_the_first_finding(
    chief: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(chief)
    assert "From two files to the first owned finding" in client.get("/").content.decode()
    by = house_viewer(chief)
    source = runs.make_source(key="cmms", kind="cmms", by=by, at=NOW)
    runs.apply(runs.begin(source, io.BytesIO(CMMS.encode()), "cmms.csv", by=by, at=NOW), by=by, at=NOW)
    assert [step.done for step in watch.way(by)][:2] == [False, True]


def test_what_changed_is_told_since_the_last_look_and_goes_on_being_told_for_an_hour(chief: Any) -> None:
    choices: dict[str, Any] = {}
    for hours, expected in ((0, None), (0.5, None), (5, 0), (5.5, 0), (9, 5)):
        at = NOW + timedelta(hours=hours)
        watch.note_seen(chief, at, choices)
        choices = chief.account.choices
        assert watch.last_seen(choices) == (None if expected is None else NOW + timedelta(hours=expected))


def test_the_weeks_count_what_was_open_at_the_end_of_each(chief: Any, places: dict[str, Any]) -> None:
    """Against a plain count, with openings and closings on, before and after the ends of weeks."""
    from pilothouse.governance.models import Finding
    from pilothouse.kernel.times import OPEN, as_instant

    _found(24, places)
    at = timezone.now()
    ends = [as_instant(at - timedelta(weeks=back)) for back in range(watch.WEEKS - 1, -1, -1)]
    turns = [ends[0] - 1, ends[0], ends[0] + 1, ends[3], ends[5] - 1, ends[-2], ends[-1]]
    spans = [(a, b) for a in turns for b in (*turns, OPEN) if a < b][:24]
    for row, (opened, closed) in zip(Finding.objects.order_by("pk"), spans, strict=True):
        Finding.objects.filter(pk=row.pk).update(
            opened_at=opened, closed_at=closed, state="open" if closed == OPEN else "resolved"
        )
    chart = watch._weeks(house_viewer(chief), at)
    assert chart is not None
    plain = [str(sum(opened <= end < closed for opened, closed in spans)) for end in ends]
    assert [row[chart.heads.index("high")] for row in chart.rows] == plain

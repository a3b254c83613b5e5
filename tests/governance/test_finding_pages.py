"""The pages of findings: what is hidden is not found, every form answers, and the number of queries stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pilothouse.core import ports
from pilothouse.core.keeping import writing
from pilothouse.core.models import Account
from pilothouse.core.permissions import viewer_of
from pilothouse.governance import models as m
from pilothouse.governance.findings import catch_up, open_findings, working
from tests.conftest import NOW
from tests.governance.standing import Standing, found, stand_up

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def standing(places: dict[str, Any]) -> Standing:
    """The small chain with one finding at NGH-ICU."""
    standing = stand_up(places)
    open_findings(
        None,
        [found(places, due_at=NOW + 60 * DAY, detail={"why": "Exposed", "facts": [["EPSS", "0.4 %"]]})],
        NOW,
    )
    return standing


def only() -> Any:
    """The first finding."""
    return m.Finding.objects.order_by("id").first()


def words_of(response: Any) -> str:
    """The page's text."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def seen() -> dict[str, Any]:
    """What each form holds besides."""
    return {"seen": only().since}


def queries(client: Any, url: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(
        connection,
    ) as counted:
        assert client.get(url).status_code == 200
    return len(counted)


def test_the_list_names_the_finding_its_owner_and_its_clock(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    told = words_of(client_of(chief).get("/findings/"))
    assert "Pumps are exposed to CVE-1" in told
    assert "Iris" in told
    assert "Security analyst" in told


def test_titles_are_sentences_whoever_finds(places: dict[str, Any], standing: Standing) -> None:
    open_findings(None, [found(places, "2", title="the roster  ends soon.")], NOW)
    assert m.Finding.objects.get(key="2").title == "The roster ends soon"


def test_an_empty_list_teaches_the_first_step_and_explains_no_marks(
    places: dict[str, Any], chief: Any, client_of: Callable[[Any], Any]
) -> None:
    page = client_of(chief).get("/findings/").content.decode()
    assert "First import a list of equipment" in page
    assert 'href="/sources/"' in page
    assert "time used" not in page


def test_a_list_whose_findings_are_all_settled_says_so(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    working.resolve(viewer_of(chief, NOW), only().pk, evidence="Patched", at=NOW)
    page = client_of(chief).get("/findings/").content.decode()
    assert "Nothing is open" in page
    assert 'href="/findings/?state=resolved"' in page


def test_the_list_hides_what_lies_elsewhere_and_shows_what_one_owns(
    standing: Standing, places: dict[str, Any], ben: Any, client_of: Callable[[Any], Any]
) -> None:
    url = f"/findings/{only().pk}/"
    client = client_of(ben)
    assert "CVE-1" not in words_of(client.get("/findings/"))
    assert b"CVE-1" not in b"".join(client.get("/findings/?export=csv&all=1").streaming_content)
    assert client.get(url).status_code == 404
    iris = standing.people["iris"]
    Account.objects.create_user("iris", password=None, person=iris)
    assert client_of(iris).get(url).status_code == 200
    assert "CVE-1" in words_of(client_of(iris).get("/findings/?owner=me"))


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("", True), ("severity=high", True), ("severity=low", False), ("severity=nonsense", False), ("state=resolved", False),
        ("state=open&state=snoozed", True), ("owner=me", False), ("owner=x", False), ("owner=99999999999999999999", False),
        ("kind=exposure", True), ("topic=recall", False), ("clock=overdue", False), ("clock=none", False), ("place=system", False),
        ("place=f1", True), ("place=u1", True), ("place=u2", False), ("place=zz", False), ("opened.from=2026-11-02", True),
        ("opened.to=2026-11-01", False), ("opened.from=never", False), ("q=pumps", True), ("q=%25", False), ("sort=-severity", True),
        ("sort=owner", True), ("after=rubbish", True),
    ],
)  # fmt: skip
def test_filters_find_and_nonsense_finds_nothing(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any], query: str, fits: bool
) -> None:
    response = client_of(chief).get(f"/findings/?{query}")
    assert response.status_code == 200
    assert ("exposed to CVE-1" in words_of(response)) is fits


def test_the_panel_offers_what_there_is(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    told = words_of(client_of(chief).get("/findings/?panel=filters"))
    for word in ("Iris", "Exposure", "Cybersecurity", "ICU of NGH, NGH hospital", "Overdue"):
        assert word in told


def test_the_export_is_what_the_filter_finds(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    body = b"".join(
        client_of(chief).get("/findings/?export=csv&all=1&severity=high").streaming_content
    ).decode()
    assert body.count("\n") == 2
    assert "F-" in body


def test_the_page_says_what_why_whose_and_until_when(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    told = words_of(client_of(chief).get(f"/findings/{only().pk}/"))
    for part in ("Pumps are exposed to CVE-1", "EPSS", "0.4 %", "Exposed.", "Holds the office", "Next in line", "Nora", "Opened. Iris answers, as Security analyst."):  # fmt: skip
        assert part in told, part
    assert "it stays with Iris" in told


def test_every_form_of_the_page_does_its_deed_and_can_be_undone(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(chief)
    number = only().pk
    day = (timezone.localdate() + 3 * DAY).isoformat()
    deeds = [
        ("assign", {"to": "Sam"}, "Sam"), ("hand-back", {}, "Iris"), ("comment", {"text": "Asked the maker"}, "Asked the maker"),
        ("snooze", {"until": day, "reason": "Wait for the patch"}, "Snoozed until"), ("wake", {}, "took it up again"),
        ("severity", {"severity": "low", "reason": "Off the network"}, "set by hand"), ("resolve", {"evidence": "Patched"}, "Patched"),
        ("reopen", {"reason": "It came back"}, "It came back"),
    ]  # fmt: skip
    for deed, sent, expected in deeds:
        response = client.post(f"/findings/{number}/{deed}/", {**seen(), **sent}, follow=True)
        assert response.status_code == 200, deed
        assert expected in words_of(response), deed
        assert "Undo" in words_of(response), deed
    undo = re.findall(rf'action="(/findings/{number}/undo/\d+/)"', response.content.decode())
    told = words_of(client.post(undo[-1], follow=True))
    assert "Undone" in told
    assert only().state == "resolved"
    assert "has been changed since" in words_of(client.post(undo[-1], follow=True))


def test_a_comment_is_taken_back_by_its_undo(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    client = client_of(chief)
    response = client.post(f"/findings/{only().pk}/comment/", {"text": "Oops"}, follow=True)
    undo = re.findall(r'action="(/findings/\d+/comments/\d+/undo/)"', response.content.decode())
    assert "Oops" not in words_of(client.post(undo[0], follow=True))


@pytest.mark.parametrize(
    ("deed", "sent", "status", "expected"),
    [
        ("assign", {"to": "Nobody Atall"}, 422, "Nobody here is called Nobody Atall"),
        ("assign", {}, 422, "required"),
        ("snooze", {"until": "2020-01-01", "reason": "x"}, 422, "after today"),
        ("snooze", {"until": "9999-12-31", "reason": "x"}, 422, "after today"),
        ("snooze", {"until": "soon", "reason": "x"}, 422, "valid date"),
        ("resolve", {"evidence": " "}, 422, "required"),
        ("resolve", {"evidence": "x" * 10_001}, 422, "10000"),
        ("severity", {"severity": "grave", "reason": "x"}, 422, "grave"),
        ("reopen", {"reason": "x"}, 409, "open already"),
        ("wake", {}, 409, "not snoozed"),
        ("hand-back", {}, 409, "not assigned"),
        ("resolve", {"evidence": "x", "seen": "1"}, 409, "changed this finding"),
        ("resolve", {"evidence": "x", "seen": "no"}, 422, "whole number"),
        ("dance", {}, 404, "Not found"),
    ],
)
def test_what_cannot_be_done_says_why_and_keeps_what_was_typed(
    standing: Standing,
    chief: Any,
    client_of: Callable[[Any], Any],
    deed: str,
    sent: dict[str, str],
    status: int,
    expected: str,
) -> None:
    response = client_of(chief).post(f"/findings/{only().pk}/{deed}/", {**seen(), **sent})
    assert response.status_code == status
    assert expected in words_of(response)
    assert only().state == "open"


def test_texts_are_never_markup(
    standing: Standing, places: dict[str, Any], chief: Any, client_of: Callable[[Any], Any]
) -> None:
    evil = "<script>alert(1)</script>"
    open_findings(None, [found(places, "x", title=evil, detail={"why": evil, "facts": [[evil, evil]]})], NOW)
    working.comment(viewer_of(chief, NOW), m.Finding.objects.get(key="x").pk, text=evil, at=NOW)
    client = client_of(chief)
    for url in ("/findings/", f"/findings/{m.Finding.objects.get(key='x').pk}/", "/findings/?q=%3Cscript%3E"):
        assert evil not in client.get(url).content.decode()


@pytest.mark.parametrize(
    "url", ["/findings/999/", "/findings/99999999999999999999/", "/findings/-1/", "/findings/x/"]
)
def test_what_is_not_there_is_not_found(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any], url: str
) -> None:
    assert client_of(chief).get(url).status_code == 404


def test_a_reader_sees_no_buttons(
    standing: Standing, person_with: Callable[..., Any], client_of: Callable[[Any], Any]
) -> None:
    client = client_of(person_with("Aud", "auditor"))
    page = client.get(f"/findings/{only().pk}/")
    assert "<form" not in page.content.decode().split('id="main"')[1].split("</main>")[0]
    assert client.post(f"/findings/{only().pk}/comment/", {"text": "x"}).status_code == 403


def test_the_past_is_shown_as_it_was_recorded_and_without_buttons(
    standing: Standing, chief: Any, client_of: Callable[[Any], Any]
) -> None:
    working.resolve(viewer_of(chief, NOW), only().pk, evidence="Patched", at=NOW + 3 * DAY)
    client = client_of(chief)
    then, url = "as_of=2026-11-03", f"/findings/{only().pk}/"
    assert "exposed to CVE-1" in words_of(client.get(f"/findings/?{then}"))
    assert "exposed to CVE-1" not in words_of(client.get("/findings/"))
    page = client.get(f"{url}?{then}")
    assert "Patched" not in words_of(page)
    assert 'action="/findings/' not in page.content.decode()
    assert client.get(f"{url}?as_of=2026-10-01").status_code == 404


def test_the_number_of_queries_does_not_grow(
    standing: Standing,
    places: dict[str, Any],
    chief: Any,
    client_of: Callable[[Any], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The navigation's numbers are counted apart: tests/core/test_counters.py."""
    monkeypatch.setattr(ports, "counters", [])
    client, url = client_of(chief), f"/findings/{only().pk}/"
    catch_up(timezone.now())
    for warm in ("/findings/", url):
        client.get(warm)
    few = (queries(client, "/findings/"), queries(client, url))
    open_findings(None, [found(places, str(n), "SGH-ED") for n in range(60)], NOW)
    viewer = viewer_of(chief, NOW)
    for n in range(12):
        working.comment(viewer, only().pk, text=f"{n}", at=NOW)
        working.change_severity(viewer, only().pk, severity=("low", "high")[n % 2], reason="x", at=NOW)
    with writing(by=None, at=NOW, verb="appoint") as w:
        for one in standing.people.values():
            w.save(m.Appointment(person=one, position=standing.positions["HTM"], kind="deputy", rank=9))
    catch_up(timezone.now())
    assert (queries(client, "/findings/"), queries(client, url)) == few
    assert few[0] <= 12
    assert few[1] <= 28

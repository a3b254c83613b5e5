"""The pages of exposure: numbers within one's own part, a constant number of queries, closed to whom they are not for."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pilothouse.core.models import Job
from pilothouse.core.permissions import viewer_of
from pilothouse.exposure.actions.matching import match_devices
from pilothouse.exposure.actions.syncing import sync_from_folder
from pilothouse.exposure.models import Advisory, Candidate, NameDecision
from pilothouse.exposure.panels import DevicePanel
from pilothouse.exposure.search import Finder
from tests.conftest import NOW
from tests.exposure.house import add_devices, change_device, csaf, folder_of

pytestmark = pytest.mark.django_db

PUMP = {"maker": "Acme Inc.", "model": "Nimbus 300", "name": "Infusion pump"}


@pytest.fixture
def fleet(places: dict[str, Any], settings: Any, tmp_path: Path) -> list[int]:
    """Two pumps at NGH (affected, not affected), two at SGH (affected, possible), one with a slip in its name."""
    settings.MEDIA_ROOT = tmp_path / "files"
    folder = folder_of(tmp_path / "in", csaf(), csaf("A-2", ("Cirrus 9", "<= 2.0", "P1"), title="Cirrus <b>monitors</b>"), csaf("A-3", ("Nimbus 300", "vers:all/*", "P1"), title="Nimbus again"), kev=("CVE-2024-0001",), epss={"CVE-2024-0001": "0.0123"})  # fmt: skip
    sync_from_folder(folder, by=None, at=NOW)
    ids = add_devices(
        [
            {**PUMP, "tag": "NGH-1", "firmware": "1.5", "at": "NGH-ICU"},
            {**PUMP, "tag": "NGH-2", "firmware": "3.0", "at": "NGH-OR"},
            {**PUMP, "tag": "SGH-1", "firmware": "1.5", "at": "SGH-ICU"},
            {**PUMP, "tag": "SGH-2", "at": "SGH"},
            {**PUMP, "tag": "SGH-3", "model": "Nimbsu 300", "at": "SGH"},
        ],
        places,
    )
    match_devices(by=None, at=NOW)
    return ids


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def say(answer: Any) -> str:
    """The opening sentence."""
    found = re.search(r'<p class="say">(.*?)</p>', answer.content.decode(), re.DOTALL)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", found[1])).strip()


def queries_of(client: Any, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as told:
        assert client.get(path).status_code == 200
    return len(told)


def first() -> Advisory:
    return Advisory.objects.get(tracking="ICSMA-24-001-01")


def test_the_list_counts_within_ones_own_part(fleet: list[int], chief: Any, ana: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    everywhere = say(client_of(chief).get("/advisories/"))
    assert everywhere == "2 advisories of 3 touch devices here: 4 devices affected, 0 more may be. 2 of these are known to be exploited."  # fmt: skip
    assert "2 devices affected" in say(client_of(ana).get("/advisories/?sort=tracking"))


def test_a_filter_of_the_list_finds(fleet: list[int], chief: Any, client_of: Callable[..., Any]) -> None:
    client = client_of(chief)
    here = client.get("/advisories/?here=affected").content.decode()
    assert "ICSMA-24-001-01" in here
    assert ">A-2<" not in here
    assert ">A-2<" in client.get("/advisories/?here=none").content.decode()
    assert "A-2" in client.get("/advisories/?q=cirrus").content.decode()
    assert "ICSMA-24-001-01" in client.get("/advisories/?cve=2024-0001&severity=critical&kev=yes").content.decode()  # fmt: skip
    assert client.get("/advisories/?export=csv").status_code == 200


def test_an_advisory_says_what_it_touches_and_why(fleet: list[int], chief: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    told = text_of(client_of(chief).get(f"/advisories/{first().pk}/"))
    assert say(client_of(chief).get(f"/advisories/{first().pk}/")) == "2 devices here are affected, 1 more may be; 1 named is not."  # fmt: skip
    assert "The advisory names only versions up to 2.0; this is 3.0" in told
    assert "Somebody near could change a dose." in told
    assert "The maker's fix" in told or "The maker&#x27;s fix" in told
    assert "A-3 says something else of 2 devices." in told


def test_an_advisory_counts_within_ones_own_part(fleet: list[int], ana: Any, ben: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    path = f"/advisories/{first().pk}/"
    assert say(client_of(ana).get(path)) == "1 device here is affected; 1 named is not."
    assert say(client_of(ben).get(path)) == "1 device here is affected."


def test_devices_are_listed_within_ones_own_part(fleet: list[int], chief: Any, ana: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    path = f"/advisories/{first().pk}/devices/"
    assert "SGH-1" in text_of(client_of(chief).get(path))
    for query in ("", "?q=SGH", "?answer=affected", "?export=csv"):
        answer = client_of(ana).get(f"{path}{query}")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"SGH-1" not in content


def test_words_of_strangers_are_only_words(fleet: list[int], chief: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    client = client_of(chief)
    page = client.get(f"/advisories/{Advisory.objects.get(tracking='A-2').pk}/").content.decode()
    assert "<b>monitors</b>" not in page
    assert "javascript:alert" not in page
    assert "<b>monitors</b>" not in client.get("/advisories/").content.decode()


def test_a_buyer_finds_nothing_there(fleet: list[int], person_with: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    client = client_of(person_with("Bea", "buyer"))
    number = first().pk
    for path in ("/advisories/", f"/advisories/{number}/", f"/advisories/{number}/devices/", "/advisories/feeds/", "/names/"):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert client.post("/advisories/sync/").status_code == 404
    assert client.post("/names/decide/", {}).status_code == 404


def test_what_is_not_there_is_not_found(fleet: list[int], chief: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    client = client_of(chief)
    for path in ("/advisories/999999/", "/advisories/999999/devices/", "/advisories/99999999999999999999/"):
        assert client.get(path).status_code == 404, path
    assert client.post("/names/999999/undo/").status_code == 404


def test_pages_cost_the_same_for_few_and_many(fleet: list[int], chief: Any, places: dict[str, Any], client_of: Callable[..., Any], tmp_path: Path) -> None:  # fmt: skip
    client, number = client_of(chief), first().pk
    paths = ("/advisories/", f"/advisories/{number}/", f"/advisories/{number}/devices/", "/names/", "/advisories/feeds/")  # fmt: skip
    before = {path: queries_of(client, path) for path in paths}
    many = [csaf(f"M-{n}", ("Nimbus 300", f"<= {n}.0", "P1"), cves=("CVE-2024-0001", f"CVE-2025-{1000 + n}")) for n in range(30)]  # fmt: skip
    sync_from_folder(folder_of(tmp_path / "many", *many), by=None, at=NOW)
    add_devices([{**PUMP, "tag": f"T{n}", "model": f"Nimb{'su' if n % 2 else 'us'} 300 {'x' * (n % 5)}", "firmware": f"{n % 7}.{n}", "at": "SGH-ED"} for n in range(60)], places)  # fmt: skip
    match_devices(by=None, at=NOW)
    assert {path: queries_of(client, path) for path in paths} == before
    assert max(before.values()) <= 22, before


def test_a_device_tells_its_answers_and_how_they_changed(fleet: list[int], chief: Any) -> None:
    viewer, panel = viewer_of(chief, NOW), DevicePanel()
    (block,) = panel.panels(viewer, fleet[0], None)
    assert block.context["said"] == "2 advisories name it: 2 affected"
    assert [line.status for line in block.context["lines"]] == ["affected", "affected"]
    change_device(fleet[0], firmware="3.0")
    match_devices(by=None, at=NOW + timedelta(hours=1))
    (block,) = panel.panels(viewer, fleet[0], None)
    assert block.context["said"] == "2 advisories name it: 1 affected"
    moments = panel.timeline(viewer, fleet[0])
    assert moments[0].text.startswith("ICSMA-24-001-01: not affected, was affected. The advisory names only versions up to 2.0")  # fmt: skip


def test_a_device_as_it_was(fleet: list[int], chief: Any) -> None:
    from pilothouse.core.keeping import revision_at

    viewer, panel = viewer_of(chief, NOW), DevicePanel()
    then = revision_at(NOW)
    from pilothouse.core.models import Revision

    last = Revision.objects.order_by("-id").values_list("id", flat=True)[0]
    assert then == last
    change_device(fleet[0], firmware="9.0", model="Other thing")
    match_devices(by=None, at=NOW + timedelta(hours=1), whole=True)
    (now,) = panel.panels(viewer, fleet[0], None)
    assert now.context["said"] == "no advisory names this device"
    (block,) = panel.panels(viewer, fleet[0], then)
    assert block.context["said"] == "2 advisories name it: 2 affected"
    (before,) = panel.panels(viewer, fleet[0], 1)
    assert before.context["told"].lines == ()


def test_a_devices_panel_costs_the_same_for_few_and_many(fleet: list[int], chief: Any, tmp_path: Path) -> None:  # fmt: skip
    viewer, panel = viewer_of(chief, NOW), DevicePanel()

    def cost() -> int:
        with CaptureQueriesContext(connection) as told:
            panel.panels(viewer, fleet[0], None)
            panel.timeline(viewer, fleet[0])
        return len(told)

    before = cost()
    many = [csaf(f"M-{n}", ("Nimbus 300", "vers:all/*", "P1")) for n in range(30)]
    sync_from_folder(folder_of(tmp_path / "many", *many), by=None, at=NOW)
    match_devices(by=None, at=NOW)
    assert cost() == before <= 12


def test_the_list_and_an_advisory_as_they_were(fleet: list[int], chief: Any, ana: Any, tmp_path: Path, client_of: Callable[..., Any]) -> None:  # fmt: skip
    later = csaf(version="2", released="2024-05-01T00:00:00Z", title="Renamed since")
    sync_from_folder(folder_of(tmp_path / "later", later, csaf("A-9")), by=None, at=NOW + timedelta(days=2))
    for number in fleet:
        change_device(number, model="Other thing")
    match_devices(by=None, at=NOW + timedelta(days=2), whole=True)
    client, path = client_of(chief), f"/advisories/{first().pk}/"
    assert "No device here bears a name" in text_of(client.get(path))
    day = "?as_of=2026-11-02T09:00:00Z"
    told = text_of(client.get(f"{path}{day}"))
    assert "Nimbus infusion pumps" in told
    assert "Renamed since" not in told
    assert say(client.get(f"{path}{day}")) == "2 devices here are affected, 1 more may be; 1 named is not."
    assert say(client_of(ana).get(f"{path}{day}")) == "1 device here is affected; 1 named is not."
    listed = client.get(f"/advisories/{day}&sort=tracking").content.decode()
    assert "A-9" not in listed
    assert "Nimbus infusion pumps" in listed
    assert client.get(f"/advisories/{day}&here=affected&kev=yes&q=nimbus&severity=critical&sort=-released").status_code == 200  # fmt: skip
    unknown = Advisory.objects.get(tracking="A-9").pk
    assert client.get(f"/advisories/{unknown}/{day}").status_code == 404
    assert client.get(f"{path}devices/{day}").status_code == 302


def test_advisories_are_found_by_number_cve_and_words(fleet: list[int], chief: Any, person_with: Any) -> None:  # fmt: skip
    viewer, finder = viewer_of(chief, NOW), Finder()
    assert [hit.title for hit in finder.find(viewer, "icsma-24-001", 8)] == ["ICSMA-24-001-01"]
    assert finder.find(viewer, "nimbus", 8)[0].detail == "Nimbus again, 4 devices affected"
    assert len(finder.find(viewer, "CVE-2024-0001", 8)) == 3
    assert finder.find(viewer, "xy", 8) == []
    assert finder.find(viewer_of(person_with("Bea", "buyer"), NOW), "nimbus", 8) == []


def test_a_name_is_decided_in_the_browser_and_taken_back(fleet: list[int], chief: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    client, one = client_of(chief), Candidate.objects.order_by("id")[0]
    page = text_of(client.get("/names/"))
    assert "Nimbsu 300" in page
    assert "1 device here that bears this name" in page
    answer = client.post("/names/decide/", {"seen": one.seen, "means": one.means, "decision": "same", "devices": "1"})  # fmt: skip
    assert answer["Location"] == "/names/"
    told = text_of(client.get("/names/"))
    assert "nimbsu 300 is Nimbus 300: counts for 1 device" in told
    assert "No name waits for a decision" in told
    assert Job.objects.filter(kind="match_devices", state="queued").exists()
    assert client.post(f"/names/{NameDecision.objects.get().pk}/undo/").status_code == 302
    assert NameDecision.objects.count() == 0


def test_a_skipped_name_comes_back_at_the_end(fleet: list[int], chief: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    page = client_of(chief).get("/names/?skip=1.2.3.x.99999999999999999999&name=abc")
    assert "Nimbsu 300" in text_of(page)


def test_nonsense_in_a_decision_is_told(fleet: list[int], chief: Any, client_of: Callable[..., Any]) -> None:
    answer = client_of(chief).post("/names/decide/", {"seen": "x", "means": "", "decision": "same"})
    assert answer.status_code in (400, 422)


def test_a_manager_of_one_facility_is_told_that_a_name_counts_for_all(fleet: list[int], person_with: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    answer = client_of(person_with("Dora", "htm_manager", "NGH")).get("/names/")
    assert answer.status_code == 403


def test_a_file_is_sent_in_the_browser(fleet: list[int], chief: Any, ana: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    file = io.BytesIO(json.dumps(csaf("A-7")).encode())
    answer = client_of(chief).post("/advisories/feeds/", {"file": SimpleUploadedFile("a.json", file.getvalue())})  # fmt: skip
    assert answer["Location"].startswith("/jobs/")
    assert client_of(chief).post("/advisories/feeds/", {})["Location"] == "/advisories/feeds/"
    assert client_of(ana).post("/advisories/feeds/", {"file": SimpleUploadedFile("a.json", b"{}")}).status_code == 403  # fmt: skip


def test_syncing_now_needs_leave_to_ask(fleet: list[int], chief: Any, ana: Any, settings: Any, client_of: Callable[..., Any]) -> None:  # fmt: skip
    settings.FEEDS_ONLINE = False
    assert client_of(chief).post("/advisories/sync/").status_code == 422
    settings.FEEDS_ONLINE = True
    assert client_of(chief).post("/advisories/sync/")["Location"].startswith("/jobs/")
    assert client_of(ana).post("/advisories/sync/").status_code == 403
    assert "Sync now" in client_of(chief).get("/advisories/").content.decode()
    assert "Sync now" not in client_of(ana).get("/advisories/").content.decode()


def test_a_findings_page_tells_its_devices_within_ones_own_part(fleet: list[int], places: dict[str, Any], chief: Any, ana: Any) -> None:  # fmt: skip
    from pilothouse.exposure.about import About

    detail = {"facility": places["NGH"].pk, "epss": "0.0123"}
    devices, where = About().blocks(viewer_of(chief, NOW), "exposure", first().pk, detail)
    assert devices.context["said"] == "1 affected, 1 named and not affected. Probability of exploitation within 30 days: 1\N{NO-BREAK SPACE}%"  # fmt: skip
    assert where.context["places"] == [("ICU of NGH", 1, 160)]
    (none,) = About().blocks(viewer_of(ana, NOW), "exposure", first().pk, {"facility": places["SGH"].pk})
    assert none.context["kinds"] == []
    subject = About().subject(viewer_of(chief, NOW), "advisory", first().pk)
    assert subject is not None
    assert subject.name == "ICSMA-24-001-01 Nimbus infusion pumps"
    assert About().subject(viewer_of(chief, NOW), "advisory", 99) is None

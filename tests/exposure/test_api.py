"""The API of names and feeds: decisions as on the page, a job that asks no address but the operator's, nothing for who may not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pilothouse.core.models import Job
from pilothouse.core.working import Worker
from pilothouse.exposure.models import Advisory, Candidate, NameDecision
from tests.api.conftest import caller as caller
from tests.api.conftest import fresh_minute as fresh_minute
from tests.exposure.house import csaf
from tests.exposure.peer import Peer
from tests.exposure.test_naming import asked as asked
from tests.exposure.test_naming import worst
from tests.exposure.test_syncing import peer as peer

pytestmark = pytest.mark.django_db


def test_a_name_is_decided_on_once_for_all_devices_and_taken_back(
    asked: Candidate, chief: Any, caller: Any
) -> None:
    mine = caller(chief)
    (one,) = mine.get("names").json()["items"]
    assert (one["seen"], one["means"], one["devices"]) == ("nimbsu 300", "Nimbus 300", 2)
    body = {"seen": one["seen"], "means": one["means"], "decision": "same"}
    made = [mine.post("names/decisions", body).json() for _ in range(2)]
    assert made[0] == made[1]
    assert (made[0]["decision"], made[0]["decided_by"]) == ("same", chief.pk)
    Worker("w").work_off()
    assert worst() == [3, 3, 0]
    assert mine.get("names").json()["items"] == []
    assert [row["id"] for row in mine.get("names/decisions").json()["items"]] == [made[0]["id"]]
    path = f"names/decisions/{made[0]['id']}/take-back"
    assert mine.post(path).json() == {"seen": one["seen"], "means": one["means"]}
    assert mine.post(path).status_code == 404
    Worker("w").work_off()
    assert worst() == [0, 0, 0]
    assert [row["seen"] for row in mine.get("names").json()["items"]] == ["nimbsu 300"]


def test_names_are_for_who_may_decide_for_every_facility(
    asked: Candidate, person_with: Any, ben: Any, caller: Any
) -> None:
    body = {"seen": asked.seen, "means": asked.means, "decision": "same"}
    for person, status in ((person_with("Cem", "htm_manager", "NGH"), 403), (ben, 404)):
        mine = caller(person)
        assert [mine.get("names").status_code, mine.get("names/decisions").status_code] == [status, status]
        assert mine.post("names/decisions", body).status_code == status
    assert not NameDecision.objects.exists()


def test_a_sync_is_a_job_that_asks_the_operators_addresses_alone(peer: Peer, chief: Any, caller: Any) -> None:
    mine = caller(chief)
    job = mine.post("feeds/sync", {"url": "https://elsewhere.example/x"})
    again = mine.post("feeds/sync?url=https://elsewhere.example/x")
    assert (job.status_code, again.json()) == (202, job.json())
    Worker("w").work_off()
    told = mine.get(f"jobs/{job.json()['job']}").json()
    assert (told["state"], told["result"]["new"]) == ("done", 2), told
    assert Advisory.objects.count() == 2
    feeds = mine.get("feeds").json()
    assert feeds["online"] is True
    assert [(one["key"], one["url"].startswith(peer.url), one["problem"]) for one in feeds["feeds"]] == [("csaf 1", True, ""), ("kev", True, ""), ("epss", True, "")]  # fmt: skip


def test_nobody_outside_is_asked_where_the_operator_does_not_allow_it(
    peer: Peer, chief: Any, caller: Any, settings: Any
) -> None:
    settings.FEEDS_ONLINE = False
    told = caller(chief).post("feeds/sync")
    assert (told.status_code, "PILOTHOUSE_ONLINE" in told.json()["detail"]) == (422, True)
    assert not Job.objects.filter(kind="sync_advisories").exists()


def test_a_file_is_taken_by_a_job(chief: Any, caller: Any, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    mine = caller(chief)
    file = SimpleUploadedFile("a\x00.json", json.dumps(csaf("A-9")).encode(), "application/json")
    told = mine.client.post(
        "/api/v1/feeds/files", {"file": file}, headers={"Authorization": f"Bearer {mine.plain}"}
    )
    assert told.status_code == 202, told.content
    Worker("w").work_off()
    assert mine.get(f"jobs/{told.json()['job']}").json()["result"]["new"] == 1


def test_who_only_reads_advisories_syncs_nothing(peer: Peer, ana: Any, ben: Any, caller: Any) -> None:
    assert caller(ben).get("feeds").status_code == 200
    assert caller(ana).post("feeds/sync").status_code == 403
    assert caller(ana, "see_equipment").get("feeds").status_code == 404
    assert peer.asked == []

"""Each room by API, once along its main way: a file in, a finding worked on, an advisory's devices, jobs, audit, search."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(places: dict[str, Any], chief: Any) -> World:
    return build(places, chief)


def test_the_rooms_answer(world: World, chief: Any, caller: Any) -> None:
    mine, seen = caller(chief), world.hidden
    paths = [
        "equipment", f"equipment/{seen['equipment']}", f"equipment/{seen['equipment']}/claims", f"equipment/{seen['equipment']}/history",
        f"equipment/{seen['equipment']}/exposures", "findings", f"findings/{seen['finding']}", "advisories",
        f"advisories/{seen['advisory']}", f"advisories/{seen['advisory']}/devices", "sources", f"sources/{seen['source']}",
        f"sources/{seen['source']}/runs", f"runs/{seen['run']}", f"runs/{seen['run']}/rejected", f"runs/{seen['run']}/to-correct.csv", "people", "jobs", f"jobs/{seen['job']}",
        "names", "names/decisions", "feeds", "review", f"review/{seen['pair']}", "audit", "search?q=wvkey1", "who?topic=recall", "chain/positions", "facilities", "units", "tokens", "me",
    ]  # fmt: skip
    assert {path: status for path in paths if (status := mine.get(path).status_code) != 200} == {}


def test_a_finding_is_snoozed_and_resolved_on_its_version(world: World, chief: Any, caller: Any) -> None:
    mine, path = caller(chief), f"findings/{world.seen['finding']}"
    tag = mine.get(path).headers["ETag"]
    body = {"until": "2099-01-01T00:00:00Z", "reason": "part ordered"}
    assert mine.post(f"{path}/snooze", body).status_code == 428
    assert mine.post(f"{path}/snooze", body, **{"If-Match": tag}).status_code == 200
    assert mine.post(f"{path}/resolve", {"evidence": "done"}, **{"If-Match": tag}).status_code == 412
    tag = mine.get(path).headers["ETag"]
    assert mine.post(f"{path}/resolve", {"evidence": "done"}, **{"If-Match": tag}).status_code == 200
    assert mine.post(f"{path}/comments", {"text": "thanks"}).status_code == 201
    assert mine.get(path).json()["state"] == "resolved"


def test_a_file_is_sent_looked_at_and_applied_by_a_job(world: World, chief: Any, caller: Any, settings: Any, tmp_path: Any) -> None:  # fmt: skip
    settings.MEDIA_ROOT = tmp_path
    mine, path = caller(chief), f"/api/v1/sources/{world.seen['source']}/runs"
    file = SimpleUploadedFile("a.csv", b"Asset Tag,Serial Number,Manufacturer\nT1,S1,Acme\n", "text/csv")
    sent = mine.client.post(path, {"file": file}, headers={"Authorization": f"Bearer {mine.plain}"})
    assert sent.status_code == 201, sent.content
    run = sent.json()["id"]
    assert mine.post(f"runs/{run}/preview").json()["counts"]["new"] == 1
    asked = mine.post(f"runs/{run}/apply")
    assert asked.status_code == 202
    assert mine.get(f"jobs/{asked.json()['job']}").json()["state"] == "queued"


def test_hidden_halves_are_not_found(world: World, ana: Any, caller: Any) -> None:
    mine, hidden = caller(ana), world.hidden
    paths = [f"equipment/{hidden['equipment']}", f"findings/{hidden['finding']}", f"runs/{hidden['run']}", f"jobs/{hidden['job']}", f"sources/{hidden['source']}"]  # fmt: skip
    assert {path: status for path in paths if (status := mine.get(path).status_code) != 404} == {}
    assert mine.post(f"findings/{hidden['finding']}/resolve", {"evidence": "x"}).status_code == 404
    for path in ("equipment", "findings", "sources", "jobs", "search?q=wvkey1"):
        assert "zqsecret" not in mine.get(path).content.decode()

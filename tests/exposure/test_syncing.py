"""Syncing from the official addresses, here a server on loopback: what changed is asked for, taken once, and survives a kill."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse.core.models import Job, Revision
from pilothouse.core.permissions import viewer_of
from pilothouse.exposure.actions.syncing import NotOnline, feeds_folder, sync_online, upload
from pilothouse.exposure.models import Advisory, Cve, Feed
from pilothouse.exposure.sources.fetching import Fetcher
from pilothouse.kernel.errors import BadUsage
from tests.conftest import NOW
from tests.exposure.house import csaf
from tests.exposure.peer import Peer, serving

pytestmark = pytest.mark.django_db


def offer(peer: Peer, *documents: Any, stamp: str = "2024-01-02T00:00:00Z") -> None:
    """Put documents behind a listing, with KEV and EPSS."""
    listing = io.StringIO()
    rows = csv.writer(listing, lineterminator="\n")
    for document in documents:
        name = document["document"]["tracking"]["id"].lower()
        peer.files[f"/white/2024/{name}.json"] = json.dumps(document).encode()
        rows.writerow([f"2024/{name}.json", stamp])
    peer.files["/white/changes.csv"] = listing.getvalue().encode()
    peer.files["/kev.json"] = json.dumps({"vulnerabilities": [{"cveID": "CVE-2024-0001", "dateAdded": "2026-08-01"}]}).encode()  # fmt: skip
    peer.files["/epss.csv"] = b"#model_version:v4,score_date:2026-08-16\ncve,epss,percentile\nCVE-2024-0001,0.25,0.9\n"  # fmt: skip


@pytest.fixture
def peer(settings: Any, tmp_path: Path) -> Iterator[Peer]:
    with serving() as one:
        settings.MEDIA_ROOT = tmp_path / "files"
        settings.FEEDS_ONLINE = True
        settings.FEEDS = {"csaf": [f"{one.url}/white/changes.csv"], "kev": f"{one.url}/kev.json", "epss": f"{one.url}/epss.csv"}  # fmt: skip
        offer(one, csaf("A-1"), csaf("A-2"))
        yield one


def quick() -> Fetcher:
    return Fetcher(timeout_s=1, tries=2, sleep=lambda seconds: None)


def test_nobody_is_asked_unless_it_is_allowed(peer: Peer, settings: Any) -> None:
    settings.FEEDS_ONLINE = False
    with pytest.raises(NotOnline):
        sync_online(by=None, at=NOW)
    assert peer.asked == []
    sync_online(by=None, at=NOW, allowed=True, fetcher=quick())
    assert Advisory.objects.count() == 2


def test_all_three_feeds_are_taken_and_asked_for_by_what_changed(peer: Peer) -> None:
    synced = sync_online(by=None, at=NOW, fetcher=quick())
    assert (synced.taken.new, synced.asked, synced.files) == (2, 3, 2)
    one = Cve.objects.get()
    assert (one.kev, one.epss) == (True, "0.25")
    assert Job.objects.filter(kind="match_devices").count() == 1
    again = sync_online(by=None, at=NOW, fetcher=quick())
    assert (again.unchanged, again.files, again.taken.wrote) == (3, 0, False)
    assert len(peer.asked) == 8
    assert Revision.objects.count() == 1


def test_a_changed_advisory_alone_is_brought(peer: Peer) -> None:
    sync_online(by=None, at=NOW, fetcher=quick())
    later = csaf("A-2", version="2", released="2024-03-01T00:00:00Z", title="Worse")
    offer(peer, csaf("A-1"), later, csaf("A-3"))
    peer.files["/white/changes.csv"] = (
        b"2024/a-1.json,2024-01-02T00:00:00Z\n2024/a-2.json,2024-03-01T00:00:00Z\n2024/a-3.json,2024-01-02T00:00:00Z\n"
    )
    synced = sync_online(by=None, at=NOW, fetcher=quick())
    assert (synced.files, synced.taken.new, synced.taken.changed) == (2, 1, 1)
    assert Advisory.objects.get(tracking="A-2").title == "Worse"
    assert peer.times("/white/2024/a-1.json") == 1


def test_one_address_that_is_down_does_not_keep_the_others(peer: Peer) -> None:
    peer.trouble["/kev.json"] = ["500"] * 9
    synced = sync_online(by=None, at=NOW, fetcher=quick())
    assert synced.taken.new == 2
    assert "answers 500" in Feed.objects.get(pk="kev").problem
    assert sync_online(by=None, at=NOW, fetcher=quick()).taken.exploitation == 0
    peer.trouble["/kev.json"] = []
    assert sync_online(by=None, at=NOW, fetcher=quick()).taken.exploitation == 1


def test_an_advisory_that_is_missing_is_asked_for_the_next_time(peer: Peer) -> None:
    peer.trouble["/white/2024/a-2.json"] = ["404"]
    synced = sync_online(by=None, at=NOW, fetcher=quick())
    assert synced.taken.new == 1
    assert "1 of 2 advisories" in synced.problems[0]
    assert sync_online(by=None, at=NOW, fetcher=quick()).taken.new == 1


def test_what_was_brought_before_the_tables_were_written_is_taken_without_asking_again(peer: Peer, monkeypatch: Any) -> None:  # fmt: skip
    from pilothouse.exposure.actions import syncing

    def dies(*told: Any, **more: Any) -> Any:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(syncing, "take", dies)
        with pytest.raises(RuntimeError):
            sync_online(by=None, at=NOW, fetcher=quick())
    assert Advisory.objects.count() == 0
    synced = sync_online(by=None, at=NOW, fetcher=quick())
    assert (synced.files, synced.unchanged, synced.taken.new) == (0, 3, 2)


def test_a_killed_download_goes_on_where_it_stopped(peer: Peer, tmp_path: Path) -> None:
    """kill -9 while a real process reads the listing's second advisory."""
    big = csaf("A-2")
    big["document"]["notes"][0]["text"] = "x" * 60_000
    offer(peer, csaf("A-1"), big)
    peer.trouble["/white/2024/a-2.json"] = ["slow"]
    target = tmp_path / "files" / "a-2.json"
    script = "import sys; from pathlib import Path; from pilothouse.exposure.sources.fetching import Fetcher; Fetcher().fetch(sys.argv[1], Path(sys.argv[2]))"
    child = subprocess.Popen([sys.executable, "-c", script, f"{peer.url}/white/2024/a-2.json", str(target)], env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    part = target.with_name("a-2.json.part")
    for _ in range(400):
        if part.exists() and part.stat().st_size > 2_000:
            break
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert not target.exists()
    kept = part.stat().st_size
    Fetcher().fetch(f"{peer.url}/white/2024/a-2.json", target)
    assert target.read_bytes() == json.dumps(big).encode()
    assert peer.asked[-1][1]["Range"] == f"bytes={kept}-"


def test_a_file_that_is_sent_becomes_a_job(peer: Peer, chief: Any) -> None:
    job = upload("advisory.json", iter([json.dumps(csaf("A-7")).encode()]), by=viewer_of(chief, NOW), at=NOW)
    assert (feeds_folder() / "uploads" / job.arguments["upload"]).exists()
    from pilothouse.exposure.jobs import sync_advisories

    class Step:
        by, at = chief, NOW

        def __init__(self) -> None:
            self.job = job

        def tell(self, done: int, total: int = 0, says: str = "") -> None:
            """Nothing to tell."""

    assert sync_advisories(Step(), **job.arguments)["new"] == 1
    assert "taken already" in sync_advisories(Step(), **job.arguments)["says"]
    assert list((feeds_folder() / "uploads").iterdir()) == []


def test_an_empty_file_is_refused(peer: Peer, chief: Any) -> None:
    with pytest.raises(BadUsage, match="empty"):
        upload("x.json", iter([b""]), by=viewer_of(chief, NOW), at=NOW)
    assert list((feeds_folder() / "uploads").iterdir()) == []

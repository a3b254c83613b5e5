"""Feeds into tables: what is new or newer is written, once; what was is kept."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Revision
from pilothouse.exposure import catalogue
from pilothouse.exposure.actions.syncing import sync_from_folder
from pilothouse.exposure.actions.taking import unpacked
from pilothouse.exposure.models import Advisory, AdvisoryPast, Cve, Document, DocumentPast, Vulnerability
from pilothouse.kernel.errors import UnreadableInput
from tests.conftest import NOW
from tests.exposure.house import csaf, folder_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def test_a_folder_is_taken_in_one_revision_and_again_without_a_trace(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", csaf(), csaf("A-2", cves=("CVE-2024-0002", "CVE-2024-0003")), kev=("CVE-2024-0002",), epss={"CVE-2024-0001": "0.00123"})  # fmt: skip
    first = sync_from_folder(folder, by=None, at=NOW)
    assert (first.taken.new, first.taken.changed, first.taken.unchanged) == (2, 0, 0)
    assert Revision.objects.count() == 1
    again = sync_from_folder(folder, by=None, at=NOW)
    assert not again.taken.wrote
    assert again.taken.unchanged == 2
    assert Revision.objects.count() == 1
    assert list(broken_seals()) == []


def test_an_advisory_stands_with_what_lists_sort_by(tmp_path: Path) -> None:
    sync_from_folder(folder_of(tmp_path / "in", csaf(), kev=("CVE-2024-0001",)), by=None, at=NOW)
    one = Advisory.objects.get()
    assert (one.tracking, one.severity, one.score, one.kev, one.makers) == ("ICSMA-24-001-01", "critical", 98, True, "Acme")  # fmt: skip
    assert json.loads(unpacked(Document.objects.get(pk=one.pk).packed)) == csaf()


def test_a_newer_revision_replaces_and_the_older_is_kept(tmp_path: Path) -> None:
    sync_from_folder(
        folder_of(tmp_path / "a", csaf(cves=("CVE-2024-0001", "CVE-2024-0002"))), by=None, at=NOW
    )
    later = csaf(version="2", released="2024-03-01T00:00:00Z", title="Nimbus pumps, more", cves=("CVE-2024-0002", "CVE-2024-0003"))  # fmt: skip
    synced = sync_from_folder(folder_of(tmp_path / "b", later), by=None, at=NOW + timedelta(days=1))
    assert (synced.taken.new, synced.taken.changed) == (0, 1)
    assert Advisory.objects.get().title == "Nimbus pumps, more"
    assert AdvisoryPast.objects.get().title == "Nimbus infusion pumps"
    assert json.loads(unpacked(DocumentPast.objects.get().packed))["document"]["tracking"]["version"] == "1"
    assert sorted(Vulnerability.objects.values_list("name", flat=True)) == ["CVE-2024-0002", "CVE-2024-0003"]
    assert list(broken_seals()) == []


def test_an_older_revision_is_left_out(tmp_path: Path) -> None:
    sync_from_folder(folder_of(tmp_path / "a", csaf(version="2", released="2024-03-01T00:00:00Z")), by=None, at=NOW)  # fmt: skip
    synced = sync_from_folder(folder_of(tmp_path / "b", csaf()), by=None, at=NOW)
    assert synced.taken.superseded == 1
    assert Advisory.objects.get().version == "2"


def test_what_leaves_the_catalogue_is_not_known_to_be_exploited_any_more(tmp_path: Path) -> None:
    sync_from_folder(folder_of(tmp_path / "a", csaf(), kev=("CVE-2024-0001",)), by=None, at=NOW)
    sync_from_folder(folder_of(tmp_path / "b", kev=("CVE-2023-9999",)), by=None, at=NOW)
    assert not Advisory.objects.get().kev
    one = Cve.objects.get(name="CVE-2024-0001")
    assert (one.kev, one.kev_due) == (False, "2026-08-22")


def test_scores_that_came_before_an_advisory_are_found_when_it_comes(tmp_path: Path) -> None:
    sync_from_folder(folder_of(tmp_path / "a", kev=("CVE-2023-9999",), epss={"CVE-2024-0001": "0.5"}), by=None, at=NOW)  # fmt: skip
    assert list(Cve.objects.values_list("name", flat=True)) == ["CVE-2023-9999"]
    sync_from_folder(folder_of(tmp_path / "b", csaf()), by=None, at=NOW)
    assert Cve.objects.get(name="CVE-2024-0001").epss == "0.5"


def test_a_damaged_file_is_told_and_the_others_are_taken(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "in", csaf())
    (folder / "broken.json").write_text(json.dumps(csaf("A-9"))[:-200], "utf-8")
    synced = sync_from_folder(folder, by=None, at=NOW)
    assert synced.taken.new == 1
    assert "1 damaged" in synced.sentence()


def test_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(UnreadableInput, match="there is no advisory in it"):
        sync_from_folder(tmp_path / "in", by=None, at=NOW)
    assert Revision.objects.count() == 0


def test_the_engine_is_given_what_the_files_say(tmp_path: Path) -> None:
    from pilothouse.exposure.sources import load_advisories

    folder = folder_of(tmp_path / "in", csaf("B"), csaf("A", ("Nimbus 400", "9.x", "P7")))
    sync_from_folder(folder, by=None, at=NOW)
    assert catalogue.catalogue().advisories == load_advisories(folder).advisories


def test_every_real_advisory_is_taken_once(public_data: Path) -> None:
    synced = sync_from_folder(public_data / "csaf" / "cisa-icsma-2024-10-24.tar.xz", by=None, at=NOW)
    assert synced.taken.new == 141
    later = sync_from_folder(public_data / "csaf" / "cisa-csaf-2025-02-27.tar.xz", by=None, at=NOW)
    assert later.taken.new == 2227 - 141
    assert later.taken.changed + later.taken.unchanged + later.taken.superseded == 141
    assert not sync_from_folder(public_data / "csaf", by=None, at=NOW).taken.wrote

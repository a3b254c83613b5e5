"""The register against the advisories in tables: the same answers as on files, and only differences written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Revision
from pilothouse.exposure.actions.matching import match_devices
from pilothouse.exposure.actions.syncing import sync_from_folder
from pilothouse.exposure.models import Cve, Exposure, ExposurePast, Link, Profile, Tally, Vulnerability
from tests.conftest import NOW
from tests.exposure.house import add_devices, change_device, csaf, folder_of

pytestmark = pytest.mark.django_db

PUMP = {"maker": "Acme Inc.", "model": "Nimbus 300", "name": "Infusion pump"}


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def three(places: dict[str, Any], tmp_path: Path) -> list[int]:
    """Pumps at NGH-ICU (1.5), SGH (unknown version) and NGH-ICU (3.0), matched with one advisory (<= 2.0)."""
    sync_from_folder(folder_of(tmp_path / "in", csaf()), by=None, at=NOW)
    ids = add_devices(
        [
            {**PUMP, "tag": "1", "firmware": "1.5", "at": "NGH-ICU"},
            {**PUMP, "tag": "2", "at": "SGH"},
            {**PUMP, "tag": "3", "firmware": "3.0", "at": "NGH-ICU"},
        ],
        places,
    )
    match_devices(by=None, at=NOW)
    return ids


def answers() -> dict[int, str]:
    return {
        link.equipment_id: {3: "affected", 2: "possible", 1: "not_affected", 0: "none"}[link.worst]
        for link in Link.objects.all()
    }


def test_each_device_has_its_answer_with_the_reason(three: list[int]) -> None:
    assert [answers()[number] for number in three] == ["affected", "possible", "not_affected"]
    told = Exposure.objects.get(profile_id=Link.objects.get(pk=three[2]).profile_id)
    assert told.reason == "The advisory names only versions up to 2.0; this is 3.0"
    assert told.lines == ""


def test_counts_stand_by_place(three: list[int], places: dict[str, Any]) -> None:
    rows = set(Tally.objects.values_list("facility_id", "unit_id", "affected", "possible", "clear"))
    assert rows == {(places["NGH"].pk, places["NGH-ICU"].pk, 1, 0, 1), (places["SGH"].pk, 0, 0, 1, 0)}


def test_nothing_changed_writes_nothing(three: list[int]) -> None:
    before = Revision.objects.count()
    assert match_devices(by=None, at=NOW).counts() == {"devices": 0, "judged": 0, "written": 0, "touched": 0}
    whole = match_devices(by=None, at=NOW, whole=True)
    assert (whole.written, whole.touched) == (0, 0)
    assert Revision.objects.count() == before


def test_a_device_that_changes_is_judged_alone(three: list[int]) -> None:
    change_device(three[0], firmware="2.5")
    outcome = match_devices(by=None, at=NOW)
    assert (outcome.devices, outcome.judged, outcome.written) == (1, 1, 1)
    assert answers()[three[0]] == "not_affected"
    assert sum(Tally.objects.values_list("affected", flat=True)) == 0


def test_a_known_kind_of_device_needs_no_judging(three: list[int]) -> None:
    change_device(three[0], firmware="3.0")
    outcome = match_devices(by=None, at=NOW)
    assert (outcome.devices, outcome.judged, outcome.written, outcome.touched) == (1, 0, 0, 1)
    assert answers()[three[0]] == "not_affected"


def test_a_retired_device_is_exposed_no_more(three: list[int]) -> None:
    change_device(three[0], status="retired", stage="retired")
    match_devices(by=None, at=NOW)
    assert three[0] not in answers()
    assert sum(Tally.objects.values_list("affected", flat=True)) == 0


def test_a_device_that_moves_is_counted_where_it_stands(three: list[int], places: dict[str, Any]) -> None:
    change_device(three[0], facility=places["SGH"].pk, unit=places["SGH-ED"].pk)
    match_devices(by=None, at=NOW)
    assert (places["SGH"].pk, places["SGH-ED"].pk, 1) in set(Tally.objects.values_list("facility_id", "unit_id", "affected"))  # fmt: skip
    assert not Tally.objects.filter(unit_id=places["NGH-ICU"].pk, affected__gt=0).exists()


def test_a_new_revision_of_an_advisory_is_felt_and_the_old_answer_kept(three: list[int], tmp_path: Path) -> None:  # fmt: skip
    later = csaf(("ICSMA-24-001-01"), ("Nimbus 300", "<= 4.0", "P1"), version="2", released="2024-05-01T00:00:00Z")  # fmt: skip
    sync_from_folder(folder_of(tmp_path / "later", later), by=None, at=NOW + timedelta(hours=1))
    match_devices(by=None, at=NOW + timedelta(hours=1))
    assert answers()[three[2]] == "affected"
    assert "not_affected" in set(ExposurePast.objects.values_list("status", flat=True))
    assert list(broken_seals()) == []


def test_a_profile_that_nobody_bears_goes_when_everything_is_looked_at(three: list[int]) -> None:
    change_device(three[0], firmware="3.0")
    match_devices(by=None, at=NOW)
    assert Profile.objects.count() == 3
    match_devices(by=None, at=NOW, whole=True)
    assert Profile.objects.count() == 2
    assert Exposure.objects.count() == 2


def test_vulnerabilities_that_are_told_otherwise_keep_their_own_answer(places: dict[str, Any], tmp_path: Path) -> None:  # fmt: skip
    one = csaf(cves=("CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003"))
    one["vulnerabilities"][1]["product_status"] = {"known_not_affected": ["P1"]}
    one["vulnerabilities"][2]["product_status"] = {"known_affected": ["P9"]}
    sync_from_folder(folder_of(tmp_path / "in", one), by=None, at=NOW)
    add_devices([{**PUMP, "firmware": "1.5"}])
    match_devices(by=None, at=NOW)
    told = Exposure.objects.get()
    assert told.status == "affected"
    lines = json.loads(told.lines)
    assert lines["CVE-2024-0001"] is None
    assert lines["CVE-2024-0002"][0] == "not_affected"
    assert set(lines) == {"CVE-2024-0001", "CVE-2024-0002"}


def test_a_matching_that_is_broken_off_goes_on(places: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:  # fmt: skip
    from pilothouse.exposure.actions import matching

    class Dies:
        def __init__(self) -> None:
            self.writes = 0

        def tell(self, done: int, total: int = 0, says: str = "") -> None:
            self.writes += total > 0
            if self.writes == 3:
                raise RuntimeError("killed")

    monkeypatch.setattr(matching, "AT_ONCE", 2)
    sync_from_folder(folder_of(tmp_path / "in", csaf()), by=None, at=NOW)
    ids = add_devices([{**PUMP, "firmware": f"1.{n}"} for n in range(9)])
    with pytest.raises(RuntimeError):
        match_devices(by=None, at=NOW, step=Dies())
    assert 0 < Exposure.objects.count() < 9
    match_devices(by=None, at=NOW)
    assert Exposure.objects.count() == Profile.objects.count() == len(ids)
    assert Link.objects.count() == len(ids)
    assert list(broken_seals()) == []


def told_by_tables() -> Iterator[tuple[str, ...]]:
    """The lines of the contract, of what stands in the tables."""
    from pilothouse.equipment.models import Equipment

    tags = dict(Equipment.objects.values_list("id", "tag"))
    cves = {one.name: one for one in Cve.objects.all()}
    by_advisory: dict[int, list[Vulnerability]] = {}
    for one in Vulnerability.objects.all():
        by_advisory.setdefault(one.advisory_id, []).append(one)
    answers: dict[int, list[Exposure]] = {}
    for told in Exposure.objects.select_related("advisory"):
        answers.setdefault(told.profile_id, []).append(told)
    for link in Link.objects.all():
        for told in answers.get(link.profile_id, []):
            lines = json.loads(told.lines) if told.lines else None
            for one in by_advisory[told.advisory_id]:
                if lines is not None and one.name not in lines:
                    continue
                status, reason = (lines or {}).get(one.name) or (told.status, told.reason)
                cve = cves[one.name]
                yield (tags[link.equipment_id], one.name, told.advisory.tracking, status, told.advisory.publisher, reason, "yes" if cve.kev else "", cve.epss, one.cvss)  # fmt: skip


def told_by_files(cmms: Path, advisories: Path) -> Iterator[tuple[str, ...]]:
    from pilothouse.cli.expose import DEVICE_FIELDS, _devices
    from pilothouse.equipment.fields import FIELDS
    from pilothouse.equipment.makers import load_names
    from pilothouse.exposure.engine import expose
    from pilothouse.exposure.sources import load_advisories
    from pilothouse.imports.loading import load
    from pilothouse.kernel.duck import engine

    source = load(str(cmms), ordinal=0, fields=FIELDS, only=DEVICE_FIELDS)
    with engine() as con:
        con.register("listed", _devices(source))
        expose(con, "listed", load_advisories(advisories), load_names())
        for row in con.execute("SELECT \"row\"::VARCHAR, vulnerability, advisory, status, source, reason, coalesce(kev, ''), coalesce(epss, ''), coalesce(cvss, '') FROM exposures").fetchall():  # fmt: skip
            yield tuple(row)


def test_the_tables_answer_what_the_files_answer(tmp_path: Path) -> None:
    """Both doors, on a demo health system with the names, gaps and slips of real ones."""
    from pilothouse.demo.world import write
    from pilothouse.equipment.fields import FIELDS
    from pilothouse.imports.loading import load

    demo = tmp_path / "demo"
    write(demo, devices=400, seed=7)
    table = load(str(demo / "cmms_export.csv"), ordinal=0, fields=FIELDS).table
    fields = [name for name in ("maker", "model", "name", "os", "firmware") if name in table.column_names]
    columns = {name: table[name].to_pylist() for name in ("row", *fields)}
    add_devices([{"tag": str(row), **{name: columns[name][i] or "" for name in fields}} for i, row in enumerate(columns["row"])])  # fmt: skip
    sync_from_folder(demo / "advisories", by=None, at=NOW)
    match_devices(by=None, at=NOW)
    by_tables = sorted(told_by_tables())
    assert len(by_tables) > 100
    assert by_tables == sorted(told_by_files(demo / "cmms_export.csv", demo / "advisories"))

"""What advisories touch becomes findings with owners: one for each advisory and facility, told anew, closed when nothing is left."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pilothouse.core.models import Revision
from pilothouse.exposure.actions.keeping_up import match
from pilothouse.exposure.actions.syncing import sync_from_folder
from pilothouse.exposure.models import Exposure
from pilothouse.governance.models import Finding
from pilothouse.kernel.times import DAY, OPEN, as_instant
from tests.conftest import NOW
from tests.exposure.house import add_devices, change_device, csaf, folder_of

pytestmark = pytest.mark.django_db

PUMP = {"maker": "Acme Inc.", "model": "Nimbus 300", "name": "Infusion pump"}


@pytest.fixture
def fleet(places: dict[str, Any], settings: Any, tmp_path: Path) -> list[int]:
    """Two affected pumps and a possible one at NGH, a possible one at SGH, one nowhere that is not affected."""
    settings.MEDIA_ROOT = tmp_path / "files"
    sync_from_folder(folder_of(tmp_path / "in", csaf(score=7.5)), by=None, at=NOW)
    return add_devices(
        [
            {**PUMP, "firmware": "1.0", "at": "NGH-ICU"},
            {**PUMP, "firmware": "1.5", "at": "NGH-OR"},
            {**PUMP, "at": "NGH-OR"},
            {**PUMP, "at": "SGH"},
            {**PUMP, "firmware": "9.0"},
        ],
        places,
    )


def standing() -> list[tuple[str, str, str]]:
    return [
        (one.key, one.title, one.get_severity_display())
        for one in Finding.objects.exclude(state="resolved").order_by("key")
    ]


def test_an_advisory_is_one_finding_for_each_facility(fleet: list[int], chief: Any) -> None:
    match(by=None, at=NOW)
    assert standing() == [
        ("exposure:ICSMA-24-001-01:NGH", "Nimbus infusion pumps: 2 infusion pumps affected, 1 more may be", "High"),
        ("exposure:ICSMA-24-001-01:SGH", "Nimbus infusion pumps: 1 infusion pump may be affected", "Medium"),
    ]  # fmt: skip
    one = Finding.objects.get(key__endswith="NGH")
    assert one.owner == chief
    assert (one.topic, one.subject_kind) == ("cybersecurity", "advisory")
    detail = json.loads(one.detail)
    assert (detail["affected"], detail["possible"], detail["cvss"], detail["kev"]) == (2, 1, "7.5", [])
    assert one.clock_due == as_instant(NOW) + 60 * DAY


def test_the_same_again_changes_nothing(fleet: list[int], chief: Any) -> None:
    match(by=None, at=NOW)
    before = Revision.objects.count()
    match(by=None, at=NOW + timedelta(days=3))
    match(by=None, at=NOW + timedelta(days=3), whole=True)
    assert Revision.objects.count() == before


def test_known_exploitation_makes_it_critical_and_the_clock_runs_from_the_opening(fleet: list[int], chief: Any, tmp_path: Path) -> None:  # fmt: skip
    match(by=None, at=NOW)
    later = NOW + timedelta(days=1)
    sync_from_folder(folder_of(tmp_path / "kev", kev=("CVE-2024-0001",), epss={"CVE-2024-0001": "0.9"}), by=None, at=later)  # fmt: skip
    match(by=None, at=later)
    assert [severity for _, _, severity in standing()] == ["Critical", "High"]
    one = Finding.objects.get(key__endswith="NGH")
    assert one.clock_due == as_instant(NOW) + 3 * DAY
    assert json.loads(one.detail)["epss"] == "0.9"


def test_scores_alone_are_told_anew(fleet: list[int], chief: Any, tmp_path: Path) -> None:
    match(by=None, at=NOW)
    answers = set(Exposure.objects.values_list("id", "since"))
    sync_from_folder(folder_of(tmp_path / "epss", csaf(score=7.5), epss={"CVE-2024-0001": "0.4"}), by=None, at=NOW)  # fmt: skip
    match(by=None, at=NOW)
    assert json.loads(Finding.objects.get(key__endswith="NGH").detail)["epss"] == "0.4"
    assert set(Exposure.objects.values_list("id", "since")) == answers


def test_it_closes_when_nothing_is_left(fleet: list[int], chief: Any) -> None:
    match(by=None, at=NOW)
    for number in fleet[:3]:
        change_device(number, firmware="9.0")
    match(by=None, at=NOW + timedelta(hours=1))
    assert [key for key, _, _ in standing()] == ["exposure:ICSMA-24-001-01:SGH"]
    closed = Finding.objects.get(key__endswith="NGH")
    assert closed.reason == "No device here is affected any more, or may be"
    change_device(fleet[0], firmware="1.0")
    match(by=None, at=NOW + timedelta(hours=2))
    assert len(standing()) == 2


def test_a_low_danger_has_no_clock(chief: Any, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    quiet = csaf(score=3.1)
    quiet["vulnerabilities"][0]["scores"][0]["cvss_v3"]["vectorString"] = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"  # fmt: skip
    sync_from_folder(folder_of(tmp_path / "in", quiet), by=None, at=NOW)
    add_devices([{**PUMP, "firmware": "1.0"}])
    match(by=None, at=NOW)
    one = Finding.objects.get()
    assert (one.key, one.clock_due, one.facility) == ("exposure:ICSMA-24-001-01:system", OPEN, None)


def test_without_anybody_at_the_helm_the_answers_stand_all_the_same(
    fleet: list[int], person_with: Any
) -> None:
    outcome = match(by=None, at=NOW)
    assert "nobody holds the helm" in outcome.sentence()
    assert Exposure.objects.count() == 4
    assert Finding.objects.count() == 0
    person_with("Chief", "helm")
    match(by=None, at=NOW)
    assert Finding.objects.count() == 2

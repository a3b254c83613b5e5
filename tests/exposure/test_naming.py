"""A name that only resembles a product is asked about once; the answer counts for all devices and can be taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pilothouse.core.models import Job, Revision
from pilothouse.core.permissions import NotAllowed, viewer_of
from pilothouse.exposure.actions.candidates import phrase
from pilothouse.exposure.actions.matching import match_devices
from pilothouse.exposure.actions.naming import NoSuchName, decide_name, take_back_name
from pilothouse.exposure.actions.syncing import sync_from_folder
from pilothouse.exposure.models import Bearer, Candidate, Link, NameDecision, NameDecisionPast
from tests.conftest import NOW
from tests.exposure.house import add_devices, csaf, folder_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(places: dict[str, Any], settings: Any, tmp_path: Path) -> Candidate:
    """Two devices whose maker slipped a letter in the product's name."""
    settings.MEDIA_ROOT = tmp_path / "files"
    sync_from_folder(folder_of(tmp_path / "in", csaf("A-1", ("Nimbus 300", "vers:all/*", "P1"))), by=None, at=NOW)  # fmt: skip
    slipped = {"maker": "Acme", "model": "Nimbsu 300", "name": "Infusion pump"}
    add_devices([{**slipped, "firmware": "1"}, {**slipped, "firmware": "2"}, {**slipped, "model": "Other"}])
    match_devices(by=None, at=NOW)
    return Candidate.objects.get()


def worst() -> list[int]:
    return list(Link.objects.order_by("equipment_id").values_list("worst", flat=True))


def test_a_resembling_name_exposes_nothing_and_is_asked_about_once(asked: Candidate) -> None:
    assert worst() == [0, 0, 0]
    assert (asked.seen, asked.means, asked.devices) == ("nimbsu 300", "Nimbus 300", 2)
    assert Bearer.objects.count() == 2


def test_a_confirmed_name_counts_for_all_its_devices(asked: Candidate, chief: Any) -> None:
    decide_name(by=viewer_of(chief, NOW), at=NOW, seen=asked.seen, means=asked.means, decision="same")
    assert Job.objects.filter(kind="match_devices", key="match_devices", state="queued").count() == 1
    match_devices(by=None, at=NOW)
    assert worst() == [3, 3, 0]
    assert Candidate.objects.count() == 0


def test_a_rejected_name_is_not_asked_about_again(asked: Candidate, chief: Any) -> None:
    decide_name(by=viewer_of(chief, NOW), at=NOW, seen=asked.seen, means=asked.means, decision="different")
    match_devices(by=None, at=NOW)
    assert worst() == [0, 0, 0]
    assert Candidate.objects.count() == 0


def test_a_decision_is_taken_back_and_asked_about_again(asked: Candidate, chief: Any) -> None:
    viewer = viewer_of(chief, NOW)
    one = decide_name(by=viewer, at=NOW, seen=asked.seen, means=asked.means, decision="same")
    match_devices(by=None, at=NOW)
    take_back_name(by=viewer, at=NOW, decision=one.pk)
    take_back_name(by=viewer, at=NOW, decision=one.pk)
    match_devices(by=None, at=NOW)
    assert worst() == [0, 0, 0]
    assert Candidate.objects.count() == 1
    assert NameDecisionPast.objects.get().decision == "same"


def test_the_same_decision_again_writes_nothing_and_the_other_one_replaces_it(asked: Candidate, chief: Any) -> None:  # fmt: skip
    viewer = viewer_of(chief, NOW)
    told = {"by": viewer, "at": NOW, "seen": asked.seen, "means": asked.means}
    decide_name(**told, decision="same")
    before = Revision.objects.count()
    decide_name(**told, decision="same")
    assert Revision.objects.count() == before
    decide_name(**told, decision="different")
    assert NameDecision.objects.get().decision == "different"


def test_only_who_may_for_the_whole_system_decides(asked: Candidate, ana: Any, person_with: Any) -> None:
    for person in (ana, person_with("Dora", "htm_manager", "NGH")):
        with pytest.raises(NotAllowed):
            decide_name(by=viewer_of(person, NOW), at=NOW, seen=asked.seen, means=asked.means, decision="same")  # fmt: skip
    assert NameDecision.objects.count() == 0


@pytest.mark.parametrize(("seen", "means", "decision"), [("", "x", "same"), ("x", " ", "same"), ("x", "y", "maybe"), ("x" * 301, "y", "same")])  # fmt: skip
def test_nonsense_is_refused(chief: Any, seen: str, means: str, decision: str) -> None:
    with pytest.raises(NoSuchName):
        decide_name(by=viewer_of(chief, NOW), at=NOW, seen=seen, means=means, decision=decision)


def test_the_question_is_about_the_cell_that_resembles() -> None:
    assert phrase("Monitor", "IntelliVue MX8O0", "IntelliVue MX800") == "intellivue mx8o0"
    assert phrase("Nimbsu 300", "Infusion pump", "Nimbus 300 infusion system") == "nimbsu 300"  # fmt: skip
    assert phrase("", "", "x") == ""

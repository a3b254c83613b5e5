"""Lists become the register, again and again: nothing doubled, nothing lost, and every run can be taken back."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pilothouse.core.errors import Conflict
from pilothouse.core.keeping import broken_seals, writing
from pilothouse.core.models import Revision
from pilothouse.core.permissions import NotAllowed, Viewer, house_viewer, viewer_of
from pilothouse.equipment.models import Claim, ClaimPast, Equipment, EquipmentPast, Maker
from pilothouse.imports import runs
from pilothouse.imports.models import Run, Source
from pilothouse.intake import importing
from pilothouse.kernel.errors import UnreadableInput
from tests.conftest import NOW

pytestmark = pytest.mark.django_db

CMMS = """Asset Tag,Manufacturer,Model,Serial Number,Description,Facility,Department,Status,Purchase Date
A-1001,Baxter,Spectrum IQ,3597001,Infusion pump,NGH,NGH-ICU,In use,2019-02-06
A-1002,Baxter,Spectrum IQ,3597002,Infusion pump,NGH,NGH-OR,In use,2019-02-06
A-1003,Philips,IntelliVue MX700,DE42432793,Patient monitor,SGH,SGH-ICU,In repair,2018-01-01
"""
SCAN = """MAC Address,IP Address,Hostname,Manufacturer,Model,Serial Number,Firmware Version
00:1b:21:aa:00:01,10.1.1.5,pump-1,Baxter,Spectrum IQ,3597001,9.1
00:1b:21:aa:00:02,10.1.1.6,mon-1,Philips,IntelliVue MX700,DE42432793,M.04
00:1b:21:aa:00:03,10.1.1.7,unknown-7,Acme,Widget,WX9911,1.0
"""


@pytest.fixture
def operator(chief: Any) -> Viewer:
    return house_viewer(chief)


def _source(by: Viewer, key: str, kind: str) -> Source:
    return runs.make_source(key=key, kind=kind, by=by, at=NOW)


def _import(source: Source, text: str, by: Viewer, at: Any = NOW, **options: Any) -> Run:
    run = runs.begin(source, io.BytesIO(text.encode()), f"{source.key}.csv", by=by, at=at, **options)
    runs.apply(run, by=by, at=at)
    return run


def _shape() -> dict[str, dict[str, str]]:
    """What the register says, by serial."""
    return {
        e.serial: {"tag": e.tag, "ip": e.ip, "stage": e.stage, "host": e.host}
        for e in Equipment.objects.all()
    }


def test_a_list_becomes_devices_with_claims_places_and_a_sealed_log(
    operator: Viewer, places: dict[str, Any]
) -> None:
    run = _import(_source(operator, "cmms", "cmms"), CMMS, operator)
    assert run.counts["new"] == 3
    pump = Equipment.objects.get(tag="A-1001")
    assert (pump.unit, pump.facility, pump.stage, pump.purchased) == (
        places["NGH-ICU"],
        places["NGH"],
        "in_use",
        "2019-02-06",
    )
    assert json.loads(Claim.objects.get(key="A-1001").doc)["serial"] == "3597001"
    assert list(broken_seals()) == []


def test_the_same_list_again_writes_nothing(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    _import(cmms, CMMS, operator)
    before = Revision.objects.count()
    run = _import(cmms, CMMS, operator, NOW + timedelta(days=1))
    assert run.counts["unchanged"] == 3
    assert Revision.objects.count() == before


def test_a_changed_record_moves_the_device_to_its_next_version(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    _import(cmms, CMMS, operator)
    run = _import(cmms, CMMS.replace("In repair", "In use"), operator)
    assert (run.counts["changed"], run.counts["unchanged"]) == (1, 2)
    assert Equipment.objects.get(tag="A-1003").stage == "in_use"
    assert EquipmentPast.objects.get().stage == "in_repair"


def test_a_second_source_joins_the_devices_there_are(operator: Viewer) -> None:
    _import(_source(operator, "cmms", "cmms"), CMMS, operator)
    run = _import(_source(operator, "scan", "network"), SCAN, operator)
    assert (run.counts["new"], run.counts["joined"]) == (3, 2)
    assert Equipment.objects.count() == 4
    assert _shape()["3597001"] == {"tag": "A-1001", "ip": "10.1.1.5", "stage": "in_use", "host": "pump-1"}
    assert Equipment.objects.get(tag="A-1001").sources == 2
    assert list(broken_seals()) == []


def test_what_a_list_no_longer_has_is_marked_and_comes_back(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    _import(cmms, CMMS, operator)
    short = "\n".join(line for line in CMMS.splitlines() if "A-1002" not in line)
    run = _import(cmms, short, operator)
    assert run.counts["vanished"] == 1
    assert Claim.objects.get(key="A-1002").missing_since == run.pk
    _import(cmms, CMMS, operator)
    assert Claim.objects.get(key="A-1002").missing_since == 0


def test_corrected_rows_sent_again_say_nothing_of_the_others(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    _import(cmms, CMMS, operator)
    run = _import(
        cmms, "\n".join(CMMS.splitlines()[:2]).replace("In use", "Missing"), operator, complete=False
    )
    assert (run.counts["vanished"], run.counts["changed"]) == (0, 1)


def test_a_preview_says_what_applying_does_and_writes_nothing(operator: Viewer) -> None:
    _import(_source(operator, "cmms", "cmms"), CMMS, operator)
    scan = _source(operator, "scan", "network")
    before = Revision.objects.count()
    run = runs.begin(scan, io.BytesIO(SCAN.encode()), "scan.csv", by=operator, at=NOW)
    seen = runs.preview(run, by=operator)
    assert Revision.objects.count() == before
    done = runs.apply(run, by=operator, at=NOW)
    assert seen.counts == done.counts
    assert {sample.what for sample in seen.samples} == {"new", "joined"}


def test_undoing_the_second_source_leaves_the_first_as_it_was(operator: Viewer) -> None:
    _import(_source(operator, "cmms", "cmms"), CMMS, operator)
    before = _shape()
    run = _import(_source(operator, "scan", "network"), SCAN, operator)
    expected = runs.preview_undo(run, by=operator).counts
    done = runs.undo(run, by=operator, at=NOW).counts
    assert done == expected
    after = _shape()
    assert after.pop("WX9911")["stage"] == "retired"
    assert after == before
    assert run.state == Run.State.UNDONE
    assert list(broken_seals()) == []


def test_undoing_a_change_brings_back_what_the_run_before_said(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    _import(cmms, CMMS, operator)
    second = _import(cmms, CMMS.replace("In repair", "Missing"), operator)
    runs.undo(second, by=operator, at=NOW)
    assert Equipment.objects.get(tag="A-1003").stage == "in_repair"


def test_what_a_later_run_set_stays_when_an_earlier_one_is_undone(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    first = _import(cmms, CMMS, operator)
    _import(cmms, CMMS.replace("In repair", "Missing"), operator)
    runs.undo(first, by=operator, at=NOW)
    stages = dict(Equipment.objects.values_list("tag", "stage"))
    assert stages == {"A-1001": "retired", "A-1002": "retired", "A-1003": "missing"}


def test_a_run_undone_and_applied_again_makes_the_register_whole(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    first = _import(cmms, CMMS, operator)
    runs.undo(first, by=operator, at=NOW)
    assert Claim.objects.count() == 0
    with pytest.raises(Conflict):
        runs.apply(first, by=operator, at=NOW)
    _import(cmms, CMMS, operator)
    assert Equipment.objects.filter(stage="in_use").count() == 2


class Killed(BaseException):
    """As if the process had ended."""


def test_a_killed_import_goes_on_and_doubles_nothing(
    operator: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    cmms = _source(operator, "cmms", "cmms")
    run = runs.begin(cmms, io.BytesIO(CMMS.encode()), "cmms.csv", by=operator, at=NOW)
    real = importing._write
    calls: list[int] = []

    def dies(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        real(*arguments)

    monkeypatch.setattr(importing, "_write", dies)
    with pytest.raises(Killed):
        runs.apply(run, by=operator, at=NOW)
    run.refresh_from_db()
    assert (run.state, Equipment.objects.count()) == (Run.State.APPLYING, 1)
    runs.apply(run, by=operator, at=NOW)
    assert Equipment.objects.count() == Claim.objects.count() == 3
    assert run.state == Run.State.APPLIED
    assert ClaimPast.objects.count() == 0


def test_two_runs_of_one_source_do_not_cross(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    first, second = (
        runs.begin(cmms, io.BytesIO(CMMS.encode()), "cmms.csv", by=operator, at=NOW) for _ in range(2)
    )
    Run.objects.filter(pk=first.pk).update(state=Run.State.APPLYING)
    with pytest.raises(Conflict, match="is not finished"):
        runs.apply(second, by=operator, at=NOW)


def test_a_file_that_is_no_list_fails_with_its_own_name(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    run = runs.begin(cmms, io.BytesIO(b"\x00\x01 nothing"), "picture.png", by=operator, at=NOW)
    with pytest.raises(UnreadableInput, match=r"picture\.png"):
        runs.apply(run, by=operator, at=NOW)
    run.refresh_from_db()
    assert run.state == Run.State.FAILED
    assert "picture.png" in run.error


def test_rejected_values_are_kept_with_their_place_and_can_be_corrected(operator: Viewer) -> None:
    cmms = _source(operator, "cmms", "cmms")
    run = _import(cmms, CMMS.replace("2018-01-01", "31.31.2018"), operator)
    rejected = run.rejected.get()
    assert (rejected.row, rejected.column, rejected.value) == (3, "Purchase Date", "31.31.2018")
    corrected = "".join(runs.to_correct(run)).replace("31.31.2018", "2018-12-31")
    again = _import(cmms, corrected, operator, complete=False)
    assert again.counts["changed"] == 1
    assert Equipment.objects.get(tag="A-1003").purchased == "2018-12-31"


def test_who_may_not_import_cannot(
    places: dict[str, Any], person_with: Callable[..., Any], operator: Viewer
) -> None:
    cmms = _source(operator, "cmms", "cmms")
    ben = viewer_of(person_with("Bea", "nurse_manager"), NOW)
    with pytest.raises(NotAllowed):
        runs.begin(cmms, io.BytesIO(b""), "x.csv", by=ben, at=NOW)


def test_what_a_person_decided_of_two_records_is_obeyed_by_the_next_run(operator: Viewer) -> None:
    from pilothouse.intake.models import Verdict

    cmms, scan = _source(operator, "cmms", "cmms"), _source(operator, "scan", "network")
    _import(cmms, CMMS, operator)
    with writing(by=None, at=NOW, verb="answer_pair") as w:
        w.save(
            Verdict(
                left_source=cmms.pk,
                left_key="A-1001",
                right_source=scan.pk,
                right_key="00:1b:21:aa:00:01",
                verdict="different",
            )
        )
        w.save(
            Verdict(
                left_source=cmms.pk,
                left_key="A-1002",
                right_source=scan.pk,
                right_key="00:1b:21:aa:00:03",
                verdict="same",
            )
        )
    _import(scan, SCAN, operator)
    assert Equipment.objects.get(tag="A-1001").ip == ""
    assert Equipment.objects.get(tag="A-1002").ip == "10.1.1.7"


def test_check_finds_nothing_after_imports_and_names_what_is_bent(operator: Viewer) -> None:
    from pilothouse.equipment.models import EquipmentCount
    from pilothouse.intake.checks import RegisterCheck

    run = _import(_source(operator, "cmms", "cmms"), CMMS, operator)
    _import(_source(operator, "scan", "network"), SCAN, operator)
    runs.undo(run, by=operator, at=NOW)
    assert list(RegisterCheck().problems()) == []
    EquipmentCount.objects.filter(stage="in_use").update(n=99)
    Claim.objects.filter(key="00:1b:21:aa:00:03").update(equipment_id=987)
    Run.objects.filter(pk=run.pk).update(state=Run.State.APPLYING)
    told = " ".join(RegisterCheck().problems())
    assert "99 devices that are in_use" in told
    assert "equipment 987, which does not exist" in told
    assert f"run {run.pk} of cmms" in told


def test_a_maker_is_called_by_its_own_name_before_that_of_a_firm_it_bought(operator: Viewer) -> None:
    rows = [("1001", "Hillrom"), ("1002", "Hillrom"), ("1003", "Baxter")]
    lines = "".join(f"A-{n},{maker},Bed 9000,S-{n}77\n" for n, maker in rows)
    _import(
        _source(operator, "cmms", "cmms"), f"Asset Tag,Manufacturer,Model,Serial Number\n{lines}", operator
    )
    assert list(Maker.objects.values_list("key", "name")) == [("baxter", "Baxter")]

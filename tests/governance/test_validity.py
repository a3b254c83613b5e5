"""What makes a chain invalid: each kind of error once, naming its file and row."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.governance.words import InvalidChain
from tests.governance.hospital import FILES, load, places, with_changed, with_lines, with_more

Files = dict[str, list[str]]

ABSENT = "person,from,to"
ROSTER = "position,person,from,to"
DELEGATIONS = "position,topic,person,from,to"
DATED_POSITIONS = [f"{FILES['positions'][0]},from,to", *(f"{line},," for line in FILES["positions"][1:])]

CASES: list[tuple[str, Files, str, list[tuple[str, int | None]]]] = [
    ("no helm", with_changed("positions", 1, "COO,Chief,system,,HTM,"), "no_helm", [("positions.csv", None)]),
    ("two helms", with_changed("positions", 3, "CISO,,system,,,YES"), "two_helms", [("positions.csv", 3)]),
    ("helm of a facility", with_changed("positions", 1, "COO,,facility,MERCY,,yes"), "helm_scope", [("positions.csv", 1)]),
    ("helm that reports", with_changed("positions", 1, "COO,,system,,HTM,yes"), "helm_reports", [("positions.csv", 1)]),
    ("no superior", with_changed("positions", 4, "BIOMED,,facility,MERCY,,"), "no_superior", [("positions.csv", 4)]),
    ("own superior", with_changed("positions", 4, "BIOMED,,facility,MERCY,BIOMED,"), "circle", [("positions.csv", 4)]),
    ("circle", with_changed("positions", 4, "BIOMED,,facility,MERCY,CN-ICU,"), "circle", [("positions.csv", 4), ("positions.csv", 5)]),
    ("unknown superior", with_changed("positions", 4, "BIOMED,,facility,MERCY,NOBODY,"), "unknown_position", [("positions.csv", 4)]),
    ("unknown scope unit", with_changed("positions", 5, "CN-ICU,,unit,XYZ,BIOMED,"), "unknown_unit", [("positions.csv", 5)]),
    ("unknown scope facility", with_changed("positions", 4, "BIOMED,,facility,ICU,HTM,"), "unknown_facility", [("positions.csv", 4)]),
    ("mandate's unknown position", with_changed("mandates", 2, "cybersecurity,system,,ciso,,"), "unknown_position", [("mandates.csv", 2)]),
    ("mandate's unknown unit", with_changed("mandates", 4, "repair,unit,icu,CN-ICU,,"), "unknown_unit", [("mandates.csv", 4)]),
    ("mandate's unknown facility", with_changed("mandates", 3, "repair,facility,,BIOMED,,"), "unknown_facility", [("mandates.csv", 3)]),
    ("appointment's unknown person", with_more(appointments=["zoe,CN-ICU,deputy,,,"]), "unknown_person", [("appointments.csv", 10)]),
    ("appointment's unknown position", with_more(appointments=["ana,XYZ,deputy,,,"]), "unknown_position", [("appointments.csv", 10)]),
    ("absence of an unknown person", with_lines(absences=[ABSENT, "ana,,", "zoe,,"]), "unknown_person", [("absences.csv", 2)]),
    ("shift of an unknown person", with_lines(roster=[ROSTER, "HTM,zoe,,"]), "unknown_person", [("roster.csv", 1)]),
    ("shift for an unknown position", with_lines(roster=[ROSTER, "XYZ,ana,,"]), "unknown_position", [("roster.csv", 1)]),
    ("delegation to an unknown person", with_lines(delegations=[DELEGATIONS, "HTM,*,zoe,,"]), "unknown_person", [("delegations.csv", 1)]),
    ("delegation of an unknown position", with_lines(delegations=[DELEGATIONS, "XYZ,*,ana,,"]), "unknown_position", [("delegations.csv", 1)]),
    ("position twice", with_more(positions=["HTM,Another,system,,COO,"]), "id_twice", [("positions.csv", 6)]),
    ("person twice", with_more(people=["ana,Ana Other,,"]), "id_twice", [("people.csv", 7)]),
    ("unit twice", with_more(units=["ICU,MERCY,Other name,"]), "id_twice", [("units.csv", 4)]),
    ("unit in two facilities", with_more(units=["ICU,HOPE,,"]), "unit_in_two_facilities", [("units.csv", 4)]),
    ("two holders", with_more(appointments=["fay,CN-ICU,holder,,2026-01-01,"]), "two_holders", [("appointments.csv", 10)]),
    ("two mandates", with_more(mandates=["repair,unit,ICU,HTM,,"]), "two_mandates", [("mandates.csv", 6)]),
    ("two mandates for all", with_more(mandates=["*,system,,CISO,9,EUR"]), "two_mandates", [("mandates.csv", 6)]),
    ("to equals from", with_lines(absences=[ABSENT, "ana,2026-11-02,2026-11-02T00:00"]), "to_not_after_from", [("absences.csv", 1)]),
    ("to before from", with_lines(roster=[ROSTER, "HTM,ana,2026-11-02T07:00,2026-11-01"]), "to_not_after_from", [("roster.csv", 1)]),
    ("helm without holder", with_lines(appointments=[FILES["appointments"][0], *FILES["appointments"][2:]]), "helm_without_holder", [("positions.csv", 1)]),
    ("helm with only a deputy", with_changed("appointments", 1, "chief,COO,deputy,,,"), "helm_without_holder", [("positions.csv", 1)]),
    ("last helm holder ends", with_changed("appointments", 1, "chief,COO,holder,,,2030-01-01"), "helm_without_holder", [("appointments.csv", 1)]),
    ("helm ends", with_lines(positions=[*DATED_POSITIONS[:1], "COO,,system,,,yes,,2030-01-01", *DATED_POSITIONS[2:]]), "helm_without_holder", [("positions.csv", 1)]),
    ("scope_kind", with_changed("positions", 4, "BIOMED,,Facility,MERCY,HTM,"), "scope_kind", [("positions.csv", 4)]),
    ("scope of the system", with_changed("mandates", 1, "maintenance,system,MERCY,HTM,,"), "scope", [("mandates.csv", 1)]),
    ("kind", with_changed("appointments", 3, "eve,HTM,assistant,1,,"), "kind", [("appointments.csv", 3)]),
    ("helm", with_changed("positions", 2, "HTM,,system,,COO,no"), "helm", [("positions.csv", 2)]),
    ("order zero", with_changed("appointments", 3, "eve,HTM,deputy,0,,"), "order", [("appointments.csv", 3)]),
    ("order broken", with_changed("appointments", 3, "eve,HTM,deputy,1.5,,"), "order", [("appointments.csv", 3)]),
    ("order of a holder", with_changed("appointments", 2, "dee,HTM,holder,1,,"), "order", [("appointments.csv", 2)]),
    ("time", with_changed("appointments", 2, "dee,HTM,holder,,1.1.2026,"), "time", [("appointments.csv", 2)]),
    ("topic", with_changed("mandates", 1, "Maintenance,system,,HTM,,"), "topic", [("mandates.csv", 1)]),
    ("empty topic", with_lines(delegations=[DELEGATIONS, "HTM,,ana,,"]), "topic", [("delegations.csv", 1)]),
    ("limit", with_changed("mandates", 3, 'repair,facility,MERCY,BIOMED,"20,000",USD'), "limit", [("mandates.csv", 3)]),
    ("tested_on", with_lines(people=["person,name,email,phone,tested_on", "ana,,a@x,,yesterday", *(f"{p},,a@x,," for p in ("ben", "chief", "dee", "eve", "fay"))]), "time", [("people.csv", 1)]),
    ("position without id", with_more(positions=[",Nobody,system,,COO,"]), "id_missing", [("positions.csv", 6)]),
    ("person without id", with_more(people=[",Zoe,,"]), "id_missing", [("people.csv", 7)]),
    ("unit without facility", with_more(units=["XYZ,,,"]), "id_missing", [("units.csv", 4)]),
    ("zone of the settings", with_lines(settings=["key,value", "colour,blue", "tz,Mars/Base"]), "zone", [("settings.csv", 2)]),
    ("a setting twice", with_lines(settings=["key,value", "tz,UTC", "tz,Europe/Paris"]), "id_twice", [("settings.csv", 2)]),
    ("too many cells", with_changed("positions", 2, "HTM,Director, HTM,system,,COO,x"), "cells", [("positions.csv", 2)]),
    ("missing column", with_lines(absences=["person,from", "ana,"]), "column_missing", [("absences.csv", None)]),
    ("missing order column", with_lines(appointments=[line.replace(",order", "") for line in FILES["appointments"][:1]]), "column_missing", [("appointments.csv", None)]),
    ("a column twice", with_lines(absences=["person,from,to,to", "ana,,,"]), "column_twice", [("absences.csv", None)]),
]  # fmt: skip
CASES += [
    (f"{kind} missing", {k: lines for k, lines in FILES.items() if k != kind}, "file_missing", [(f"{kind}.csv", None)])
    for kind in FILES
]  # fmt: skip


@pytest.mark.parametrize(("files", "code", "where"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_each_fault_makes_the_chain_invalid_with_its_file_and_row(
    tmp_path: Path, files: Files, code: str, where: list[tuple[str, int | None]]
) -> None:
    loaded = load(tmp_path, files)
    assert places(loaded.errors, code) == where
    assert loaded.chain is None
    with pytest.raises(InvalidChain) as caught:
        loaded.valid()
    for error in loaded.errors:
        assert str(error) in str(caught.value)


FIRST_ORDER = [
    case for case in CASES if case[0] not in {"no helm", "two helms", "helm that reports", "too many cells"}
]


@pytest.mark.parametrize(
    ("files", "code", "where"), [pytest.param(*case[1:], id=case[0]) for case in FIRST_ORDER]
)
def test_a_fault_is_told_once_and_draws_no_other_errors_after_it(
    tmp_path: Path, files: Files, code: str, where: list[tuple[str, int | None]]
) -> None:
    assert [(error.code, error.file, error.row) for error in load(tmp_path, files).errors] == [(code, *place) for place in where]  # fmt: skip


VALID: list[tuple[str, Files]] = [
    ("the hospital itself", FILES),
    ("a holder follows at the very end of the last", with_lines(appointments=[*FILES["appointments"][:8], "ana,CN-ICU,holder,,,2026-01-01", "fay,CN-ICU,holder,,2026-01-01,"])),
    ("the helm changes hands without a gap", with_lines(appointments=["person,position,kind,order,from,to", "dee,COO,holder,,2026-02-01,", "chief,COO,holder,,2025-01-01,2026-02-01T00:00"])),
    ("two deputies at once, of equal order", with_more(appointments=["fay,CN-ICU,deputy,1,,"])),
    ("the same topic in two scopes", with_more(mandates=["maintenance,facility,MERCY,BIOMED,,"])),
    ("positions with nobody, a chain with no mandate", with_lines(appointments=FILES["appointments"][:2], mandates=FILES["mandates"][:1])),
    ("a unit and a facility of the same name", with_more(units=["MERCY,MERCY,,"])),
    ("YES in capitals, blanks around ids", with_changed("positions", 1, " COO ,Chief, system ,,,Yes")),
    ("unknown columns and unknown files", {**with_lines(absences=["person,why,from,to", "ana,sick,,"]), "notes": ["a,b", "1,2"]}),
    ("an empty optional file", with_lines(roster=[])),
    ("the topics a hospital adds", with_more(mandates=["3d_printing,system,,HTM,,"])),
]  # fmt: skip


@pytest.mark.parametrize("files", [pytest.param(case[1], id=case[0]) for case in VALID])
def test_what_is_allowed_is_valid(tmp_path: Path, files: Files) -> None:
    assert load(tmp_path, files).errors == ()


def test_a_gap_between_helm_holders_is_told_with_its_two_ends(tmp_path: Path) -> None:
    appointments = [
        "person,position,kind,order,from,to",
        "chief,COO,holder,,2025-01-01,2026-02-01",
        "dee,COO,holder,,2026-02-02,",
    ]
    (error,) = load(tmp_path, with_lines(appointments=appointments)).errors
    assert (error.code, error.file, error.row) == ("helm_without_holder", "appointments.csv", 1)
    assert "from 2026-02-01T00:00:00+00:00 to 2026-02-02T00:00:00+00:00" in error.text


def test_a_circle_is_told_as_a_way_with_how_many_hang_below_it(tmp_path: Path) -> None:
    files = with_changed("positions", 2, "HTM,,system,,BIOMED,")
    first, second = load(tmp_path, files).errors
    assert "HTM → BIOMED → HTM" in first.text
    assert "BIOMED → HTM → BIOMED" in second.text
    assert "1 more never arrive" in first.text


def test_a_fully_equal_row_is_ignored_with_a_note_and_still_counts_as_a_row(tmp_path: Path) -> None:
    appointments = [*FILES["appointments"], " ana ,CN-ICU,holder,,,", "zoe,CN-ICU,deputy,,,"]
    loaded = load(tmp_path, with_lines(appointments=appointments))
    assert places(loaded.notes, "repeated_row") == [("appointments.csv", 10)]
    assert [(error.code, error.row) for error in loaded.errors] == [("unknown_person", 11)]


def test_a_row_that_differs_in_an_unknown_column_only_is_no_repetition(tmp_path: Path) -> None:
    mandates = ["topic,scope_kind,scope,position,why", "recall,system,,HTM,a", "recall,system,,HTM,b"]
    assert places(load(tmp_path, with_lines(mandates=mandates)).errors, "two_mandates") == [
        ("mandates.csv", 2)
    ]


def test_ids_are_compared_exactly_and_the_likely_one_is_offered(tmp_path: Path) -> None:
    loaded = load(tmp_path, with_more(appointments=["ANA,CN-ICU,deputy,,,"]))
    assert "is ana meant?" in loaded.errors[0].text


def test_each_bare_day_in_to_is_noted_as_the_first_day_no_longer_valid(tmp_path: Path) -> None:
    files = with_lines(
        absences=["person,from,to", "ana,2026-11-02,2026-11-04", "ben,2026-11-02,2026-11-04T00:00"]
    )
    notes = [note for note in load(tmp_path, files).notes if note.code == "bare_day_to"]
    assert [(note.level, note.file, note.row) for note in notes] == [("note", "absences.csv", 1)]


def test_limits_in_two_currencies_are_noted(tmp_path: Path) -> None:
    assert places(load(tmp_path, with_more(mandates=["parts,system,,HTM,9,EUR"])).notes, "currencies") == [("mandates.csv", None)]  # fmt: skip

"""A chain's files as they come: any delimiter and encoding, a folder or a workbook, whole or broken."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from pilothouse.governance.rules import who
from pilothouse.governance.sources import load_chain
from pilothouse.governance.words import Place
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.times import UnknownZone
from tests.governance.hospital import FILES, at, load, places, with_changed, with_lines, workbook, write

ICU = Place("unit", "ICU")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_encoding_and_line_end_is_read(
    tmp_path: Path, delimiter: str, encoding: str, end: str
) -> None:
    files = with_changed("people", 1, "ana,Ana Álvarez,ana@mercy.example,+1 555 0101")
    for kind, lines in files.items():
        text = end.join(line.replace(",", delimiter) for line in lines)
        (tmp_path / f"{kind}.csv").write_bytes(text.encode(encoding))
    loaded = load_chain(tmp_path)
    assert loaded.errors == ()
    answer = who(loaded.valid(), "repair", ICU, at())
    assert (answer.name, answer.phone) == ("Ana Álvarez", "+1 555 0101")


def test_mixed_encodings_in_one_file_are_read_line_by_line_and_noted(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    lines = [FILES["people"][0].encode(), *(line.encode() for line in FILES["people"][3:])]
    lines += ["ana,Ana Álvarez,a@x,".encode(), "ben,Ben Müller,b@x,".encode("cp1252")]
    (folder / "people.csv").write_bytes(b"\n".join(lines))
    loaded = load_chain(folder)
    assert {person.name for person in loaded.valid().rows.people} >= {"Ana Álvarez", "Ben Müller"}
    assert places(loaded.notes, "encoding") == [("people.csv", None)]


def test_quotes_line_breaks_in_cells_blank_lines_and_odd_headers_are_read(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    positions = ['\ufeffPosition ;"TITLE";scope_kind;Scope;reports_to;HELM;extra', ";;;;;;", "", *(
        f'{line.replace(",", ";")};x' for line in FILES["positions"][1:5]
    ), '  CN-ICU ;"Charge nurse; ICU\nnights";unit;ICU;BIOMED;;']  # fmt: skip
    (folder / "positions.csv").write_text("\n".join(positions), encoding="utf-8")
    chain = load_chain(folder).valid()
    assert chain.positions["CN-ICU"].title == "Charge nurse; ICU\nnights"
    assert chain.positions["CN-ICU"].row == 5


def test_excels_own_first_line_that_names_the_delimiter_is_obeyed(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    lines = ["sep=;", *(line.replace(",", ";") for line in FILES["units"])]
    (folder / "units.csv").write_text("\n".join(lines))
    assert load_chain(folder).valid().units["ICU"].row == 1


def test_the_apostrophe_that_guards_a_cell_is_taken_off(tmp_path: Path) -> None:
    files = with_changed("people", 1, "ana,Ana Alvarez,,'+1 555 0101")
    assert load(tmp_path, files).valid().people["ana"].phone == "+1 555 0101"


def test_names_of_files_may_be_written_in_capitals(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    (folder / "units.csv").rename(folder / "Units.CSV")
    assert load_chain(folder).errors == ()


def test_a_quote_that_is_never_closed_costs_its_own_row_and_no_other(tmp_path: Path) -> None:
    files = with_lines(roster=["position,person,from,to", 'HTM,"ana,,', "HTM,ben,,", "HTM,zoe,,"])
    assert [(error.file, error.row) for error in load(tmp_path, files).errors] == [("roster.csv", 1), ("roster.csv", 3)]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\x00\x01\x02\x03" * 100, b"PK\x03\x04"])
def test_a_required_file_that_holds_no_table_is_an_error(tmp_path: Path, content: bytes) -> None:
    folder = write(tmp_path, FILES)
    (folder / "people.csv").write_bytes(content)
    loaded = load_chain(folder)
    assert {error.file for error in loaded.errors} == {"people.csv"}
    assert all(error.row is None for error in loaded.errors)


def test_a_folder_in_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path, FILES)
    (folder / "absences.csv").mkdir()
    assert places(load_chain(folder).errors, "unreadable") == [("absences.csv", None)]


def test_every_missing_file_and_column_is_told_at_once(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"units": ["unit"], "people": ["person,name"]})
    assert [(error.file, error.code) for error in loaded.errors] == [
        ("units.csv", "column_missing"),
        ("positions.csv", "file_missing"),
        ("people.csv", "column_missing"),
        ("people.csv", "column_missing"),
        ("appointments.csv", "file_missing"),
        ("mandates.csv", "file_missing"),
    ]


def test_neither_folder_nor_workbook_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no such folder or workbook"):
        load_chain(tmp_path / "nowhere")
    text = tmp_path / "chain.csv"
    text.write_text("position,title\n")
    with pytest.raises(UnreadableInput, match="damaged or none at all"):
        load_chain(text)


def test_a_workbook_gives_the_same_chain_as_the_folder(tmp_path: Path) -> None:
    folder = load(tmp_path, FILES).valid()
    book = load_chain(workbook(tmp_path / "chain.xlsx", FILES)).valid()
    assert book.rows.positions == folder.rows.positions
    assert book.rows.appointments == folder.rows.appointments
    assert book.rows.mandates == folder.rows.mandates
    assert book.rows.people == folder.rows.people


def test_dates_of_a_workbook_are_local_and_a_date_without_a_time_is_a_bare_day(tmp_path: Path) -> None:
    path = workbook(tmp_path / "chain.xlsx", with_lines(settings=["key,value", "tz,Europe/Berlin"]))
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("Absences")
    sheet.append(["person", "from", "to"])
    sheet.append(["ana", datetime(2026, 11, 2, 7, 30), date(2026, 11, 4)])
    sheet.append([])
    sheet.append(["ben", datetime(2026, 11, 2, 7, 30, 1), "2026-11-04T00:00Z"])
    book.save(path)
    loaded = load_chain(path)
    ana, ben = loaded.valid().rows.absences
    assert ana.start == int(at("2026-11-02T07:30", "Europe/Berlin").timestamp() * 1e6)
    assert ana.end == int(at("2026-11-04", "Europe/Berlin").timestamp() * 1e6)
    assert ben.start == ana.start + 1_000_000
    assert (ana.row, ben.row) == (1, 2)
    assert places(loaded.notes, "bare_day_to") == [("chain.xlsx#Absences", 1)]


def test_errors_of_a_workbook_name_its_sheet_and_row(tmp_path: Path) -> None:
    files = {
        kind: lines
        for kind, lines in with_changed("positions", 5, "CN-ICU,,unit,XYZ,BIOMED,").items()
        if kind != "people"
    }
    path = workbook(tmp_path / "chain.xlsx", files)
    assert places(load_chain(path).errors, "file_missing") == [("chain.xlsx#people", None)]
    path = workbook(path, {**files, "people": FILES["people"]})
    assert places(load_chain(path).errors, "unknown_unit") == [("chain.xlsx#positions", 5)]


def test_numbers_of_a_workbook_are_taken_as_they_look(tmp_path: Path) -> None:
    path = workbook(tmp_path / "chain.xlsx", FILES)
    book = openpyxl.load_workbook(path)
    book["mandates"].cell(row=4, column=5, value=20000.0)
    book["appointments"].cell(row=4, column=4, value=1)
    book.save(path)
    chain = load_chain(path).valid()
    assert str(chain.rows.mandates[2].limit) == "20000"
    assert chain.rows.appointments[2].order == 1


def test_a_workbook_cut_in_half_is_unreadable(tmp_path: Path) -> None:
    path = workbook(tmp_path / "chain.xlsx", FILES)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadableInput, match="damaged or none at all"):
        load_chain(path)


def test_a_damaged_sheet_is_unreadable(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "whole.xlsx", FILES)
    with zipfile.ZipFile(whole) as package, zipfile.ZipFile(tmp_path / "chain.xlsx", "w") as packed:
        for part in package.namelist():
            content = package.read(part)
            packed.writestr(part, content[: len(content) // 2] if part.endswith("sheet3.xml") else content)
    with pytest.raises(UnreadableInput, match="'positions' is damaged"):
        load_chain(tmp_path / "chain.xlsx")


def test_a_zip_that_is_no_workbook_is_unreadable(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "chain.xlsx", "w") as packed:
        packed.writestr("units.csv", "unit,facility\n")
    with pytest.raises(UnreadableInput, match="damaged or none at all"):
        load_chain(tmp_path / "chain.xlsx")


def test_the_zone_of_the_command_wins_over_the_one_of_the_settings(tmp_path: Path) -> None:
    files = with_lines(
        settings=["key,value", "tz,Europe/Berlin"], absences=["person,from,to", "ana,2026-11-02,"]
    )
    assert load(tmp_path, files).zone.key == "Europe/Berlin"
    assert load(tmp_path, files, "America/Chicago").zone.key == "America/Chicago"
    assert load(tmp_path, FILES).zone.key == "UTC"
    with pytest.raises(UnknownZone):
        load(tmp_path, files, "Chicago")


def test_units_and_facilities_can_be_found_by_name(tmp_path: Path) -> None:
    chain = load(tmp_path, FILES).valid()
    assert {unit.id: unit.name for unit in chain.units.values()} == {"ICU": "Intensive care", "ED": "Emergency", "NICU": "Newborn intensive care"}  # fmt: skip
    assert {one.id: one.name for one in chain.facilities.values()} == {"MERCY": "Mercy Hospital", "HOPE": "Hope Hospital"}  # fmt: skip

"""Workbooks: the right sheet, merged cells, numbers that were identifiers, and bombs that do not go off."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from pilothouse.kernel.errors import UnreadableInput
from tests.kernel.reading_files import Whole


def _book(folder: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = folder / "list.xlsx"
    book.save(path)
    return path


def test_the_first_sheet_with_a_recognised_header_is_read(tmp_path: Path) -> None:
    read = Whole(_book(tmp_path, Cover=[["Our hospital"], ["Page", 1]], List=[["Asset No", "Serial"], ["1", "A"]], Old=[["Asset No", "Serial"], ["2", "B"]]))  # fmt: skip
    assert (read.form, read.cells, read.notes) == ("workbook", [["1", "A"]], ["sheet List"])


def test_a_sheet_is_named_behind_a_hash(tmp_path: Path) -> None:
    path = _book(
        tmp_path, List=[["Asset No", "Serial"], ["1", "A"]], Old=[["Asset No", "Serial"], ["2", "B"]]
    )
    assert Whole(f"{path}#old").cells == [["2", "B"]]


def test_an_unknown_sheet_is_answered_with_the_sheets_there_are(tmp_path: Path) -> None:
    path = _book(tmp_path, Inventory=[["Asset No", "Serial"]])
    with pytest.raises(UnreadableInput, match="near it: Inventory"):
        Whole(f"{path}#Inventry")


def test_a_file_whose_name_holds_a_hash_is_that_file(tmp_path: Path) -> None:
    path = _book(tmp_path, List=[["Asset No", "Serial"], ["1", "A"]]).rename(tmp_path / "list#2.xlsx")
    assert Whole(path).cells == [["1", "A"]]


def test_a_sheets_name_may_hold_a_hash_too(tmp_path: Path) -> None:
    path = _book(tmp_path, **{"Old": [["Asset No"], ["1"]], "Gear #1": [["Asset No"], ["2"]]})
    assert Whole(f"{path}#Gear #1").cells == [["2"]]


def test_rows_and_sheet_rows_are_counted_apart(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [],
        ["Equipment list"],
        [],
        ["Asset No", "Serial"],
        ["1", "A"],
        [],
        ["2", "B"],
        ["Total", 2],
    ]
    read = Whole(_book(tmp_path, List=rows))
    assert list(zip(read.rows, read.lines, strict=True)) == [(1, 5), (2, 7)]
    assert [(r.row, r.line, r.problem) for r in read.refused] == [(3, 8, "looks like a total")]


def test_cells_read_as_their_sheet_shows_them(tmp_path: Path) -> None:
    cells = [12345, 2.5, "00012", date(2024, 1, 2), datetime(2024, 1, 2, 3, 4, 5), True, None]
    header = ["Asset No", "Serial", "Model", "MAC", "IP", "Department", "Purchase Date"]
    read = Whole(_book(tmp_path, List=[header, cells]))
    assert read.cells == [["12345", "2.5", "00012", "2024-01-02", "2024-01-02 03:04:05", "TRUE", ""]]


def test_a_number_beyond_fifteen_digits_is_not_passed_off_as_an_identifier(tmp_path: Path) -> None:
    read = Whole(_book(tmp_path, List=[["Asset No", "Serial"], [1, 123456789012345678]]))
    assert read.cells[0][1] == "1.23456789012346E+17"


def test_a_cell_merged_over_rows_counts_for_each_of_them(tmp_path: Path) -> None:
    path = _book(tmp_path, List=[["Asset No", "Department"], ["1", "ICU"], ["2"], ["3"], ["4", "ED"]])
    book = openpyxl.load_workbook(path)
    book["List"].merge_cells("B2:B4")
    book.save(path)
    assert [cells[1] for cells in Whole(path).cells] == ["ICU", "ICU", "ICU", "ED"]


def test_merged_header_rows_are_read_as_one_header(tmp_path: Path) -> None:
    path = _book(
        tmp_path, List=[["Asset No", "Purchase", None], [None, "Date", "Price"], ["1", "2020-01-02", 5]]
    )
    book = openpyxl.load_workbook(path)
    book["List"].merge_cells("A1:A2")
    book["List"].merge_cells("B1:C1")
    book.save(path)
    read = Whole(path)
    assert (read.columns, read.rows) == (("Asset No", "Purchase Date", "Purchase Price"), [1])


def test_a_hidden_sheet_comes_last(tmp_path: Path) -> None:
    path = _book(
        tmp_path, Draft=[["Asset No", "Serial"], ["9", "Z"]], List=[["Asset No", "Serial"], ["1", "A"]]
    )
    book = openpyxl.load_workbook(path)
    book["Draft"].sheet_state = "hidden"
    book.save(path)
    assert Whole(path).cells == [["1", "A"]]


def test_a_workbook_without_a_word_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no header line"):
        Whole(_book(tmp_path, A=[], B=[[]]))


def test_a_workbook_cut_in_half_says_so(tmp_path: Path) -> None:
    path = _book(tmp_path, List=[["Asset No", "Serial"], *[[str(i), "A"] for i in range(500)]])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UnreadableInput, match="damaged"):
        Whole(path)


def test_a_zip_that_is_no_workbook_is_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("list.csv", "Asset No,Serial\n1,A\n")
    with pytest.raises(UnreadableInput, match="zip archive and no workbook"):
        Whole(path)


def test_a_zip_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = _book(tmp_path, List=[["Asset No", "Serial"], ["1", "A"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/x.xml", b"0" * (80 << 20))
    with pytest.raises(UnreadableInput, match="zip bomb"):
        Whole(path)


def test_a_bomb_that_lies_about_its_size_is_measured(tmp_path: Path) -> None:
    path = _book(tmp_path, List=[["Asset No", "Serial"], ["1", "A"]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/x.xml", b"0" * (80 << 20))
    content = path.read_bytes().replace(struct.pack("<I", 80 << 20), struct.pack("<I", 10))
    path.write_bytes(content)
    with pytest.raises(UnreadableInput, match="zip bomb"):
        Whole(path)


def test_one_stray_cell_at_the_far_corner_is_refused(tmp_path: Path) -> None:
    path = _book(tmp_path, List=[["Asset No", "Serial"], ["1", "A"]])
    book = openpyxl.load_workbook(path)
    book["List"]["XFD1048576"] = "x"
    book.save(path)
    with pytest.raises(UnreadableInput, match="1048576 rows and 16384 columns"):
        Whole(path)


def test_a_directory_that_points_before_the_file_says_damaged(tmp_path: Path) -> None:
    content = _book(tmp_path, List=[["Asset No"], ["1"]]).read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(content[:40] + content[900:])
    with pytest.raises(UnreadableInput, match="damaged"):
        Whole(path)


def test_an_old_container_that_holds_no_workbook_says_so(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096))
    with pytest.raises(UnreadableInput, match="damaged or none at all"):
        Whole(path)

"""Workbooks are looked at before they are opened."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.workbook import cell_text, check_package, open_workbook


def packed(path: Path, content: bytes, name: str = "xl/worksheets/sheet1.xml") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return path


def test_a_package_that_unpacks_to_more_than_is_taken_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "bomb.xlsx", b"0" * (3 << 20))
    check_package(str(path))
    monkeypatch.setattr("pilothouse.kernel.workbook.MOST_UNPACKED", 2 << 20)
    with pytest.raises(UnreadableInput, match="zip bomb"):
        check_package(str(path))


def test_the_size_that_a_package_states_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "liar.xlsx", b"0" * (3 << 20))
    path.write_bytes(path.read_bytes().replace((3 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    monkeypatch.setattr("pilothouse.kernel.workbook.MOST_UNPACKED", 2 << 20)
    with pytest.raises(UnreadableInput, match="zip bomb"):
        check_package(str(path))


def test_one_stray_cell_in_the_far_corner_is_refused_before_it_costs_its_rectangle(tmp_path: Path) -> None:
    corner = b'<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'
    with pytest.raises(UnreadableInput, match="spans 1048576 rows and 16384 columns"):
        check_package(str(packed(tmp_path / "corner.xlsx", corner)))


def test_a_package_cut_off_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "cut.xlsx", bytes(range(256)) * 100)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(UnreadableInput, match="damaged or none at all"):
        open_workbook(str(path))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("HTM", "HTM"),
        (3.0, "3"),
        (0.5, "0.5"),
        (7, "7"),
        (True, "TRUE"),
        (123456789012345678.0, "1.23456789012346E+17"),
        (date(2026, 11, 2), "2026-11-02"),
        (datetime(2026, 11, 2, 7, 29, 59, 999_999), "2026-11-02 07:30:00"),
        (datetime(2026, 11, 1, 23, 59, 59, 999_999), "2026-11-02"),
    ],
)
def test_a_cell_reads_as_a_person_would_have_typed_it(cell: str | float | date, text: str) -> None:
    assert cell_text(cell) == text

"""Workbooks are looked at before they are opened."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest

from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.workbook import cell_text, refuse_bomb


def test_a_workbook_that_unpacks_to_more_than_is_taken_is_refused_before_it_is_unpacked(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (3 << 20))
    with pytest.raises(UnreadableInput, match="unpacks to 3 MiB, more than the 2 MiB"):
        refuse_bomb(path, largest_bytes=2 << 20)
    refuse_bomb(path, largest_bytes=3 << 20)


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("sheet.xml", b"0" * (3 << 20))
    true, lie = (3 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(true, lie))
    with pytest.raises(UnreadableInput, match="damaged"):
        refuse_bomb(path, largest_bytes=2 << 20)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("HTM", "HTM"),
        (3.0, "3"),
        (0.5, "0.5"),
        (7, "7"),
        (True, "TRUE"),
        (date(2026, 11, 2), "2026-11-02"),
        (datetime(2026, 11, 2, 7, 29, 59, 999_999), "2026-11-02T07:30:00"),
        (datetime(2026, 11, 2), "2026-11-02T00:00:00"),
    ],
)
def test_a_cell_reads_as_a_person_would_have_typed_it(cell: str | float | date | None, text: str) -> None:
    assert cell_text(cell) == text

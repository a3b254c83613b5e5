"""Workbooks: XLSX first of all; XLS, XLSB and ODS come with the same reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.header import RECOGNISED, ROWS_LOOKED_AT, Header, find_header
from pilothouse.kernel.reading.rows import Record, batches
from pilothouse.kernel.reading.table import Recognise, Table, shortened
from pilothouse.kernel.text import near_it
from pilothouse.kernel.workbook import Cell, cell_texts, open_workbook, sheet_of


def read_workbook(path: str, recognise: Recognise, sheet_name: str | None = None) -> Table:
    """The table of a workbook: of the named sheet, else of the first one with a recognised header.

    A visible sheet comes before a hidden one. A cell merged over several rows counts for each of them.
    Raises UnreadableInput for a bomb, a damaged or protected workbook, an unknown sheet, an empty one.
    """
    workbook = open_workbook(path)
    sheet, rows, header = _chosen(path, workbook, recognise, sheet_name)
    table = Table("workbook", header.columns, iter(()), lambda wanted: _originals(rows, wanted))
    table.notes += [f"sheet {sheet.name}", *header.notes]
    merged = _merged_down(sheet, header.index)
    if merged:
        table.notes.append(f"{len(merged)} cells take the value of a cell merged over several rows")
    body = _body(rows[header.index + 1 :], header.index + 2, len(header.columns), merged)
    table.batches = batches(table, body, "\t".join)
    return table


def _originals(rows: Sequence[Sequence[Cell]], wanted: Mapping[int, int]) -> dict[int, str]:
    """Records as a sheet is pasted: cells parted by tabs."""
    return {row: shortened("\t".join(cell_texts(rows[line - 1]))) for row, line in wanted.items()}


def _chosen(
    path: str, workbook: CalamineWorkbook, recognise: Recognise, sheet_name: str | None
) -> tuple[CalamineSheet, list[list[Cell]], Header]:
    """The sheet to read, its rows, and its header."""
    names = _names(path, workbook, sheet_name)
    fallback: tuple[CalamineSheet, list[list[Cell]], Header] | None = None
    for name in names:
        sheet, rows = sheet_of(path, workbook, name)
        header = find_header([cell_texts(row) for row in rows[:ROWS_LOOKED_AT]], recognise)
        if header is None:
            continue
        if sheet_name is not None or header.score >= 2 * RECOGNISED:
            return sheet, rows, header
        if fallback is None or header.score > fallback[2].score:
            fallback = (sheet, rows, header)
    if fallback is None:
        raise UnreadableInput(f"{path}: no header line on {', '.join(names)}; expected the names of the columns above the records")  # fmt: skip
    return fallback


def _names(path: str, workbook: CalamineWorkbook, wanted: str | None) -> list[str]:
    if wanted is None:
        hidden = {s.name for s in workbook.sheets_metadata if s.visible != SheetVisibleEnum.Visible}
        return sorted(workbook.sheet_names, key=lambda name: name in hidden)
    folded = {name.strip().lower(): name for name in workbook.sheet_names}
    if (found := folded.get(wanted.strip().lower())) is not None:
        return [found]
    raise UnreadableInput(
        f"{path}: there is no sheet {wanted!r}{near_it(wanted, workbook.sheet_names)}; the sheets are {', '.join(workbook.sheet_names)}"
    )


def _body(
    rows: Sequence[Sequence[Cell]], first_line: int, width: int, merged: dict[tuple[int, int], int]
) -> Iterator[Record]:
    """The records below the header: texts, each merged cell's value repeated down its rows."""
    values: dict[int, str] = {}
    for line, row in enumerate(rows, start=first_line):
        cells = cell_texts(row)
        if merged and any(cells):
            for place in range(min(len(cells), width)):
                top = merged.get((line, place))
                if top == line:
                    values[place] = cells[place]
                elif top is not None and not cells[place]:
                    cells[place] = values.get(place, "")
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        yield line, cells, ""


def _merged_down(sheet: CalamineSheet, header_index: int) -> dict[tuple[int, int], int]:
    """For each cell of a range merged over several rows below the header: (line, place) to the range's top line."""
    left = sheet.start[1] if sheet.start else 0
    covered = {}
    for (top, first), (bottom, _) in sheet.merged_cell_ranges or ():
        if top > header_index and top < bottom < top + 10_000:
            for row in range(top, bottom + 1):
                covered[row + 1, first - left] = top + 1
    return covered

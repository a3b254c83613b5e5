"""Workbooks: XLSX first of all; XLS, XLSB and ODS come with the same reader."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.header import RECOGNISED, ROWS_LOOKED_AT, Header, find_header
from pilothouse.kernel.reading.rows import Record, batches
from pilothouse.kernel.reading.table import Recognise, Table, shortened
from pilothouse.kernel.workbook import check_package

Cell = int | float | str | bool | time | date | datetime | timedelta


def read_workbook(path: str, recognise: Recognise, sheet_name: str | None = None) -> Table:
    """The table of a workbook: of the named sheet, else of the first one with a recognised header.

    A visible sheet comes before a hidden one. A cell merged over several rows counts for each of them.
    Raises UnreadableInput for a bomb, a damaged or protected workbook, an unknown sheet, an empty one.
    """
    if zipfile.is_zipfile(path):
        check_package(path)
    workbook = _opened(path)
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
    return {row: shortened("\t".join(_texts(rows[line - 1]))) for row, line in wanted.items()}


def _opened(path: str) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise UnreadableInput(
            f"{path}: the workbook is protected by a password; save it without one"
        ) from None
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableInput(
            f"{path}: this workbook is damaged or none at all ({error}); save it anew as XLSX"
        ) from None
    except BaseException as error:
        raise _panic(path, error) from None


def _panic(path: str, error: BaseException) -> BaseException:
    """A fault inside the reading library arrives as a BaseException; it is the file's fault, not ours."""
    if type(error).__name__ == "PanicException":
        return UnreadableInput(f"{path}: this workbook is damaged; save it anew as XLSX")
    return error


def _chosen(
    path: str, workbook: CalamineWorkbook, recognise: Recognise, sheet_name: str | None
) -> tuple[CalamineSheet, list[list[Cell]], Header]:
    """The sheet to read, its rows, and its header."""
    names = _names(path, workbook, sheet_name)
    fallback: tuple[CalamineSheet, list[list[Cell]], Header] | None = None
    for name in names:
        sheet, rows = _sheet(path, workbook, name)
        header = find_header([_texts(row) for row in rows[:ROWS_LOOKED_AT]], recognise)
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
    near = get_close_matches(wanted.lower(), folded, n=1)
    meant = f"; did you mean {folded[near[0]]!r}?" if near else ""
    raise UnreadableInput(
        f"{path}: there is no sheet {wanted!r}{meant}; the sheets are {', '.join(workbook.sheet_names)}"
    )


def _sheet(path: str, workbook: CalamineWorkbook, name: str) -> tuple[CalamineSheet, list[list[Cell]]]:
    try:
        sheet = workbook.get_sheet_by_name(name)
        return sheet, list(sheet.iter_rows())
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableInput(
            f"{path}: sheet {name!r} is damaged ({error}); save the workbook anew"
        ) from None
    except BaseException as error:
        raise _panic(path, error) from None


def _body(
    rows: Sequence[Sequence[Cell]], first_line: int, width: int, merged: dict[tuple[int, int], int]
) -> Iterator[Record]:
    """The records below the header: texts, each merged cell's value repeated down its rows."""
    values: dict[int, str] = {}
    for line, row in enumerate(rows, start=first_line):
        cells = _texts(row)
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


def _texts(row: Sequence[Cell]) -> list[str]:
    return [cell if type(cell) is str else _text(cell) for cell in row]


def _text(cell: Cell) -> str:
    """A cell as its sheet shows it: whole numbers without `.0`, dates in ISO form.

    A spreadsheet keeps 15 digits; from there on a number is written 1.23E+17, so that nobody takes it for
    the identifier it once was.
    """
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        if abs(cell) >= 1e15:
            return f"{cell:.14E}"
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
    if isinstance(cell, datetime):
        cell = (cell + timedelta(milliseconds=500)).replace(
            microsecond=0
        )  # times are fractions of a day there
        whole_day = cell.time() == time(0)
        return cell.date().isoformat() if whole_day else cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)

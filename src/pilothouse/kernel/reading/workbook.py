"""Workbooks: XLSX first of all; XLS, XLSB and ODS come with the same reader."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.header import RECOGNISED, ROWS_LOOKED_AT, Header, find_header
from pilothouse.kernel.reading.rows import Record, batches
from pilothouse.kernel.reading.table import Recognise, Table

MOST_UNPACKED = 2 << 30
"""Bytes that a workbook may unpack to."""
MOST_RATIO, RATIO_FROM = 250, 64 << 20
"""A member that grows more than this many times is a bomb, once it has grown to this many bytes."""
MOST_CELLS = 50_000_000
"""Rows times columns of a sheet: the reader holds the whole rectangle, so one stray far cell costs all of it."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="(\d{1,7})"')
_CELL = re.compile(rb' r="([A-Z]{1,3})\d')
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
    table = Table("workbook", header.columns, iter(()), notes=[f"sheet {sheet.name}", *header.notes])
    merged = _merged_down(sheet, header.index)
    if merged:
        table.notes.append(f"{len(merged)} merged cells count for each of the rows they cover")
    body = _body(rows[header.index + 1 :], header.index + 2, len(header.columns), merged)
    table.batches = batches(table, body, lambda cells: "\t".join(cells))
    return table


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
        f"{path}: there is no sheet {wanted!r}{meant} The sheets are {', '.join(workbook.sheet_names)}"
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
        whole_day = cell.time() == time(0)
        return cell.date().isoformat() if whole_day else cell.isoformat(sep=" ", timespec="seconds")
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


# --- Before the reader opens it -------------------------------------------------------------------------------


def check_package(path: str) -> None:
    """Refuse a package that unpacks to more than it should, or a sheet whose rectangle is too large.

    The sizes a package states may lie, so every member is unpacked once, in pieces, and counted.
    """
    total = 0
    try:
        with zipfile.ZipFile(path) as package, Path(path).open("rb") as stream:
            for member in package.infolist():
                if member.flag_bits & 1:
                    raise UnreadableInput(
                        f"{path}: the workbook is protected by a password; save it without one"
                    )
                total += _measure(path, stream, member, MOST_UNPACKED - total)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError) as error:
        raise UnreadableInput(f"{path}: the workbook is damaged or cut off ({error}); save it anew") from None


def _measure(path: str, stream: BinaryIO, member: zipfile.ZipInfo, room: int) -> int:
    """The true unpacked size of one member; raises UnreadableInput once it is beyond what is allowed."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableInput(
            f"{path}: {member.filename} is packed in a way no workbook is; save it anew as XLSX"
        )
    size = 0
    extent = _Extent(path, member.filename) if "worksheets/" in member.filename else None
    for piece in _unpacked(stream, member):
        size += len(piece)
        if size > room or (size > RATIO_FROM and size > MOST_RATIO * max(member.compress_size, 1)):
            raise UnreadableInput(f"{path}: {member.filename} unpacks to more than {size >> 20} MiB from {member.compress_size >> 10} KiB, as only a zip bomb does; expected a workbook of at most {MOST_UNPACKED >> 30} GiB")  # fmt: skip
        if extent is not None:
            extent.saw(piece)
    return size


def _unpacked(stream: BinaryIO, member: zipfile.ZipInfo) -> Iterator[bytes]:
    stream.seek(member.header_offset)
    mark, name_length, extra_length = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
    if mark != b"PK\x03\x04":
        raise zipfile.BadZipFile(f"no header before {member.filename}")
    stream.seek(name_length + extra_length, 1)
    left = member.compress_size
    inflate = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        packed = stream.read(min(65536, left))
        if not packed:
            raise EOFError(f"{member.filename} ends early")
        left -= len(packed)
        if inflate is None:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, 1 << 20)
            packed = inflate.unconsumed_tail


class _Extent:
    """The rectangle a sheet's cells span, read from its XML as it passes by."""

    def __init__(self, path: str, name: str) -> None:
        self._path, self._name = path, name
        self._rows = self._columns = 0
        self._tail = b""

    def saw(self, piece: bytes) -> None:
        """Take in the next piece. Raises UnreadableInput when the rectangle is too large."""
        text = self._tail + piece
        self._tail = piece[-200:]
        self._rows = max(self._rows, max(map(int, _ROW.findall(text)), default=0))
        self._columns = max(self._columns, max(map(_column_number, set(_CELL.findall(text))), default=0))
        if self._rows * self._columns > MOST_CELLS:
            raise UnreadableInput(f"{self._path}: {self._name} spans {self._rows} rows and {self._columns} columns; expected at most {MOST_CELLS:,} cells: delete the empty rows and columns beyond the table, or save it as CSV")  # fmt: skip


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number

"""Workbooks, looked at before they are opened, and their cells as text; without Arrow or anything else heavy.

`who` reads the chain of command with this. The rest of the house reads workbooks through `kernel.reading`,
which stands on the same functions: what one accepts, the other accepts.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from pilothouse.kernel.errors import UnreadableInput

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

Cell: TypeAlias = int | float | str | bool | time | date | datetime | timedelta

MOST_UNPACKED = 2 << 30
"""Bytes that a workbook may unpack to."""
MOST_RATIO, RATIO_FROM = 250, 64 << 20
"""A member that grows more than this many times is a bomb, once it has grown to this many bytes."""
MOST_CELLS = 50_000_000
"""Rows times columns of a sheet: the reader holds the whole rectangle, so one stray far cell costs all of it."""

PROTECTED = "the workbook is protected by a password; save it without one"

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="(\d{1,7})"')
_CELL = re.compile(rb' r="([A-Z]{1,3})\d')
_HALF_SECOND = timedelta(microseconds=500_000)


def open_workbook(path: str) -> CalamineWorkbook:
    """The workbook of a file: XLSX, or XLS, XLSB and ODS, which come with the same reader.

    Raises UnreadableInput for anything else, for a bomb, a damaged or a protected workbook.
    """
    if zipfile.is_zipfile(path):
        check_package(path)
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise UnreadableInput(f"{path}: {PROTECTED}") from None
    except BaseException as error:
        raise _told(error, f"{path}: this workbook is damaged or none at all") from None


def sheet_of(path: str, workbook: CalamineWorkbook, name: str) -> tuple[CalamineSheet, list[list[Cell]]]:
    """A sheet and its rows, blank ones too. Raises UnreadableInput for a damaged one."""
    try:
        sheet = workbook.get_sheet_by_name(name)
        return sheet, list(sheet.iter_rows())
    except BaseException as error:
        raise _told(error, f"{path}: the sheet {name!r} is damaged") from None


def _told(error: BaseException, what: str) -> BaseException:
    """The error in the user's words, if it is the file's fault; a stop of the run stays what it is.

    A fault inside the reading library arrives as a PanicException, which is no Exception.
    """
    if isinstance(error, Exception):
        return UnreadableInput(f"{what} ({error}); save it anew as XLSX")
    if type(error).__name__ == "PanicException":
        return UnreadableInput(f"{what}; save it anew as XLSX")
    return error


def cell_texts(row: Iterable[Cell]) -> list[str]:
    """The cells of a row as texts."""
    return [cell if type(cell) is str else cell_text(cell) for cell in row]


def cell_text(cell: Cell) -> str:
    """A cell as its sheet shows it: whole numbers without `.0`, dates and times in ISO form.

    A spreadsheet keeps 15 digits; from there on a number is written 1.23E+17, so that nobody takes it for the
    identifier it once was. It keeps times as fractions of a day, so they are rounded to the second.
    """
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if abs(cell) >= 1e15:
            return f"{cell:.14E}"
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
    if isinstance(cell, datetime):
        whole = (cell + _HALF_SECOND).replace(microsecond=0)
        return whole.date().isoformat() if whole.time() == time(0) else whole.isoformat(sep=" ")
    return str(cell)


def check_package(path: str) -> None:
    """Refuse a package that unpacks to more than it should, or a sheet whose rectangle is too large.

    The sizes a package states may lie, so every member is unpacked once, in pieces, and counted.
    """
    total = 0
    try:
        with zipfile.ZipFile(path) as package, Path(path).open("rb") as stream:
            for member in package.infolist():
                if member.flag_bits & 1:
                    raise UnreadableInput(f"{path}: {PROTECTED}")
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
    if member.header_offset < 0:
        raise zipfile.BadZipFile(f"the directory is wrong about {member.filename}")
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

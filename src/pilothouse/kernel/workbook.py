"""XLSX workbooks as sheets of text, opened only after their packed size was looked at.

Imports neither Arrow nor anything else heavy; the reader itself (python-calamine) is imported when needed.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pilothouse.kernel.errors import UnreadableInput

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

LARGEST_BYTES = 512 << 20
"""Unpacked bytes of all parts together; a larger workbook is refused before anything is unpacked."""
_CHUNK = 1 << 20
_HALF_SECOND = timedelta(microseconds=500_000)


def open_workbook(path: Path, largest_bytes: int = LARGEST_BYTES) -> CalamineWorkbook:
    """The workbook of an XLSX file. Raises UnreadableInput for anything else, and for a zip bomb."""
    refuse_bomb(path, largest_bytes)
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise UnreadableInput(
            f"{path}: the workbook is locked with a password; save it without one"
        ) from None
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableInput(f"{path}: this is no XLSX workbook that can be read ({error})") from None


def refuse_bomb(path: Path, largest_bytes: int = LARGEST_BYTES) -> None:
    """Raises UnreadableInput unless this is a sound zip whose parts unpack to at most `largest_bytes`.

    The sizes in a zip's directory may lie; so every part is unpacked once, and reading stops at the size
    it is said to have.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
            size = sum(part.file_size for part in parts)
            if size > largest_bytes:
                raise UnreadableInput(
                    f"{path}: unpacks to {size >> 20} MiB, more than the {largest_bytes >> 20} MiB taken here"
                )
            for part in parts:
                with packed.open(part) as stream:
                    while stream.read(_CHUNK):
                        pass
    except FileNotFoundError:
        raise UnreadableInput(f"{path}: no such file") from None
    except RuntimeError:  # what zipfile raises for an encrypted part
        raise UnreadableInput(f"{path}: the workbook is encrypted; save it without a password") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UnreadableInput(f"{path}: this is no XLSX workbook, or a damaged one ({error})") from None
    except OSError as error:
        raise UnreadableInput(f"{path}: cannot be opened ({error})") from None


def sheet_records(workbook: CalamineWorkbook, sheet: str) -> Iterator[list[str]]:
    """The rows of a sheet as text, blank ones too."""
    for row in workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False):
        yield [cell_text(cell) for cell in row]


def cell_text(cell: str | float | bool | date | datetime | time | timedelta | None) -> str:
    """A cell as a person would have typed it into a CSV file: `3`, `2026-11-02`, `2026-11-02T07:30:00`.

    Excel keeps times as fractions of a day, so they are rounded to the second.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return (cell + _HALF_SECOND).replace(microsecond=0).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)

"""The file formats in which a world's sources are written, each a head, joinable bodies of rows and a tail."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pilothouse.demo.rows import Row

Cells = Sequence[str | list[str]]


class Sheet(Protocol):
    """One source file: how it begins, how rows follow each other, how it ends."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def joint(self) -> bytes:
        """What stands between two bodies."""

    def open(self, path: Path) -> AbstractContextManager[IO[bytes]]:
        """The file to which head, bodies and tail are written."""

    def head(self) -> bytes:
        """What stands before the first row."""

    def body(self, rows: Sequence[Row]) -> bytes:
        """The rows, so that bodies may be joined by `joint`."""

    def tail(self) -> bytes:
        """What stands after the last row."""


class _Plain:
    """What is written as it is."""

    __slots__ = ()

    def open(self, path: Path) -> IO[bytes]:
        return path.open("wb")


@dataclass(frozen=True, slots=True)
class Delimited(_Plain):
    """A file of delimited lines.

    headers: one line, or a banner and the line of names. mark: the byte-order mark. totals: a last line of
    sums. pasted: two exports in one file, every third line in UTF-8 and the others in `encoding`, and a blank
    line now and then.
    """

    name: str
    headers: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    mark: bytes = b""
    line_end: str = "\r\n"
    totals: tuple[str, ...] = ()
    pasted: bool = False
    joint: bytes = b""

    def head(self) -> bytes:
        return self.mark + self._lines(self.headers)

    def body(self, rows: Sequence[Row]) -> bytes:
        if not self.pasted:
            return self._lines([row.cells for row in rows])
        return b"".join(self._pasted(number, row) for number, row in enumerate(rows))

    def tail(self) -> bytes:
        return self._lines([self.totals]) if self.totals else b""

    def _pasted(self, number: int, row: Row) -> bytes:
        text = self._text([row.cells])
        line = text.encode("utf-8") if number % 3 == 0 else text.encode(self.encoding, "replace")
        return line + self.line_end.encode() if number % 250 == 249 else line

    def _lines(self, lines: Sequence[Cells]) -> bytes:
        return self._text(lines).encode(self.encoding, "replace")

    def _text(self, lines: Sequence[Cells]) -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerows(lines)
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class JsonArray(_Plain):
    """A file that is one JSON array of objects; empty cells are left out."""

    name: str
    fields: tuple[str, ...]
    joint: bytes = b",\n"

    def head(self) -> bytes:
        return b"[\n"

    def body(self, rows: Sequence[Row]) -> bytes:
        return ",\n".join(json.dumps(_record(self.fields, row)) for row in rows).encode()

    def tail(self) -> bytes:
        return b"\n]\n"


@dataclass(frozen=True, slots=True)
class JsonLines(_Plain):
    """A file with one JSON object a line; empty cells are null."""

    name: str
    fields: tuple[str, ...]
    joint: bytes = b""

    def head(self) -> bytes:
        return b""

    def body(self, rows: Sequence[Row]) -> bytes:
        lines = (json.dumps({name: cell or None for name, cell in zip(self.fields, row.cells, strict=True)}) for row in rows)  # fmt: skip
        return "".join(f"{line}\n" for line in lines).encode()

    def tail(self) -> bytes:
        return b""


def _record(fields: tuple[str, ...], row: Row) -> dict[str, str | list[str]]:
    return {name: cell for name, cell in zip(fields, row.cells, strict=True) if cell}


_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time in every entry of a workbook, so that its bytes do not depend on the clock."""
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}"/>'
    f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_SHEET_TYPE}"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="About" sheetId="1" r:id="rId1"/>'
    '<sheet name="Devices" sheetId="2" r:id="rId2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>',
    "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData><row><c t="inlineStr"><is><t>Exported devices, see the next sheet</t></is></c></row></sheetData></worksheet>',
}


@dataclass(frozen=True, slots=True)
class Workbook:
    """An XLSX file: a sheet that only says what follows, then the sheet of rows; every cell is text."""

    name: str
    headers: tuple[str, ...]
    joint: bytes = b""

    @contextmanager
    def open(self, path: Path) -> Iterator[IO[bytes]]:
        with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=3) as packed:
            for part, text in _PARTS.items():
                packed.writestr(_entry(part), _XML + text)
            with packed.open(_entry("xl/worksheets/sheet2.xml"), "w", force_zip64=True) as sheet:
                yield sheet

    def head(self) -> bytes:
        return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{_sheet_row(self.headers)}'.encode()

    def body(self, rows: Sequence[Row]) -> bytes:
        return "".join(_sheet_row(row.cells) for row in rows).encode()

    def tail(self) -> bytes:
        return b"</sheetData></worksheet>"


def _entry(part: str) -> ZipInfo:
    entry = ZipInfo(part, _EPOCH)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _sheet_row(cells: Cells) -> str:
    inside = "".join(
        f'<c t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>' if cell else "<c/>" for cell in cells
    )
    return f"<row>{inside}</row>"

"""A list as a file: exactly what the filter finds, as CSV or as a workbook, written while it is read."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from django.http import StreamingHttpResponse

from pilothouse.core.listing.asked import Asked
from pilothouse.core.listing.kinds import Column, Row
from pilothouse.kernel.records import guarded

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET_ROWS: Final = 1_048_575
"""Rows of a sheet below its head; more of them begin another sheet."""
LONGEST_CELL: Final = 32_767
"""Characters of a cell, which no spreadsheet goes beyond."""
_CONTROL: Final = {code: None for code in range(32) if code not in (9, 10, 13)}
Texts = Iterable[Sequence[Sequence[str]]]
"""Chunks of texts: of columns for CSV, of rows for a workbook."""


def exported(
    asked: Asked, chunks: Iterator[Sequence[Row]], kind: str, columns: Sequence[Column]
) -> StreamingHttpResponse:
    """The answer that brings a file. kind: csv or xlsx."""
    head = [column.label for column in columns]
    if kind == "xlsx":
        content = workbook(head, (list(zip(*_texts(columns, rows), strict=True)) for rows in chunks if rows))
    else:
        content = csv_file(head, (_texts(columns, rows) for rows in chunks if rows))
    answer = StreamingHttpResponse(
        content, content_type=XLSX if kind == "xlsx" else "text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{asked.listing.key}.{kind}"'
    answer["Cache-Control"] = "no-store"
    return answer


def csv_file(head: Sequence[str], chunks: Texts) -> Iterator[bytes]:
    """A CSV file: UTF-8, quoted where needed, guarded against formulas. chunks: columns of texts."""
    from pilothouse.kernel.writing import csv_lines  # Arrow, which no page needs

    yield csv_lines([[text] for text in head])
    for columns in chunks:
        yield csv_lines(columns)


def workbook(head: Sequence[str], chunks: Texts) -> Iterator[bytes]:
    """A workbook of one sheet, of several where one is too short; every cell is text, so that nothing is run or rounded."""
    sink = _Sink()
    sheets = 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for sheets, pieces in enumerate(_sheets(head, chunks), start=1):
            with package.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                for piece in pieces:
                    sheet.write(piece)
                    yield sink.taken()
        for name, text in _parts(sheets).items():
            package.writestr(name, text)
    yield sink.taken()


class _Sink(io.RawIOBase):
    """Where the package is written; what came in since the last look is taken out."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _texts(columns: Sequence[Column], rows: Sequence[Row]) -> list[list[str]]:
    """The columns of a chunk as texts."""
    return [
        [
            value if type(value) is str else "" if value is None else str(value)
            for value in map(column.plain_cell, rows)
        ]
        for column in columns
    ]


def _sheets(head: Sequence[str], chunks: Texts) -> Iterator[Iterator[bytes]]:
    """The content of each sheet in turn; a sheet is to be read to its end before the next is asked for."""
    waiting = (rows for rows in chunks if rows)
    left: list[Sequence[str]] = list(next(waiting, []))

    def pieces() -> Iterator[bytes]:
        nonlocal left
        yield _SHEET_HEAD + _row(head)
        room = SHEET_ROWS
        while left and room:
            now, left = left[:room], left[room:]
            room -= len(now)
            yield b"".join(map(_row, now))
            left = left or list(next(waiting, []))
        yield _SHEET_FOOT

    yield pieces()
    while left:
        yield pieces()


def _row(cells: Sequence[str]) -> bytes:
    return ("<row>" + "".join(map(_cell, cells)) + "</row>").encode("utf-8", "replace")


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    safe = escape(guarded(text).translate(_CONTROL)[:LONGEST_CELL], quote=False)
    return f'<c t="inlineStr"><is><t xml:space="preserve">{safe}</t></is></c>'


_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_SHEET_HEAD: Final = f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'.encode()
_SHEET_FOOT: Final = b"</sheetData></worksheet>"


def _parts(sheets: int) -> dict[str, str]:
    """The small parts of the package around its sheets. Source: ECMA-376, part 1."""
    numbers = range(1, sheets + 1)
    listed = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in numbers
    )
    return {
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>',
        "_rels/.rels": f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{kinds}</Types>',
    }

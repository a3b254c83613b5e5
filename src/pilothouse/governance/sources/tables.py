"""A chain's files as tables of trimmed text: a folder of CSV files, or the sheets of one XLSX workbook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain as joined
from itertools import islice
from pathlib import Path

from pilothouse.governance.sources.layout import LAYOUTS, FileLayout
from pilothouse.governance.words import Issue
from pilothouse.kernel import plain
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.records import SAMPLE_LINES, Records, delimiter_of, is_sep_line, unguarded
from pilothouse.kernel.workbook import cell_texts, open_workbook, sheet_of

RawRecord = tuple[list[str], str]
"""The cells of a record as written, and why it is no record (empty if it is one)."""


@dataclass(slots=True)
class Table:
    """One file: where each of its known columns stands, and its records with their numbers from 1.

    Cells are trimmed, each record is as wide as the header; blank records and repeated ones are left out.
    """

    file: str
    column: dict[str, int] = field(default_factory=dict)
    records: list[tuple[int, list[str]]] = field(default_factory=list)

    def places(self, *columns: str) -> list[int]:
        """Where these columns stand; -1, an empty cell at the end of each record, for one that is missing."""
        return [self.column.get(column, -1) for column in columns]


@dataclass(slots=True)
class Tables:
    """All files of a chain by kind, with what is wrong with them as files and what was noted."""

    by_kind: dict[str, Table] = field(default_factory=dict)
    errors: list[Issue] = field(default_factory=list)
    notes: list[Issue] = field(default_factory=list)


def read_tables(path: Path) -> Tables:
    """The tables of a folder or a workbook; raises UnreadableInput if there is neither at `path`."""
    if path.is_dir():
        return _read_folder(path)
    if not path.exists():
        raise UnreadableInput(f"{path}: no such folder or workbook; a chain of command is a folder of CSV files or one XLSX file")  # fmt: skip
    return _read_workbook(path)


def _read_folder(folder: Path) -> Tables:
    try:
        present = {found.name.casefold(): found for found in sorted(folder.iterdir(), reverse=True)}
    except OSError as error:
        raise UnreadableInput(f"{folder}: the folder cannot be read ({error.strerror})") from None
    tables = Tables()
    for layout in LAYOUTS:
        name = f"{layout.kind}.csv"
        found = present.get(name)
        if found is None:
            _missing(tables, layout, name)
            continue
        try:
            _read_csv(tables, layout, found)
        except UnreadableInput as error:
            text = str(error).removeprefix(f"{found}: ")
            tables.errors.append(Issue("error", "unreadable", found.name, None, text))
    return tables


def _read_csv(tables: Tables, layout: FileLayout, path: Path) -> None:
    if path.is_file() and path.stat().st_size == 0:
        _missing(tables, layout, path.name, empty=True)
        return
    if plain.looks_binary(plain.read_head(path)):
        raise UnreadableInput(f"{path}: this is no text file; expected CSV with a header line")
    decoding = plain.Decoding()
    lines = plain.lines_of(path, decoding)
    sample = list(islice(lines, SAMPLE_LINES))
    records = Records(joined(sample, lines), delimiter_of(sample))
    _take(tables, layout, path.name, _csv_records(records))
    for note in decoding.notes():
        tables.notes.append(Issue("note", "encoding", path.name, None, note))


def _csv_records(records: Records) -> Iterator[RawRecord]:
    for number, (_, cells, problem) in enumerate(records):
        if number == 0 and is_sep_line(records.raw()):
            continue
        if records.width is None and any(cells):
            records.width = len(cells)
        yield cells, problem


def _read_workbook(path: Path) -> Tables:
    workbook = open_workbook(str(path))
    sheets = {name.strip().casefold(): name for name in reversed(workbook.sheet_names)}
    tables = Tables()
    for layout in LAYOUTS:
        sheet = sheets.get(layout.kind)
        if sheet is None:
            _missing(tables, layout, f"{path.name}#{layout.kind}")
        else:
            _, rows = sheet_of(str(path), workbook, sheet)
            _take(tables, layout, f"{path.name}#{sheet}", ((cell_texts(row), "") for row in rows))
    return tables


def _missing(tables: Tables, layout: FileLayout, file: str, *, empty: bool = False) -> None:
    """A file that is not there or holds nothing: an error if it is required, else an empty table."""
    tables.by_kind[layout.kind] = Table(file)
    if layout.required:
        state = "is empty" if empty else "is missing"
        text = f"the file {state}; it needs the columns {', '.join(layout.columns)}"
        tables.errors.append(Issue("error", "file_empty" if empty else "file_missing", file, None, text))


def _take(tables: Tables, layout: FileLayout, file: str, records: Iterable[RawRecord]) -> None:
    """Turn records into a table; the first that is not blank is the header."""
    rest = iter(records)
    header = next((cells for cells in (_trimmed(raw) for raw, _ in rest) if any(cells)), None)
    if header is None:
        _missing(tables, layout, file, empty=True)
        return
    table = tables.by_kind[layout.kind] = Table(file, _columns(tables, layout, file, header))
    width = len(header)
    seen: dict[tuple[str, ...], int] = {}
    row = 0
    for raw, problem in rest:
        cells = _trimmed(raw)
        if not problem and not any(cells):
            continue
        row += 1
        if len(cells) > width and any(cells[width:]):
            problem = f"{len(cells)} cells stand under {width} headers; a cell that holds the delimiter needs quotes"
        if problem:
            tables.errors.append(Issue("error", "cells", file, row, problem))
        if not cells:
            continue
        if len(cells) != width:
            cells = [*cells[:width], *[""] * (width - len(cells))]
        cells.append("")
        first = seen.setdefault(tuple(cells), row)
        if first == row:
            table.records.append((row, cells))
        else:
            text = f"repeats row {first} and is ignored"
            tables.notes.append(Issue("note", "repeated_row", file, row, text))


def _trimmed(cells: list[str]) -> list[str]:
    return [cell.strip() if cell[:1] != "'" else unguarded(cell).strip() for cell in cells]


def _columns(tables: Tables, layout: FileLayout, file: str, header: list[str]) -> dict[str, int]:
    """Where each known column stands; one that is missing or stands twice is an error."""
    names = [name.casefold() for name in header]
    counts = Counter(names)
    for name in layout.columns:
        if name not in counts:
            text = f"the column {name} is missing; the header has {', '.join(filter(None, header))}"
            tables.errors.append(Issue("error", "column_missing", file, None, text))
    for name in (*layout.columns, *layout.optional):
        if counts[name] > 1:
            text = f"the column {name} stands {counts[name]} times; which one is meant cannot be known"
            tables.errors.append(Issue("error", "column_twice", file, None, text))
    return {name: place for place, name in reversed(list(enumerate(names)))}

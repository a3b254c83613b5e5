"""From loose records to batches: what is blank, a total, too long, too short, or the header once more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa

from pilothouse.kernel.reading.table import BATCH_ROWS, Refused, Table, batch_of, shortened

MOST_CELLS_OF_A_TOTAL = 4
_TOTAL = re.compile(
    r"^\W*(grand\s+|sub\s*-?|report\s+)?(total(s|es)?|summe|gesamt(summe)?|suma|somme|totale)\b"
    r"(\s+(number|count|of|assets?|devices?|records?|rows?|items?|equipment|general|cost|price|value))*\W*\d*\W*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"^\W{0,4}\d[\d.,'\s]*\W{0,4}$")

Record = tuple[int, list[str], str]
"""Physical line, cells, and why it is no record ("" if it is one)."""


def is_total(filled: list[str], width: int) -> bool:
    """Whether a record is a sum: a word for it comes first, with numbers beside it or next to nothing."""
    words = [cell for cell in filled if not _NUMBER.match(cell)]
    if not words or words[0] not in filled[:2] or not _TOTAL.match(words[0]):
        return False
    return len(words) == 1 or len(filled) <= width / 4


def batches(
    table: Table, records: Iterable[Record], raw: Callable[[list[str]], str]
) -> Iterator[pa.RecordBatch]:
    """Sort records into batches; what cannot be taken goes to `table.refused`, and both are counted.

    raw: the text of the record just taken from `records`, given its cells.
    """
    width = len(table.columns)
    header = [_plain(name) for name in table.columns]
    rows: list[int] = []
    lines: list[int] = []
    taken: list[list[str]] = []
    short: list[int] = []
    row = 0
    for line, cells, problem in records:
        count = len(cells)
        if count - cells.count("") <= MOST_CELLS_OF_A_TOTAL or cells[0] == table.columns[0]:
            filled = [stripped for cell in cells if (stripped := cell.strip())]
            if not filled and not problem:
                continue
            if not problem:
                problem = _no_record(filled, cells, header)
        row += 1
        if count != width and not problem:
            if count > width and any(cell.strip() for cell in cells[width:]):
                problem = f"{count} cells under {width} headers"
            elif count > width:
                cells = cells[:width]
            else:
                short.append(line)
                cells = cells + [""] * (width - count)
        if problem:
            table.refused.append(
                Refused(row, line, "", "", problem, _expected(problem, width), shortened(raw(cells)))
            )
            continue
        rows.append(row)
        lines.append(line)
        taken.append(cells)
        if len(rows) >= BATCH_ROWS:
            table.records = row
            yield batch_of(rows, lines, taken, width)
            rows, lines, taken = [], [], []
    table.records = row
    if short:
        table.notes.append(f"{len(short)} records have fewer cells than the header and were filled with empty ones, the first on line {short[0]}")  # fmt: skip
    if rows:
        yield batch_of(rows, lines, taken, width)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def _no_record(filled: list[str], cells: list[str], header: list[str]) -> str:
    if [_plain(cell) for cell in cells] == header:
        return "repeats the header"
    return "looks like a total" if is_total(filled, len(header)) else ""


def _expected(problem: str, width: int) -> str:
    if problem.startswith("looks like a total"):
        return "one device a row; if this is a device, give it a name or a serial number"
    if problem.startswith("repeats"):
        return "the header once, above the records"
    if "quotation mark" in problem:
        return "a closing quotation mark in the same cell; a quotation mark inside a cell is doubled"
    if "characters" in problem:
        return "a cell of at most 1,048,576 characters"
    if "cut off" in problem:
        return f"a last line with {width} cells that ends with a line end: export the file anew"
    return f"{width} cells; a cell that holds the delimiter stands in quotation marks"

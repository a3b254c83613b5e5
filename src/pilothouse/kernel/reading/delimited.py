"""CSV of any delimiter and encoding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice

import pyarrow as pa

from pilothouse.kernel import plain
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.header import Header, find_header
from pilothouse.kernel.reading.rows import Record, batches
from pilothouse.kernel.reading.table import Recognise, Table, shortened
from pilothouse.kernel.records import DELIMITERS, SAMPLE_LINES, Records, delimiter_of, is_sep_line

_DELIMITER_NAMES = {"\t": "tab", "\x1f": "unit separator"}


def read_delimited(path: str, recognise: Recognise) -> Table:
    """The table of a CSV file; nothing but a sample is read before its batches are walked through.

    Raises UnreadableInput when there is no header.
    """
    decoding = plain.Decoding()
    lines = plain.lines_of(path, decoding)
    sample = list(islice(lines, SAMPLE_LINES))
    delimiter, begin, header = _divided(sample, recognise)
    if header is None:
        raise UnreadableInput(f"{path}: no header line; expected the names of the columns above the records")
    width = len(header.columns)
    records = Records(chain(sample, lines), delimiter, width, lenient=True)
    table = Table("csv", header.columns, iter(()), lambda wanted: _originals(path, delimiter, width, wanted))
    table.notes += header.notes
    if delimiter != ",":
        table.notes.append(f"delimiter {_DELIMITER_NAMES.get(delimiter, delimiter)}")
    body = _body(records, begin, width)
    table.batches = _told(table, batches(table, body, lambda cells: records.raw()), decoding, records)
    return table


def _divided(sample: list[str], recognise: Recognise) -> tuple[str, int, Header | None]:
    """The delimiter, and the header under it with the line it begins on.

    It is the one that divides the lines best; if nothing of the header is recognised under it, one under
    which something is: a few odd cells outweigh the lines of a very short file.
    """
    likely = delimiter_of(sample)
    first = begin, header = _header(sample, likely, recognise)
    if header is None or header.score:
        return likely, begin, header
    for other in DELIMITERS:
        begin, header = _header(sample, other, recognise)
        if header is not None and header.score:
            return other, begin, header
    return likely, *first


def _header(sample: list[str], delimiter: str, recognise: Recognise) -> tuple[int, Header | None]:
    """The header and the physical line its (last) row begins on."""
    # Width is unknown yet; the last record of a sample may be cut and is no header anyway.
    rows = [(line, cells) for line, cells, problem in Records(iter(sample), delimiter) if not problem]
    rows = [(line, cells) for line, cells in rows if not (line == 1 and is_sep_line(sample[0]))]
    header = find_header([cells for _, cells in rows], recognise)
    return (rows[header.index][0] if header else 0), header


def _body(records: Records, header_line: int, width: int) -> Iterator[Record]:
    """The records below the header; a short last one without a line end is where the file was cut off."""
    any_short = False
    for line, cells, problem in records:
        if line <= header_line:
            continue
        if not problem and len(cells) < width and any(cells):
            if not records.complete and not any_short:
                problem = "the file is cut off in this record"
            any_short = True
        yield line, cells, problem


def _originals(path: str, delimiter: str, width: int, wanted: Mapping[int, int]) -> dict[int, str]:
    """The records as they stand in the file, quotes and all."""
    row_of = {line: row for row, line in wanted.items()}
    found: dict[int, str] = {}
    records = Records(plain.lines_of(path, plain.Decoding()), delimiter, width, lenient=True)
    for line, _, _ in records:
        if line in row_of:
            found[row_of[line]] = shortened(records.raw())
            if len(found) == len(wanted):
                break
    return found


def _told(
    table: Table, walked: Iterator[pa.RecordBatch], decoding: plain.Decoding, records: Records
) -> Iterator[pa.RecordBatch]:
    """The batches, then the notes that only a whole reading can give."""
    yield from walked
    table.notes.extend((*decoding.notes(), *records.notes()))

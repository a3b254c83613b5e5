"""What every reader yields, whatever the form of the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

BATCH_ROWS = 16384
RAW_SHOWN = 100_000
"""Characters of a refused record that are kept; the rest stands in the file itself."""

_HALF = re.compile("[\ud800-\udfff]")

Recognise = Callable[[str], float]
"""How well a cell reads as the name of a known column, 0 to 1. The kernel knows no fields; rooms do."""

Originals = Callable[[Mapping[int, int]], dict[int, str]]
"""The texts of some records by row; asked with each record's row and the line it begins on."""


def unknown(cell: str) -> float:
    """The scorer of a caller who knows no columns."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Refused:
    """One record, or one value of it, that could not be taken.

    row: position of the record from 1 after the header, None when it has none. line: physical line, or
    row of the sheet. column, value: empty when the whole record is meant. raw: the record's text.
    """

    row: int | None
    line: int | None
    column: str
    value: str
    problem: str
    expected: str
    raw: str


@dataclass(slots=True)
class Table:
    """The one table of a file: column names, and batches that can be walked through once.

    batches: `row` (int64, position of the record from 1 after the header, refused records counted too),
    `line` (int64), then one string column for each of `columns`, named "0", "1", … because two columns of a
    file may have one name. An empty cell is "".
    refused, notes and records grow while the batches are walked through.
    originals: looks records up in the file once more, for the few whose text somebody has to correct; keeping
    every record's text would cost as much memory as the file.
    """

    form: str
    columns: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]
    originals: Originals
    refused: list[Refused] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    records: int = 0

    def __post_init__(self) -> None:
        self.columns = tuple(_whole(name) for name in self.columns)


def batch_of(
    rows: Sequence[int], lines: Sequence[int], records: Sequence[Sequence[str]], width: int
) -> pa.RecordBatch:
    """An Arrow batch of records that all have `width` cells."""
    columns: Sequence[Sequence[str]] = list(zip(*records, strict=True)) if records else [()] * width
    arrays = [pa.array(rows, pa.int64()), pa.array(lines, pa.int64())]
    arrays += [_strings(column) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, names=["row", "line", *map(str, range(width))])


def _strings(texts: Sequence[str]) -> pa.Array:
    """Texts as Arrow keeps them."""
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:
        return pa.array([_whole(text) for text in texts], pa.string())


def _whole(text: str) -> str:
    """The text with U+FFFD for every half of a character, which JSON's escapes can spell and no output can hold."""
    return _HALF.sub("\ufffd", text)


def shortened(raw: str) -> str:
    """A refused record's text, cut where it is beyond all measure, with the cut named."""
    if len(raw) <= RAW_SHOWN:
        return raw
    return f"{raw[:RAW_SHOWN]} … ({len(raw) - RAW_SHOWN} characters more in the file)"

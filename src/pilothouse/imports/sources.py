"""What reading hands to an engine: one source as a relation of typed values beside their raw text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rejected:
    """One record, or one value of it, that could not be taken; a line of rejected.csv.

    row: position of the record from 1 after the header. line: physical line, or sheet row.
    """

    file: str
    row: int | None
    line: int | None
    column: str
    value: str
    problem: str
    expected: str
    raw: str


@dataclass(frozen=True, slots=True)
class Guess:
    """Why a column was taken for a field: `score` 0 to 1, `why` in words ("header", "content: MAC addresses")."""

    column: str
    field: str
    score: float
    why: str


@dataclass(slots=True)
class Source:
    """One input file as an engine sees it.

    ordinal: place on the command line, from 0. file: the path as typed. kind: one of `contracts.KINDS`.
    as_of: what `--as-of` says of this file, with a zone.
    table: columns `row` (int64), `line` (int64), `key` (string, "" if none), and for every mapped field F
    its typed value `F` and its raw text `F_raw` (string). The Arrow type of F follows its kind in
    `equipment.fields`: text and version -> string; many (serial, mac, ip) -> list<string>;
    date and time -> timestamp[s, UTC]; money -> decimal128(18, 4). Unmapped fields have no column.
    Rejected records are not in the table.
    """

    ordinal: int
    file: str
    kind: str
    table: pa.Table
    mapping: Mapping[str, str]
    as_of: datetime | None = None
    columns: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()
    unmapped: tuple[str, ...] = ()
    rejected: list[Rejected] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    records: int = 0
    """Every record of the file, rejected and total rows too."""
    others: tuple[Guess, ...] = ()
    """Columns that could have filled a field which a better one fills."""
    kind_why: str = ""
    """Why the file was taken for its kind, in words."""

    def fields(self) -> Iterator[str]:
        """The mapped fields, in the order of the table."""
        return iter(self.mapping)

"""A row of a source with what is true about it, and the file formats rows are written in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Mark(IntEnum):
    """What became of an identifier in a row."""

    GONE = 0
    """Empty, a placeholder, or another device's."""
    SLIP = 1
    """The device's own with one slip of the pen."""
    TRUE = 2
    """The device's own, at most spelt differently."""


UNSTATED = "?"
"""The row does not say, in words an advisory uses, what model it is."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record: its cells, and what is true about it.

    serial, mac, tag: what became of the device's identifiers. stated: the version the row states for a
    product it names as advisories do; empty if it names no readable version, UNSTATED if it does not name
    the product.
    """

    cells: Sequence[str | list[str]]
    serial: Mark = Mark.GONE
    mac: Mark = Mark.GONE
    tag: Mark = Mark.GONE
    stated: str = UNSTATED


class Sheet(Protocol):
    """One source file: how it begins, how rows follow each other, how it ends."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def joint(self) -> bytes:
        """What stands between two bodies."""

    def head(self) -> bytes:
        """What stands before the first row."""

    def body(self, rows: Sequence[Row]) -> bytes:
        """The rows, so that bodies may be joined by `joint`."""

    def tail(self) -> bytes:
        """What stands after the last row."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """A file of delimited lines; `encodings` of which each line takes the first that its number chooses."""

    name: str
    headers: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    mark: bytes = b""
    line_end: str = "\r\n"
    totals: tuple[str, ...] = ()
    mixed: bool = False
    joint: bytes = b""

    def head(self) -> bytes:
        return self.mark + self._lines(self.headers)

    def body(self, rows: Sequence[Row]) -> bytes:
        if not self.mixed:
            return self._lines([row.cells for row in rows])
        return b"".join(self._either(number, row) for number, row in enumerate(rows))

    def tail(self) -> bytes:
        return self._lines([self.totals]) if self.totals else b""

    def _either(self, number: int, row: Row) -> bytes:
        """One line in Windows-1252 or UTF-8: two exports pasted into one file."""
        text = self._text([row.cells])
        return text.encode("utf-8") if number % 3 == 0 else text.encode("cp1252", "replace")

    def _lines(self, lines: Sequence[Sequence[str | list[str]]]) -> bytes:
        return self._text(lines).encode(self.encoding, "replace")

    def _text(self, lines: Sequence[Sequence[str | list[str]]]) -> str:
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerows(lines)
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class JsonArray:
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
class JsonLines:
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

"""Writing small files for the readers' tests, and reading them whole."""

from __future__ import annotations

from pathlib import Path

from pilothouse.kernel.reading.opening import open_table
from pilothouse.kernel.reading.table import Refused

KNOWN = {"asset no", "asset tag", "serial", "serial number", "mac", "mac address", "ip", "model", "manufacturer", "department", "purchase date", "purchase price"}  # fmt: skip


def recognise(cell: str) -> float:
    """A scorer that knows a dozen names of columns, letter by letter."""
    return 1.0 if " ".join(cell.lower().split()) in KNOWN else 0.0


class Whole:
    """A table read to its end: columns, records as lists with row and line, what was refused, notes."""

    def __init__(self, path: Path | str) -> None:
        table = open_table(str(path), recognise)
        rows = [row for batch in table.batches for row in batch.to_pylist()]
        self.form = table.form
        self.columns = table.columns
        self.rows = [row["row"] for row in rows]
        self.lines = [row["line"] for row in rows]
        self.cells = [[row[str(i)] for i in range(len(table.columns))] for row in rows]
        self.refused: list[Refused] = table.refused
        self.notes = table.notes
        self.records = table.records


def whole(folder: Path, content: str | bytes, name: str = "list.csv") -> Whole:
    """Write content into a file and read it."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Whole(path)

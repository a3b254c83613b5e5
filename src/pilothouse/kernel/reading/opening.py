"""The front door: which reader a file needs, told by its content and never by its name."""

from __future__ import annotations

from pilothouse.kernel import plain
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.delimited import read_delimited
from pilothouse.kernel.reading.table import Recognise, Table, unknown


def open_table(path: str, recognise: Recognise = unknown) -> Table:
    """The one table of a file. `recognise` scores a cell as a column's name and so finds the header.

    Raises UnreadableInput, naming the file and what would be right.
    """
    head = plain.read_head(path)
    if plain.looks_binary(head):
        raise UnreadableInput(
            f"{path}: this is neither text nor a workbook; expected CSV, XLSX, JSON, JSON lines or nmap XML"
        )
    return read_delimited(path, recognise)

"""The front door: which reader a file needs, told by its content and never by its name."""

from __future__ import annotations

from pathlib import Path

from pilothouse.kernel import plain
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.delimited import read_delimited
from pilothouse.kernel.reading.json_records import is_json, is_json_lines, read_json, read_json_lines
from pilothouse.kernel.reading.nmap import read_nmap
from pilothouse.kernel.reading.table import Recognise, Table, unknown
from pilothouse.kernel.reading.workbook import read_workbook

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_MARKS = (b"xl/", b"[Content_Types].xml", b"_rels/", b"docProps/", b"mimetype", b"workbook")
FORMS = "CSV, XLSX, JSON, JSON lines or nmap XML"


def open_table(path: str, recognise: Recognise = unknown) -> Table:
    """The one table of a file: `FILE`, `FILE#Sheet` of a workbook or `FILE#array` of a JSON document.

    recognise: scores a cell as a column's name; it finds the header row, the sheet, the array.
    Raises UnreadableInput, naming the file and what would be right.
    """
    file, part = divided(path)
    head = plain.read_head(file)
    if head.startswith((_ZIP, _OLE)):
        if head.startswith(_ZIP) and not any(mark in head[:4096] for mark in _WORKBOOK_MARKS):
            raise UnreadableInput(
                f"{file}: this is a zip archive and no workbook; unpack it and name the file in it"
            )
        return read_workbook(file, recognise, part)
    if _is_xml(head):
        return read_nmap(file)
    if is_json(head):
        return read_json_lines(file) if is_json_lines(head) else read_json(file, recognise, part)
    if part is not None:
        raise UnreadableInput(f"{path}: {file} has no sheets; name the file alone")
    if plain.looks_binary(head) or head.startswith(b"%PDF"):
        raise UnreadableInput(f"{file}: this is neither text nor a workbook; expected {FORMS}")
    return read_delimited(file, recognise)


def divided(path: str) -> tuple[str, str | None]:
    """The file and the part of it that is named behind `#`, unless the whole is a file's name."""
    if "#" not in path or Path(path).exists():
        return path, None
    marks = [place for place, character in enumerate(path) if character == "#"]
    # The name of a file may hold one and that of a sheet too: the first that ends a file's name counts.
    mark = next((place for place in marks if Path(path[:place]).is_file()), marks[-1])
    return path[:mark], path[mark + 1 :]


def _is_xml(head: bytes) -> bool:
    name, skip = plain.encoding_of(head)
    start = head[skip : skip + 400].decode(name, "ignore").lstrip()
    return start.startswith(("<?xml", "<!DOCTYPE", "<!--", "<nmaprun"))

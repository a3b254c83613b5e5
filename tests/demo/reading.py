"""A naive reader of the demo's files: each as its world declares it, without any of our own readers."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

Record = dict[str, Any]
COLUMNS = {
    "clean": (
        {"serial": "Serial Number", "mac": "MAC Address", "tag": "Asset Tag"},
        {"serial": "serial_number", "mac": "mac_address", "tag": "asset_tag"},
        {"serial": "device_serial_number", "mac": "device_mac_list", "tag": "device_asset_id"},
    ),
    "ordinary": (
        {"serial": "Serial #", "mac": "MAC Addr", "tag": "Control No."},
        {"serial": "Serial No.", "mac": "MAC Address"},
        {"serial": "serialNumber", "mac": "macAddr", "tag": "assetTag"},
    ),
    "awful": (
        {"serial": "Ser.No.", "mac": "Hardware addr", "tag": "Tag #"},
        {"serial": "S/N", "mac": "Address (MAC)"},
        {"serial": "serialNumber", "mac": "macAddress"},
    ),
    "lying": (
        {"serial": "serial_number", "mac": "mac_address", "tag": "asset_tag"},
        {"serial": "serial", "mac": "mac"},
        {"serial": "device_serial_number", "mac": "device_mac_list", "tag": "device_cmms_asset_tag"},
    ),
}
"""Per world and source (cmms, network, security) the columns that hold identifiers."""


def records(folder: Path) -> dict[str, list[Record]]:
    """Every record of the three sources by file name, in their order (row 1 first)."""
    card = json.loads((folder / "demo.json").read_text())
    return {name: _read(folder / name) for name in card["files"].values()}


def _read(path: Path) -> list[Record]:
    raw = path.read_bytes()
    if path.suffix == ".json":
        return list(json.loads(raw))
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in raw.decode().splitlines()]
    if path.suffix == ".xlsx":
        lines = [
            ["" if cell is None else str(cell) for cell in line]
            for line in load_workbook(path).worksheets[1].values
        ]
        return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    text = _decoded(raw)
    first = text.splitlines()[0]
    delimiter = max(";\t,", key=first.count)
    lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if line]
    if lines[0][1] == "":  # a banner stands above the headers
        lines = lines[1:]
    return [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]


def _decoded(raw: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 or Windows-1252, or of lines in UTF-8 and Windows-1252 by turns."""
    if raw.startswith(b"\xff\xfe"):
        return raw.decode("utf-16")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(_line(line) for line in raw.splitlines(keepends=True))


def _line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252")


def table(path: Path) -> list[dict[str, str]]:
    """The rows of one of the truth files."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

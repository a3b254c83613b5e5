"""A small valid health system without findings, which each test bends in one place."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import openpyxl

from pilothouse.governance.chain import Chain
from pilothouse.governance.sources import LoadedChain, load_chain
from pilothouse.governance.words import Issue
from pilothouse.kernel.times import as_datetime, read_time, zone

AT = "2026-11-02T12:00"

FILES: dict[str, list[str]] = {
    "units": [
        "unit,facility,name,facility_name",
        "ICU,MERCY,Intensive care,Mercy Hospital",
        "ED,MERCY,Emergency,Mercy Hospital",
        "NICU,HOPE,Newborn intensive care,Hope Hospital",
    ],
    "positions": [
        "position,title,scope_kind,scope,reports_to,helm",
        "COO,Chief operating officer,system,,,yes",
        "HTM,Director of HTM,system,,COO,",
        "CISO,Information security officer,system,,COO,",
        "BIOMED,Biomed lead Mercy,facility,MERCY,HTM,",
        "CN-ICU,Charge nurse ICU,unit,ICU,BIOMED,",
    ],
    "people": [
        "person,name,email,phone",
        "ana,Ana Alvarez,ana@mercy.example,+1 555 0101",
        "ben,Ben Brown,ben@mercy.example,",
        "chief,Chris Chief,,+1 555 0103",
        "dee,Dee Diaz,dee@mercy.example,+1 555 0104",
        "eve,Eve Evans,eve@mercy.example,+1 555 0105",
        "fay,Fay Fox,fay@mercy.example,+1 555 0106",
    ],
    "appointments": [
        "person,position,kind,order,from,to",
        "chief,COO,holder,,,",
        "dee,HTM,holder,,,",
        "eve,HTM,deputy,1,,",
        "fay,CISO,holder,,,",
        "dee,CISO,deputy,1,,",
        "ben,BIOMED,holder,,,",
        "eve,BIOMED,deputy,,,",
        "ana,CN-ICU,holder,,,",
        "ben,CN-ICU,deputy,1,,",
    ],
    "mandates": [
        "topic,scope_kind,scope,position,limit,currency",
        "maintenance,system,,HTM,,",
        "cybersecurity,system,,CISO,,",
        "repair,facility,MERCY,BIOMED,20000,USD",
        "repair,unit,ICU,CN-ICU,500,USD",
        "*,system,,HTM,100000,USD",
    ],
}


def with_lines(**changes: list[str]) -> dict[str, list[str]]:
    """The hospital with whole files replaced or added."""
    return {**FILES, **changes}


def with_more(**additions: list[str]) -> dict[str, list[str]]:
    """The hospital with lines added at the end of its files."""
    return {**FILES, **{kind: [*FILES[kind], *lines] for kind, lines in additions.items()}}


def with_changed(kind: str, row: int, line: str) -> dict[str, list[str]]:
    """The hospital with one record of one file written differently."""
    lines = list(FILES[kind])
    lines[row] = line
    return {**FILES, kind: lines}


def write(folder: Path, files: dict[str, list[str]]) -> Path:
    """Write the files as CSV, and only them; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    for kind, lines in files.items():
        (folder / f"{kind}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def workbook(path: Path, files: dict[str, list[str]]) -> Path:
    """Write the files as sheets of an XLSX workbook, behind a cover sheet; returns its path."""
    book = openpyxl.Workbook()
    book.active.title = "read me"
    for kind, lines in files.items():
        sheet = book.create_sheet(kind)
        for line in lines:
            sheet.append([cell or None for cell in line.split(",")])
    book.save(path)
    return path


def load(folder: Path, files: dict[str, list[str]], tz: str | None = None) -> LoadedChain:
    """Write and load a chain."""
    return load_chain(write(folder / "chain", files), tz)


def chain_of(folder: Path, files: dict[str, list[str]], tz: str | None = None) -> Chain:
    """Write and load a chain that is valid."""
    loaded = load(folder, files, tz)
    assert loaded.errors == ()
    return loaded.valid()


def at(text: str = AT, tz: str = "UTC") -> datetime:
    """A moment as typed."""
    return as_datetime(read_time(text, zone(tz)), zone(tz))


def places(issues: tuple[Issue, ...] | list[Issue], code: str) -> list[tuple[str, int | None]]:
    """File and row of every issue with this code."""
    return [(issue.file, issue.row) for issue in issues if issue.code == code]

"""The command line run as a user runs it, in this process: arguments in, exit code and both streams out."""

from __future__ import annotations

import csv
import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from pilothouse.cli.main import main


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def pilothouse(*arguments: object) -> Ended:
    """Run `pilothouse ARGUMENTS`."""
    streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2)]
    out, err = streams
    code = 0
    with mock.patch.object(sys, "argv", ["pilothouse", *map(str, arguments)]), redirect_stdout(out), redirect_stderr(err):  # fmt: skip
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    told = []
    for stream in streams:
        stream.flush()
        told.append(stream.buffer.getvalue().decode())
    return Ended(code, *told)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as the standard library reads them."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def header(path: Path) -> str:
    """The first line of a file."""
    with path.open(encoding="utf-8") as stream:
        return stream.readline().rstrip("\n")


def written(folder: Path, name: str, text: str) -> Path:
    """Write a small list and give its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path

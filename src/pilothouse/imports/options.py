"""What the user says of single files on the command line: `--map`, `--kind`, `--as-of`.

A file is named as it was typed as an argument, so that one whose name holds `:` or `=` can be meant too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from pilothouse.imports.fields import Field
from pilothouse.imports.mapping import known_kind
from pilothouse.kernel import values
from pilothouse.kernel.errors import BadUsage
from pilothouse.kernel.text import near_it


def mappings(said: Iterable[str], files: Sequence[str], fields: Sequence[Field]) -> dict[str, dict[str, str]]:
    """`FILE:FIELD=COLUMN` as file to field to column; an empty COLUMN leaves the field without one.

    Raises BadUsage for an unknown file or field, with near names. Whether the column is there is known
    only once the file is read (`mapping.guess`).
    """
    names = [field.name for field in fields]
    found: dict[str, dict[str, str]] = {file: {} for file in files}
    for text in said:
        file, rest = _file_of("--map", text, ":", files, "FILE:FIELD=COLUMN")
        field, equals, column = rest.partition("=")
        field = field.strip().lower()
        if not equals:
            raise BadUsage(f"--map {text!r}: expected FILE:FIELD=COLUMN, such as {file}:serial='Ser. Nr.'")
        if field not in names:
            raise BadUsage(
                f"--map {text!r}: there is no field {field!r}{near_it(field, names)}; the fields are {', '.join(names)}"
            )
        found[file][field] = column.strip()
    return found


def kinds(said: Iterable[str], files: Sequence[str]) -> dict[str, str]:
    """`FILE=KIND` as file to kind. Raises BadUsage for an unknown file or kind."""
    pairs = (_file_of("--kind", text, "=", files, "FILE=KIND") for text in said)
    return {file: known_kind(kind.strip()) for file, kind in pairs}


def dates(said: Iterable[str], files: Sequence[str]) -> dict[str, datetime]:
    """`FILE=DATE` as file to moment (UTC, a day is its midnight). Raises BadUsage for what is no date."""
    found = {}
    for text in said:
        file, day = _file_of("--as-of", text, "=", files, "FILE=DATE")
        try:
            found[file] = values.moment(day.strip())
        except values.Unusable as wrong:
            raise BadUsage(f"--as-of {text!r}: {wrong.problem}; expected {wrong.expected}") from None
    return found


def _file_of(option: str, text: str, mark: str, files: Sequence[str], form: str) -> tuple[str, str]:
    """The file a text begins with, the longest of those typed, and what stands behind the mark."""
    meant = [file for file in files if text.startswith(file + mark)]
    if meant:
        file = max(meant, key=len)
        return file, text[len(file) + len(mark) :]
    named = text.partition(mark)[0]
    raise BadUsage(f"{option} {text!r}: {named!r} is none of the files{near_it(named, files)}; expected {form} with FILE as typed: {', '.join(files)}")  # fmt: skip

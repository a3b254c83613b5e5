"""What is wrong with single records of a list, found in SQL and told with row, column, value and what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pilothouse.imports.fields import Field
from pilothouse.imports.headers import Vocabulary
from pilothouse.imports.sources import Rejected, Source
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.reading.opening import open_table
from pilothouse.kernel.values import EMPTY_WORDS

_TYPES = {"date": pa.timestamp("s", "UTC"), "money": pa.decimal128(18, 4)}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must not be: `wrong` is a condition in SQL over the list's columns.

    field: whose value is shown. keeps: the record stays, without what is wrong; `without` says without what.
    """

    field: str
    wrong: str
    problem: str
    expected: str
    without: str = ""


def named(field: str, expected: str, problem: str = "") -> Check:
    """The field must hold something."""
    return Check(field, f"{field} IS NULL", problem or f"no {field} is named", expected)


def one_of(field: str, words: Sequence[str], *, empty: bool = True) -> Check:
    """The field must hold one of these words, in any case; nothing at all where `empty`."""
    known = ", ".join(f"'{word}'" for word in words)
    wrong = f"lower({field}) NOT IN ({known})" + ("" if empty else f" OR {field} IS NULL")
    return Check(field, wrong, f"this is no {field}", (", ".join(words) + " or nothing") if empty else "one of " + ", ".join(words))  # fmt: skip


def at_least_zero(field: str, what: str, expected: str, *, empty: bool = False) -> Check:
    """The field must hold a number of zero or more; nothing at all where `empty`."""
    wrong = f"{field} < 0 OR " + (unread(field) if empty else f"{field} IS NULL")
    return Check(field, wrong, f"no {what}, or one below zero", expected)


def once(field: str, problem: str, expected: str) -> Check:
    """No two records may agree in what `read` was told to count."""
    return Check(field, "times > 1", problem, expected)


def read(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[Field], name: str, needs: Iterable[str], alike: str) -> str:  # fmt: skip
    """Leave the list as a view with `times`: how many of its records agree in `alike`; the name of the view.

    alike: columns in SQL. Raises UnreadableInput unless each field of `needs` has a column.
    """
    need(source, needs)
    listed(con, source, fields, f"listed_{name}")
    con.execute(f"CREATE OR REPLACE VIEW read_{name} AS SELECT *, count(*) OVER (PARTITION BY {alike}) AS times FROM listed_{name}")  # fmt: skip  # names of this room
    return f"read_{name}"


def listed(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[Field], name: str) -> None:
    """Leave the list as the table `name` in `con`: row, line, every field (null where it has no column), F_raw.

    Nothing is judged here.
    """
    table, nothing = source.table, source.table.num_rows
    columns = {"row": table["row"], "line": table["line"]}
    for field in fields:
        kind = _TYPES.get(field.kind, pa.string())
        columns[field.name] = table[field.name] if field.name in source.mapping else pa.nulls(nothing, kind)
        raw = f"{field.name}_raw"
        columns[raw] = table[raw] if field.name in source.mapping else pa.nulls(nothing, pa.string())
    con.register(name, pa.table(columns))


def need(source: Source, fields: Iterable[str]) -> None:
    """Raise UnreadableInput unless each of these fields has a column."""
    missing = [field for field in fields if field not in source.mapping]
    if missing:
        raise UnreadableInput(f"{source.file}: no column was recognised for {', '.join(missing)}; name it with --map '{source.file}:{missing[0]}=COLUMN'")  # fmt: skip


def together(source: Source, refused: Iterable[Rejected]) -> list[Rejected]:
    """What the reader could not read and what the checks refused, by row; where both name one cell, the checks' word."""
    refused = list(refused)
    named = {(one.row, one.column) for one in refused}
    return sorted([*(one for one in source.rejected if (one.row, one.column) not in named), *refused], key=lambda one: one.row or 0)  # fmt: skip


def failing(con: duckdb.DuckDBPyConnection, source: Source, fields: Sequence[Field], relation: str, checks: Iterable[Check]) -> tuple[list[Rejected], set[int]]:  # fmt: skip
    """The records that fail a check, as lines of rejected.csv, and the rows that are out.

    Of several checks of one record that put it out, the first is told.
    """
    found: list[tuple[int, int, Check, str]] = []
    out: set[int] = set()
    for check in checks:
        shown = f"coalesce(\"{check.field}_raw\", '')" if check.field else "''"
        rows = con.execute(f'SELECT "row", line, {shown} FROM {relation} WHERE {check.wrong} ORDER BY "row"').fetchall()  # fmt: skip  # names and conditions of this room
        for row, line, value in rows:
            if row in out:
                continue
            found.append((row, line, check, value))
            if not check.without:
                out.add(row)
    raw = originals(source, fields, {row: line for row, line, _, _ in found})
    return [_rejected(source, one, raw) for one in found], out


def originals(source: Source, fields: Sequence[Field], places: Mapping[int, int]) -> dict[int, str]:
    """The whole records behind some rows, read from the file once more."""
    if not places:
        return {}
    table = open_table(source.file, Vocabulary(fields).best)
    return table.originals(places)


def _rejected(source: Source, found: tuple[int, int, Check, str], raw: dict[int, str]) -> Rejected:
    row, line, check, value = found
    problem = f"{check.problem}; the record is kept without {check.without}" if check.without else check.problem  # fmt: skip
    column = source.mapping.get(check.field, check.field)
    return Rejected(source.file, row, line, column, value, problem, check.expected, raw.get(row, value))


def unread(field: str) -> str:
    """In SQL: something stands in the cell that could not be read as a value."""
    empty = ", ".join("'" + word.replace("'", "''") + "'" for word in ("", *sorted(EMPTY_WORDS)))
    return f"({field} IS NULL AND coalesce(lower(trim({field}_raw)), '') NOT IN ({empty}))"

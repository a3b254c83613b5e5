"""Small lists for the linker's tests, as reading would hand them over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from pilothouse.equipment.fields import BY_NAME
from pilothouse.imports.sources import Source
from pilothouse.intake.engine import Reconciled, reconcile
from pilothouse.kernel.duck import engine

Row = Mapping[str, str | Sequence[str]]
_KEYS = {"cmms": "tag", "network": "mac", "security": "uid", "other": "tag"}
_TYPES = {"many": pa.list_(pa.string()), "date": pa.timestamp("s", "UTC"), "money": pa.decimal128(18, 4)}


def source(ordinal: int, kind: str, rows: Sequence[Row], as_of: str | None = None) -> Source:
    """A source `<kind>.csv` of the given rows; a field's value is text, or a list for serials, MACs and addresses."""
    fields = list(dict.fromkeys(field for row in rows for field in row))
    keys = [_first(row.get(_KEYS[kind], "")) for row in rows]
    columns: dict[str, pa.Array] = {"row": pa.array(range(1, len(rows) + 1), pa.int64()), "line": pa.array(range(2, len(rows) + 2), pa.int64()), "key": pa.array(keys, pa.string())}  # fmt: skip
    for field in fields:
        kind_of_field = BY_NAME[field].kind
        columns[field] = pa.array(
            [_typed(kind_of_field, row.get(field)) for row in rows], _TYPES.get(kind_of_field, pa.string())
        )
        columns[f"{field}_raw"] = pa.array([_text(row.get(field)) for row in rows], pa.string())
    moment = datetime.fromisoformat(as_of).replace(tzinfo=UTC) if as_of else None
    return Source(
        ordinal,
        f"{kind}.csv",
        kind,
        pa.table(columns),
        {f: f.upper() for f in fields},
        moment,
        records=len(rows),
    )


def _first(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else next(iter(value), "")


def _text(value: str | Sequence[str] | None) -> str:
    return "" if value is None else value if isinstance(value, str) else "; ".join(value)


def _typed(kind: str, value: str | Sequence[str] | None) -> object:
    if not value:
        return None
    if kind == "many":
        return [value] if isinstance(value, str) else list(value)
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC) if kind == "date" else value


@contextmanager
def reconciled(*sources: Source) -> Iterator[tuple[duckdb.DuckDBPyConnection, Reconciled]]:
    """The connection with the engine's tables, and their counts."""
    with engine(memory_mb=500, threads=1) as con:
        yield con, reconcile(con, sources)


def rows_of(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def linked(con: duckdb.DuckDBPyConnection, decision: str = "match") -> set[tuple[str, int, str, int]]:
    """The pairs of one decision as (left kind, left row, right kind, right row)."""
    found = rows_of(
        con, f"SELECT left_file, left_row, right_file, right_row FROM links WHERE decision = '{decision}'"
    )
    return {(a.removesuffix(".csv"), b, c.removesuffix(".csv"), d) for a, b, c, d in found}


def devices(con: duckdb.DuckDBPyConnection) -> set[frozenset[tuple[str, int]]]:
    """The devices as sets of (kind, row)."""
    found: dict[str, set[tuple[str, int]]] = {}
    for device, file, row in rows_of(con, "SELECT device, file, row FROM members"):
        found.setdefault(device, set()).add((file.removesuffix(".csv"), row))
    return {frozenset(members) for members in found.values()}

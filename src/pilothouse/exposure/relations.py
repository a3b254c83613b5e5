"""Between the database and DuckDB: rows come as Arrow in chunks, go as tuples in multi-row statements."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Final

import duckdb
import pyarrow as pa
from django.db import connection

_CHUNK: Final = 20_000
_MOST_PARAMETERS: Final = 3_000


def load(con: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, sql: str, parameters: Sequence[Any] = ()) -> None:  # fmt: skip
    """The answer of a query as a table of DuckDB. `Any`: SQL parameters."""
    con.register("incoming", schema.empty_table())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
    con.unregister("incoming")
    cursor = connection.chunked_cursor()
    try:
        cursor.execute(sql, list(parameters))
        while rows := cursor.fetchmany(_CHUNK):
            append(con, name, schema, rows)
    finally:
        cursor.close()


def append(con: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> None:  # fmt: skip
    """Rows behind those of a table. `Any`: values of the schema's types."""
    if not rows:
        return
    columns = zip(*rows, strict=True)
    table = pa.table([pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)], schema=schema)  # fmt: skip
    con.register("incoming", table)
    con.execute(f"INSERT INTO {name} FROM incoming")
    con.unregister("incoming")


def put(con: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> None:
    """Rows as a table of their own. `Any`: values of the schema's types."""
    con.register("incoming", schema.empty_table())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM incoming")
    con.unregister("incoming")
    append(con, name, schema, rows)


def upsert(table: str, key: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write rows over those with the same key, or as new ones; for tables that are no kept ones. `Any`: SQL parameters."""
    over = ", ".join(f"{name} = excluded.{name}" for name in names if name not in key)
    one = f"({', '.join(['%s'] * len(names))})"
    at_once = max(1, _MOST_PARAMETERS // len(names))
    with connection.cursor() as cursor:
        for start in range(0, len(rows), at_once):
            part = rows[start : start + at_once]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([one] * len(part))}"
                f" ON CONFLICT ({', '.join(key)}) DO {f'UPDATE SET {over}' if over else 'NOTHING'}",
                list(itertools.chain.from_iterable(part)),
            )

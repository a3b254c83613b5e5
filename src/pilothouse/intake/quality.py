"""How good each list is, column by column: filled, unreadable, placeholders, distinct values."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pilothouse.equipment.fields import BY_NAME
from pilothouse.imports.sources import Source


def measure(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Leave quality(file, field, column, rows, filled, unreadable, placeholder, distinct_values); counts of rows.

    filled: cells with any text; unreadable: of these, without a value of the field's kind; placeholder: with a
    value that identifies nothing (serials, MACs, tags, uids, host names, makers and models only).
    """
    con.execute(
        'CREATE OR REPLACE TABLE quality (file VARCHAR, field VARCHAR, "column" VARCHAR, rows BIGINT, filled BIGINT, '
        "unreadable BIGINT, placeholder BIGINT, distinct_values BIGINT)"
    )
    for source in sources:
        fields = list(source.fields())
        if not fields:
            continue
        con.register("quality_now", source.table)
        counts = ", ".join(_counts(field) for field in fields)
        (row,) = con.execute(f"SELECT {counts} FROM quality_now").fetchall()
        con.unregister("quality_now")
        placeholders = _placeholders(con, source)
        con.executemany(
            "INSERT INTO quality VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [[source.file, field, source.mapping[field], source.table.num_rows, row[3 * i], row[3 * i + 1], placeholders.get(field, 0), row[3 * i + 2]] for i, field in enumerate(fields)],
        )  # fmt: skip


def _counts(field: str) -> str:
    filled = f"(trim(coalesce({field}_raw, '')) <> '')"
    missing = f"coalesce(len({field}), 0) = 0" if BY_NAME[field].kind == "many" else f"{field} IS NULL"
    return f"count(*) FILTER ({filled}), count(*) FILTER ({filled} AND {missing}), approx_count_distinct({field}_raw) FILTER ({filled})"


def _placeholders(con: duckdb.DuckDBPyConnection, source: Source) -> dict[str, int]:
    """Rows whose value of a field identifies nothing; of a list of values, none of them does."""
    found: dict[str, int] = {}
    for field in ("serial", "mac", "tag", "uid", "host", "maker", "model"):
        if field not in source.mapping:
            continue
        texts = f"unnest({field})" if BY_NAME[field].kind == "many" else field
        ((count,),) = con.execute(
            f"SELECT count(*) FROM (SELECT t.rid FROM (SELECT rid, {texts} AS text FROM typed WHERE ordinal = ?) t "
            "JOIN (SELECT text, max(key) AS key FROM spelt WHERE field = ? GROUP BY text) s USING (text) "
            "GROUP BY t.rid HAVING max(s.key) = '')",
            [source.ordinal, field],
        ).fetchall()
        found[field] = int(count)
    return found

"""Sources into the engine: every row typed, every distinct spelling read once, then rows, nodes and keys by SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import duckdb
import pyarrow as pa

from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.identifiers import (
    Identifier,
    read_host,
    read_mac,
    read_serial,
    read_tag,
    read_uid,
    tag_number,
    tags_in_host,
)
from pilothouse.equipment.makers import MakerNames
from pilothouse.equipment.models import read_model
from pilothouse.imports.fields import Field
from pilothouse.imports.sources import Source
from pilothouse.intake.queries import statements

FILE_SHIFT: Final = 40
"""rid = ordinal * 2^40 + row: rids sort as files and rows do."""

_SQL_TYPE: Final = {"many": "VARCHAR[]", "date": "TIMESTAMP", "money": "DECIMAL(18, 4)"}
_READERS: Final[Mapping[str, Callable[[str], Identifier]]] = {"serial": read_serial, "mac": read_mac, "tag": read_tag, "uid": read_uid, "host": read_host}  # fmt: skip


def stage(con: duckdb.DuckDBPyConnection, sources: Sequence[Source], makers: MakerNames) -> None:
    """Leave `typed`, `source_files`, `spelt`, `rows`, `row_serials`, `row_macs`, `nodes`, `keys`, `host_tags` in con."""
    sql = statements("staging")
    _source_files(con, sources)
    _typed(con, sources)
    _spelt(con, makers)
    for name in ("rows", "row_serials", "row_macs", "nodes", "keys"):
        con.execute(sql[name])
    _host_words(con)
    con.execute(sql["host_tags"])


def _source_files(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    con.execute(
        "CREATE OR REPLACE TABLE source_files (ordinal INTEGER, file VARCHAR, kind VARCHAR, as_of TIMESTAMP)"
    )
    for s in sources:
        as_of = s.as_of.isoformat() if s.as_of else None
        con.execute("INSERT INTO source_files VALUES (?, ?, ?, CAST(CAST(? AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS TIMESTAMP))", [s.ordinal, s.file, s.kind, as_of])  # fmt: skip


def _typed(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """All rows under each other, with every field's column; null where a file has none."""
    selects = []
    for source in sources:
        con.register(f"source_{source.ordinal}", source.table)
        columns = ", ".join(_column(field, field.name in source.mapping) for field in FIELDS)
        selects.append(f'SELECT {source.ordinal} AS ordinal, ({source.ordinal}::BIGINT << {FILE_SHIFT}) + "row" AS rid, "row", coalesce("key", \'\') AS key, {columns} FROM source_{source.ordinal}')  # noqa: S608  # fmt: skip
    con.execute(f"CREATE OR REPLACE TABLE typed AS {' UNION ALL '.join(selects)}")
    for source in sources:
        con.unregister(f"source_{source.ordinal}")


def _column(field: Field, present: bool) -> str:
    """The SQL of one field's column. Times are UTC and lose their zone, so that they compare and print plainly."""
    kind = _SQL_TYPE.get(field.kind, "VARCHAR")
    if not present:
        return f"NULL::{kind} AS {field.name}"
    if field.kind == "date":
        return f"({field.name} AT TIME ZONE 'UTC')::TIMESTAMP AS {field.name}"
    if field.kind in ("many", "money"):
        return f"{field.name}::{kind} AS {field.name}"
    return f"nullif(trim({field.name}), '') AS {field.name}"


def _spelt(con: duckdb.DuckDBPyConnection, makers: MakerNames) -> None:
    """The table spelt(field, text, maker, key, doubt): each distinct text read once."""
    wanted = con.sql(statements("staging")["spellings_wanted"]).to_arrow_table()
    fields, texts, named = (wanted.column(i).to_pylist() for i in range(3))
    keys, doubts = [], []
    for field, text, maker in zip(fields, texts, named, strict=True):
        found = _read(field, text or "", maker, makers)
        keys.append(found.key)
        doubts.append(found.doubt)
    table = pa.table({"field": fields, "text": texts, "maker": named, "key": keys, "doubt": doubts}, _SPELT)
    con.register("spelt_now", table)
    con.execute("CREATE OR REPLACE TABLE spelt AS SELECT * FROM spelt_now")
    con.unregister("spelt_now")


_SPELT: Final = pa.schema([(name, pa.string()) for name in ("field", "text", "maker", "key", "doubt")])


def _read(field: str, text: str, maker: str | None, makers: MakerNames) -> Identifier:
    if field in _READERS:
        return _READERS[field](text)
    key = makers.resolve(text) if field == "maker" else read_model(text, makers.resolve(maker), maker)
    return Identifier(key) if key else Identifier("", "placeholder")


def _host_words(con: duckdb.DuckDBPyConnection) -> None:
    """What may be tags in each host name, and each tag's number, for `host_tags`."""
    hosts = [h for (h,) in con.execute("SELECT DISTINCT host FROM rows WHERE host IS NOT NULL").fetchall()]
    tags = [t for (t,) in con.execute("SELECT DISTINCT tag FROM rows WHERE tag IS NOT NULL").fetchall()]
    found = [(host, candidate) for host in hosts for candidate in tags_in_host(host)] if tags else []
    _strings(con, "host_candidates", ("host", "candidate"), found)
    _strings(con, "tag_numbers", ("tag", "number"), [(tag, tag_number(tag)) for tag in tags])


def _strings(
    con: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, str], rows: Sequence[tuple[str, str]]
) -> None:
    """A table of two columns of text."""
    table = pa.table({c: pa.array([row[i] for row in rows], pa.string()) for i, c in enumerate(columns)})
    con.register("strings_now", table)
    con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM strings_now")  # noqa: S608 - our own name
    con.unregister("strings_now")

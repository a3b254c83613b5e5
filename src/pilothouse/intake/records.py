"""A file's records as claim documents: key, document, digest, all reckoned in DuckDB at once. ADR 0015."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

import duckdb
import pyarrow as pa

from pilothouse.equipment.fields import FIELDS
from pilothouse.imports.fields import Field
from pilothouse.imports.sources import Source

LIST: Final = "; "
"""Between the values of a list, as register.csv writes them."""

_RECORDS: Final = """
CREATE OR REPLACE TABLE records AS
WITH parted AS (
    SELECT "row", coalesce("key", '') AS key, {columns},
           unnest({serials}) AS one_serial, generate_subscripts({serials}, 1) AS part
    FROM file
), told AS (
    SELECT "row", part, key, {seen} AS seen, {shown} FROM parted
), documents AS (
    SELECT "row", part, key, seen, '{{' || concat_ws(',', {members}) || '}}' AS doc FROM told
), keyed AS (
    SELECT *, sha256(doc) AS digest, CASE WHEN key <> '' THEN key ELSE '=' || sha256(doc)[:16] END || CASE WHEN part > 1 THEN '#' || part ELSE '' END AS own_key
    FROM documents WHERE doc <> '{{}}'
)
SELECT "row", doc, digest, seen,
       own_key || CASE WHEN row_number() OVER again > 1 THEN '~' || row_number() OVER again ELSE '' END AS key
FROM keyed WINDOW again AS (PARTITION BY own_key ORDER BY "row", part)
"""
"""A record with several serials is one record for each: what identifies the whole row stays with the first."""

_HAVE: Final = pa.schema(
    [("id", pa.int64()), ("key", pa.string()), ("digest", pa.string()), ("seen", pa.string()), ("equipment", pa.int64()), ("missing", pa.int64())]
)  # fmt: skip

_DIFFERENCES: Final = """
CREATE OR REPLACE TABLE differences AS
SELECT r."row", r.key, r.doc, r.digest, r.seen, h.id AS claim, h.equipment,
       CASE WHEN h.id IS NULL THEN 'new' WHEN h.digest <> r.digest OR h.missing <> 0 THEN 'changed'
            WHEN h.seen <> r.seen THEN 'seen' ELSE 'unchanged' END AS what
FROM records r LEFT JOIN have h USING (key)
UNION ALL
SELECT NULL, h.key, NULL, h.digest, h.seen, h.id, h.equipment, 'vanished' FROM have h ANTI JOIN records r USING (key) WHERE h.missing = 0
"""


def documents(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Leave the table records(row, key, doc, digest, seen) in con: one line for each record, several serials parted.

    doc: JSON object from field to value as register.csv shows it, empty ones left out, `seen` apart from it.
    """
    con.register("file", source.table)
    present = [f for f in FIELDS if f.name in source.mapping]
    fields = [f for f in present if f.name != "seen"]
    has_serial = any(f.name == "serial" for f in fields)
    serials = "CASE WHEN len(serial) > 1 THEN list_distinct(serial) ELSE [list_aggregate(serial, 'string_agg', '; ')] END" if has_serial else "[NULL::VARCHAR]"  # fmt: skip
    seen = next((_shown(f) for f in present if f.name == "seen"), "''")
    con.execute(
        _RECORDS.format(
            columns=", ".join(f'"{f.name}"' for f in present) or "NULL AS nothing",
            serials=serials,
            seen=f"coalesce({seen}, '')",
            shown=", ".join(f'{_of_part(f, has_serial)} AS "{f.name}"' for f in fields) or "NULL AS nothing",
            members=", ".join(
                f"""CASE WHEN "{f.name}" <> '' THEN '"{f.name}":' || to_json("{f.name}") END"""
                for f in fields
            )
            or "NULL",
        )
    )
    con.unregister("file")


def _of_part(field: Field, has_serial: bool) -> str:
    """A field of one part of a record: the row's own identifiers stay with the first, MACs as many as serials are dealt out."""
    if field.name == "serial":
        return "one_serial"
    shown = _shown(field)
    if not has_serial:
        return shown
    if field.name == "mac":
        return f"CASE WHEN len(serial) > 1 AND len(mac) = len(serial) THEN mac[part] WHEN part = 1 THEN {shown} END"
    if field.name in ("tag", "uid", "host", "ip"):
        return f"CASE WHEN part = 1 THEN {shown} END"
    return shown


def _shown(field: Field) -> str:
    name = f'"{field.name}"'
    if field.kind == "many":
        return f"list_aggregate({name}, 'string_agg', '{LIST}')"
    if field.kind == "date":
        wall = f"({name} AT TIME ZONE 'UTC')::TIMESTAMP"
        return f"CASE WHEN {wall} = date_trunc('day', {wall}) THEN strftime({wall}, '%Y-%m-%d') ELSE strftime({wall}, '%Y-%m-%dT%H:%M:%SZ') END"  # fmt: skip
    if field.kind == "money":
        return f"regexp_replace({name}::VARCHAR, '\\.?0+$', '')"
    return f"trim({name})"


def differences(
    con: duckdb.DuckDBPyConnection, have: Iterable[tuple[int, str, str, str, int, int]]
) -> dict[str, int]:
    """Leave differences(row, key, doc, digest, seen, claim, equipment, what) against the claims there are; how many of each.

    have: id, key, digest, seen, equipment, missing_since. what: new, changed, seen (only its time), unchanged, vanished.
    """
    columns = list(zip(*have, strict=True)) or [()] * len(_HAVE)
    table = pa.table(
        [pa.array(column, kind.type) for column, kind in zip(columns, _HAVE, strict=True)], schema=_HAVE
    )
    con.register("have", table)
    con.execute(_DIFFERENCES)
    con.unregister("have")
    return dict(con.execute("SELECT what, count(*) FROM differences GROUP BY what").fetchall())


_TYPES: Final = {
    "many": "string_split({0}, '; ')",
    "date": "try_cast({0} AS TIMESTAMPTZ)",
    "money": "try_cast({0} AS DECIMAL(18, 4))",
}
COMPARED: Final = ("tag", "uid", "maker", "model", "serial", "mac", "ip", "host", "firmware", "unit", "name")
"""The fields that linking reads."""


def as_source(con: duckdb.DuckDBPyConnection, relation: str, *, ordinal: int, file: str, kind: str) -> Source:
    """Documents as a source for the linker again. relation: a table or view with "row", key and doc."""
    by_name = {f.name: f for f in FIELDS}
    columns = ", ".join(
        f'{_TYPES.get(by_name[name].kind, "{0}").format(f"json_extract_string(doc, {chr(39)}$.{name}{chr(39)})")} AS "{name}"'
        for name in COMPARED
    )
    table = con.sql(f'SELECT "row", "row" AS line, key, {columns} FROM {relation}').to_arrow_table()
    return Source(
        ordinal=ordinal, file=file, kind=kind, table=table, mapping={name: name for name in COMPARED}
    )


def parsed(docs: Sequence[str]) -> list[dict[str, str]]:
    """Documents as dictionaries, read at once, which is faster than one by one."""
    found: list[dict[str, str]] = json.loads(f"[{','.join(docs)}]")
    return found

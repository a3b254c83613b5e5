"""What every source claims of a device's fields, which claim wins, and where they really disagree."""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa

from pilothouse.equipment.claims import LIST, NOT_COMPARED, compared_form, is_conflict
from pilothouse.equipment.fields import FIELDS
from pilothouse.imports.fields import Field
from pilothouse.intake.queries import statements

_SERIALS: Final = [field.name for field in FIELDS].index("serial")
_SERIALS_TOLD: Final = """
SELECT rid, nid, $serial AS field, serial_text AS value FROM nodes WHERE serial IS NOT NULL
UNION ALL
SELECT c.rid, NULL, $serial, string_agg(c.text, '; ' ORDER BY c.position) FROM cells c
ANTI JOIN row_serials s ON s.rid = c.rid AND s.cell = c.text
LEFT JOIN spelt k ON k.field = 'serial' AND k.text = c.text
ANTI JOIN row_serials o ON o.rid = c.rid AND o.serial = k.key
GROUP BY c.rid
"""
_CELLS: Final = """
CREATE OR REPLACE TABLE cells AS
SELECT rid, unnest(serial) AS text, generate_subscripts(serial, 1) AS position FROM typed WHERE len(serial) > 0
"""


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """From `typed`, `member_rows` and `spelt` to the tables `claims`, `register` and `conflicts`."""
    sql = statements("survivorship")
    _whose_word(con)
    con.execute(_CELLS)
    con.execute(
        f"CREATE OR REPLACE TABLE told AS {' UNION ALL '.join(_told(field, place) for place, field in enumerate(FIELDS))}"
    )
    _said(con)
    con.execute(sql["claimed"])
    con.execute(sql["shared_by_many"])
    con.execute(sql["last_resorts"])
    con.execute(sql["contested"], {"serials": _SERIALS})
    con.execute(sql["settled"])
    con.execute(sql["claims"])
    con.execute(_register())
    con.execute(sql["disagreements"])
    _unlike(con, sql["unlike_values"])
    con.execute(sql["conflicts"])


def _whose_word(con: duckdb.DuckDBPyConnection) -> None:
    """The table whose_word(field, prefer, label, place, compared)."""
    con.execute(
        "CREATE OR REPLACE TABLE whose_word (field VARCHAR, prefer VARCHAR, label VARCHAR, place INTEGER, compared BOOLEAN)"
    )
    rows = [[f.name, f.prefer, f.label, place, f.name not in NOT_COMPARED] for place, f in enumerate(FIELDS)]
    con.executemany("INSERT INTO whose_word VALUES (?, ?, ?, ?, ?)", rows)


def _told(field: Field, place: int) -> str:
    """The SQL of one field's values as text: dates as days (with a time where there is one), lists joined."""
    name = field.name
    if name == "serial":  # each node its own; what of the cell is none, as it stands
        return _SERIALS_TOLD.replace("$serial", str(place))
    shown = {
        "many": f"list_aggregate({name}, 'string_agg', '{LIST}')",
        "date": f"CASE WHEN {name} = date_trunc('day', {name}) THEN strftime({name}, '%Y-%m-%d') ELSE strftime({name}, '%Y-%m-%dT%H:%M:%SZ') END",
        "money": f"regexp_replace({name}::VARCHAR, '\\.?0+$', '')",
    }.get(field.kind, name)  # fmt: skip
    filled = f"len({name}) > 0" if field.kind == "many" else f"{name} IS NOT NULL"
    return f"SELECT rid, NULL::BIGINT AS nid, {place} AS field, {shown} AS value FROM typed WHERE {filled}"


def _said(con: duckdb.DuckDBPyConnection) -> None:
    """The table said(field, value, same_as, is_real, last_resort): each distinct value as it compares."""
    con.execute(statements("survivorship")["said"])
    wanted = con.execute(statements("survivorship")["unsaid"]).fetchall()
    forms = [compared_form(FIELDS[place].name, value) for place, value in wanted]
    table = pa.table(
        {
            "field": pa.array([place for place, _ in wanted], pa.int32()),
            "value": pa.array([value for _, value in wanted], pa.string()),
            "same_as": pa.array([form.same_as for form in forms], pa.string()),
            "is_real": pa.array([form.worth == "real" for form in forms], pa.bool_()),
            "last_resort": pa.array([form.worth == "last resort" for form in forms], pa.bool_()),
        }
    )
    con.register("said_now", table)
    con.execute("INSERT INTO said SELECT * FROM said_now")
    con.unregister("said_now")


def _unlike(con: duckdb.DuckDBPyConnection, wanted: str) -> None:
    """The table unlike(field, best, same_as) of values that really differ."""
    found = [row for row in con.execute(wanted).fetchall() if is_conflict(*row)]
    columns = {
        c: pa.array([row[i] for row in found], pa.string())
        for i, c in enumerate(("field", "best", "same_as"))
    }
    con.register("unlike_now", pa.table(columns))
    con.execute("CREATE OR REPLACE TABLE unlike AS SELECT * FROM unlike_now")
    con.unregister("unlike_now")


def _register() -> str:
    """The SQL of the register: one row for each device, one column for each field with the winning value."""
    columns = ", ".join(f"max(value) FILTER (field = {place}) AS {f.name}" for place, f in enumerate(FIELDS))
    return (
        f"CREATE OR REPLACE TABLE register AS WITH wide AS (SELECT device AS place, {columns} FROM settled WHERE won "
        f"GROUP BY device) SELECT d.device, {', '.join(f.name for f in FIELDS)} FROM devices d LEFT JOIN wide USING (place) ORDER BY d.place"
    )

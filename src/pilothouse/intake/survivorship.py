"""What every source claims of a device's fields, which claim wins, and where they really disagree."""

from __future__ import annotations

from typing import Final

import duckdb
import pyarrow as pa

from pilothouse.equipment.fields import FIELDS
from pilothouse.equipment.models import is_similar_model
from pilothouse.imports.fields import Field
from pilothouse.intake.queries import statements
from pilothouse.kernel.text import fold
from pilothouse.kernel.versions import is_known_version, version_key

NOT_COMPARED: Final = ("uid", "seen")
"""Each source has its own: that they differ is no conflict."""

_SPELT: Final = ("serial", "mac", "tag", "uid", "host", "maker", "model")
_NOTHING: Final = frozenset({"", "na", "n a", "none", "null", "nil", "unknown", "unk", "tbd", "tba", "not available", "not applicable", "not known", "see label", "x", "xx", "xxx", "various", "default", "undefined"})  # fmt: skip
_LIST: Final = "; "


def settle(con: duckdb.DuckDBPyConnection) -> None:
    """From `typed`, `member_rows` and `spelt` to the tables `claims`, `register` and `conflicts`."""
    sql = statements("survivorship")
    _whose_word(con)
    con.execute(f"CREATE OR REPLACE TABLE told AS {' UNION ALL '.join(_told(field) for field in FIELDS)}")
    _said(con)
    con.execute(sql["claimed"])
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


def _told(field: Field) -> str:
    """The SQL of one field's values as text: dates as days (with a time where there is one), lists joined."""
    name = field.name
    if name == "serial":  # each node its own; a cell without a usable serial as it stands
        return (
            "SELECT rid, nid, 'serial' AS field, serial_text AS value FROM nodes WHERE serial IS NOT NULL UNION ALL "
            f"SELECT rid, NULL, 'serial', list_aggregate(serial, 'string_agg', '{_LIST}') FROM typed "
            "ANTI JOIN row_serials USING (rid) WHERE len(serial) > 0"
        )
    shown = {
        "many": f"list_aggregate({name}, 'string_agg', '{_LIST}')",
        "date": f"CASE WHEN {name} = date_trunc('day', {name}) THEN strftime({name}, '%Y-%m-%d') ELSE strftime({name}, '%Y-%m-%dT%H:%M:%SZ') END",
        "money": f"regexp_replace({name}::VARCHAR, '\\.?0+$', '')",
    }.get(field.kind, name)  # fmt: skip
    filled = f"len({name}) > 0" if field.kind == "many" else f"{name} IS NOT NULL"
    return f"SELECT rid, NULL::BIGINT AS nid, '{name}' AS field, {shown} AS value FROM typed WHERE {filled}"  # noqa: S608


def _said(con: duckdb.DuckDBPyConnection) -> None:
    """The table said(field, value, same_as, is_real): each distinct value as it compares."""
    wanted = con.execute(
        "SELECT DISTINCT t.field, t.value FROM told t JOIN whose_word w USING (field) WHERE w.compared"
    ).fetchall()
    known = {
        (f, t): (k, d)
        for f, t, k, d in con.execute(
            "SELECT field, text, max(key), max(doubt) FROM spelt GROUP BY ALL"
        ).fetchall()
    }
    forms = [_form(field, value, known) for field, value in wanted]
    table = pa.table(
        {
            "field": pa.array([f for f, _ in wanted], pa.string()),
            "value": pa.array([v for _, v in wanted], pa.string()),
            "same_as": pa.array([same for same, _ in forms], pa.string()),
            "is_real": pa.array([real for _, real in forms], pa.bool_()),
        }
    )
    con.register("said_now", table)
    con.execute("CREATE OR REPLACE TABLE said AS SELECT * FROM said_now")
    con.unregister("said_now")


def _form(field: str, value: str, known: dict[tuple[str, str], tuple[str, str]]) -> tuple[str, bool]:
    """The form in which a value compares, and whether it says anything."""
    if field in _SPELT:
        parts = value.split(_LIST) if field in ("mac", "serial") else [value]
        keys = sorted(key for part in parts if (key := known.get((field, part), ("", ""))[0]))
        return (
            (_LIST.join(keys), True)
            if keys
            else (value.lower(), known.get((field, parts[0]), ("", ""))[1] in ("", "too short"))
        )
    if field == "firmware":
        return (version_key(value), True) if is_known_version(value) else (value.lower(), False)
    if field == "ip":
        return _LIST.join(sorted(value.split(_LIST))), True
    if field == "name":
        return " ".join(sorted(fold(value).split())), fold(value) not in _NOTHING
    folded = fold(value)
    return folded.replace(" ", "") or value, folded not in _NOTHING


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


def is_conflict(field: str, one: str, other: str) -> bool:
    """Whether two compared forms of one field are more than two ways to say it.

    Lists (serials, MACs, addresses) conflict when they have nothing in common; models when they are not similar;
    an operating system or a description when neither says the other more fully; everything else when unequal.
    """
    if one == other:
        return False
    if field in ("mac", "ip", "serial"):
        return not set(one.split(_LIST)) & set(other.split(_LIST))
    if field == "model":
        return not is_similar_model(one, other)
    if field == "os":
        return not (one.startswith(other) or other.startswith(one))
    if field == "name":
        return not (set(one.split()) <= set(other.split()) or set(other.split()) <= set(one.split()))
    return True


def _register() -> str:
    """The SQL of the register: one row for each device, one column for each field with the winning value."""
    columns = ", ".join(f"max(value) FILTER (field = '{f.name}') AS {f.name}" for f in FIELDS)
    return (
        f"CREATE OR REPLACE TABLE register AS SELECT d.device, {columns} FROM devices d "  # noqa: S608 - our own names
        "LEFT JOIN (SELECT device, field, value FROM settled WHERE won) w USING (device) GROUP BY d.device ORDER BY d.device"
    )

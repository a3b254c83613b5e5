"""The relations a report is drawn from: made once in DuckDB, aggregated there, dropped at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources

import duckdb
import pyarrow as pa

from pilothouse.equipment.fields import FIELDS
from pilothouse.home.report.facts import ListFace
from pilothouse.imports import contracts

_OURS = ("report_lists", "report_devices", "report_findings", "report_exposed", "report_same_unit", "report_same_maker")  # fmt: skip
_OUR_VIEWS = ("report_register", "report_exposures")


@dataclass(frozen=True, slots=True)
class Prepared:
    """The connection with the report's relations in it, and which optional ones were there.

    con also holds report_lists, report_devices, report_findings and report_exposed (empty without exposures).
    """

    con: duckdb.DuckDBPyConnection
    faces: tuple[ListFace, ...]
    exposures: bool


def named_sql(name: str) -> str:
    """One of the report's own statements."""
    return resources.files("pilothouse.home.report").joinpath("sql", f"{name}.sql").read_text("utf-8")


def columns_of(con: duckdb.DuckDBPyConnection, relation: str) -> set[str]:
    """The column names of a relation; empty when there is none of that name."""
    found = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [relation]
    ).fetchall()
    return {str(name) for (name,) in found}


@contextmanager
def prepared(con: duckdb.DuckDBPyConnection, faces: tuple[ListFace, ...]) -> Iterator[Prepared]:
    """Make the report's relations, and drop them afterwards.

    con: links, members, register, claims, conflicts, unmatched, quality and perhaps exposures, as
    `imports.contracts` names their columns.
    """
    sides = list(dict.fromkeys(face.side for face in faces))
    listed = pa.table(
        {
            "ordinal": pa.array([f.ordinal for f in faces], pa.int32()),
            "file": pa.array([f.file for f in faces], pa.string()),
            "short": pa.array([f.short for f in faces], pa.string()),
            "side_ordinal": pa.array([sides.index(f.side) for f in faces], pa.int32()),
        }
    )
    exposed = columns_of(con, "exposures")
    try:
        con.register("report_lists_given", listed)
        con.execute("CREATE OR REPLACE TEMP TABLE report_lists AS SELECT * FROM report_lists_given")
        con.unregister("report_lists_given")
        con.execute(
            _whole_view(
                "report_register",
                "register",
                ("device", *(f.name for f in FIELDS)),
                columns_of(con, "register"),
            )
        )
        con.execute(
            _whole_view(
                "report_exposures", "exposures", contracts.exposures_layout(with_chain=True).columns, exposed
            )
        )
        con.execute(named_sql("devices"))
        con.execute(named_sql("findings"))
        yield Prepared(con, faces, bool(exposed))
    finally:
        for view in _OUR_VIEWS:
            con.execute(f"DROP VIEW IF EXISTS {view}")
        for table in _OURS:
            con.execute(f"DROP TABLE IF EXISTS {table}")


def _whole_view(name: str, relation: str, wanted: tuple[str, ...], present: set[str]) -> str:
    """A view with every column wanted, as text, the missing ones null; without the relation it has no rows."""
    select = ", ".join(
        f'CAST("{c}" AS VARCHAR) AS "{c}"' if c in present else f'CAST(NULL AS VARCHAR) AS "{c}"'
        for c in wanted
    )
    source = f"FROM {relation}" if present else "WHERE false"
    return f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {select} {source}"

"""Who claims what of each device, packed for the sheet that opens on a row of the register.

Most claims repeat the winner, so a device has one short text per field (who won, who agrees, the rule), and only claims
with words of their own have a line: other spellings, what lost, placeholders. The row's own last-seen is left out, as it
differs by its nature.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from pilothouse.core.grid import Column, Grid, pack
from pilothouse.equipment.fields import FIELDS
from pilothouse.home.report.relations import Prepared, named_sql

MOST_LOST = 500_000
"""So many claims that did not win a page carries, in the order of the register; all of them stand in claims.csv."""


@dataclass(frozen=True, slots=True)
class PackedClaims:
    """The two packed tables, and the grid to whose rows they belong."""

    of: str
    agreed: str
    lost: str


_OURS = ("report_rules", "report_told", "report_said", "report_said_words", "report_lost")
_FIELDS = tuple(f.name for f in FIELDS if f.name != "seen")


def packed_claims(ready: Prepared, equipment: Grid) -> PackedClaims:
    """The claims of every device of the register's grid, in its order."""
    con = ready.con
    devices = equipment.table.column("device")
    con.register("report_order", pa.table({"device": devices, "at": np.arange(len(devices), dtype=np.int32)}))
    con.register(
        "report_field_numbers",
        pa.table({"field": _FIELDS, "number": np.arange(len(_FIELDS), dtype=np.int32)}),
    )
    try:
        con.execute(named_sql("claims"))
        lost = con.sql(
            f'SELECT "at", field, list, "row", value, state FROM report_lost ORDER BY ALL LIMIT {MOST_LOST}'
        ).to_arrow_table()
        return PackedClaims(
            equipment.id, _packed("agreed", _agreed(con, len(devices))), _packed("lost", lost)
        )
    finally:
        for table in _OURS:
            con.execute(f"DROP TABLE IF EXISTS {table}")
        con.unregister("report_order")
        con.unregister("report_field_numbers")


def _agreed(con: duckdb.DuckDBPyConnection, devices: int) -> pa.Table:
    """A column per field; per device who said so, or null where nobody did."""
    words = [said for (said,) in con.execute("SELECT said FROM report_said_words ORDER BY number").fetchall()]
    told = con.execute(
        'SELECT s."at", s.field, w.number FROM report_said s '
        "JOIN report_said_words w ON w.winner = s.winner AND w.agreeing = s.agreeing AND w.rule = s.rule"
    ).fetchnumpy()
    which = np.full((len(_FIELDS), devices), len(words), dtype=np.int64)
    which[told["field"], told["at"]] = told["number"]
    said = pa.array([*words, None], pa.string())
    return pa.table({name: said.take(pa.array(which[place])) for place, name in enumerate(_FIELDS)})


def _packed(name: str, table: pa.Table) -> str:
    columns = tuple(Column(key, key) for key in table.column_names)
    return pack(Grid(id=name, noun="claim", file="claims.csv", table=table, columns=columns, cells=()))

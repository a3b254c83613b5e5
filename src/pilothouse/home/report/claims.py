"""Who claims what of each device, packed for the sheet that opens on a row of the register.

Most claims repeat the winner, so a device has one short text per field (who won, who agrees, the rule), and only claims
with words of their own have a line: other spellings, what lost, placeholders. The row's own last-seen is left out, as it
differs by its nature.
"""

from __future__ import annotations

from dataclasses import dataclass

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


def packed_claims(ready: Prepared, equipment: Grid) -> PackedClaims:
    """The claims of every device of the register's grid, in its order."""
    con = ready.con
    devices = equipment.table.column("device")
    con.register("report_order", pa.table({"device": devices, "at": np.arange(len(devices), dtype=np.int32)}))
    try:
        con.execute(named_sql("claims"))
        fields = [f.name for f in FIELDS if f.name != "seen"]
        columns = ", ".join(f"max(said) FILTER (field = '{name}') AS \"{name}\"" for name in fields)
        agreed = con.sql(
            f'SELECT {columns} FROM report_order LEFT JOIN report_said USING (device) GROUP BY "at" ORDER BY "at"'  # noqa: S608 - fields of ours
        ).to_arrow_table()
        lost = con.sql(
            f'SELECT "at", field, list, "row", value, state FROM report_lost ORDER BY ALL LIMIT {MOST_LOST}'  # noqa: S608 - a number of ours
        ).to_arrow_table()
        return PackedClaims(equipment.id, _packed("agreed", agreed), _packed("lost", lost))
    finally:
        con.unregister("report_order")
        con.execute("DROP TABLE IF EXISTS report_said; DROP TABLE IF EXISTS report_lost")


def _packed(name: str, table: pa.Table) -> str:
    columns = tuple(Column(key, key) for key in table.column_names)
    return pack(Grid(id=name, noun="claim", file="claims.csv", table=table, columns=columns, cells=()))

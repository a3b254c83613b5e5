"""Reconcile: several lists of the same equipment become one register, each step a relation that can be looked at.

Stage (one spelling of each identifier), link (pairs, probabilities, devices), tell (links, members, unmatched),
settle (claims, register, conflicts), measure (quality). Every rule and figure: docs/domains/intake.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from pilothouse.core.words import counted
from pilothouse.equipment.makers import MakerNames
from pilothouse.imports.sources import Source
from pilothouse.intake import hubs
from pilothouse.intake.clustering import LARGEST, Clusters
from pilothouse.intake.linking import Linked, link
from pilothouse.intake.quality import measure
from pilothouse.intake.queries import statements
from pilothouse.intake.rules import MATCH_AT
from pilothouse.intake.staging import stage
from pilothouse.intake.survivorship import settle
from pilothouse.kernel.progress import SILENT, Progress

TABLES = ("links", "members", "register", "claims", "conflicts", "unmatched", "quality")
"""What `reconcile` leaves in the connection; columns as in `imports.contracts`, already in the stated order."""

MANY_ROWS = 200
"""Of a device of more rows than this the user is told."""
_JUST_BELOW_MATCH = MATCH_AT - 1e-6


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Counts of what was found, for a summary.

    rows: by file. matched: rows that another file's row joined, by file. learned: fields of which Splink learned the
    weights here, the others have their usual ones. notes: what the user should know of the linking.
    """

    devices: int
    rows: dict[str, int]
    matched: dict[str, int]
    matches: int
    reviews: int
    conflicts: int
    learned: tuple[str, ...]
    notes: tuple[str, ...] = ()


def reconcile(
    con: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    *,
    names: MakerNames | None = None,
    progress: Progress = SILENT,
) -> Reconciled:
    """Leave the TABLES in con and return their counts.

    sources: in the order of the command line, their `ordinal`s from 0; one is enough (rows of one device within it
    are found). names: confirmed makers' names, by default the shipped ones. The same rows in another order give the
    same devices.
    """
    linked = joined(con, sources, names or MakerNames.load(), progress)
    progress.step("Settling which claim counts")
    settle(con)
    measure(con, sources)
    return _counted(con, linked.estimates.learned, (*hubs.told(con), *_told_of_size(linked.clusters)))


def joined(con: duckdb.DuckDBPyConnection, sources: Sequence[Source], names: MakerNames, progress: Progress = SILENT) -> Linked:  # fmt: skip
    """Only what joins what: `links`, `members` and `unmatched` in con."""
    progress.step("Reading identifiers")
    stage(con, sources, names)
    linked = link(con, progress)
    progress.step("Writing down what joins what")
    _tell(con)
    return linked


def _told_of_size(clusters: Clusters) -> list[str]:
    """Of devices with many rows, since every pair of them stands in links.csv."""
    notes = []
    if clusters.largest > MANY_ROWS:
        pairs = clusters.largest * (clusters.largest - 1) // 2
        notes.append(f"the largest device has {clusters.largest:,} rows, {pairs:,} pairs of links.csv")
    if clusters.too_large:
        notes.append(f"{counted(clusters.too_large, 'match', 'matches')} would have made a device of more than {LARGEST:,} rows and stand as review")  # fmt: skip
    return notes


_ROWS = """
SELECT f.file, count(r.rid) FROM source_files f LEFT JOIN rows r USING (ordinal)
GROUP BY f.file, f.ordinal ORDER BY f.ordinal
"""


def _tell(con: duckdb.DuckDBPyConnection) -> None:
    """`devices`, `members`, `links` and `unmatched` from what was decided."""
    sql = statements("outputs")
    for name in ("grouped", "devices", "member_rows", "members"):
        con.execute(sql[name])
    con.execute(sql["row_pairs"], {"below_match": _JUST_BELOW_MATCH})
    con.execute(sql["links"])
    con.execute(sql["unmatched"])


def _counted(con: duckdb.DuckDBPyConnection, learned: tuple[str, ...], notes: tuple[str, ...]) -> Reconciled:
    def count(sql: str) -> int:
        # fetchall: a result not fetched to its end blocks the connection's next relation.
        return int(con.execute(sql).fetchall()[0][0])

    rows = dict(con.execute(_ROWS).fetchall())
    alone = dict(con.execute("SELECT file, count(*) FROM unmatched GROUP BY file").fetchall())
    return Reconciled(
        devices=count("SELECT count(*) FROM devices"),
        rows=rows,
        matched={file: n - alone.get(file, 0) for file, n in rows.items()},
        matches=count("SELECT count(*) FROM links WHERE decision = 'match'"),
        reviews=count("SELECT count(*) FROM links WHERE decision = 'review'"),
        conflicts=count("SELECT count(*) FROM conflicts"),
        learned=learned,
        notes=notes,
    )

"""Every number the report says, counted in DuckDB and handed on as frozen dataclasses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from pilothouse.core.words import SEVERITIES
from pilothouse.equipment.makers import MakerNames
from pilothouse.home.report.facts import ListFace
from pilothouse.home.report.relations import Prepared, named_sql
from pilothouse.kernel.text import fold

CRITICAL_FIELDS = ("serial", "maker", "model", "mac", "firmware", "os", "status", "unit", "tag", "host", "ip")
"""Fields in the order in which a disagreement does harm: a wrong identity first, then what exposure hangs on."""

UNSAID = "unknown"


@dataclass(frozen=True, slots=True)
class ListFigures:
    """What one list holds. rows: its rows in the register; devices they are; alone: devices only it knows.

    newest: the last day on which it saw one of them, if its rows say so.
    """

    face: ListFace
    rows: int
    devices: int
    alone: int
    newest: date | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """So many devices stand on exactly these lists (ordinals)."""

    lists: tuple[int, ...]
    devices: int


@dataclass(frozen=True, slots=True)
class OneSided:
    """Devices of one group (a unit, a maker) that only one side knows; counts in the order of the sides."""

    group: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FieldConflicts:
    """How many devices have sources that disagree on a field."""

    field: str
    devices: int


@dataclass(frozen=True, slots=True)
class SeverityFigures:
    """Devices whose worst case has this severity; each device counts once, affected before possible."""

    severity: str
    affected: int
    possible: int


@dataclass(frozen=True, slots=True)
class Holder:
    """The devices of one advisory that are in one person's care; owner and position None where no one is named."""

    owner: str | None
    position: str | None
    affected: int
    possible: int

    @property
    def devices(self) -> int:
        """Devices this person has to decide on."""
        return self.affected + self.possible


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be decided on: one advisory on the devices it touches, each of which has one owner.

    holders: who holds how many, most first. severity: of the worst vulnerability that affects a device, else of
    the worst that may. kev: one that affects is known to be exploited; kev_any: one that affects or may.
    product: the most frequent one; others: whether there are more, or other spellings of it.
    """

    advisory: str
    holders: tuple[Holder, ...]
    severity: str
    cvss: float | None
    kev: bool
    kev_any: bool
    vulnerabilities: int
    worst: str
    product: str
    others: bool

    @property
    def affected(self) -> int:
        """Devices that are affected."""
        return sum(holder.affected for holder in self.holders)

    @property
    def possible(self) -> int:
        """Further devices that may be."""
        return sum(holder.possible for holder in self.holders)


@dataclass(frozen=True, slots=True)
class OwnerFigures:
    """What waits for one person: devices affected, devices that may be, and those known to be exploited."""

    owner: str | None
    position: str | None
    affected: int
    possible: int
    kev: int


@dataclass(frozen=True, slots=True)
class ColumnQuality:
    """One column of one list. Of `rows` cells `filled` hold something; some of that cannot be read, some says nothing."""

    file: str
    field: str | None
    column: str
    rows: int
    filled: int
    unreadable: int
    placeholder: int
    distinct: int

    @property
    def useful(self) -> int:
        """Cells that say something we can read."""
        return max(0, self.filled - self.unreadable - self.placeholder)


@dataclass(frozen=True, slots=True)
class Figures:
    """All counts of one report. sides: in order; one_sided_*: largest first, sum of the rest in `*_rest`."""

    sides: tuple[str, ...]
    lists: tuple[ListFigures, ...]
    overlaps: tuple[Overlap, ...]
    devices: int
    shared: int
    alone_by_side: tuple[int, ...]
    one_sided_by_unit: tuple[OneSided, ...]
    one_sided_by_maker: tuple[OneSided, ...]
    pairs_matched: int
    pairs_to_review: int
    conflicts: tuple[FieldConflicts, ...]
    conflict_devices: int
    unmatched: int
    searched_exposures: bool
    affected: int
    possible: int
    kev_devices: int
    kev_possible: int
    clear_lines: int
    severities: tuple[SeverityFigures, ...]
    questions: tuple[Question, ...]
    owners: tuple[OwnerFigures, ...]
    quality: tuple[ColumnQuality, ...]

    @property
    def rows(self) -> int:
        """Rows of all lists that became part of the register."""
        return sum(each.rows for each in self.lists)


def count_all(ready: Prepared) -> Figures:
    """Ask every count once."""
    con = ready.con
    _name_groups(con)
    sides = tuple(dict.fromkeys(face.side for face in ready.faces))
    affected, possible, kev_devices, kev_possible = _row(
        con,
        "SELECT count(*) FILTER (affected > 0), count(*) FILTER (affected = 0), count(*) FILTER (kev), count(*) FILTER (kev_possible AND NOT kev) FROM report_exposed",
    )
    return Figures(
        sides=sides,
        lists=_lists(ready),
        overlaps=_overlaps(ready),
        devices=_one(con, "SELECT count(*) FROM report_devices"),
        shared=_one(con, "SELECT count(*) FROM report_devices WHERE bit_count(lists) > 1"),
        alone_by_side=tuple(
            int(_row(con, "SELECT count(*) FROM report_devices WHERE sides = ?", [1 << side])[0])
            for side in range(len(sides))
        ),
        one_sided_by_unit=_one_sided(con, "unit", len(sides)),
        one_sided_by_maker=_one_sided(con, "maker", len(sides)),
        pairs_matched=_one(con, "SELECT count(*) FROM links WHERE decision = 'match'"),
        pairs_to_review=_one(con, "SELECT count(*) FROM links WHERE decision = 'review'"),
        conflicts=_conflicts(con),
        conflict_devices=_one(con, "SELECT count(DISTINCT device) FROM conflicts"),
        unmatched=_one(con, "SELECT count(*) FROM unmatched"),
        searched_exposures=ready.exposures,
        affected=affected,
        possible=possible,
        kev_devices=kev_devices,
        kev_possible=kev_possible,
        clear_lines=_one(con, "SELECT count(*) FROM report_findings WHERE status = 'not_affected'"),
        severities=_severities(con),
        questions=_questions(con),
        owners=_owners(con),
        quality=_quality(con),
    )


def _name_groups(con: duckdb.DuckDBPyConnection) -> None:
    """Make report_same_unit(unit, same) and report_same_maker(maker, same): which spellings mean one group."""
    makers = MakerNames.load()
    keys: dict[str, Callable[[str], str]] = {
        "unit": fold,
        "maker": lambda text: makers.resolve(text) or fold(text),
    }
    for by, key in keys.items():
        texts = [
            str(t)
            for (t,) in con.execute(
                f"SELECT DISTINCT {by} FROM report_devices WHERE {by} IS NOT NULL"
            ).fetchall()
        ]
        con.register(
            "report_spellings",
            pa.table({by: pa.array(texts, pa.string()), "same": pa.array(map(key, texts), pa.string())}),
        )
        con.execute(f"CREATE OR REPLACE TEMP TABLE report_same_{by} AS FROM report_spellings")
        con.unregister("report_spellings")


def conflict_rank(field: str) -> int:
    """Place of a field among those whose disagreement does harm; all others come last."""
    return CRITICAL_FIELDS.index(field) if field in CRITICAL_FIELDS else len(CRITICAL_FIELDS)


def _row(con: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> tuple[Any, ...]:
    """The one row of an aggregate; `Any` because DuckDB decides the types."""
    (row,) = con.execute(sql, list(parameters)).fetchall()
    return row


def _one(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(_row(con, sql)[0])


def _lists(ready: Prepared) -> tuple[ListFigures, ...]:
    rows = dict(ready.con.execute("SELECT file, count(DISTINCT row) FROM members GROUP BY file").fetchall())
    devices = ready.con.execute(
        "SELECT l.ordinal, count(*), count(*) FILTER (d.lists = 1::UBIGINT << l.ordinal) FROM report_lists l "
        "JOIN report_devices d ON (d.lists >> l.ordinal) & 1 = 1 GROUP BY 1"
    ).fetchall()
    seen = dict(ready.con.execute("SELECT file, try_cast(left(max(seen), 10) AS DATE) FROM claims GROUP BY file").fetchall())  # fmt: skip
    by_ordinal = {ordinal: (held, alone) for ordinal, held, alone in devices}
    return tuple(
        ListFigures(
            face, int(rows.get(face.file, 0)), *by_ordinal.get(face.ordinal, (0, 0)), seen.get(face.file)
        )
        for face in ready.faces
    )


def _overlaps(ready: Prepared) -> tuple[Overlap, ...]:
    found = ready.con.execute(
        "SELECT lists, count(*) FROM report_devices GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    return tuple(
        Overlap(tuple(f.ordinal for f in ready.faces if int(mask) >> f.ordinal & 1), int(devices))
        for mask, devices in found
    )


def _one_sided(con: duckdb.DuckDBPyConnection, by: str, sides: int) -> tuple[OneSided, ...]:
    """Groups of devices that only one side knows, largest first. Units that fold to the same text are one
    group, and so are the spellings of one maker."""
    counts = ", ".join(f"count(*) FILTER (sides = {1 << side})" for side in range(sides))
    found = con.execute(
        f"SELECT mode({by}), {counts} FROM report_devices LEFT JOIN report_same_{by} USING ({by}) WHERE bit_count(sides) = 1 "
        "GROUP BY same ORDER BY count(*) DESC, 1"
    ).fetchall()
    return tuple(
        OneSided(str(group) if group is not None else UNSAID, tuple(map(int, rest))) for group, *rest in found
    )


def _conflicts(con: duckdb.DuckDBPyConnection) -> tuple[FieldConflicts, ...]:
    found = con.execute("SELECT field, count(DISTINCT device) FROM conflicts GROUP BY 1").fetchall()
    return tuple(
        sorted(
            (FieldConflicts(str(f), int(n)) for f, n in found),
            key=lambda c: (conflict_rank(c.field), -c.devices, c.field),
        )
    )


def _severities(con: duckdb.DuckDBPyConnection) -> tuple[SeverityFigures, ...]:
    found = con.execute(
        "SELECT coalesce(worst_affected, worst_possible), count(*) FILTER (affected > 0), count(*) FILTER (affected = 0) "
        "FROM report_exposed GROUP BY 1"
    ).fetchall()
    by = {severity: (affected, possible) for severity, affected, possible in found}
    return tuple(SeverityFigures(name, *by[place]) for place, name in enumerate(SEVERITIES) if place in by)


def _questions(con: duckdb.DuckDBPyConnection) -> tuple[Question, ...]:
    rows = con.execute(named_sql("questions")).fetchall()
    return tuple(
        _question(advisory, list(of_one)) for advisory, of_one in groupby(rows, key=lambda row: str(row[0]))
    )


def _question(advisory: str, rows: list[tuple[Any, ...]]) -> Question:
    """The rows of one advisory, one per owner: advisory, owner, position, affected, possible, then what is common."""
    severity, cvss, kev, kev_any, vulnerabilities, worst, product, products = rows[0][5:]
    holders = sorted((Holder(*row[1:5]) for row in rows), key=lambda h: (-h.devices, h.owner or "~"))
    return Question(
        advisory,
        tuple(holders),
        SEVERITIES[severity],
        cvss,
        kev,
        kev_any,
        vulnerabilities,
        worst,
        product,
        products > 1,
    )


def _owners(con: duckdb.DuckDBPyConnection) -> tuple[OwnerFigures, ...]:
    found = con.execute(
        "WITH held AS (SELECT owner, position, device, bool_or(status = 'affected') AS affected, "
        "bool_or(kev AND status = 'affected') AS kev FROM report_findings WHERE status IN ('affected', 'possible') GROUP BY ALL) "
        "SELECT owner, position, count(*) FILTER (affected), count(*) FILTER (NOT affected), count(*) FILTER (kev) "
        "FROM held GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC, 1, 2"
    ).fetchall()
    return tuple(OwnerFigures(*row) for row in found)


def _quality(con: duckdb.DuckDBPyConnection) -> tuple[ColumnQuality, ...]:
    found = con.execute(
        "SELECT file, nullif(field, ''), \"column\", rows, coalesce(filled, 0), coalesce(unreadable, 0), coalesce(placeholder, 0), "
        "coalesce(distinct_values, 0) FROM quality ORDER BY ALL"
    ).fetchall()
    return tuple(ColumnQuality(*row) for row in found)

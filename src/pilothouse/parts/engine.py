"""Scorecards out of receipts: counted in DuckDB's and numpy's columns, estimated group by group.

Relations in, relations out. Source: docs/domains/parts.md.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pilothouse.kernel.progress import SILENT, Progress
from pilothouse.parts.estimation import Community, Counts, learn, worse_than_median
from pilothouse.parts.pooling import draws_shared, estimate_shared
from pilothouse.parts.rates import RATES, Rate
from pilothouse.parts.watching import Bad, chart, last_alarms, watched_rate

Key = tuple[str, str, str]
"""Supplier, category, condition."""
Ints = NDArray[np.int64]

_EPOCH = date(1970, 1, 1).toordinal()
SCORES = pa.schema([
    ("supplier", pa.string()), ("category", pa.string()), ("condition", pa.string()), ("rate", pa.string()), ("n", pa.int64()), ("x", pa.int64()),
    ("raw", pa.float64()), ("mean", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("worse", pa.float64()), ("waiting", pa.int64()),
    ("alarm", pa.date32()), ("n_pool", pa.int64()), ("x_pool", pa.int64()),
])  # fmt: skip


def share(con: duckdb.DuckDBPyConnection, at: date) -> duckdb.DuckDBPyRelation:
    """Counts for other hospitals: supplier, category, condition, quarter, rate, n, x; only where n is not zero.

    Takes the relation `receipts` (see `judge`). An item not yet watched long enough is in no count of its rate.
    """
    judge(con, at)
    con.execute(_sql("pooled"))
    return con.sql("SELECT supplier, category, condition, quarter, rate, n, x FROM shared_counts WHERE n > 0 ORDER BY supplier, category, condition, quarter, place")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counted:
    """What one rate comes to in each cell (supplier, category, condition): x of n, waiting, and the bad items."""

    n: Ints
    x: Ints
    waiting: Ints
    bad: Bad


@dataclass(frozen=True, slots=True)
class Outside:
    """Counts of other hospitals of one cell: x of n."""

    n: int
    x: int


Pool = Mapping[tuple[Key, str], Outside]
"""Counts of other hospitals by cell and rate."""


def judge(con: duckdb.DuckDBPyConnection, at: date) -> None:
    """Leave the view `judged` in `con`: the receipts of the relation `receipts` as known on the day.

    receipts: row BIGINT, supplier, category, condition, outcome VARCHAR, promised, received, installed,
    outcome_on, cancelled DATE, called, solved BOOLEAN; null is unknown.
    """
    con.execute(_sql("judged").format(at=at.isoformat()))


def score(con: duckdb.DuckDBPyConnection, at: date, *, seed: int = 0, pool: Pool | None = None, progress: Progress = SILENT) -> pa.Table:  # fmt: skip
    """The scorecards of all suppliers as a table of SCORES, by supplier, category, condition and rate.

    Takes the relation `receipts` (see `judge`). pool: counts of other hospitals; they enter the prior only.
    """
    judge(con, at)
    progress.step("Counting receipts")
    keys = cells(con)
    counted = count(con, keys)
    progress.step("Estimating rates", total=len(RATES))
    columns: list[pa.Table] = []
    for rate in RATES:
        columns.append(_scored(rate, keys, counted[rate.name], pool or {}, seed))
        progress.advance()
    order = {rate.name: place for place, rate in enumerate(RATES)}
    table = pa.concat_tables(columns)
    place = pa.array([order[name] for name in table["rate"].to_pylist()])
    sorted_by = [(name, "ascending") for name in ("supplier", "category", "condition", "place")]
    return table.append_column("place", place).sort_by(sorted_by).drop_columns(["place"])


def cells(con: duckdb.DuckDBPyConnection) -> list[Key]:
    """Every supplier, category and condition that was judged, sorted."""
    rows = con.execute("SELECT DISTINCT supplier, category, condition FROM judged ORDER BY ALL").fetchall()
    return [(supplier, category, condition) for supplier, category, condition in rows]


def count(con: duckdb.DuckDBPyConnection, keys: Sequence[Key]) -> dict[str, Counted]:
    """For each rate the counts of each cell and its bad items in order of time."""
    supplier, category, condition = zip(*keys, strict=True) if keys else ((), (), ())
    con.register("cell_keys", pa.table({"cell": pa.array(range(len(keys)), pa.int32()), "supplier": pa.array(supplier, pa.string()), "category": pa.array(category, pa.string()), "condition": pa.array(condition, pa.string())}))  # fmt: skip
    columns = con.execute(_sql("coded").format(epoch="DATE '1970-01-01'")).fetchnumpy()
    con.unregister("cell_keys")
    orders = {name: _in_time(columns, name, len(keys)) for name in {rate.ordered_by: None for rate in RATES}}
    return {rate.name: _counted(rate, orders[rate.ordered_by], len(keys)) for rate in RATES}


@dataclass(frozen=True, slots=True)
class InTime:
    """The receipts by cell, day and row: cell number, day and flags of each."""

    cell: NDArray[np.int32]
    day: NDArray[np.int32]
    flags: NDArray[np.int16]


def _in_time(columns: Mapping[str, NDArray[np.int32]], ordered_by: str, many: int) -> InTime:
    """The receipts in order of one of their days.

    Sorted by row, then by day, then by cell, each time keeping what is equal in place: numbers of 16 bits are
    sorted in one pass, which three full sorts of millions of rows are not. Days more than 179 years apart need more.
    """
    day = np.ma.filled(columns[ordered_by], 0)
    order = np.argsort(columns["row"], kind="stable") if (np.diff(columns["row"]) < 0).any() else None
    since = day - day.min(initial=0)
    since = since.astype(np.uint16 if since.max(initial=0) < 2**16 else np.uint32)
    by_day = np.argsort(since if order is None else since[order], kind="stable")
    order = by_day if order is None else order[by_day]
    cell = columns["cell"].astype(np.uint16 if many < 2**16 else np.uint32)[order]
    order = order[np.argsort(cell, kind="stable")]
    return InTime(columns["cell"][order], day[order], columns["flags"][order].astype(np.int16, copy=False))


def _counted(rate: Rate, ordered: InTime, many: int) -> Counted:
    """One rate's counts by cell. many: number of cells."""
    of, hit, waits = FLAGS[rate.name]
    chosen = (ordered.flags & of) != 0
    series = ordered.cell[chosen]
    hits = (ordered.flags[chosen] & hit) != 0
    n = np.bincount(series, minlength=many)
    x = np.bincount(series[hits], minlength=many)
    waiting = np.bincount(ordered.cell[(ordered.flags & waits) != 0], minlength=many)
    begins = np.cumsum(n) - n
    bad = np.flatnonzero(~hits if rate.lower_is_worse else hits)
    whose = series[bad].astype(np.int64)
    day = ordered.day[chosen][bad].astype(np.int64) + rate.matures_d
    return Counted(n, x, waiting, Bad(whose, bad - begins[whose], day))


FLAGS: dict[str, tuple[int, int, int]] = {
    "doa": (1 << 0, 1 << 1, 0),
    "early30": (1 << 2, 1 << 3, 1 << 4),
    "early90": (1 << 5, 1 << 6, 1 << 7),
    "reject": (1 << 8, 1 << 9, 0),
    "on_time": (1 << 10, 1 << 11, 0),
    "support": (1 << 12, 1 << 13, 0),
}
"""By rate, the bits of `flags` in sql/coded.sql: counts, is a hit, waits."""


@dataclass(frozen=True, slots=True)
class Group:
    """The cells of one category and condition, and what they stand on.

    places: their numbers. community: what was learnt of the Beta, from the group or what it leans on.
    """

    name: tuple[str, str]
    places: NDArray[np.intp]
    community: Community


def groups(keys: Sequence[Key], counts: Counts, wanted: Collection[tuple[str, str]] | None = None) -> Iterable[Group]:  # fmt: skip
    """Each group of a rate with its community; one with a single known supplier leans on its category, then on all.

    Known is who has at least one item of the rate. wanted: only these groups. Nothing is yielded for a rate
    without any item.
    """
    if not counts.n.any():
        return
    by_group: dict[tuple[str, str], list[int]] = {}
    by_category: dict[str, list[int]] = {}
    for place, (_, category, condition) in enumerate(keys):
        by_group.setdefault((category, condition), []).append(place)
        by_category.setdefault(category, []).append(place)
    leaned: dict[str, Community] = {}
    for name, group in by_group.items():
        if wanted is not None and name not in wanted:
            continue
        places = np.array(group)
        if _known(counts, places) >= 2:
            yield Group(name, places, learn(counts.take(places)))
            continue
        label, of = name[0], np.array(by_category[name[0]])
        if _known(counts, of) < 2:
            label, of = "", np.arange(len(keys))
        if label not in leaned:
            leaned[label] = learn(counts.take(of))
        yield Group(name, places, leaned[label])


def _known(counts: Counts, places: NDArray[np.intp]) -> int:
    return int((counts.n[places] > 0).sum())


def outside_of(keys: Sequence[Key], rate: Rate, pool: Pool) -> Counts:
    """The counts of other hospitals for each cell; 0 of 0 where there are none."""
    found = [pool.get((key, rate.name), Outside(0, 0)) for key in keys]
    return Counts.of((one.n for one in found), (one.x for one in found))


def _scored(rate: Rate, keys: Sequence[Key], counted: Counted, pool: Pool, seed: int) -> pa.Table:
    """The lines of one rate, in the order of the cells."""
    counts, outside = Counts.of(counted.n, counted.x), outside_of(keys, rate, pool)
    many = len(keys)
    mean, low, high, worse = (np.full(many, np.nan) for _ in range(4))
    p0 = np.full(many, np.nan)
    for group in groups(keys, counts):
        own, far = counts.take(group.places), outside.take(group.places)
        found = estimate_shared(group.community, own, far)
        mean[group.places], low[group.places], high[group.places] = found.mean, found.low, found.high
        p0[group.places] = 1 - group.community.mean if rate.lower_is_worse else group.community.mean
        known = np.flatnonzero(own.n > 0)
        if len(known) >= 2:
            drawn = draws_shared(group.community, own.take(known), far.take(known), seed_of(seed, rate.name, *group.name))  # fmt: skip
            worse[group.places[known]] = worse_than_median(drawn, lower_is_worse=rate.lower_is_worse)
    supplier, category, condition = zip(*keys, strict=True) if keys else ((), (), ())
    with np.errstate(invalid="ignore"):
        raw = counted.x / np.where(counted.n > 0, counted.n, np.nan)
    columns = [supplier, category, condition, [rate.name] * many, counted.n, counted.x, _filled(raw), _filled(mean), _filled(low), _filled(high), _filled(worse), counted.waiting, _alarms(counted, p0), outside.n.astype(np.int64), outside.x.astype(np.int64)]  # fmt: skip
    return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, SCORES, strict=True)], schema=SCORES)  # fmt: skip


def seed_of(seed: int, *words: str) -> list[int]:
    """A seed for one part of the work, the same whatever else is in the lists."""
    return [seed, zlib.crc32("\0".join(words).encode("utf-8"))]


def _filled(column: NDArray[np.float64]) -> pa.Array:
    return pa.array(column, pa.float64(), from_pandas=True)


def _alarms(counted: Counted, p0: NDArray[np.float64]) -> pa.Array:
    """The day of each cell's last alarm; null where there was none."""
    charts = [chart(watched_rate(rate)) for rate in np.nan_to_num(p0, nan=0.5)]
    up, down, threshold = (np.array([getattr(one, name) for one in charts], np.int64) for name in ("up", "down", "threshold"))  # fmt: skip
    days = last_alarms(counted.bad, up, down, threshold)
    return pa.array(days.astype(np.int32), pa.int32(), mask=days < 0).cast(pa.date32())


def _sql(name: str) -> str:
    return files("pilothouse.parts").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")

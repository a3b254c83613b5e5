"""What the page takes: facts of the run, the lines of the scorecards, counts by quarter and the bad items."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files

import duckdb
import pyarrow as pa

MOST_EVENTS = 5_000
"""Bad items in the page, newest first; beyond they are counted."""


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """What is told of the run. receipts: records of the list; rejected: values or rows not taken; alike: pairs of spellings to ask about."""

    file: str
    at: date
    made_at: datetime
    receipts: int
    rejected: int = 0
    alike: int = 0
    pooled: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of scorecards.csv."""

    supplier: str
    category: str
    condition: str
    rate: str
    n: int
    x: int
    raw: float | None
    mean: float | None
    low: float | None
    high: float | None
    worse: float | None
    waiting: int
    alarm: date | None
    n_pool: int
    x_pool: int

    @property
    def group(self) -> tuple[str, str]:
        """Category and condition."""
        return self.category, self.condition


@dataclass(frozen=True, slots=True)
class Quarters:
    """Counts by quarter: for each supplier and rate, and for all, (n, x) by the place of the quarter in `names`."""

    names: tuple[str, ...]
    counts: dict[tuple[str, str], dict[int, tuple[int, int]]]


ALL = ""
"""The supplier that stands for all of them in Quarters."""


def lines(scores: pa.Table) -> list[Line]:
    """The scorecards' lines."""
    return [Line(*row) for row in zip(*(column.to_pylist() for column in scores.columns), strict=True)]


def quarters(con: duckdb.DuckDBPyConnection) -> Quarters:
    """Takes the table `shared_counts` of `engine.share`."""
    rows = con.execute("SELECT supplier, quarter, rate, sum(n)::BIGINT, sum(x)::BIGINT FROM shared_counts WHERE n > 0 GROUP BY ALL ORDER BY ALL").fetchall()  # fmt: skip
    known = sorted({row[1] for row in rows})
    names = _without_gaps(known[0], known[-1]) if known else ()
    places = {name: place for place, name in enumerate(names)}
    counts: dict[tuple[str, str], dict[int, tuple[int, int]]] = defaultdict(dict)
    for supplier, quarter, rate, n, x in rows:
        for who in (supplier, ALL):
            before = counts[who, rate].get(places[quarter], (0, 0))
            counts[who, rate][places[quarter]] = (before[0] + n, before[1] + x)
    return Quarters(names, dict(counts))


MOST_QUARTERS = 40


def _without_gaps(first: str, last: str) -> tuple[str, ...]:
    """Every quarter between two, the newest MOST_QUARTERS of them at most."""
    (year, of), (end, end_of) = ((int(name[:-3]), int(name[-1])) for name in (first, last))
    every = [f"{place // 4}-Q{place % 4 + 1}" for place in range(year * 4 + of - 1, end * 4 + end_of)]
    return tuple(every[-MOST_QUARTERS:])


def bad_items(con: duckdb.DuckDBPyConnection) -> tuple[pa.Table, int]:
    """The newest bad items (day, supplier, what, group, receipt, part, row), and how many there are in all.

    Takes the views `judged` of the engine and `read_receipts` of the list.
    """
    query = files("pilothouse.home.suppliers").joinpath("sql", "bad.sql").read_text(encoding="utf-8")
    con.execute(query)
    ((total,),) = con.execute("SELECT count(*) FROM bad_items").fetchall()
    newest = con.sql(
        f'SELECT * FROM bad_items ORDER BY "day" DESC, "row", what LIMIT {MOST_EVENTS}'
    )  # a number of this module
    table: pa.Table = newest.to_arrow_table()
    return table, int(total)

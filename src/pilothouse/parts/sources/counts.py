"""Counts of other hospitals, as `suppliers pool` writes them."""

from __future__ import annotations

from datetime import date

import duckdb

from pilothouse.imports.checks import Check, failing, named, once, one_of, read
from pilothouse.imports.sources import Rejected, Source
from pilothouse.parts.engine import Key, Outside
from pilothouse.parts.rates import RATE_NAMES
from pilothouse.parts.sources.condition import CONDITION
from pilothouse.parts.sources.fields import COUNTS

CHECKS = (
    named("supplier", "the supplier"),
    named("category", "the category of the part"),
    CONDITION,
    one_of("rate", RATE_NAMES, empty=False),
    Check("n", "n IS NULL OR n < 0 OR n <> floor(n) OR n > 1e9", "this is no count of items", "a whole number of zero or more"),
    Check("x", "x IS NULL OR x < 0 OR x <> floor(x)", "this is no count of items", "a whole number of zero or more"),
    Check("x", "x > n", "more were counted than there are", "x between 0 and n"),
    Check("quarter", "quarter IS NULL OR NOT regexp_full_match(upper(quarter), '[0-9]{4}-Q[1-4]')", "this is no quarter", "a quarter such as 2026-Q1"),
    once("quarter", "this quarter stands twice in the file", "each supplier, category, condition, quarter and rate once"),
)  # fmt: skip


def add_counts(con: duckdb.DuckDBPyConnection, source: Source, at: date, pool: dict[tuple[Key, str], Outside]) -> tuple[list[Rejected], int]:  # fmt: skip
    """Add the counts of one file to the pool, summed over quarters; what was rejected, and the lines not yet known.

    A quarter that begins after the reference day is not known on it.
    """
    view = read(con, source, COUNTS, "counts", ("supplier", "category", "rate", "n", "x"), "supplier, category, lower(condition), quarter, lower(rate)")  # fmt: skip
    rejected, out = failing(con, source, COUNTS, view, CHECKS)
    con.execute(
        'CREATE OR REPLACE TEMP TABLE out_counts AS SELECT unnest($rows::BIGINT[]) AS "row"',
        {"rows": sorted(out)},
    )
    now = f"{at.year}-Q{(at.month + 2) // 3}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE taken_counts AS SELECT *, upper(quarter) > '{now}' AS later FROM {view} ANTI JOIN out_counts USING (\"row\")")  # fmt: skip  # names of this module and a day
    summed = con.execute("""SELECT supplier, category, lower(coalesce(condition, '')), lower(rate), sum(n)::BIGINT, sum(x)::BIGINT
        FROM taken_counts WHERE NOT later GROUP BY ALL ORDER BY ALL""").fetchall()
    for supplier, category, condition, rate, n, x in summed:
        key = ((supplier, category, condition), rate)
        known = pool.get(key, Outside(0, 0))
        pool[key] = Outside(known.n + n, known.x + x)
    ((later,),) = con.execute("SELECT count(*) FROM taken_counts WHERE later").fetchall()
    return rejected, int(later)

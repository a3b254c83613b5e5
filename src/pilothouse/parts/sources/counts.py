"""Counts of other hospitals, as `suppliers pool` writes them."""

from __future__ import annotations

import duckdb

from pilothouse.imports.checks import Check, failing, listed, need
from pilothouse.imports.sources import Rejected, Source
from pilothouse.parts.engine import Key, Outside
from pilothouse.parts.rates import CONDITIONS, RATE_NAMES
from pilothouse.parts.sources.fields import COUNTS

_CONDITIONS = ", ".join(f"'{condition}'" for condition in CONDITIONS)
_RATES = ", ".join(f"'{rate}'" for rate in RATE_NAMES)

CHECKS = (
    Check("supplier", "supplier IS NULL", "no supplier is named", "the supplier"),
    Check("category", "category IS NULL", "no category is named", "the category of the part"),
    Check("condition", f"lower(condition) NOT IN ({_CONDITIONS})", "this is no condition", "new, refurbished, repaired or nothing"),
    Check("rate", f"rate IS NULL OR lower(rate) NOT IN ({_RATES})", "this is no rate", "one of " + ", ".join(RATE_NAMES)),
    Check("n", "n IS NULL OR n < 0 OR n <> floor(n) OR n > 1e9", "this is no count of items", "a whole number of zero or more"),
    Check("x", "x IS NULL OR x < 0 OR x <> floor(x)", "this is no count of items", "a whole number of zero or more"),
    Check("x", "x > n", "more were counted than there are", "x between 0 and n"),
    Check("quarter", "times > 1", "this quarter stands twice in the file", "each supplier, category, condition, quarter and rate once"),
)  # fmt: skip


def add_counts(con: duckdb.DuckDBPyConnection, source: Source, pool: dict[tuple[Key, str], Outside]) -> list[Rejected]:  # fmt: skip
    """Add the counts of one file to the pool; what was rejected. Quarters and hospitals are summed."""
    need(source, ("supplier", "category", "rate", "n", "x"))
    listed(con, source, COUNTS, "listed_counts")
    con.execute("CREATE OR REPLACE VIEW read_counts AS SELECT *, count(*) OVER (PARTITION BY supplier, category, lower(condition), quarter, lower(rate)) AS times FROM listed_counts")  # fmt: skip
    rejected, out = failing(con, source, COUNTS, "read_counts", CHECKS)
    rows = con.execute("""SELECT "row", supplier, category, lower(coalesce(condition, '')), lower(rate), n::BIGINT, x::BIGINT FROM read_counts""").fetchall()  # fmt: skip
    for row, supplier, category, condition, rate, n, x in rows:
        if row not in out:
            key = ((supplier, category, condition), rate)
            known = pool.get(key, Outside(0, 0))
            pool[key] = Outside(known.n + n, known.x + x)
    return rejected

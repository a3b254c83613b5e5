"""A list of offers for one need."""

from __future__ import annotations

import duckdb

from pilothouse.imports.checks import Check, failing, listed, need, unread
from pilothouse.imports.sources import Rejected, Source
from pilothouse.parts.rates import CONDITIONS
from pilothouse.parts.rules import Offer
from pilothouse.parts.sources.fields import OFFERS

_CONDITIONS = ", ".join(f"'{condition}'" for condition in CONDITIONS)

CHECKS = (
    Check("offer", "offer IS NULL", "no offer is named", "a name of its own for each offer"),
    Check("offer", "times > 1", "several offers have this name", "a name of its own for each offer"),
    Check("supplier", "supplier IS NULL", "no supplier is named", "the supplier as the list of receipts spells it"),
    Check("category", "category IS NULL", "no category is named", "the category as the list of receipts spells it"),
    Check("condition", f"lower(condition) NOT IN ({_CONDITIONS})", "this is no condition", "new, refurbished, repaired or nothing"),
    Check("price", "price IS NULL OR price < 0", "no price, or one below zero", "a price of zero or more"),
    Check("freight", f"freight < 0 OR {unread('freight')}", "no freight, or one below zero", "zero or more; nothing is zero"),
    Check("lead_days", "lead_days IS NULL OR lead_days < 0", "no lead time, or one below zero", "days of zero or more"),
    Check("credit", f"credit < 0 OR credit > 1 OR {unread('credit')}", "no share between 0 and 1", "the share of the price that comes back, 0 to 1; nothing is 0"),
)  # fmt: skip


def offers(con: duckdb.DuckDBPyConnection, source: Source) -> tuple[list[Offer], list[Rejected]]:
    """The offers in order of row, and what was rejected. Raises UnreadableInput for a list without what each needs."""
    need(source, ("offer", "supplier", "category", "price", "lead_days"))
    listed(con, source, OFFERS, "listed_offers")
    con.execute("CREATE OR REPLACE VIEW read_offers AS SELECT *, count(*) OVER (PARTITION BY offer) AS times FROM listed_offers")  # fmt: skip
    rejected, out = failing(con, source, OFFERS, "read_offers", CHECKS)
    rows = con.execute("""SELECT "row", offer, supplier, category, lower(coalesce(condition, '')), price::DOUBLE, coalesce(freight, 0)::DOUBLE,
        lead_days::DOUBLE, coalesce(credit, 0)::DOUBLE FROM read_offers ORDER BY "row" """).fetchall()
    return [Offer(*row) for row in rows if row[0] not in out], rejected

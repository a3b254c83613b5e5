"""A list of offers for one need."""

from __future__ import annotations

import duckdb

from pilothouse.imports.checks import Check, at_least_zero, failing, named, once, read, unread
from pilothouse.imports.sources import Rejected, Source
from pilothouse.parts.rules import Offer
from pilothouse.parts.sources.condition import CONDITION
from pilothouse.parts.sources.fields import OFFERS

CHECKS = (
    named("offer", "a name of its own for each offer"),
    once("offer", "several offers have this name", "a name of its own for each offer"),
    named("supplier", "the supplier as the list of receipts spells it"),
    named("category", "the category as the list of receipts spells it"),
    CONDITION,
    at_least_zero("price", "price", "a price of zero or more"),
    at_least_zero("freight", "freight", "zero or more; nothing is zero", empty=True),
    at_least_zero("lead_days", "lead time", "days of zero or more"),
    Check("credit", f"credit < 0 OR credit > 1 OR {unread('credit')}", "no share between 0 and 1", "the share of the price that comes back, 0 to 1; nothing is 0"),
)  # fmt: skip


def offers(con: duckdb.DuckDBPyConnection, source: Source) -> tuple[list[Offer], list[Rejected]]:
    """The offers in order of row, and what was rejected. Raises UnreadableInput for a list without what each needs."""
    view = read(con, source, OFFERS, "offers", ("offer", "supplier", "category", "price", "lead_days"), "offer")  # fmt: skip
    rejected, out = failing(con, source, OFFERS, view, CHECKS)
    rows = (
        con.execute(f"""SELECT "row", offer, supplier, category, lower(coalesce(condition, '')), price::DOUBLE, coalesce(freight, 0)::DOUBLE,
        lead_days::DOUBLE, coalesce(credit, 0)::DOUBLE FROM {view} ORDER BY "row" """).fetchall()
    )  # a name of this module
    return [Offer(*row) for row in rows if row[0] not in out], rejected

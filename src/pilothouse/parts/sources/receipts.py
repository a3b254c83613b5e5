"""A list of receipts as the relation that the engine judges; what cannot be right is named and left out.

Source: docs/domains/parts.md, "Receipts".
"""

from __future__ import annotations

import duckdb

from pilothouse.imports.checks import Check, failing, listed, named, need, one_of, unread
from pilothouse.imports.sources import Rejected, Source
from pilothouse.parts.rates import OUTCOMES
from pilothouse.parts.sources.condition import CONDITION
from pilothouse.parts.sources.fields import EVENTS

_YES, _NO = "('yes', 'y', 'true', '1')", "('no', 'n', 'false', '0')"
_IN_ORDER = "days in the order ordered, received, installed, outcome"


CHECKS = (
    named("receipt", "a name or number of its own for each received item"),
    Check("receipt", "earlier IS NOT NULL", "this receipt stands in an earlier row already", "each received item once; give items of one delivery a number each"),
    named("supplier", "the supplier"),
    named("category", "the category of the part"),
    CONDITION,
    one_of("outcome", OUTCOMES),
    Check("received", "received IS NULL AND unread_received", "whether it was received cannot be told", "a date such as 2024-11-02"),
    Check("cancelled", "received IS NULL AND cancelled IS NULL AND unread_cancelled", "whether it was cancelled cannot be told", "the day it was cancelled, or nothing"),
    Check("received", "received IS NULL AND promised IS NULL AND cancelled IS NULL", "neither received nor promised", "the day it was received, or the day it was promised for"),
    Check("received", "received IS NULL AND (installed IS NOT NULL OR outcome IS NOT NULL)", "installed or tested but not received", "the day it was received"),
    Check("received", "received < ordered", "received before it was ordered", _IN_ORDER),
    Check("promised", "promised < ordered", "promised for a day before it was ordered", "the first day that the supplier confirmed"),
    Check("cancelled", "cancelled < ordered", "cancelled before it was ordered", "the day it was cancelled"),
    Check("installed", "installed < received", "installed before it was received", _IN_ORDER),
    Check("outcome_on", "outcome_on < received", "its outcome is from before it was received", _IN_ORDER),
    Check("outcome_on", "outcome = 'failed' AND outcome_on < installed", "failed before it was installed", "days in the order received, installed, failed; doa if it failed at or before its first test"),
    Check("price", "price < 0", "a price below zero", "a price of zero or more", "its price"),
    Check("support_calls", "support_calls < 0", "less than no support call", "a number of zero or more", "its support"),
    Check("support_hours", "support_hours < 0", "less than no hour of support", "hours of zero or more", "its hours of support"),
    Check("support_solved", f"solved_text IS NOT NULL AND solved_text NOT IN {_YES} AND solved_text NOT IN {_NO}", "this is neither yes nor no", "yes, no or nothing", "its support"),
    Check("installed", "outcome = 'failed' AND installed IS NULL", "failed without a day of installation", "the day it was installed", "the early failure rates"),
    Check("outcome_on", "outcome = 'failed' AND outcome_on IS NULL", "failed on no known day", "the day it failed", "the early failure rates"),
)  # fmt: skip


def receipts(con: duckdb.DuckDBPyConnection, source: Source) -> list[Rejected]:
    """Leave the relation `receipts` of `engine.judge` in `con`; what was rejected, by row.

    Names are compared as they stand, blanks around them aside; outcomes, conditions and yes or no in any case.
    Raises UnreadableInput for a list without a column for receipt, supplier, category or received.
    """
    need(source, ("receipt", "supplier", "category", "received"))
    listed(con, source, EVENTS, "listed_receipts")
    con.execute(f"""CREATE OR REPLACE VIEW read_receipts AS SELECT "row", line, COLUMNS('_raw$'),
        receipt, part, supplier, category, lower(condition) AS condition, price,
        ordered::DATE AS ordered, promised::DATE AS promised, received::DATE AS received, installed::DATE AS installed,
        lower(outcome) AS outcome, outcome_on::DATE AS outcome_on, cancelled::DATE AS cancelled,
        support_calls, support_hours, lower(support_solved) AS solved_text,
        {unread("received")} AS unread_received, {unread("cancelled")} AS unread_cancelled FROM listed_receipts""")  # names of this module
    # Only receipts that stand more than once are looked at row by row: a window over all would sort them all.
    con.execute("""CREATE OR REPLACE TEMP TABLE twice AS WITH named AS (SELECT receipt, min("row") AS first FROM read_receipts
        WHERE receipt IS NOT NULL GROUP BY receipt HAVING count(*) > 1)
        SELECT "row", first AS earlier FROM read_receipts JOIN named USING (receipt) WHERE "row" > first""")
    con.execute('CREATE OR REPLACE VIEW checked_receipts AS FROM read_receipts LEFT JOIN twice USING ("row")')
    rejected, out = failing(con, source, EVENTS, "checked_receipts", CHECKS)
    con.execute('CREATE OR REPLACE TEMP TABLE out_receipts ("row" BIGINT)')
    con.execute("INSERT INTO out_receipts SELECT unnest($rows)", {"rows": sorted(out)})
    con.execute(f"""CREATE OR REPLACE VIEW receipts AS SELECT "row", supplier, category, coalesce(condition, '') AS condition,
        promised, received, installed, outcome, outcome_on, cancelled, coalesce(support_calls > 0, false) AS called,
        CASE WHEN solved_text IN {_YES} THEN true WHEN solved_text IN {_NO} THEN false END AS solved
        FROM read_receipts ANTI JOIN out_receipts USING ("row")""")  # names of this module
    return rejected

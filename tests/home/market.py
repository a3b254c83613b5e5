"""Receipts of a small market: known rates, one supplier who is worse, one slandered by small numbers, a few that are late."""

from __future__ import annotations

from datetime import UTC, date, datetime

import duckdb
import numpy as np
import pyarrow as pa

from pilothouse.home.suppliers import ScoreFacts
from pilothouse.parts.engine import score, share

AT = date(2026, 11, 2)
FACTS = ScoreFacts(file="receipts.csv", at=AT, made_at=datetime(2026, 11, 24, 9, tzinfo=UTC), receipts=0)
BAD, SLANDERED = "Bad & Daughters <Ltd>", "Small House"


def receipts(
    con: duckdb.DuckDBPyConnection, suppliers: int = 8, categories: int = 3, each: int = 120
) -> None:
    """Leave `receipts` and `read_receipts` in `con`, as `sources.receipts` does."""
    dice = np.random.default_rng(2)
    names = [BAD, SLANDERED, *(f"House {place:03}" for place in range(suppliers - 2))]
    amounts = [3 if name == SLANDERED else each for name in names]
    supplier = np.repeat(np.tile(names, categories), np.tile(amounts, categories))
    size = len(supplier)
    category = np.repeat([f"Category {place:02}" for place in range(categories)], sum(amounts))
    received = np.datetime64("2024-01-05") + dice.integers(0, 1_020, size)
    dead = dice.random(size) < np.where(supplier == BAD, 0.12, 0.02)
    first_small = np.flatnonzero(supplier == SLANDERED)[0]
    dead[first_small] = True
    outcome = np.where(dead, "doa", np.where(dice.random(size) < 0.03, "failed", np.where(dice.random(size) < 0.02, "damaged", "ok")))  # fmt: skip
    stood = np.isin(outcome, ["ok", "failed"])
    installed = received + 3
    failed = installed + dice.integers(0, 200, size)
    table = pa.table({
        "row": pa.array(np.arange(1, size + 1)),
        "receipt": pa.array([f"R{place:06}" for place in range(size)]),
        "part": pa.array(["P-1"] * size),
        "supplier": pa.array(supplier),
        "category": pa.array(category),
        "condition": pa.array(["new"] * size),
        "promised": pa.array(received + dice.choice([-2, 0, 3], size, p=[0.1, 0.2, 0.7]), pa.date32()),
        "received": pa.array(received, pa.date32()),
        "installed": pa.array(installed, pa.date32(), mask=~stood),
        "outcome": pa.array(outcome),
        "outcome_on": pa.array(np.where(outcome == "failed", failed, installed), pa.date32()),
        "cancelled": pa.nulls(size, pa.date32()),
        "called": pa.array(dice.random(size) < 0.1),
        "solved": pa.array(dice.random(size) < 0.8),
    })  # fmt: skip
    con.register("receipts", table)
    con.register("read_receipts", table)


def scored(con: duckdb.DuckDBPyConnection, **size: int) -> pa.Table:
    """The scorecards of such a market, with what the page takes left in `con`."""
    receipts(con, **size)
    table = score(con, AT)
    share(con, AT)
    return table

"""Lists of demand by place and of the depot's parts, as the parts to plan stock for."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from pilothouse.imports.checks import Check, at_least_zero, failing, named, once, read, together, unread
from pilothouse.imports.sources import Rejected, Source
from pilothouse.parts.sources.fields import DEMAND, DEPOT
from pilothouse.parts.stocking import LARGEST_PIPELINE, Place

_LARGE = f"at most {LARGEST_PIPELINE:,.0f} items on their way at once"
_STOCK = Check("stock", f"stock < 0 OR stock <> floor(stock) OR stock > 100000 OR {unread('stock')}", "this is no stock", "a whole number of items up to 100,000; nothing is none")  # fmt: skip
_PART = named("part", "the part")

DEMAND_CHECKS = (
    _PART,
    named("place", "where the part is needed"),
    Check("place", "lower(place) = 'depot'", "a place of demand cannot be called depot", "the name of the place; the answer calls the depot so"),
    once("place", "this part and place stand more than once", "each part and place once"),
    at_least_zero("demand_per_year", "demand", "items a year, zero or more"),
    at_least_zero("resupply_days", "time of resupply", "days of zero or more"),
    at_least_zero("downtime_per_day", "cost of downtime", "cost of a day of zero or more"),
    _STOCK,
    Check("demand_per_year", f"demand_per_year::DOUBLE * resupply_days::DOUBLE / 365 > {LARGEST_PIPELINE}", "too large for a spare part", _LARGE),
    Check("part", "sound = false", "its row of the depot was rejected", "the depot's row put right"),
    Check("price", "sound IS NULL AND (price IS NULL OR price <= 0)", "bought straight, because the depot does not list the part, and without a price", "a price in this list, or a row of the depot"),
    Check("demand_per_year", f"in_all::DOUBLE * depot_lead_days / 365 > {LARGEST_PIPELINE}", "too large for a spare part", _LARGE),
)  # fmt: skip
DEPOT_CHECKS = (
    _PART,
    once("part", "this part stands more than once", "each part of the depot once"),
    Check("price", "price IS NULL OR price <= 0", "no price above zero", "the price of one item"),
    at_least_zero("lead_days", "lead time", "days of zero or more"),
    _STOCK,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """One part to plan: its places with today's stocks; the depot's lead time and stock, None if bought straight."""

    part: str
    price: float
    names: tuple[str, ...]
    places: tuple[Place, ...]
    stocks: tuple[int, ...]
    depot_lead_days: float | None
    depot_stock: int


def parts(con: duckdb.DuckDBPyConnection, demand: Source, depot: Source) -> tuple[list[Held], list[Rejected]]:
    """Every part with demand, in the order of the first row, and all that was rejected of both lists.

    A part that the depot does not list is bought straight to each place; its price then stands in the list of
    demand. A part whose row of the depot was rejected is not planned at all, because what is right is not known.
    """
    listed_depot = read(con, depot, DEPOT, "depot", ("part", "price", "lead_days"), "part")
    listed_demand = read(con, demand, DEMAND, "demand", ("part", "place", "demand_per_year", "resupply_days", "downtime_per_day"), "part, place")  # fmt: skip
    rejected, out = failing(con, depot, DEPOT, listed_depot, DEPOT_CHECKS)
    kept = con.execute(f'SELECT "row", part, price::DOUBLE, lead_days::DOUBLE, coalesce(stock, 0)::BIGINT FROM {listed_depot}').fetchall()  # fmt: skip  # a name of this module
    known = {part: (price, lead, stock) for row, part, price, lead, stock in kept if row not in out}
    doubtful = {part for row, part, *_ in kept if row in out and part} - known.keys()
    _leave_depot(con, known, sorted(doubtful))
    con.execute(f"""CREATE OR REPLACE VIEW judged_demand AS SELECT d.*, sum(demand_per_year) OVER (PARTITION BY part) AS in_all,
        lead_days AS depot_lead_days, sound FROM {listed_demand} d LEFT JOIN depot_parts USING (part)""")  # a name of this module
    more, out = failing(con, demand, DEMAND, "judged_demand", DEMAND_CHECKS)
    rows = con.execute("""SELECT "row", part, place, demand_per_year::DOUBLE, resupply_days::DOUBLE, downtime_per_day::DOUBLE,
        coalesce(stock, 0)::BIGINT, price::DOUBLE FROM judged_demand ORDER BY "row" """).fetchall()
    return _held([row[1:] for row in rows if row[0] not in out], known), [
        *together(depot, rejected),
        *together(demand, more),
    ]


def _leave_depot(con: duckdb.DuckDBPyConnection, known: dict[str, tuple[float, float, int]], doubtful: list[str]) -> None:  # fmt: skip
    """Leave the table depot_parts: each part of the depot, its lead time, and whether its row is sound."""
    con.execute("CREATE OR REPLACE TEMP TABLE depot_parts (part VARCHAR, lead_days DOUBLE, sound BOOLEAN)")
    rows = [(part, lead, True) for part, (_, lead, _) in known.items()] + [(part, None, False) for part in doubtful]  # fmt: skip
    parts, leads, sound = zip(*rows, strict=True) if rows else ((), (), ())
    con.execute("INSERT INTO depot_parts SELECT unnest($parts), unnest($leads), unnest($sound)", {"parts": parts, "leads": leads, "sound": sound})  # fmt: skip


Row = tuple[str, str, float, float, float, int, float | None]


def _held(rows: list[Row], depot: dict[str, tuple[float, float, int]]) -> list[Held]:
    """The rows of each part together; a part bought straight gives one Held a place, for prices may differ."""
    together: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        together.setdefault((row[0], "" if row[0] in depot else row[1]), []).append(row)
    held = []
    for (part, _), own in together.items():
        price, lead, stock = depot.get(part) or (own[0][6] or 0.0, None, 0)
        places = tuple(Place(demand, resupply, downtime) for _, _, demand, resupply, downtime, _, _ in own)
        held.append(Held(part, price, tuple(row[1] for row in own), places, tuple(int(row[5]) for row in own), lead, stock))  # fmt: skip
    return held

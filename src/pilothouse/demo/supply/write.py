"""Writing `parts/` and what is true about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pilothouse.demo.supply import stock
from pilothouse.demo.supply.market import SPELLINGS, Market, Rates, suppliers
from pilothouse.demo.supply.mess import Cells, Wrong, typed
from pilothouse.demo.supply.receipts import DAYS, HEADER, Receipts
from pilothouse.demo.tables_out import save

_RATES = ("supplier", "category", "condition", "from", "to", "doa", "early30", "early90", "reject", "on_time", "support")  # fmt: skip


def write_parts(
    folder: Path, truth: Path, *, seed: int, as_of: date, count: int, tags: tuple[str, ...]
) -> int:
    """Write receipts, offers, spares and outside counts; the true rates into `truth`. Returns the receipts.

    count: receipts over three years. tags: asset tags of the fleet, into whose devices parts go.
    """
    folder.mkdir()
    receipts = Receipts(seed, as_of, count, tags)
    market = receipts.market
    wrong: list[tuple[int, Wrong]] = []
    save(folder / "receipts.csv", HEADER, _rows(receipts, wrong))
    save(folder / "offers.csv", stock.OFFERS, stock.offers(market, seed))
    per_year = count * 365.25 / DAYS
    save(folder / "demand.csv", stock.DEMAND, stock.demand(seed, per_year))
    save(folder / "depot.csv", stock.DEPOT, stock.depot(seed, per_year))
    save(folder / "counts-elsewhere.csv", stock.COUNTS, stock.counts(market, seed, as_of))
    save(truth / "part_rates.csv", _RATES, _true_rates(market, as_of))
    save(
        truth / "suppliers.csv",
        ("supplier", "kind", "story", "turned_on", "spellings", "what"),
        _stories(market, as_of),
    )
    save(
        truth / "receipts_wrong.csv", ("row", "receipt", "column", "what", "left_out"),
        ((row, one.receipt, one.column, one.what, "yes" if one.left_out else "") for row, one in wrong),
    )  # fmt: skip
    return count


def _rows(receipts: Receipts, wrong: list[tuple[int, Wrong]]) -> Iterator[Cells]:
    for number, made in enumerate(receipts):
        cells, fault = typed(number, made)
        if fault is not None:
            wrong.append((number + 1, fault))
        yield cells


def _true_rates(market: Market, as_of: date) -> Iterator[tuple[object, ...]]:
    """One line per supplier, category and condition; two where a supplier turned bad."""
    for lane in market.lanes:
        key = (lane.supplier.name, lane.category.name, lane.supplier.condition)
        turned_on = lane.supplier.turns_on(as_of)
        if turned_on is None:
            yield (*key, "", "", *_figures(lane.rates))
        else:
            yield (*key, "", turned_on, *_figures(lane.rates))
            yield (*key, turned_on, "", *_figures(lane.turned))


def _figures(rates: Rates) -> tuple[str, ...]:
    return tuple(
        f"{one:.5f}"
        for one in (rates.doa, rates.early30, rates.early90, rates.reject, rates.on_time, rates.support)
    )


_TOLD = {
    "slandered": "2 of 15 dead on arrival by chance; its true rate is in part_rates.csv",
    "spelt": "one supplier under three spellings",
}


def _stories(market: Market, as_of: date) -> Iterator[tuple[object, ...]]:
    """Every supplier with what is peculiar about it."""
    odd = stock.odd_outside(market)
    for one in suppliers():
        turned_on = one.turns_on(as_of)
        what = _TOLD.get(one.story, "")
        if turned_on is not None:
            what = "items received from this day on are much worse"
        if one == odd.supplier:
            what = f"counts-elsewhere.csv shows four times its failures of {odd.category.name}"
        yield (
            one.name,
            one.kind,
            one.story,
            turned_on or "",
            "|".join(SPELLINGS) if one.story == "spelt" else "",
            what,
        )

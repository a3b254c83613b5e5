"""Offers for one need, spares at the three hospitals and their depot, and another hospital's counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pilothouse.demo.dice import Dice
from pilothouse.demo.places import CHILD, FACILITIES, LAKE, NORTH
from pilothouse.demo.supply.market import Category, Lane, Market, Rates, categories

OFFERS = ("offer", "supplier", "category", "condition", "price", "freight", "lead_days", "credit")
DEMAND = ("part", "place", "demand_per_year", "resupply_days", "downtime_per_day", "stock", "price")
DEPOT = ("part", "price", "lead_days", "stock")
COUNTS = ("supplier", "category", "condition", "quarter", "rate", "n", "x")

_MOVES = (0.5, 0.25, 0.15, 0.07, 0.03)
"""Shares of a category's demand by part, as in the receipts."""
_PLACES = {NORTH.key: (0.5, 1), LAKE.key: (0.32, 2), CHILD.key: (0.18, 3)}
"""Share of the demand, and days from the depot, of each hospital."""
_STRAIGHT = ("XRT", "CTD", "UST")
"""Too dear for the depot: bought straight to the place."""
_QUARTERS = 8
_OFFER_PRICE = {"maker": 1.0, "third": 0.78, "refurbisher": 0.52, "workshop": 0.38}
_OFFER_DAYS = {"maker": (3, 5), "third": (3, 5), "refurbisher": (3, 6), "workshop": (5, 9)}
_CREDIT = {"maker": 100, "third": 80, "refurbisher": 60, "workshop": 50}

Line = tuple[object, ...]


def offers(market: Market, seed: int) -> Iterator[Line]:
    """What each supplier of one part asks for it: of what the trader who turned bad sells, the category
    whose devices can wait least."""
    turned = [
        lane for lane in market.lanes if lane.supplier.story == "turned" and lane.supplier.kind == "third"
    ]
    category = max((lane.category for lane in turned), key=lambda one: one.downtime_per_day)
    sellers = [lane for lane in market.lanes if lane.category == category]
    for number, lane in enumerate(sellers):
        dice, kind = Dice(seed).at("offer", number), lane.supplier.kind
        price = category.price * _OFFER_PRICE[kind] * dice.between(90, 112) / 100
        if lane.supplier.story == "turned":
            price *= 0.85
        yield (
            f"Q{number + 1:02d}", lane.supplier.name, category.name, lane.supplier.condition, f"{price:.2f}", dice.between(6, 25),
            dice.between(*_OFFER_DAYS[kind]), f"{_CREDIT[kind] / 100:g}",
        )  # fmt: skip


def _yearly(category: Category, place: int, per_year: float) -> float:
    every = sum(one.weight for one in categories())
    return per_year * category.weight / every * _MOVES[place]


def demand(seed: int, per_year: float) -> Iterator[Line]:
    """What each hospital needs a year, and what lies on its shelf today. per_year: items of all parts."""
    for number, (category, place) in enumerate(_spares()):
        straight = category.code in _STRAIGHT
        for facility in FACILITIES:
            share, days = _PLACES[facility.key]
            needed = _yearly(category, place, per_year) * share
            dice = Dice(seed).at(f"spare {facility.key}", number)
            resupply = dice.between(5, 15) if straight else days
            stock = int(needed * resupply / 365) + dice.below(6)
            price = category.part_price(place)
            yield (
                category.parts()[place], facility.key, f"{needed:.2f}", resupply, category.downtime_per_day,
                0 if dice.chance(0.12) else stock, price if straight else "",
            )  # fmt: skip


def depot(seed: int, per_year: float) -> Iterator[Line]:
    """What the depot holds of the parts it lists."""
    for number, (category, place) in enumerate(_spares()):
        if category.code in _STRAIGHT:
            continue
        dice = Dice(seed).at("depot", number)
        lead = dice.between(6, 35)
        stock = int(_yearly(category, place, per_year) * lead / 365 * dice.between(5, 19) / 10) + dice.below(
            4
        )
        yield category.parts()[place], category.part_price(place), lead, stock


def _spares() -> Iterator[tuple[Category, int]]:
    """Every part that is kept as a spare: the slower ones of each category, for the fast ones come every week."""
    return ((category, place) for category in categories() for place in (1, 2, 3))


def counts(market: Market, seed: int, as_of: date) -> Iterator[Line]:
    """Another hospital's counts: the same true rates, but for one supplier of whom it saw four times the failures."""
    lanes = [market.slandered, *market.lanes[3::17]]
    for number, lane in enumerate(lanes):
        odd = number == 1
        for back in range(_QUARTERS, 0, -1):
            day = as_of - timedelta(days=91 * back)
            quarter = f"{day.year}-Q{(day.month + 2) // 3}"
            rates = lane.rates_on(day, as_of)
            for place, (rate, true) in enumerate(_pooled(rates)):
                dice = Dice(seed).at(f"outside {quarter} {rate}", number)
                n = dice.between(25, 60)
                share = min(1.0, true * 4) if odd and place < 3 else true
                yield _counted(lane, quarter, rate, n, sum(dice.chance(share) for _ in range(n)))


def _pooled(rates: Rates) -> tuple[tuple[str, float], ...]:
    return (
        ("doa", rates.doa),
        ("early90", rates.early90),
        ("reject", rates.reject),
        ("on_time", rates.on_time),
    )


def _counted(lane: Lane, quarter: str, rate: str, n: int, x: int) -> Line:
    return lane.supplier.name, lane.category.name, lane.supplier.condition, quarter, rate, n, x


def odd_outside(market: Market) -> Lane:
    """The lane of which the other hospital saw four times the failures."""
    return market.lanes[3]

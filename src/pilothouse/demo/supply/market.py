"""The suppliers of the demo, what they sell, and how often it truly fails.

All suppliers are invented. The ranges by condition are those of docs/domains/demo.md; no published medical figure
stands behind them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

from pilothouse.demo.dice import Dice
from pilothouse.demo.facts import several, table

EARLY_EXPONENT = 1.7
"""Days to an early failure are 90 x u^1.7, u even on 0 to 1: about half fall into the first 30 days."""
EARLY30_SHARE: float = (1 / 3) ** (1 / EARLY_EXPONENT)
"""Of the failures within 90 days, the share within 30."""

_DOA = {
    "maker": (0.005, 0.010),
    "third": (0.010, 0.020),
    "refurbisher": (0.020, 0.040),
    "workshop": (0.030, 0.060),
}
"""Lowest and highest true DOA rate by kind of supplier."""
_CONDITION = {"maker": "new", "third": "new", "refurbisher": "refurbished", "workshop": "repaired"}
_BREADTH = {"maker": (7, 10), "third": (7, 11), "refurbisher": (6, 9), "workshop": (6, 9)}
"""Fewest and most categories that a supplier of this kind sells."""
_TURNED_BREADTH = 4
"""A supplier who turns bad sells few categories, and many items of each."""
_EARLY_FACTOR = 1.4
"""True rate of failures within 90 days over the true DOA rate."""
_TURNS = {"third": 300, "workshop": 200}
"""Days before as-of on which the supplier of this kind who turns bad does so."""


@dataclass(frozen=True, slots=True)
class Category:
    """A category of parts. price: of a new part, in dollars. downtime_per_day: of a device that waits for one."""

    name: str
    code: str
    price: int
    weight: int
    downtime_per_day: int
    nouns: tuple[str, ...]

    def parts(self) -> tuple[str, ...]:
        """Its part numbers, the fastest mover first."""
        return tuple(f"{self.code}-{place * 137 + 1041:04d}" for place in range(5))

    def part_price(self, place: int) -> int:
        """The price of its part at this place when it is new."""
        return round(self.price * (1 + 0.22 * place))


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier. quality: its place within the range of its kind, 0 best to 1 worst. reject: at receipt.

    story: empty, turned (bad on a known day), slandered (bad by chance in few items), or spelt (three ways).
    """

    name: str
    kind: str
    weight: int
    quality: float
    on_time: float
    support: float
    reject: float
    story: str

    @property
    def condition(self) -> str:
        """In what condition its parts come."""
        return _CONDITION[self.kind]

    def turns_on(self, as_of: date) -> date | None:
        """The day from which on its parts are bad; None for one that stays as it is."""
        return as_of - timedelta(days=_TURNS[self.kind]) if self.story == "turned" else None


@dataclass(frozen=True, slots=True)
class Rates:
    """True rates, 0 to 1. early90: of items that passed their first test."""

    doa: float
    early90: float
    reject: float
    on_time: float
    support: float

    @property
    def early30(self) -> float:
        """Failed within 30 days of installation."""
        return self.early90 * EARLY30_SHARE


@dataclass(frozen=True, slots=True)
class Lane:
    """What one supplier sells of one category. turned: its rates after it turned bad, the same as before for others."""

    supplier: Supplier
    category: Category
    weight: float
    rates: Rates
    turned: Rates

    def rates_on(self, day: date, as_of: date) -> Rates:
        """Its true rates for an item received on this day."""
        turns_on = self.supplier.turns_on(as_of)
        return self.turned if turns_on is not None and day >= turns_on else self.rates


SPELLINGS = ("Keystone Clinical Spares", "Keystone Clinical Spares, Inc.", "KEYSTONE CLINICAL SPARES")
"""The three ways in which one supplier stands in the receipts."""
SLANDERED_CATEGORY = "Touch panels"


@cache
def categories() -> tuple[Category, ...]:
    """Every category, in the order of the table."""
    return tuple(
        Category(row["category"], row["code"], int(row["price"]), int(row["weight"]), int(row["downtime_per_day"]), several(row["nouns"]))
        for row in table("categories.csv")
    )  # fmt: skip


@cache
def suppliers() -> tuple[Supplier, ...]:
    """Every supplier, in the order of the table."""
    return tuple(
        Supplier(row["supplier"], row["kind"], int(row["weight"]), int(row["quality"]) / 100, int(row["on_time"]) / 100,
                 int(row["support"]) / 100, int(row["reject"]) / 1000, row["story"])
        for row in table("suppliers.csv")
    )  # fmt: skip


class Market:
    """Who sells what, under one seed. slandered: the lane of the supplier who looks bad by chance."""

    def __init__(self, seed: int) -> None:
        self.lanes: tuple[Lane, ...] = tuple(_lanes(seed))
        self.slandered = next(lane for lane in self.lanes if lane.supplier.story == "slandered")
        self._weights = tuple(accumulate(lane.weight for lane in self.lanes))

    def lane(self, dice: Dice) -> Lane:
        """One of the lanes by how much goes through it."""
        return dice.weighted(self.lanes, self._weights)


def _lanes(seed: int) -> list[Lane]:
    dice, lanes = Dice(seed), []
    for number, supplier in enumerate(suppliers()):
        throws = dice.at("lanes", number)
        for category in _sold(supplier, throws):
            rates = _rates(supplier, throws.between(-15, 15) / 100)
            turned = _turned(supplier, rates) if supplier.story == "turned" else rates
            lanes.append(Lane(supplier, category, supplier.weight * category.weight / 1000, rates, turned))
    return lanes


def _sold(supplier: Supplier, dice: Dice) -> list[Category]:
    """The categories of a supplier; those with a story sell what makes the story visible."""
    everything = list(categories())
    if supplier.story == "slandered":
        return [one for one in everything if one.name == SLANDERED_CATEGORY]
    if supplier.story == "turned":
        return sorted(everything, key=lambda one: -one.weight)[2 : 2 + 2 * _TURNED_BREADTH : 2]
    dice.shuffle(everything)
    chosen = everything[: dice.between(*_BREADTH[supplier.kind])]
    return sorted(chosen, key=lambda one: one.name)


def _rates(supplier: Supplier, aside: float) -> Rates:
    """The true rates of one lane: the supplier's place within the range of its kind, moved aside a little."""
    least, most = _DOA[supplier.kind]
    doa = least + (most - least) * min(1.0, max(0.0, supplier.quality + aside))
    return Rates(doa, doa * _EARLY_FACTOR, supplier.reject, supplier.on_time, supplier.support)


def _turned(supplier: Supplier, before: Rates) -> Rates:
    """After the turn: the trader passes on parts of another origin, the workshop is overrun and late as well."""
    if supplier.kind == "third":
        return replace(before, doa=before.doa * 8, early90=before.early90 * 5, reject=0.05)
    return replace(before, doa=before.doa * 4, early90=before.early90 * 3, on_time=0.5)

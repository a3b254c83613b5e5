"""Three years of received parts: each row a function of seed and number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pilothouse.demo.dice import Dice
from pilothouse.demo.supply.market import EARLY_EXPONENT, SPELLINGS, Lane, Market, Rates

DAYS = 1096
"""Days before as-of on which the first part was ordered: three years."""
HEADER = (
    "receipt", "supplier", "part", "category", "condition", "price", "ordered", "promised", "received", "installed",
    "outcome", "outcome_on", "device", "support_calls", "support_hours", "support_solved", "cancelled",
)  # fmt: skip

_PART_WEIGHTS = (50, 75, 90, 97, 100)
"""Running totals: the first part of a category moves fastest."""
_PRICE = {"maker": 1.0, "third": 0.78, "refurbisher": 0.52, "workshop": 0.38}
"""Price over that of the maker's new part."""
_LEAD = {"maker": (4, 16), "third": (3, 12), "refurbisher": (4, 18), "workshop": (7, 28)}
"""Fewest and most days from order to the promised day."""
_SLANDERED_ITEMS, _SLANDERED_DEAD = 15, 2
"""Items of the slandered supplier, and how many of them were dead on arrival by chance."""


@dataclass(slots=True)
class Receipt:
    """One received item as it truly was; days are None where nothing happened."""

    receipt: str
    supplier: str
    part: str
    category: str
    condition: str
    price: float
    ordered: date
    promised: date | None
    received: date | None
    installed: date | None = None
    outcome: str = ""
    outcome_on: date | None = None
    device: str = ""
    calls: int = 0
    hours: float = 0.0
    solved: str = ""
    cancelled: date | None = None

    def cells(self) -> list[str]:
        """Its cells in the order of HEADER."""
        days = [_day(one) for one in (self.ordered, self.promised, self.received, self.installed)]
        support = (str(self.calls), f"{self.hours:g}", self.solved) if self.calls else ("", "", "")
        return [
            self.receipt, self.supplier, self.part, self.category, self.condition, f"{self.price:.2f}", *days,
            self.outcome, _day(self.outcome_on), self.device, *support, _day(self.cancelled),
        ]  # fmt: skip


def _day(day: date | None) -> str:
    return "" if day is None else str(day)


class Receipts:
    """The received parts of one demo. count: how many. tags: asset tags of devices that parts go into."""

    def __init__(self, seed: int, as_of: date, count: int, tags: tuple[str, ...]) -> None:
        self.count, self.as_of, self._tags = count, as_of, tags
        self.market = Market(seed)
        self._dice = Dice(seed)
        step = count // (_SLANDERED_ITEMS + 2)
        self._slandered = {step * (place + 1): place for place in range(_SLANDERED_ITEMS)}

    def __iter__(self) -> Iterator[Receipt]:
        """Every item in the order in which it was ordered."""
        return (self.receipt(number) for number in range(self.count))

    def receipt(self, number: int) -> Receipt:
        """Item `number`, right in every cell."""
        dice = self._dice.at("receipt", number)
        small = self._slandered.get(number)
        lane = self.market.lane(dice) if small is None else self.market.slandered
        made = self._ordered(number, lane, dice)
        if made.received is None:
            return made
        rates = lane.rates_on(made.received, self.as_of)
        if not self._rejected(made, rates, dice, planted=small is not None):
            dead = None if small is None else small in range(1, 1 + 3 * _SLANDERED_DEAD, 3)
            self._tested(made, rates, dice, dead)
        self._supported(made, rates, dice)
        return made

    def _ordered(self, number: int, lane: Lane, dice: Dice) -> Receipt:
        """From the order to the day of receipt, which may not have come yet."""
        kind = lane.supplier.kind
        place = dice.weighted(range(len(_PART_WEIGHTS)), _PART_WEIGHTS)
        price = lane.category.part_price(place) * _PRICE[kind] * dice.between(92, 112) / 100
        ordered = self.as_of - timedelta(days=DAYS - number * DAYS // self.count)
        promised = ordered + timedelta(days=dice.between(*_LEAD[kind]))
        on_time = lane.rates_on(promised, self.as_of).on_time
        punctual = dice.chance(on_time)
        moved = (
            -min(dice.below(4), (promised - ordered).days)
            if punctual
            else 1 + min(dice.below(12), dice.below(25))
        )
        received = promised + timedelta(days=moved)
        unpromised = dice.chance(0.06)
        cancelled = dice.chance(0.004)
        made = Receipt(
            f"GR{number + 1:06d}", _spelt(lane.supplier.name, dice), lane.category.parts()[place], lane.category.name,
            lane.supplier.condition, price, ordered, None if unpromised and not cancelled else promised, received,
        )  # fmt: skip
        if cancelled:
            made.received, made.cancelled = (
                None,
                min(self.as_of, ordered + timedelta(days=dice.between(1, 3))),
            )
        elif received > self.as_of:
            made.received, made.promised = None, promised
        return made

    def _rejected(self, made: Receipt, rates: Rates, dice: Dice, *, planted: bool) -> bool:
        """Whether it went back at receipt: transport damage and wrong parts mostly."""
        rejected = dice.chance(rates.reject)
        kind = dice.weighted(("wrong", "damaged", "incomplete", "counterfeit"), (38, 80, 97, 100))
        if not rejected or planted:
            return False
        made.outcome, made.outcome_on = kind, made.received
        return True

    def _tested(self, made: Receipt, rates: Rates, dice: Dice, dead: bool | None) -> None:
        """First test, installation and what came later; nothing is known beyond as-of.

        dead: dead on arrival or not as planted; None lets the dice say.
        """
        assert made.received is not None
        waits = (
            min(dice.below(60), dice.below(60), dice.below(60)) if dice.chance(0.9) else dice.between(60, 200)
        )
        on_shelf, is_dead, fails = dice.chance(0.03), dice.chance(rates.doa), dice.chance(rates.early90)
        early = 1 + int(90 * dice.share() ** EARLY_EXPONENT)
        later, late_days, tag = dice.chance(0.035), dice.between(91, 900), dice.pick(self._tags)
        day = made.received + timedelta(days=waits)
        if dead is not None:
            is_dead, fails, on_shelf = dead, False, False
        if on_shelf or day > self.as_of:
            return
        if is_dead:
            made.outcome, made.outcome_on = "doa", day
            return
        made.installed, made.outcome, made.outcome_on, made.device = day, "ok", day, tag
        if fails or later:
            failed = day + timedelta(days=early if fails else late_days)
            if failed <= self.as_of:
                made.outcome, made.outcome_on = "failed", failed

    def _supported(self, made: Receipt, rates: Rates, dice: Dice) -> None:
        """Calls to the supplier's support: often after trouble, now and then without."""
        trouble = made.outcome not in ("ok", "")
        called, calls, minutes = (
            dice.chance(0.7 if trouble else 0.05),
            dice.between(1, 4),
            dice.between(1, 24),
        )
        solved, answered = dice.chance(rates.support), dice.chance(0.9)
        if called:
            made.calls, made.hours = calls, minutes * calls / 4
            made.solved = ("yes" if solved else "no") if answered else ""


def _spelt(name: str, dice: Dice) -> str:
    """The supplier's name as this receipt has it."""
    spelling = dice.weighted(SPELLINGS, (86, 95, 100))
    return spelling if name == SPELLINGS[0] else name

"""What goes wrong when receipts are typed: a row in five hundred, each told in the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from pilothouse.demo.supply.receipts import HEADER, Receipt

_EVERY, _FIRST = 487, 151
"""Which rows are wrong: number 151 and every 487th after it."""

Cells = list[str]
Spoil = Callable[[Cells, Receipt], str | None]
_AT = {name: place for place, name in enumerate(HEADER)}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One row that is wrong on purpose: the column a reader should name, and why. left_out: the whole row is lost."""

    receipt: str
    column: str
    what: str
    left_out: bool


def _set(cells: Cells, column: str, value: str) -> str:
    cells[_AT[column]] = value
    return column


def _received_before_ordered(cells: Cells, made: Receipt) -> str | None:
    return _set(cells, "received", str(made.ordered - timedelta(days=365)))


def _installed_before_received(cells: Cells, made: Receipt) -> str | None:
    if made.installed is None or made.received is None:
        return None
    return _set(cells, "installed", str(made.received - timedelta(days=9)))


def _twice(cells: Cells, made: Receipt) -> str | None:
    return _set(cells, "receipt", f"GR{int(made.receipt[2:]) - 37:06d}")


def _no_supplier(cells: Cells, made: Receipt) -> str | None:
    return _set(cells, "supplier", "")


def _no_category(cells: Cells, made: Receipt) -> str | None:
    return _set(cells, "category", "")


def _unknown_outcome(cells: Cells, made: Receipt) -> str | None:
    return _set(cells, "outcome", "broken?")


def _unknown_condition(cells: Cells, made: Receipt) -> str | None:
    return _set(cells, "condition", "used")


def _no_such_day(cells: Cells, made: Receipt) -> str | None:
    return _set(cells, "received", f"{made.ordered.year}-02-30")


def _negative_price(cells: Cells, made: Receipt) -> str | None:
    return _set(cells, "price", f"-{made.price:.2f}")


def _solved_perhaps(cells: Cells, made: Receipt) -> str | None:
    cells[_AT["support_calls"]] = "1"
    return _set(cells, "support_solved", "partly")


def _failed_without_installation(cells: Cells, made: Receipt) -> str | None:
    if made.received is None:
        return None
    cells[_AT["outcome"]], cells[_AT["outcome_on"]] = "failed", str(made.received)
    return _set(cells, "installed", "")


_KINDS: tuple[tuple[Spoil, str, bool], ...] = (
    (_received_before_ordered, "the year of receipt is one too early", True),
    (_twice, "the number of an earlier receipt", True),
    (_negative_price, "a credit note typed as a receipt: a price below zero", False),
    (_installed_before_received, "installed nine days before it was received", True),
    (_no_supplier, "no supplier", True),
    (_unknown_outcome, "an outcome that is none", True),
    (_failed_without_installation, "failed, but never installed", False),
    (_no_such_day, "received on a 30 February", True),
    (_unknown_condition, "a condition that is none", True),
    (_solved_perhaps, "neither yes nor no", False),
    (_no_category, "no category", True),
)


def typed(number: int, made: Receipt) -> tuple[Cells, Wrong | None]:
    """The cells of row `number` (from 0) as typed, and what is wrong with them if anything is."""
    cells = made.cells()
    nth, rest = divmod(number - _FIRST, _EVERY)
    if rest or nth < 0:
        return cells, None
    spoil, what, left_out = _KINDS[nth % len(_KINDS)]
    column = spoil(cells, made)
    return cells, None if column is None else Wrong(made.receipt, column, what, left_out)

"""Where to hold how many of each part, against today's stock. Source: docs/domains/parts.md, "Spares"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pilothouse.parts.sources.stock import Held
from pilothouse.parts.stocking import Place, Plan, Standing, TwoEchelon, plan_alone, weigh_alone

DEPOT = "depot"


@dataclass(frozen=True, slots=True)
class Advice:
    """One part at one place: stock today and stock advised, average backorders with each, yearly cost of the advice."""

    part: str
    place: str
    stock_today: int
    stock: int
    backorders_today: float
    backorders: float
    downtime_cost: float
    holding_cost: float


def advise(parts: Iterable[Held], holding: float) -> Iterator[Advice]:
    """For each part its depot, then its places in order. holding: a year's cost of an item on hand as a share of its price."""
    for part in parts:
        yearly = holding * part.price
        today, best = _weighed(part, yearly)
        if today.depot and best.depot:
            yield _advice(part.part, DEPOT, None, today.depot, best.depot, yearly)
        for name, place, now, then in zip(part.names, part.places, today.places, best.places, strict=True):
            yield _advice(part.part, name, place, now, then, yearly)


def _weighed(part: Held, yearly: float) -> tuple[Plan, Plan]:
    """What today's stocks mean, and the best ones."""
    if part.depot_lead_days is None:
        return weigh_alone(part.places[0], part.stocks[0], yearly), plan_alone(part.places[0], yearly)
    chain = TwoEchelon(part.places, part.depot_lead_days)
    return chain.weigh(part.depot_stock, part.stocks, yearly), chain.best(yearly)


def _advice(part: str, name: str, place: Place | None, now: Standing, then: Standing, yearly: float) -> Advice:  # fmt: skip
    downtime = then.backorders * place.backorder_per_year if place else 0.0
    return Advice(part, name, now.stock, then.stock, now.backorders, then.backorders, downtime, yearly * max(then.on_hand, 0.0))  # fmt: skip

"""What an offer costs in the end, and what would have to be otherwise for another to win.

Pure. Source: docs/domains/parts.md, "Choosing among offers".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """One need: cost of a day of this device out of work (0 if a spare stands by), and of one exchange."""

    downtime_per_day: float
    labour: float


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. credit: share of the price that comes back when the part fails within 90 days, 0 to 1."""

    row: int
    name: str
    supplier: str
    category: str
    condition: str
    price: float
    freight: float
    lead_days: float
    credit: float


@dataclass(frozen=True, slots=True)
class Cost:
    """The terms of one offer, in the currency of its price.

    p: chance that one part is dead on arrival or fails early. once: paid in any case. again: paid for each
    replacement. expected: both, when replacements fail at the same rate.
    """

    p_doa: float
    p_early90: float
    wait: float
    once: float
    again: float
    expected: float


def failing(p_doa: float, p_early90: float) -> float:
    """Chance that a part is dead on arrival, or passes its test and fails within 90 days."""
    return p_doa + (1 - p_doa) * p_early90


def cost(need: Need, offer: Offer, p_doa: float, p_early90: float) -> Cost:
    """What an offer costs in the end. Both chances below 1."""
    wait = need.downtime_per_day * offer.lead_days
    once = offer.price + offer.freight + wait
    again = need.labour + wait + offer.freight + offer.price * (1 - offer.credit)
    p = failing(p_doa, p_early90)
    return Cost(p_doa, p_early90, wait, once, again, once + p / (1 - p) * again)


def doa_at(offer_cost: Cost, target: float) -> float | None:
    """The DOA rate at which this offer would cost `target`; None where none between 0 and 1 does."""
    if offer_cost.again <= 0:
        return None
    times = (target - offer_cost.once) / offer_cost.again  # p / (1 - p)
    if times < 0:
        return None
    p = times / (1 + times)
    doa = (p - offer_cost.p_early90) / (1 - offer_cost.p_early90)
    return doa if 0 <= doa < 1 else None


def lead_days_at(need: Need, offer: Offer, offer_cost: Cost, target: float) -> float | None:
    """The lead time at which this offer would cost `target`; None where waiting costs nothing or none from 0 on does."""
    if need.downtime_per_day <= 0:
        return None
    p = failing(offer_cost.p_doa, offer_cost.p_early90)
    times = p / (1 - p)
    without = offer_cost.expected - offer_cost.wait * (1 + times)
    days = (target - without) / (need.downtime_per_day * (1 + times))
    return days if days >= 0 else None


def ranked(offers: Sequence[Offer], costs: Sequence[Cost]) -> list[int]:
    """Places of the offers from the least expected cost on; ties: the cheaper price, then the earlier row."""
    return sorted(range(len(offers)), key=lambda i: (costs[i].expected, offers[i].price, offers[i].row))


def told_apart(one: float, other: float, places: int) -> tuple[str, str]:
    """Two numbers with so many decimals, or with as many more (four at most) as it takes to tell them apart."""
    for more in range(5):
        both = f"{one:.{places + more}f}", f"{other:.{places + more}f}"
        if both[0] != both[1]:
            break
    return both


def changes_if(need: Need, offers: Sequence[Offer], costs: Sequence[Cost], place: int) -> str:
    """How far DOA or lead time of one offer would have to move for the choice to change, in words.

    For the chosen offer: up to where the second one wins. For another: down to where it would win.
    """
    order = ranked(offers, costs)
    if len(order) < 2:
        return "there is no other offer"
    first = place == order[0]
    other = order[1] if first else order[0]
    target = costs[other].expected
    doa = doa_at(costs[place], target)
    days = lead_days_at(need, offers[place], costs[place], target)
    word = "above" if first else "below"
    parts = []
    if doa is not None:
        there, now = told_apart(100 * doa, 100 * costs[place].p_doa, 2)
        parts.append(f"DOA {word} {there} % (now {now} %)")
    if days is not None:
        there, now = told_apart(days, offers[place].lead_days, 1)
        parts.append(f"lead time {word} {there} days (now {now})")
    if not parts:
        return "neither DOA nor lead time alone changes it"
    return f"{' or '.join(parts)}: then {offers[other].name if first else offers[place].name}"

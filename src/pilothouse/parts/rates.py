"""The six rates of a supplier: what is counted of what, on which day it counts, and which end is bad.

Source: docs/domains/parts.md, "Rates".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate. lower_is_worse: a high rate is good, so that a bad item is one that is not counted.

    title: its name in words. bad: what a bad item is called. ordered_by: the day that puts its items in order.
    matures_d: days from there until its item counts. definition: what a page prints beside it.
    """

    name: str
    title: str
    bad: str
    definition: str
    ordered_by: str
    lower_is_worse: bool = False
    matures_d: int = 0


RATES = (
    Rate("doa", "Dead on arrival", "dead", "failed at or before the first functional test, of all that were tested and not rejected", "tested"),
    Rate("early30", "Early failure, 30 days", "failed", "failed within 30 days of installation, of items installed at least 30 days before the reference day, neither dead on arrival nor rejected", "installed", matures_d=30),
    Rate("early90", "Early failure, 90 days", "failed", "failed within 90 days of installation, of items installed at least 90 days before the reference day, neither dead on arrival nor rejected", "installed", matures_d=90),
    Rate("reject", "Rejected at receipt", "rejected", "wrong, damaged, counterfeit or incomplete, of all received", "arrived"),
    Rate("on_time", "On time", "late", "received by the first day promised, of all received or overdue with a promised day", "arrived", lower_is_worse=True),
    Rate("support", "Support solved", "unsolved", "solved, of items with a support call and an answer", "arrived", lower_is_worse=True),
)  # fmt: skip
RATE_NAMES = tuple(rate.name for rate in RATES)
BY_NAME = {rate.name: rate for rate in RATES}

CONDITIONS = ("new", "refurbished", "repaired")
REJECTS = ("wrong", "damaged", "counterfeit", "incomplete")
OUTCOMES = ("ok", "doa", "failed", *REJECTS)

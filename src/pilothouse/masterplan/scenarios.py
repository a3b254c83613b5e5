"""Other limits for the same wishes: another list of limits, or a share less of all money; compared item by item."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from pilothouse.masterplan.draws import Survival
from pilothouse.masterplan.rules import Flags, Floats, Plan, Problem

_MONEY = re.compile(r"[$€£¥₹]|\b(usd|eur|gbp|chf|cad|aud|clp|mxn|brl|jpy|cny|inr|sek|nok|dkk|dollars?|euros?|pounds?|money|capital|budget|service money|operating|opex|capex)\b", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Scenario:
    """A plan under other limits. plan: None if there is none, then `problem_text` says why."""

    name: str
    problem: Problem
    plan: Plan | None
    survival: Survival | None = None
    problem_text: str = ""


@dataclass(frozen=True, eq=False)
class Changes:
    """Two plans compared item by item: items that do something else, options gained and lost."""

    items: int
    gained: Flags
    lost: Flags


def is_money(kind: str) -> bool:
    """Whether a limit's kind says that it is money: a currency, capital, a budget."""
    return bool(_MONEY.search(kind))


def less_money(problem: Problem, kinds: list[str], share: float) -> Problem | None:
    """The problem with a share less of every limit that is money; None if no limit says so."""
    money = np.array([is_money(kind) for kind in kinds], bool)
    if not money.any():
        return None
    return under(problem, np.where(money, problem.cap * (1 - share), problem.cap))


def under(problem: Problem, cap: Floats) -> Problem:
    """The same problem under other limits."""
    return replace(problem, cap=cap)


def changes(problem: Problem, base: Flags, other: Flags) -> Changes:
    """What the other plan does in another way."""
    differs = base != other
    return Changes(len(np.unique(problem.item[differs])), other & ~base, base & ~other)

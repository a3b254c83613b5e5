"""Bounds that no plan of training can beat, for whatever multipliers (weak duality of the linear program).

Source: docs/domains/competency.md, "Training plan".
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pilothouse.competency.plan import Index
from pilothouse.competency.relaxing import Floats, Multipliers


def worth(index: Index, multipliers: Multipliers) -> tuple[Floats, Floats]:
    """What each choice is worth beyond its price, and what each gain's needs are worth."""
    problem = index.problem
    of_needs = np.bincount(problem.fills_gain, weights=multipliers.need[problem.fills_need], minlength=problem.gains)  # fmt: skip
    gain = np.clip(multipliers.gain, 0, of_needs)
    session = problem.choice_session
    value: Floats = np.bincount(
        problem.gives_choice, weights=gain[problem.gives_gain], minlength=problem.choices
    ).astype(np.float64)
    value -= multipliers.place[session] + multipliers.hour * problem.sessions.hours[session]
    value += multipliers.course - multipliers.earlier
    value += np.bincount(problem.before_earlier, weights=multipliers.earlier[problem.before_choice], minlength=problem.choices)  # fmt: skip
    return value, of_needs - gain


def tightened(index: Index, multipliers: Multipliers) -> Multipliers:
    """Multipliers that also price what must come before, where the part that was solved did not have the choice.

    A choice that is worth something only because its earlier one seems free takes over what the earlier one costs;
    no earlier one becomes worth anything by that.
    """
    problem = index.problem
    earlier = multipliers.earlier.copy()
    for _ in range(3):
        value, _ = worth(index, replace(multipliers, earlier=earlier))
        wants = value[problem.before_choice] > 0
        choice, first = problem.before_choice[wants], problem.before_earlier[wants]
        many = np.bincount(first, minlength=problem.choices)
        slack = np.maximum(-value[first], 0) / np.maximum(many[first], 1)
        least = np.full(problem.choices, np.inf)
        np.minimum.at(least, choice, slack)
        earlier += np.where(np.isfinite(least), np.minimum(np.maximum(value, 0), least), 0)
    return replace(multipliers, earlier=earlier)


def bound(index: Index, multipliers: Multipliers) -> float:
    """An upper bound of the shortage that any plan closes, for any multipliers that are not negative."""
    problem = index.problem
    value, rest = worth(index, multipliers)
    best = np.maximum.reduceat(value[index.by_person_day], index.day_begins) if problem.choices else np.zeros(0)  # fmt: skip
    limits = (
        1 - np.clip(multipliers.need, 0, 1)
    ) @ problem.short + multipliers.place @ problem.sessions.places
    return float(
        limits
        + multipliers.courses
        + multipliers.hour * problem.hours
        + rest.sum()
        + np.maximum(best, 0).sum()
    )


def simple_bound(index: Index) -> int:
    """What could be closed if places, hours and days did not count: for each need its short, or all who could help."""
    problem = index.problem
    given = np.unique(problem.gives_gain)
    able = np.bincount(problem.fills_need[np.isin(problem.fills_gain, given)], minlength=len(problem.short))
    return int(np.minimum(problem.short, able).sum())

"""The best plan that can be found in the time, and a bound that no plan can beat.

1. The linear relaxation is solved by HiGHS on a growing part of the choices; the bound is computed anew over *all* of
   them. 2. Sessions whose skills have nothing to do with each other meet only in the hours and in people's days: once
   these are priced, each family of sessions is a small whole-number program of its own, and the sum of their bounds is
   a bound. 3. The families are solved again in turn, each with what the others leave.

Source: docs/domains/competency.md, "Training plan".
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import isfinite

import numpy as np

from pilothouse.competency.bounds import bound, simple_bound, tightened, worth
from pilothouse.competency.plan import Index, Plan
from pilothouse.competency.relaxing import Floats, Multipliers, Program
from pilothouse.competency.spans import Ints
from pilothouse.competency.stated import Problem
from pilothouse.kernel.progress import SILENT, Progress

SMALL = 3_000
"""Choices up to which a problem is solved whole from the start."""
AT_ONCE = 120_000
"""Choices up to which the relaxation is solved on all of them."""
ROUNDS = 60
CORES = max(1, min(4, os.cpu_count() or 1))
"""Families that are solved at the same time."""
PRICES = 5
"""Prices of an hour that are tried."""
TOGETHER = 2_000
"""Choices that are solved together while the plan is improved."""
TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan as choices, ascending, and the bound: no plan closes more."""

    chosen: Ints
    bound: int


class Search:
    """The best plan so far, the lowest bound so far, and the time left."""

    def __init__(self, problem: Problem, seconds: float) -> None:
        self.problem, self.index = problem, Index(problem)
        self.best = Plan(self.index)
        self.bound: float = simple_bound(self.index)
        self._until = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds."""
        return self._until - time.monotonic()

    @property
    def done(self) -> bool:
        """No plan can close more than the best."""
        return self.best.closed >= int(self.bound + TINY)

    def plan(self, choices: Ints) -> Plan:
        """A plan of what of these choices fits together, trimmed."""
        plan = Plan(self.index)
        plan.take(choices)
        return plan

    def offer(self, plan: Plan) -> bool:
        """Keep the plan if it closes more than the best, or as much in fewer hours."""
        plan.trim()
        if (plan.closed, -plan.hours) <= (self.best.closed, -self.best.hours):
            return False
        self.best = plan
        return True

    def limit(self, bound: float) -> None:
        """Note a bound."""
        self.bound = min(self.bound, bound)

    def solved(self) -> Solved:
        """The best plan with the bound."""
        chosen = np.array(sorted(self.best.chosen), np.int64)
        return Solved(chosen, max(int(self.bound + TINY), self.best.closed))


def solve(problem: Problem, seconds: float = 45.0, progress: Progress = SILENT) -> Solved:
    """The plan that closes most within the time, then takes fewest hours; and the bound."""
    search = Search(problem, seconds)
    if not problem.choices:
        return search.solved()
    progress.step("Weighing sessions")
    plan = Plan(search.index)
    plan.fill(np.argsort(-_first_worth(search.index), kind="stable"))
    search.offer(plan)
    if problem.choices <= SMALL:
        _whole(search, np.arange(problem.choices))
        return search.solved()
    multipliers = None if search.done else _sifted(search, progress)
    groups = families(problem)
    if multipliers is not None and not search.done:
        _priced(search, groups, multipliers)
    _in_turn(search, groups, progress)
    return search.solved()


def _whole(search: Search, choices: Ints) -> None:
    """Solve all choices as whole numbers, first for the most closed, then for the fewest hours."""
    program = Program(search.problem, choices, np.zeros(len(choices)))
    if not search.done:
        answer = program.whole(search.left * 0.7, _sorted(search.best), 0.5)
        search.offer(search.plan(choices[answer.chosen > 0.5]))
        search.limit(answer.most)
    if search.best.closed and search.left > 0.1:
        answer = program.whole(search.left, _sorted(search.best), TINY, least=search.best.closed)
        search.offer(search.plan(choices[answer.chosen > 0.5]))


def _sifted(search: Search, progress: Progress) -> Multipliers | None:
    """Solve the relaxation on a growing part of the choices, until the bound over all of them is near what it closes."""
    problem, index = search.problem, search.index
    begin = search.left
    part = np.arange(problem.choices)
    if problem.choices > AT_ONCE:
        part = _grown(index, _first_worth(index), _sorted(search.best))
    best: Multipliers | None = None
    for _ in range(ROUNDS):
        program = Program(problem, part, _low_price(problem, part))
        answer = program.relaxed(search.left - 0.4 * begin)
        if answer.multipliers is None:
            break
        priced = tightened(index, answer.multipliers)
        reached = bound(index, priced)
        if reached <= search.bound or best is None:
            best = priced
        search.limit(reached)
        value, _ = worth(index, priced)
        _rounded(search, part, answer.chosen, value)
        grown = _grown(index, value, part)
        near = search.bound - answer.closed < 0.0005 * search.bound
        if search.done or len(grown) == len(part) or near or search.left < 0.5 * begin:
            break
        part = grown
    return best


def _low_price(problem: Problem, choices: Ints) -> Floats:
    """A price of hours so low that all of them together never outweigh one closed shortage."""
    hours: Floats = problem.sessions.hours[problem.choice_session[choices]].astype(np.float64)
    return hours * (0.01 / max(problem.hours, 1))


def _rounded(search: Search, part: Ints, chosen: Floats, value: Floats) -> None:
    """A plan out of a relaxed one: what is most chosen first, then what is worth most, then what still fits."""
    problem = search.problem
    plan = Plan(search.index)
    order = np.argsort(-chosen, kind="stable")
    plan.fill(part[order[: int((chosen > TINY).sum())]])
    promising = np.flatnonzero(value > -0.5)
    plan.fill(promising[np.argsort(-value[promising], kind="stable")][:30_000])
    if problem.choices < 100_000:
        plan.fill(np.arange(problem.choices))
    search.offer(plan)


def _grown(index: Index, value: Floats, part: Ints) -> Ints:
    """The part, and of each session the choices worth most, with the earlier ones they need."""
    problem = index.problem
    positive = np.flatnonzero(value > TINY)
    order = positive[np.lexsort((-value[positive], problem.choice_session[positive]))]
    session = problem.choice_session[order]
    begins = np.searchsorted(session, np.arange(len(problem.sessions)))
    rank = np.arange(len(order)) - begins[session]
    taken = np.zeros(problem.choices, bool)
    taken[part] = True
    taken[order[rank < 4 * problem.sessions.places[session] + 50]] = True
    while True:
        first = problem.before_earlier[taken[problem.before_choice]]
        if taken[first].all():
            return np.flatnonzero(taken)
        taken[first] = True


def families(problem: Problem) -> list[Ints]:
    """The choices by families of sessions: two that give the same gain, or one the other needs, are of one family."""
    session = problem.choice_session
    order = np.argsort(problem.gives_gain, kind="stable")
    gain, of = problem.gives_gain[order], session[problem.gives_choice[order]]
    same = gain[1:] == gain[:-1]
    edges = np.concatenate([np.stack([of[:-1][same], of[1:][same]]), np.stack([session[problem.before_choice], session[problem.before_earlier]])], axis=1)  # fmt: skip
    many = len(problem.sessions)
    codes = np.unique(edges[0] * many + edges[1])
    one, other = codes // many, codes % many
    family = np.arange(many)
    while True:
        least = family.copy()
        np.minimum.at(least, one, family[other])
        np.minimum.at(least, other, family[one])
        if (least == family).all():
            break
        family = least
    of_choice = family[session]
    return [np.flatnonzero(of_choice == name) for name in np.unique(of_choice)]


def _priced(search: Search, groups: Sequence[Ints], multipliers: Multipliers) -> None:
    """Each family by itself, with hours and days at their prices: a bound, and answers to make a plan of.

    Again with another price of an hour while that may help: dearer where more hours were wanted than there are.
    """
    problem = search.problem
    ordered = sorted(groups, key=len)
    answers: list[list[Ints]] = [[_of(search.best, group)] for group in ordered]
    hour, begin = multipliers.hour, search.left
    for turn in range(PRICES):
        in_all = hour * problem.hours + _days_worth(search.index, multipliers)
        for at, (mine, most) in enumerate(_each(search, ordered, answers, hour, multipliers, 0.3 * begin)):
            in_all += most
            answers[at].append(mine)
        search.limit(in_all)
        search.offer(search.plan(_best_of_each(problem, answers)))
        used = sum(int(problem.sessions.hours[problem.choice_session[one[-1]]].sum()) for one in answers)
        if search.done or not hour or search.left < 0.5 * begin or used == problem.hours:
            break
        hour *= (1 + 0.08 / (turn + 1)) if used > problem.hours else 1 - 0.08 / (turn + 1)


def _each(search: Search, groups: Sequence[Ints], answers: Sequence[Sequence[Ints]], hour: float, multipliers: Multipliers, spare: float) -> list[tuple[Ints, float]]:  # fmt: skip
    """For each family its answer at these prices, and what no answer is worth more than; several at a time.

    hour: price of an hour / 1000. spare: seconds to leave.
    """
    problem = search.problem
    waiting = len(groups)

    def solved(at: int) -> tuple[Ints, float]:
        nonlocal waiting
        group = groups[at]
        price = hour * problem.sessions.hours[problem.choice_session[group]] + multipliers.day[group]
        program = Program(problem, group, price)
        share = max(0.5, CORES * (search.left - spare) / max(waiting, 1))
        answer = program.whole(share, answers[at][-1], 1e-3)
        waiting -= 1
        most = answer.most if isfinite(answer.most) else program.relaxed(share).most
        return group[answer.chosen > 0.5], most

    with ThreadPoolExecutor(CORES) as crew:  # HiGHS works without Python's lock
        return list(crew.map(solved, range(len(groups))))


def _best_of_each(problem: Problem, answers: Sequence[Sequence[Ints]]) -> Ints:
    """One answer of each family, so that most is closed within the hours: a knapsack, solved by adding hour to hour."""
    unit = max(
        1, int(np.gcd.reduce(np.append(problem.sessions.hours, problem.hours))), -(-problem.hours // 50_000)
    )
    capacity = problem.hours // unit
    best = np.zeros(capacity + 1)
    picked = []
    for options in answers:
        weights = [
            -(-int(problem.sessions.hours[problem.choice_session[one]].sum()) // unit) for one in options
        ]
        closes = [_closed(problem, one) for one in options]
        table = np.full((len(options) + 1, capacity + 1), -np.inf)
        table[-1] = best
        for at, (weight, gain) in enumerate(zip(weights, closes, strict=True)):
            if weight <= capacity:
                table[at, weight:] = best[: capacity + 1 - weight] + gain
        choice = table.argmax(axis=0)
        picked.append((choice, [*weights, 0]))
        best = table.max(axis=0)
    at, found = capacity, []
    for (choice, weights), options in zip(reversed(picked), reversed(answers), strict=True):
        option = int(choice[at])
        if option < len(options):
            found.append(options[option])
        at -= weights[option]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _closed(problem: Problem, choices: Ints) -> int:
    """The shortage that these choices close by themselves."""
    taken = np.zeros(problem.choices, bool)
    taken[choices] = True
    gained = np.zeros(problem.gains, bool)
    gained[problem.gives_gain[taken[problem.gives_choice]]] = True
    filled = np.bincount(problem.fills_need[gained[problem.fills_gain]], minlength=len(problem.short))
    return int(np.minimum(filled, problem.short).sum())


def _days_worth(index: Index, multipliers: Multipliers) -> float:
    """The sum of the prices of all people's days; those of one day have one price."""
    problem = index.problem
    if not problem.choices:
        return 0.0
    return float(np.maximum.reduceat(multipliers.day[index.by_person_day], index.day_begins).sum())


def _in_turn(search: Search, groups: Sequence[Ints], progress: Progress) -> None:
    """Solve each family again with what the others leave of hours and days, then several together, while it helps."""
    progress.step("Improving the plan")
    dice = np.random.default_rng(0)
    for group in groups:
        if search.left > 0.5:
            _again(search, group)
    idle, tries = 0, 2 * len(groups) + 10
    while not search.done and search.left > 1 and idle < tries and len(groups) > 1:
        some: list[Ints] = []
        many = 0
        for at in dice.permutation(len(groups)):
            if many + len(groups[at]) <= TOGETHER or not some:
                some.append(groups[at])
                many += len(groups[at])
        idle = 0 if _again(search, np.sort(np.concatenate(some))) else idle + 1
        progress.advance()


def _again(search: Search, group: Ints) -> bool:
    """Solve some choices anew beside the rest of the best plan; whether that made it better."""
    problem = search.problem
    others = Plan(search.index)
    others.take(np.setdiff1d(_sorted(search.best), group))
    free = group[[others.is_free(int(one)) for one in group]]
    if not len(free):
        return False
    price = _low_price(problem, free)
    program = Program(problem, free, price, problem.hours - others.hours)
    answer = program.whole(min(search.left, 4.0), _of(search.best, group), 1e-6)
    others.take(free[answer.chosen > 0.5])
    return search.offer(others)


def _of(plan: Plan, group: Ints) -> Ints:
    return np.intersect1d(_sorted(plan), group)


def _sorted(plan: Plan) -> Ints:
    return np.array(sorted(plan.chosen), np.int64)


def _first_worth(index: Index) -> Floats:
    """What each choice could fill, for each hour it takes."""
    problem = index.problem
    fills = np.bincount(problem.fills_gain, minlength=problem.gains)
    value = np.bincount(problem.gives_choice, weights=fills[problem.gives_gain], minlength=problem.choices)
    found: Floats = value / (problem.sessions.hours[problem.choice_session] + 1)
    return found

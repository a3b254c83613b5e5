"""The plan's linear and whole-number program for HiGHS, on some of the choices.

Rows: a need is filled by no more gains than it has; a gain by no more than the choices that give it; places of a session;
hours in all; one session a person and day; a choice that needs an earlier one. Source: docs/domains/competency.md,
"Training plan".
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from pilothouse.competency.spans import Ints
from pilothouse.competency.stated import Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Multipliers:
    """What one unit of each limit is worth, none below 0.

    By need, by session (places), of an hour / 1000; by gain (at most what its needs are worth); by choice that needs an
    earlier one; by choice of its person's day; by choice what taking each course once is worth to it (of either sign), and
    the sum of what those limits are worth.
    """

    need: Floats
    place: Floats
    hour: float
    gain: Floats
    earlier: Floats
    day: Floats
    course: Floats
    courses: float


def _highs() -> Any:  # highspy has no types
    return highspy.Highs()  # type: ignore[no-untyped-call]


@cache
def _greeted() -> None:
    """Let HiGHS print its greeting, once for each process, to nowhere: standard output is for answers."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        _highs()
        ctypes.CDLL(None).fflush(None)  # what C has not written yet would follow later
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


@dataclass(frozen=True, slots=True)
class Answer:
    """What HiGHS found.

    chosen: how much of each of the choices, 0 to 1. most: what no solution of the program is worth more than.
    multipliers: of a linear program.
    """

    chosen: Floats
    closed: float
    most: float
    multipliers: Multipliers | None


class Program:
    """The program on some choices, ascending."""

    def __init__(self, problem: Problem, choices: Ints, price: Floats, hours: int | None = None) -> None:
        """price: of each of the choices. hours: that may be taken, in 1 / 1000; default all of the problem's."""
        self.problem, self.choices = problem, choices
        self._hours = problem.hours if hours is None else hours
        self._rows: list[NDArray[np.int64]] = []
        self._columns: list[NDArray[np.int64]] = []
        self._values: list[Floats] = []
        self._upper: list[Floats] = []
        self._many = 0
        self._place_of = np.full(problem.choices + 1, -1, np.int64)
        self._place_of[choices] = np.arange(len(choices))
        self._gains()
        self._limits()
        self._courses()
        self._cost = np.zeros(self._columns_in_all)
        self._cost[self._y_begins :] = 1.0
        self._cost[: len(choices)] = -price

    def _add(self, row: Ints, column: Ints, value: Floats, upper: Floats) -> Ints:
        """Rows numbered from 0; returns their numbers in the whole."""
        self._rows.append(row + self._many)
        self._columns.append(column)
        self._values.append(value)
        self._upper.append(upper)
        numbers = np.arange(self._many, self._many + len(upper))
        self._many += len(upper)
        return numbers

    def _gains(self) -> None:
        """Variables of gains and needs, and the rows that tie them to the choices."""
        problem = self.problem
        place = self._place_of[problem.gives_choice]
        there = place >= 0
        place, gain = place[there], problem.gives_gain[there]
        times = np.bincount(gain, minlength=problem.gains)
        self._several = np.flatnonzero(times > 1)
        column_of_gain = np.full(problem.gains, -1, np.int64)
        column_of_gain[gain] = place
        column_of_gain[self._several] = len(self.choices) + np.arange(len(self._several))
        filled = column_of_gain[problem.fills_gain] >= 0
        fills_gain, fills_need = problem.fills_gain[filled], problem.fills_need[filled]
        self._needs, need = np.unique(fills_need, return_inverse=True)
        self._y_begins = len(self.choices) + len(self._several)
        self._columns_in_all = self._y_begins + len(self._needs)
        own = np.arange(len(self._needs))
        self._need_rows = self._add(np.concatenate([own, need]), np.concatenate([self._y_begins + own, column_of_gain[fills_gain]]), np.concatenate([np.ones(len(own)), -np.ones(len(need))]), np.zeros(len(own)))  # fmt: skip
        own = np.arange(len(self._several))
        number = np.full(problem.gains, -1, np.int64)
        number[self._several] = own
        shared = number[gain] >= 0
        self._gain_rows = self._add(np.concatenate([own, number[gain[shared]]]), np.concatenate([len(self.choices) + own, place[shared]]), np.concatenate([np.ones(len(own)), -np.ones(int(shared.sum()))]), np.zeros(len(own)))  # fmt: skip

    def _limits(self) -> None:
        """Places, hours, one session a day, and what must come before."""
        problem, choices = self.problem, self.choices
        session, own = problem.choice_session[choices], np.arange(len(choices))
        self._sessions, which = np.unique(session, return_inverse=True)
        self._place_rows = self._add(which, own, np.ones(len(own)), problem.sessions.places[self._sessions].astype(float))  # fmt: skip
        self._hour_row = self._add(np.zeros(len(own), np.int64), own, problem.sessions.hours[session].astype(float), np.array([float(self._hours)]))  # fmt: skip
        person_day = problem.choice_person[choices] * 4_194_304 + problem.sessions.day[session]
        _, day = np.unique(person_day, return_inverse=True)
        many = np.bincount(day)
        several = many[day] > 1
        _, row = np.unique(day[several], return_inverse=True)
        self._day_rows = self._add(
            row, own[several], np.ones(int(several.sum())), np.ones(int((many > 1).sum()))
        )
        self._on_day = (choices[several], row)
        needing = own[problem.needs_earlier[choices]]
        self._earlier_choices = choices[needing]
        number = np.full(problem.choices, -1, np.int64)
        number[self._earlier_choices] = np.arange(len(needing))
        later, first = number[problem.before_choice], self._place_of[problem.before_earlier]
        both = (later >= 0) & (first >= 0)
        count = np.arange(len(needing))
        self._earlier_rows = self._add(np.concatenate([count, later[both]]), np.concatenate([needing, first[both]]), np.concatenate([np.ones(len(count)), -np.ones(int(both.sum()))]), np.zeros(len(count)))  # fmt: skip

    def _courses(self) -> None:
        """Nobody needs a course of one skill and level twice, if it lasts: so one at most, and it needs an earlier one once.

        Without these rows half a place in each of two sessions would give a whole gain for half an earlier one.
        """
        problem, choices = self.problem, self.choices
        course = problem.courses[problem.choice_session[choices]]
        own = np.flatnonzero(course >= 0)
        code = problem.choice_person[choices[own]] * len(problem.sessions) + course[own]
        _, group, many = np.unique(code, return_inverse=True, return_counts=True)
        several = many[group] > 1
        _, row = np.unique(group[several], return_inverse=True)
        self._once = (own[several], row)
        self._once_rows = self._add(
            row, own[several], np.ones(int(several.sum())), np.ones(int((many > 1).sum()))
        )
        needing = several & problem.needs_earlier[choices[own]]
        kept, row = np.unique(group[needing], return_inverse=True)
        of_choice = np.full(problem.choices, -1, np.int64)
        of_choice[choices[own[needing]]] = row
        later, first = of_choice[problem.before_choice], self._place_of[problem.before_earlier]
        of_session = problem.courses[problem.choice_session]
        other = (
            of_session[problem.before_choice] != of_session[problem.before_earlier]
        )  # once only: not through itself
        both = (later >= 0) & (first >= 0) & other
        pairs = np.unique(later[both] * (len(choices) + 1) + first[both])
        row_of, column = np.concatenate([row, pairs // (len(choices) + 1)]), np.concatenate([own[needing], pairs % (len(choices) + 1)])  # fmt: skip
        value = np.concatenate([np.ones(len(row)), -np.ones(len(pairs))])
        self._first = (row_of, column, value)
        self._first_rows = self._add(row_of, column, value, np.zeros(len(kept)))

    def _matrix(self, extra: tuple[Floats, float] | None) -> Any:  # highspy has no types
        row, column, value = (np.concatenate(parts) for parts in (self._rows, self._columns, self._values))
        upper = np.concatenate(self._upper)
        lower = np.full(len(upper), -highspy.kHighsInf)
        if extra is not None:
            at = np.flatnonzero(extra[0])
            row, column, value = np.concatenate([row, np.full(len(at), len(upper))]), np.concatenate([column, at]), np.concatenate([value, extra[0][at]])  # fmt: skip
            upper, lower = np.append(upper, highspy.kHighsInf), np.append(lower, extra[1])
        order = np.argsort(row, kind="stable")
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._columns_in_all, len(upper)
        lp.col_lower_ = np.zeros(self._columns_in_all)
        lp.col_upper_ = np.concatenate(
            [np.ones(self._y_begins), self.problem.short[self._needs].astype(float)]
        )
        lp.row_lower_, lp.row_upper_ = lower, upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.searchsorted(row[order], np.arange(len(upper) + 1)).astype(np.int32)
        lp.a_matrix_.index_ = column[order].astype(np.int32)
        lp.a_matrix_.value_ = value[order]  # type: ignore[assignment]
        return lp

    def _solver(self, lp: Any, seconds: float, **options: float) -> Any:
        _greeted()
        solver = _highs()
        for name in ("log_to_console", "output_flag"):
            solver.setOptionValue(name, False)
        solver.setOptionValue("threads", 1)  # one for all: its scheduler is one a process
        solver.setOptionValue("time_limit", max(seconds, 0.1))
        for name, value in options.items():
            solver.setOptionValue(name, value)
        solver.passModel(lp)
        return solver

    def relaxed(self, seconds: float, **options: float) -> Answer:
        """The linear program and its multipliers."""
        lp = self._matrix(None)
        lp.col_cost_ = -self._cost
        solver = self._solver(lp, seconds, **options)
        solver.run()
        found = solver.getSolution()
        value, dual = np.array(found.col_value), -np.array(found.row_dual)
        if len(value) != self._columns_in_all:
            value = np.zeros(self._columns_in_all)
        multipliers = self._multipliers(np.maximum(dual, 0)) if len(dual) == self._many else None
        optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
        most = float(self._cost @ value) if optimal else np.inf
        return Answer(value[: len(self.choices)], float(value[self._y_begins :].sum()), most, multipliers)

    def _multipliers(self, dual: Floats) -> Multipliers:
        problem = self.problem
        need, place, earlier = np.ones(len(problem.short)), np.zeros(len(problem.sessions)), np.zeros(problem.choices)  # fmt: skip
        need[self._needs] = np.minimum(dual[self._need_rows], 1)
        place[self._sessions] = dual[self._place_rows]
        earlier[self._earlier_choices] = dual[self._earlier_rows]
        gain = np.full(problem.gains, np.inf)
        gain[self._several] = dual[self._gain_rows]
        day = np.zeros(problem.choices)
        day[self._on_day[0]] = dual[self._day_rows][self._on_day[1]]
        course = np.zeros(problem.choices)
        once, first = dual[self._once_rows], dual[self._first_rows]
        np.subtract.at(course, self.choices[self._once[0]], once[self._once[1]])
        np.subtract.at(course, self.choices[self._first[1]], first[self._first[0]] * self._first[2])
        return Multipliers(
            need, place, float(dual[self._hour_row][0]), gain, earlier, day, course, float(once.sum())
        )

    def whole(self, seconds: float, start: Ints, gap: float, least: int | None = None) -> Answer:
        """As whole numbers. start: a plan to begin with. gap: that is near enough.

        least: close at least so much, and take as few hours as can be.
        """
        cost, extra = self._cost, None
        hours = self.problem.sessions.hours[self.problem.choice_session[self.choices]].astype(float)
        if least is not None:
            closes = np.zeros(self._columns_in_all)
            closes[self._y_begins :] = 1.0
            cost, extra = np.zeros(self._columns_in_all), (closes, float(least))
            cost[: len(hours)] = -hours
        lp = self._matrix(extra)
        lp.col_cost_ = -cost
        lp.integrality_ = [highspy.HighsVarType.kInteger] * len(self.choices) + [highspy.HighsVarType.kContinuous] * (self._columns_in_all - len(self.choices))  # fmt: skip
        solver = self._solver(lp, seconds, mip_rel_gap=0.0, mip_abs_gap=gap)
        solution = highspy.HighsSolution()
        solution.col_value = list(self._started(start))
        solver.setSolution(solution)
        solver.run()
        value = np.array(solver.getSolution().col_value)
        info = solver.getInfo()
        if len(value) != self._columns_in_all:
            value = np.zeros(self._columns_in_all)
        return Answer(np.round(value[: len(self.choices)]), float(value[self._y_begins :].sum()), -float(info.mip_dual_bound), None)  # fmt: skip

    def _started(self, chosen: Ints) -> Floats:
        """The variables of a plan."""
        problem = self.problem
        value = np.zeros(self._columns_in_all)
        value[self._place_of[chosen]] = 1
        taken = np.zeros(problem.choices, bool)
        taken[chosen] = True
        gained = np.zeros(problem.gains, bool)
        gained[problem.gives_gain[taken[problem.gives_choice]]] = True
        value[len(self.choices) : self._y_begins] = gained[self._several]
        filled = np.bincount(problem.fills_need[gained[problem.fills_gain]], minlength=len(problem.short))
        value[self._y_begins :] = np.minimum(filled, problem.short)[self._needs]
        return value

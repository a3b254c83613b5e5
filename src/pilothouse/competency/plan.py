"""A plan of training as it is made: what is chosen, what that fills, what still fits. Always feasible.

Source: docs/domains/competency.md, "Training plan".
"""

from __future__ import annotations

import numpy as np

from pilothouse.competency.spans import Ints
from pilothouse.competency.stated import Problem


class Index:
    """What is looked up again and again: a problem's pairs by choice, by gain, by person and day."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        many = problem.choices
        order = np.argsort(problem.gives_choice, kind="stable")
        self.gain_of_choice = problem.gives_gain[order]
        self.gives = np.searchsorted(problem.gives_choice[order], np.arange(many + 1))
        order = np.argsort(problem.fills_gain, kind="stable")
        self.need_of_gain = problem.fills_need[order]
        self.fills = np.searchsorted(problem.fills_gain[order], np.arange(problem.gains + 1))
        order = np.argsort(problem.before_choice, kind="stable")
        self.earlier_of_choice = problem.before_earlier[order]
        self.before = np.searchsorted(problem.before_choice[order], np.arange(many + 1))
        day = problem.sessions.day[problem.choice_session]
        _, self.person_day = np.unique(problem.choice_person * 4_194_304 + day, return_inverse=True)
        self.by_person_day = np.argsort(self.person_day, kind="stable")
        sorted_days = self.person_day[self.by_person_day]
        self.day_begins = np.flatnonzero(
            np.append(True, sorted_days[1:] != sorted_days[:-1])[: len(sorted_days)]
        )

    def gains_of(self, choice: int) -> Ints:
        """What one choice gives."""
        return self.gain_of_choice[self.gives[choice] : self.gives[choice + 1]]

    def needs_of(self, gain: int) -> Ints:
        """What one gain fills."""
        return self.need_of_gain[self.fills[gain] : self.fills[gain + 1]]

    def earlier(self, choice: int) -> Ints:
        """The choices one of which must come before."""
        return self.earlier_of_choice[self.before[choice] : self.before[choice + 1]]


class Plan:
    """A plan that grows and shrinks, always feasible."""

    def __init__(self, index: Index) -> None:
        problem = index.problem
        self.index, self.problem = index, problem
        self.chosen: set[int] = set()
        self._places = problem.sessions.places.copy()
        self._hours = problem.hours
        self._days: dict[int, int] = {}
        self._gain = np.zeros(problem.gains, np.int64)
        self._filled = np.zeros(len(problem.short), np.int64)

    @property
    def closed(self) -> int:
        """The shortage closed."""
        return int(np.minimum(self._filled, self.problem.short).sum())

    @property
    def hours(self) -> int:
        """The person-hours taken, in 1 / 1000."""
        return self.problem.hours - self._hours

    def more(self, choice: int) -> int:
        """How much more shortage a choice would close now."""
        found = 0
        for gain in self.index.gains_of(choice):
            if not self._gain[gain]:
                needs = self.index.needs_of(gain)
                found += int((self._filled[needs] < self.problem.short[needs]).sum())
        return found

    def fits(self, choice: int) -> bool:
        """Whether a choice can be added as it is."""
        session = self.problem.choice_session[choice]
        if choice in self.chosen or self._places[session] < 1 or self._hours < self.problem.sessions.hours[session]:  # fmt: skip
            return False
        if self.index.person_day[choice] in self._days:
            return False
        return not self.problem.needs_earlier[choice] or any(int(one) in self.chosen for one in self.index.earlier(choice))  # fmt: skip

    def is_free(self, choice: int) -> bool:
        """Whether nothing is chosen for its person on its day."""
        return int(self.index.person_day[choice]) not in self._days

    def add(self, choice: int) -> None:
        """Add a choice that fits."""
        self._change(choice, 1)
        self.chosen.add(choice)
        self._days[int(self.index.person_day[choice])] = choice

    def drop(self, choice: int) -> None:
        """Take a choice out that nothing chosen rests on."""
        self.chosen.remove(choice)
        del self._days[int(self.index.person_day[choice])]
        self._change(choice, -1)

    def _change(self, choice: int, by: int) -> None:
        session = self.problem.choice_session[choice]
        self._places[session] -= by
        self._hours -= by * int(self.problem.sessions.hours[session])
        for gain in self.index.gains_of(choice):
            before = self._gain[gain] > 0
            self._gain[gain] += by
            if (self._gain[gain] > 0) != before:
                self._filled[self.index.needs_of(gain)] += by

    def rests_on(self, choice: int) -> bool:
        """Whether something chosen could no longer be taken without it."""
        problem = self.problem
        lo, hi = np.searchsorted(problem.choice_person, (problem.choice_person[choice], problem.choice_person[choice] + 1))  # fmt: skip
        for other in range(int(lo), int(hi)):
            if other in self.chosen and problem.needs_earlier[other]:
                first = [int(one) for one in self.index.earlier(other) if int(one) in self.chosen]
                if first == [choice]:
                    return True
        return False

    def fill(self, order: Ints) -> None:
        """Add in this order every choice that fits and closes something, with the earlier one it needs."""
        for one in order:
            choice = int(one)
            if not self.more(choice):
                continue
            if self.fits(choice):
                self.add(choice)
            elif self.problem.needs_earlier[choice] and choice not in self.chosen:
                self._with_first(choice)

    def _with_first(self, choice: int) -> None:
        """Add a choice after an earlier one it needs, if both fit."""
        for one in self.index.earlier(choice):
            if int(one) not in self.chosen and self.fits(int(one)):
                self.add(int(one))
                if self.fits(choice):
                    self.add(choice)
                    return
                self.drop(int(one))

    def take(self, choices: Ints) -> None:
        """Add choices that make a feasible plan, in order of their days."""
        day = self.problem.sessions.day[self.problem.choice_session[choices]]
        for one in choices[np.argsort(day, kind="stable")]:
            if self.fits(int(one)):
                self.add(int(one))

    def trim(self) -> None:
        """Take out what closes nothing, the longest first."""
        hours = self.problem.sessions.hours
        again = True
        while again:
            again = False
            for choice in sorted(self.chosen, key=lambda one: (-int(hours[self.problem.choice_session[one]]), one)):  # fmt: skip
                if self.rests_on(choice):
                    continue
                closed = self.closed
                self.drop(choice)
                if self.closed < closed:
                    self.add(choice)
                elif hours[self.problem.choice_session[choice]]:
                    again = True

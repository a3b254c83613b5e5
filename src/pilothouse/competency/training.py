"""A plan of training from lists to checked lines. Source: docs/domains/competency.md, "Training plan"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.competency.checking import Taken, check
from pilothouse.competency.counting import reasons
from pilothouse.competency.engine import Lists, known
from pilothouse.competency.planning import coded_sessions, problem
from pilothouse.competency.solving import solve
from pilothouse.kernel.errors import UnreadableInput
from pilothouse.kernel.progress import SILENT, Progress

SECONDS = 48.0
"""That the search takes at most."""


@dataclass(frozen=True, slots=True)
class Line:
    """One place taken: session, person, and the shortage that it closes."""

    session: str
    person: str
    closes: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A checked plan. hours_m: in 1 / 1000. bound: no plan closes more. never: evidence that can never count."""

    lines: Sequence[Line]
    closed: int
    left: int
    hours_m: int
    bound: int
    horizon: date
    never: Sequence[tuple[int, str]]

    @property
    def gap(self) -> float:
        """How far from the best the plan can be, as a share of the bound."""
        return (self.bound - self.closed) / self.bound if self.bound else 0.0


def plan(con: duckdb.DuckDBPyConnection, lists: Lists, sessions: pa.Table, hours: int, horizon: date | None = None, progress: Progress = SILENT, seconds: float = SECONDS) -> Planned:  # fmt: skip
    """The best plan found in the time. sessions: see `planning.coded_sessions`; hours in 1 / 1000.

    horizon: default the day after the last session. Raises UnreadableInput if there is no session and no horizon,
    BrokenPlan if the plan does not stand the check.
    """
    last = pc.max(sessions["day"]).as_py()
    if horizon is None and last is None:
        raise UnreadableInput("no session is left to plan, and no --horizon says on which day to judge")
    judged = horizon or last + timedelta(days=1)
    facts = known(con, lists, sessions["skill"])
    coded = coded_sessions(facts, sessions)
    stated = problem(facts, lists.needs, coded, hours, judged)
    found = solve(stated, seconds, progress)
    person = facts.persons.taken(stated.choice_person[found.chosen]).to_pylist()
    session = stated.choice_session[found.chosen]
    taken = [Taken(int(one), who) for one, who in zip(session, person, strict=True)]
    taken.sort(key=lambda one: (one.session, one.person))
    checked = check(con, lists, sessions, taken, hours, judged)
    names = sessions["session"].to_pylist()
    lines = [Line(names[one.session], one.person, closes) for one, closes in zip(taken, checked.closes, strict=True)]  # fmt: skip
    return Planned(lines, checked.closed, checked.short_before - checked.closed, checked.hours, max(found.bound, checked.closed), judged, reasons(facts.counting))  # fmt: skip

"""The plan of training: the best there is on small problems, within its bound always, and never one that breaks a rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilothouse.competency.bounds import bound, simple_bound, tightened
from pilothouse.competency.checking import BrokenPlan, Taken, check
from pilothouse.competency.engine import known
from pilothouse.competency.plan import Index, Plan
from pilothouse.competency.planning import coded_sessions, problem
from pilothouse.competency.relaxing import Program
from pilothouse.competency.solving import families, solve
from pilothouse.competency.stated import Problem
from pilothouse.competency.training import plan
from pilothouse.kernel.duck import engine
from tests.competency.slow_coverage import Assigned, Away, Need, Proof, SkillRow, World
from tests.competency.worlds import AT, lists


@dataclass(frozen=True)
class Session:
    name: str
    skill: str
    level: int
    day: date
    hours: int = 1
    places: int = 2


def table(sessions: Sequence[Session]) -> pa.Table:
    return pa.table({
        "session": pa.array([one.name for one in sessions], pa.string()), "skill": pa.array([one.skill for one in sessions], pa.string()),
        "level": pa.array([one.level for one in sessions], pa.int64()), "day": pa.array([one.day for one in sessions], pa.date32()),
        "hours": pa.array([one.hours * 1000 for one in sessions], pa.int64()), "places": pa.array([one.places for one in sessions], pa.int64()),
    })  # fmt: skip


def after(days: int) -> date:
    return AT + timedelta(days)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with engine(200, 1) as connection:
        yield connection


# --- A slow second implementation: every plan there is, judged by the slow coverage -----------------------------


def may(world: World, rows: Sequence[Session], chosen: Sequence[tuple[int, str]], hours: int) -> bool:
    """Whether a set of session and person breaks no rule, word for word."""
    if sum(rows[at].hours for at, _ in chosen) > hours:
        return False
    for at, row in enumerate(rows):
        if sum(one == at for one, _ in chosen) > row.places:
            return False
    for at, person in chosen:
        day = rows[at].day
        if sum(rows[other].day == day and who == person for other, who in chosen) > 1:
            return False
        if not any(one.person == person and (one.start is None or one.start <= day) and (one.end is None or day < one.end) for one in world.people):  # fmt: skip
            return False
        if any(one.person == person and (one.start is None or one.start <= day) and (one.end is None or day < one.end) for one in world.away):  # fmt: skip
            return False
        if rows[at].level > 1:
            earlier = [(one, who) for one, who in chosen if rows[one].day < day]
            if not trained(world, rows, earlier).holds(person, rows[at].skill, rows[at].level - 1, day):
                return False
    return True


def trained(world: World, rows: Sequence[Session], chosen: Sequence[tuple[int, str]]) -> World:
    more = tuple(Proof(who, rows[at].skill, rows[at].level, "course", rows[at].day) for at, who in chosen)
    return World(world.people, world.proofs + more, world.needs, world.skills, world.roster, world.away)


def closed(world: World, rows: Sequence[Session], chosen: Sequence[tuple[int, str]], horizon: date) -> int:
    then = trained(world, rows, chosen)
    found = 0
    for need in world.needs:
        had = set(world.measured(need, horizon)[1])
        new = set(then.measured(need, horizon)[1]) - had
        found += min(world.short(need, horizon), len(new))
    return found


def best(world: World, rows: Sequence[Session], hours: int, horizon: date) -> tuple[int, int]:
    """The most that any plan closes, and the fewest hours in which it is closed."""
    people = sorted({one.person for one in world.people})
    every = [(at, person) for at in range(len(rows)) for person in people]
    found = (0, 0)
    for size in range(len(every) + 1):
        for chosen in combinations(every, size):
            if may(world, rows, chosen, hours):
                found = max(
                    found, (closed(world, rows, chosen, horizon), -sum(rows[at].hours for at, _ in chosen))
                )
    return found[0], -found[1]


_people = st.lists(st.builds(Assigned, st.sampled_from(["Ana", "Ben", "Cy"]), st.sampled_from(["ICU", "OR"]), st.just("user"), st.none(), st.sampled_from([None, None, after(3), after(30)])), min_size=1, max_size=3, unique_by=lambda one: one.person)  # fmt: skip
_proofs = st.lists(st.builds(Proof, st.sampled_from(["Ana", "Ben", "Cy"]), st.sampled_from(["pump", "infusion"]), st.sampled_from([1, 2]), st.just("course"), st.just(after(-50)), st.sampled_from([None, after(2), after(40)])), max_size=3)  # fmt: skip
_needs = st.lists(st.builds(Need, st.sampled_from(["ICU", "OR"]), st.none(), st.sampled_from(["pump", "pump", "infusion"]), st.sampled_from([1, 2, 2, 3]), st.sampled_from([1, 2])), min_size=1, max_size=3)  # fmt: skip
_sessions = st.lists(st.tuples(st.sampled_from(["pump", "pump", "infusion"]), st.sampled_from([1, 2, 2, 3]), st.sampled_from([1, 2, 3, 3, 5]), st.sampled_from([1, 2, 4]), st.sampled_from([1, 2])), min_size=1, max_size=3)  # fmt: skip
_skills = st.sampled_from([(), (SkillRow("pump", parent="infusion"),), (SkillRow("pump", parent="infusion", own=True, refresher=3),), (SkillRow("pump", refresher=2),)])  # fmt: skip


@given(_people, _proofs, _needs, _sessions, _skills, st.sampled_from([0, 2, 4, 40]), st.booleans(), st.sampled_from([None, 4, 20]))  # fmt: skip
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_small_plans_are_as_good_as_the_best_of_all_plans(con: duckdb.DuckDBPyConnection, people: list[Assigned], proofs: list[Proof], needs: list[Need], sessions: list[tuple[str, int, int, int, int]], skills: tuple[SkillRow, ...], hours: int, away: bool, horizon: int | None) -> None:  # fmt: skip
    world = World(tuple(people), tuple(proofs), tuple(needs), skills, None, (Away("Ana", after(2), after(4)),) if away else ())  # fmt: skip
    rows = [Session(f"S{at}", skill, level, after(day), lasts, places) for at, (skill, level, day, lasts, places) in enumerate(sessions)]  # fmt: skip
    judged = after(horizon) if horizon else max(one.day for one in rows) + timedelta(1)
    planned = plan(con, lists(world), table(rows), hours * 1000, judged)
    chosen = [(next(at for at, row in enumerate(rows) if row.name == line.session), line.person) for line in planned.lines]  # fmt: skip
    assert may(world, rows, chosen, hours)
    assert closed(world, rows, chosen, judged) == planned.closed
    assert (planned.closed, planned.hours_m / 1000) == best(world, rows, hours, judged)
    assert planned.bound == planned.closed
    assert sum(line.closes for line in planned.lines) == planned.closed


# --- The independent check ------------------------------------------------------------------------------------------

WORLD = World(
    (Assigned("Ana", "ICU"), Assigned("Ben", "ICU", "user", None, after(5))),
    (Proof("Ana", "pump", 1, "course", after(-9)),),
    (Need("ICU", None, "pump", 2, 2),),
    away=(Away("Ana", after(3), after(4)),),
)
ROWS = [Session("S0", "pump", 1, after(1)), Session("S1", "pump", 2, after(2), places=1), Session("S2", "pump", 2, after(3)), Session("S3", "pump", 2, after(6)), Session("S4", "pump", 1, after(2))]  # fmt: skip


@pytest.mark.parametrize(
    ("taken", "hours", "said"),
    [
        ([(1, "Ana"), (0, "Ben"), (1, "Ben")], 9, "2 people for 1 places"),
        ([(1, "Ana"), (4, "Ana")], 9, "Ana: 2 sessions"),
        ([(1, "Ana"), (0, "Ben")], 1, "2 hours are taken, 1 may be"),
        ([(3, "Ben")], 9, "Ben is assigned nowhere"),
        ([(2, "Ana")], 9, "Ana is absent"),
        ([(1, "Ben")], 9, "Ben does not hold pump at the level below"),
        ([(4, "Ben"), (1, "Ben")], 9, "Ben: 2 sessions"),
    ],
)
def test_a_plan_that_breaks_a_rule_is_refused(con: duckdb.DuckDBPyConnection, taken: list[tuple[int, str]], hours: int, said: str) -> None:  # fmt: skip
    with pytest.raises(BrokenPlan, match=said):
        check(con, lists(WORLD), table(ROWS), [Taken(*one) for one in taken], hours * 1000, after(7))


def test_a_session_is_not_what_it_needs_itself(con: duckdb.DuckDBPyConnection) -> None:
    rows = [Session("S0", "pump", 3, after(1))]
    with pytest.raises(BrokenPlan, match="level below"):
        check(con, lists(WORLD), table(rows), [Taken(0, "Ana")], 9000, after(7))


def test_an_earlier_planned_session_prepares_for_a_later_one(con: duckdb.DuckDBPyConnection) -> None:
    world = World((Assigned("Ben", "ICU"),), (), (Need("ICU", None, "pump", 2, 1),))
    checked = check(con, lists(world), table(ROWS), [Taken(0, "Ben"), Taken(1, "Ben")], 9000, after(7))
    assert (checked.closes, checked.closed, checked.hours) == ([0, 1], 1, 2000)


# --- Bounds and families ----------------------------------------------------------------------------------------------


def crowd(con: duckdb.DuckDBPyConnection, hours: int = 14) -> Problem:
    """Thirty people, three skills without a word to each other, sessions that many want."""
    people = tuple(Assigned(f"P{at:02d}", f"W{at % 4}") for at in range(30))
    proofs = tuple(Proof(f"P{at:02d}", f"skill {at % 3}", 1, "course", after(-9)) for at in range(0, 30, 2))
    needs = tuple(Need(f"W{ward}", None, f"skill {at}", level, 3) for ward in range(4) for at in range(3) for level in (1, 2))  # fmt: skip
    rows = [
        Session(f"S{at}", f"skill {at % 3}", 1 + at % 2, after(1 + at % 4), 1 + at % 3, 3) for at in range(12)
    ]
    world = lists(World(people, proofs, needs))
    facts = known(con, world)
    return problem(facts, world.needs, coded_sessions(facts, table(rows)), hours * 1000, after(9))


def test_every_bound_lies_above_the_optimum(con: duckdb.DuckDBPyConnection) -> None:
    stated = crowd(con)
    solved = solve(stated)
    index = Index(stated)
    optimum = Plan(index)
    optimum.take(solved.chosen)
    assert optimum.closed == solved.bound
    relaxed = Program(stated, solved.chosen, np.zeros(len(solved.chosen))).relaxed(5)  # fmt: skip
    assert relaxed.multipliers is not None
    assert bound(index, relaxed.multipliers) >= optimum.closed - 1e-6  # of a part only, yet a bound of all
    assert bound(index, tightened(index, relaxed.multipliers)) >= optimum.closed - 1e-6
    assert simple_bound(index) >= optimum.closed


def test_the_relaxation_of_all_choices_is_the_bound_its_multipliers_give(
    con: duckdb.DuckDBPyConnection,
) -> None:
    stated = crowd(con)
    every = Program(stated, pa.array(range(stated.choices)).to_numpy(), np.zeros(stated.choices))
    answer = every.relaxed(5)
    assert answer.multipliers is not None
    assert bound(Index(stated), answer.multipliers) == pytest.approx(answer.closed, abs=1e-5)


def test_the_search_by_families_finds_the_optimum_too(con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    stated = crowd(con)
    whole = solve(stated)
    monkeypatch.setattr("pilothouse.competency.solving.SMALL", 0)
    parts = solve(stated, 5)
    plans = []
    for found in (whole, parts):
        made = Plan(Index(stated))
        made.take(found.chosen)
        plans.append(made.closed)
    assert plans[1] >= plans[0] - 1
    assert parts.bound >= plans[0]


def test_skills_without_a_word_to_each_other_are_families_of_their_own(
    con: duckdb.DuckDBPyConnection,
) -> None:
    stated = crowd(con)
    groups = families(stated)
    assert sorted(one for group in groups for one in group.tolist()) == list(range(stated.choices))
    assert len(groups) == 3
    assert all(len(set((stated.choice_session[group] % 3).tolist())) == 1 for group in groups)


def test_a_plan_takes_nothing_twice_and_drops_what_closes_nothing(con: duckdb.DuckDBPyConnection) -> None:
    stated = crowd(con, hours=1000)
    made = Plan(Index(stated))
    made.fill(pa.array(range(stated.choices)).to_numpy())
    before = made.closed
    made.trim()
    assert made.closed == before
    for choice in list(made.chosen):
        if not made.rests_on(choice):
            made.drop(choice)
            assert made.closed < before
            made.add(choice)

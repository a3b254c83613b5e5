"""An independent check of a plan: every rule of who may take which session, and what it closes, counted anew.

It shares nothing with the search but the facts: planned sessions are added to the evidence as courses, and the coverage
of the horizon is computed again from that. Source: docs/domains/competency.md, "Training plan".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.competency.counting import ordinals
from pilothouse.competency.engine import Lists, coverage, known
from pilothouse.competency.holding import held
from pilothouse.competency.rules import Skill, chain
from pilothouse.competency.spans import Ints, meeting
from pilothouse.kernel.errors import PilothouseError


class BrokenPlan(PilothouseError):
    """A plan that breaks a rule: an error of ours, and nothing is written."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One place taken: the session's place in the list, and the person."""

    session: int
    person: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a plan comes to. closes: of each place taken, the shortage it closes; hours in 1 / 1000."""

    closes: Sequence[int]
    closed: int
    short_before: int
    hours: int


def check(con: duckdb.DuckDBPyConnection, lists: Lists, sessions: pa.Table, plan: Sequence[Taken], hours: int, horizon: date) -> Checked:  # fmt: skip
    """Count the plan anew. hours: that may be taken, in 1 / 1000. Raises BrokenPlan, naming session and person."""
    rows = sessions.to_pylist()
    _limits(rows, plan, hours)
    _present(lists, rows, plan)
    _prepared(con, lists, rows, plan)
    before = coverage(known(con, lists), lists.needs, horizon).table
    trained = Lists(lists.people, _with(lists.evidence, rows, plan), lists.needs, lists.skills, lists.roster, lists.absences)  # fmt: skip
    after = coverage(known(con, trained), lists.needs, horizon).table
    short = before["short"].to_numpy()
    new = after["have"].to_numpy() - before["have"].to_numpy()
    closed = np.minimum(short, new)
    closes = _credited(before, after, closed, lists, rows, plan)
    return Checked(
        closes, int(closed.sum()), int(short.sum()), sum(rows[one.session]["hours"] for one in plan)
    )


def _limits(rows: Sequence[dict[str, object]], plan: Sequence[Taken], hours: int) -> None:
    """Places, one session a person and day, and hours in all."""
    places = Counter(one.session for one in plan)
    for session, many in places.items():
        if many > int(str(rows[session]["places"])):
            raise BrokenPlan(f"session {rows[session]['session']}: {many} people for {rows[session]['places']} places")  # fmt: skip
    days = Counter((one.person, rows[one.session]["day"]) for one in plan)
    for (person, day), many in days.items():
        if many > 1:
            raise BrokenPlan(f"{person}: {many} sessions on {day}")
    taken = sum(int(str(rows[one.session]["hours"])) for one in plan)
    if taken > hours:
        raise BrokenPlan(f"{taken / 1000:g} hours are taken, {hours / 1000:g} may be")


def _present(lists: Lists, rows: Sequence[dict[str, object]], plan: Sequence[Taken]) -> None:
    """Assigned anywhere, and not absent, on the day."""
    people = {one.person for one in plan}
    assigned = _spans(lists.people, people)
    away = _spans(lists.absences, people)
    for one in plan:
        day = rows[one.session]["day"]
        assert isinstance(day, date)
        if not any(start <= day < end for start, end in assigned.get(one.person, ())):
            raise BrokenPlan(f"{one.person} is assigned nowhere on {day}")
        if any(start <= day < end for start, end in away.get(one.person, ())):
            raise BrokenPlan(f"{one.person} is absent on {day}")


def _spans(table: pa.Table, people: set[str]) -> dict[str, list[tuple[date, date]]]:
    found: dict[str, list[tuple[date, date]]] = {}
    mine = table.filter(pc.is_in(table["person"], value_set=pa.array(sorted(people), pa.string())))
    for person, start, end in zip(mine["person"].to_pylist(), mine["from"].to_pylist(), mine["to"].to_pylist(), strict=True):  # fmt: skip
        found.setdefault(person, []).append((start or date.min, end or date.max))
    return found


def _prepared(con: duckdb.DuckDBPyConnection, lists: Lists, rows: Sequence[dict[str, object]], plan: Sequence[Taken]) -> None:  # fmt: skip
    """The level below is held on the day, by the evidence and what is planned on earlier days."""
    higher = [one for one in plan if int(str(rows[one.session]["level"])) > 1]
    if not higher:
        return
    # A session counts for others only from the day after its own: it cannot be what it needs itself.
    evidence = _with(lists.evidence, rows, plan, later_d=1, skills=lists.skills)
    facts = known(con, Lists(lists.people, evidence, lists.needs, lists.skills, lists.roster, lists.absences))
    wanted = sorted({(str(rows[one.session]["skill"]), int(str(rows[one.session]["level"])) - 1) for one in higher})  # fmt: skip
    skill = facts.skills.names.codes(pa.array([name for name, _ in wanted], pa.string()))
    spans = held(facts.counting, facts.skills, skill, np.array([level for _, level in wanted], np.int64))
    person = facts.persons.codes(pa.array([one.person for one in higher], pa.string()))
    which = np.array([wanted.index((str(rows[one.session]["skill"]), int(str(rows[one.session]["level"])) - 1)) for one in higher])  # fmt: skip
    day = ordinals(pa.array([rows[one.session]["day"] for one in higher], pa.date32()), 0)
    found, _ = meeting(person * len(wanted) + which, day, day + 1, spans)
    for at in sorted(set(range(len(higher))) - set(found.tolist())):
        row = rows[higher[at].session]
        raise BrokenPlan(f"session {row['session']}: {higher[at].person} does not hold {row['skill']} at the level below on {row['day']}")  # fmt: skip


def _with(evidence: pa.Table, rows: Sequence[dict[str, object]], plan: Sequence[Taken], later_d: int = 0, skills: Mapping[str, Skill] | None = None) -> pa.Table:  # fmt: skip
    """The evidence with each place taken as a course got on its day, or some days later with the same end."""
    names = ("person", "skill", "level", "kind", "got", "expires", "assessor", "withdrawn")
    more = []
    for one in plan:
        row = rows[one.session]
        day, skill = row["day"], str(row["skill"])
        assert isinstance(day, date)
        refresher = skills[skill].refresher_d if skills and skill in skills else None
        end = day + timedelta(refresher) if later_d and refresher else None
        more.append((one.person, skill, row["level"], "course", day + timedelta(later_d), end, None, None))
    kinds = {"level": pa.int64(), "got": pa.date32(), "expires": pa.date32(), "withdrawn": pa.date32()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    added = pa.table([pa.array([row[at] for row in more], field.type) for at, field in enumerate(schema)], schema=schema)  # fmt: skip
    return pa.concat_tables([evidence.select(names).cast(schema), added])


def _credited(before: pa.Table, after: pa.Table, closed: Ints, lists: Lists, rows: Sequence[dict[str, object]], plan: Sequence[Taken]) -> list[int]:  # fmt: skip
    """Each closed shortage is credited once: to the first session by which one of the new holders gets there."""
    closes = [0] * len(plan)
    by_person: dict[str, list[int]] = {}
    for at, one in enumerate(plan):
        by_person.setdefault(one.person, []).append(at)
    for places in by_person.values():
        places.sort(key=lambda at: str(rows[plan[at].session]["day"]))
    for need in np.flatnonzero(closed > 0):
        row = {name: before[name][int(need)].as_py() for name in ("skill", "level", "holders")}
        had = set(row["holders"].split(";"))
        fresh = [name for name in after["holders"][int(need)].as_py().split(";") if name not in had]
        counting = set(chain(lists.skills, row["skill"]))
        for person in fresh[: int(closed[need])]:
            able = [at for at in by_person.get(person, []) if rows[plan[at].session]["skill"] in counting and int(str(rows[plan[at].session]["level"])) >= row["level"]]  # fmt: skip
            if able:
                closes[able[-1]] += 1
    return closes

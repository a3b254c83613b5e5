"""Coverage: who is short today, what breaks when, where one person stands alone; and what every person holds.

Relations in, relations out. Source: docs/domains/competency.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pilothouse.competency.counting import (
    Counting,
    Names,
    Skills,
    coded_skills,
    count,
    dates,
    names,
    reasons,
)
from pilothouse.competency.holding import held, held_on
from pilothouse.competency.presence import Places, Staff, present, staff
from pilothouse.competency.rules import Skill
from pilothouse.competency.spans import Ints, Spans
from pilothouse.competency.sweeping import Found, Groups, Holders, Needs, sweep, windowed


@dataclass(frozen=True, slots=True)
class Lists:
    """What is known, as relations without anything that was rejected.

    people: person, unit, ladder VARCHAR, from, to DATE. evidence: person, skill VARCHAR, level BIGINT, kind VARCHAR,
    got, expires DATE, assessor VARCHAR, withdrawn DATE. needs: unit, shift, skill VARCHAR, level, people BIGINT, share
    BIGINT (in 1 / sweeping.WHOLE). roster: person, unit, shift, from, to, or None where none is given. absences:
    person, from, to. Null is empty.
    """

    people: pa.Table
    evidence: pa.Table
    needs: pa.Table
    skills: Mapping[str, Skill]
    roster: pa.Table | None
    absences: pa.Table


@dataclass(frozen=True, slots=True)
class Known:
    """The lists in numbers: names, skills, the evidence that counts, and the staff."""

    persons: Names
    units: Names
    shifts: Names
    skills: Skills
    counting: Counting
    staff: Staff


def known(con: duckdb.DuckDBPyConnection, lists: Lists, *skill_columns: pa.ChunkedArray) -> Known:
    """Names to numbers, and which evidence counts. The skills have no circle. skill_columns: of further lists."""
    evidence, people, roster = lists.evidence, lists.people, lists.roster
    on = [roster] if roster is not None else []
    persons = names(people["person"], evidence["person"], evidence["assessor"], lists.absences["person"], *(r["person"] for r in on))  # fmt: skip
    units = names(people["unit"], lists.needs["unit"], *(r["unit"] for r in on))
    shifts = names(lists.needs["shift"], *(r["shift"] for r in on))
    skills = coded_skills(lists.skills, evidence["skill"], lists.needs["skill"], *skill_columns)
    counting = count(con, evidence, persons, skills)
    return Known(persons, units, shifts, skills, counting, staff(people, roster, lists.absences, persons, units, shifts))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Demands:
    """The needs in numbers beside the places and the skills and levels they name."""

    needs: Needs
    places: Places
    skill: Ints
    level: Ints


def demands(facts: Known, needs: pa.Table) -> Demands:
    """Places and wanted skills, each once."""
    shift = facts.shifts.codes(needs["shift"])
    if facts.staff.rostered is None:
        shift = np.full(len(shift), -1, np.int64)
    place, where = _distinct(facts.units.codes(needs["unit"]), shift + 1, len(facts.shifts) + 1)
    level = needs["level"].cast(pa.int64()).to_numpy()
    skill = facts.skills.names.codes(needs["skill"])
    demand, what = _distinct(skill, level, int(level.max(initial=0)) + 1)
    people = pc.fill_null(needs["people"].cast(pa.int64()), -1).to_numpy()
    share = pc.fill_null(needs["share"].cast(pa.int64()), 0).to_numpy()
    coded = Needs(place, demand, people, share, facts.skills.technician[skill])
    return Demands(coded, Places(where[0], where[1] - 1), what[0], what[1])


def _distinct(one: Ints, other: Ints, width: int) -> tuple[Ints, tuple[Ints, Ints]]:
    """Pairs of numbers as one number each, counted without gaps; and the pairs. 0 <= other < width."""
    code = one * width + other
    top = int(code.max(initial=-1)) + 1
    if top <= 50_000_000:
        seen = np.zeros(top, bool)
        seen[code] = True
        distinct = np.flatnonzero(seen)
        number = np.cumsum(seen, dtype=np.int64)[code] - 1
    else:
        distinct, number = np.unique(code, return_inverse=True)
    return number.astype(np.int64), (distinct // width, distinct % width)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What came out. table: the columns of coverage.csv, in the order of the needs.

    never: place in the evidence and why it can never count. most: for each need, how many are ever at its place at
    once. empty: for each need, whether nobody whose ladder is the skill's is ever there. present: how many are there today.
    """

    table: pa.Table
    never: Sequence[tuple[int, str]]
    most: Ints
    empty: Ints
    present: Ints


def coverage(facts: Known, needs: pa.Table, at: date) -> Coverage:
    """Every need on the day: needed, have, short, breaks_on, single, holders."""
    wanted = demands(facts, needs)
    there, groups, most, present_today = _there(facts.staff, wanted, at.toordinal())
    holds = windowed(held(facts.counting, facts.skills, wanted.skill, wanted.level), at.toordinal())
    found, holders = sweep(wanted.needs, there, holds, groups, len(facts.persons), len(wanted.skill))
    place, ladder = wanted.needs.place, wanted.needs.technician
    of_ladder = groups.most()[place * 2 + ladder]
    return Coverage(_table(facts, needs, found, holders, at), reasons(facts.counting), most[place], (of_ladder == 0).astype(np.int64), present_today[place])  # fmt: skip


def _there(staff: Staff, wanted: Demands, at: int) -> tuple[Spans, Groups, Ints, Ints]:
    """Who is where within the time watched; the groups by ladder; by place the most ever there at once, and today."""
    people, places = staff.people, len(wanted.places)
    there = windowed(present(staff, wanted.places), at)
    by_ladder = [windowed(present(staff, wanted.places, ladder), at) for ladder in (0, 1)]
    both = Spans(*(np.concatenate([getattr(one, name) for one in by_ladder]) for name in ("key", "start", "end")))  # fmt: skip
    width = max(people, 1)
    ladder = np.repeat(np.arange(2, dtype=np.int64), [len(one) for one in by_ladder])
    groups = Groups(Spans((both.key // width * 2 + ladder) * width + both.key % width, both.start, both.end), people, places)  # fmt: skip
    all_of_place = Groups(Spans(there.key // width * 2 * width + there.key % width, there.start, there.end), people, places)  # fmt: skip
    return there, groups, all_of_place.most()[::2], all_of_place.today[::2]


def _table(facts: Known, needs: pa.Table, found: Found, holders: Holders, at: date) -> pa.Table:
    broken = found.breaks >= 0
    return pa.table({
        "unit": needs["unit"], "shift": needs["shift"], "skill": needs["skill"], "level": needs["level"],
        "needed": found.needed, "have": found.have, "short": np.maximum(found.needed - found.have, 0),
        "breaks_on": dates(np.where(broken, at.toordinal() + found.breaks, date.max.toordinal() + 1)),
        "single": pc.if_else(pa.array((found.needed >= 1) & (found.have == 1)), "yes", ""),
        "holders": _joined(facts.persons, holders),
    })  # fmt: skip


def _joined(persons: Names, holders: Holders) -> pa.Array:
    """The holders of each need, by name, joined by `;`."""
    some = np.flatnonzero(holders.many)
    order = some[np.argsort(holders.first[some], kind="stable")]
    # Needs of one place and skill share their holders: each list is joined once.
    first, share = np.unique(holders.first[order], return_index=True)
    many = holders.many[order][share]
    offsets = np.append(0, np.cumsum(many)).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(offsets), persons.taken(holders.person))
    texts = pc.binary_join(lists, ";")
    place = np.full(len(holders.many), -1, np.int64)
    place[some] = np.searchsorted(first, holders.first[some])
    return pc.fill_null(texts.take(pa.array(place, mask=place < 0)), "")


def holdings(con: duckdb.DuckDBPyConnection, facts: Known, evidence: pa.Table, at: date) -> pa.Table:
    """What every person holds on the day: person, skill, level, held_until, basis. Sorted by person and skill.

    basis: kind and day of the evidence that carries the level furthest, and its skill where that is a parent.
    """
    found = held_on(con, facts.counting, facts.skills, at.toordinal())
    rows = pa.array(found.evidence)
    on_parent = pa.array(found.distance > 0)
    got = evidence["got"].cast(pa.string()).take(rows)
    words = pc.binary_join_element_wise(evidence["kind"].cast(pa.string()).take(rows), got, " ")
    parent = pc.if_else(on_parent, pc.binary_join_element_wise(" on ", evidence["skill"].cast(pa.string()).take(rows), ""), "")  # fmt: skip
    return pa.table({
        "person": facts.persons.taken(found.person), "skill": facts.skills.names.taken(found.skill), "level": found.level,
        "held_until": dates(found.until), "basis": pc.binary_join_element_wise(words, parent, ""),
    })  # fmt: skip

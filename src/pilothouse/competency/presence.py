"""Who is present where and when: assigned to the unit, on the shift, not absent.

Source: docs/domains/competency.md, "Who is present".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pilothouse.competency.counting import Names, ordinals
from pilothouse.competency.spans import ALWAYS, OPEN, Ints, Spans, common, expanded, together, united, without


@dataclass(frozen=True, slots=True)
class Places:
    """Where needs are: unit and shift by number; shift -1 where the assignment is enough."""

    unit: Ints
    shift: Ints

    def __len__(self) -> int:
        return len(self.unit)


@dataclass(frozen=True, slots=True)
class Staff:
    """Assignments, roster and absences in numbers; rostered is None where no roster is given."""

    people: int
    person: Ints
    unit: Ints
    technician: Ints
    start: Ints
    end: Ints
    rostered: tuple[Ints, Ints, Ints, Ints, Ints] | None
    absent: Spans


def staff(people: pa.Table, roster: pa.Table | None, absences: pa.Table, persons: Names, units: Names, shifts: Names) -> Staff:  # fmt: skip
    """The lists in numbers. people: person, unit, ladder, from, to; roster: person, unit, shift, from, to; absences: person, from, to."""
    rostered = None
    if roster is not None:
        rostered = (persons.codes(roster["person"]), units.codes(roster["unit"]), shifts.codes(roster["shift"]), *_days(roster))  # fmt: skip
    technician = (np.array(people["ladder"].to_pylist()) == "technician").astype(np.int64)
    return Staff(len(persons), persons.codes(people["person"]), units.codes(people["unit"]), technician, *_days(people), rostered, united(persons.codes(absences["person"]), *_days(absences)))  # fmt: skip


def _days(table: pa.Table) -> tuple[Ints, Ints]:
    return ordinals(table["from"], ALWAYS), ordinals(table["to"], OPEN)


def present(staff: Staff, places: Places, technician: int | None = None) -> Spans:
    """When who is present at which place; key is place * people + person.

    technician: only assignments on that ladder (1) or the other (0).
    """
    many = staff.people
    chosen = np.ones(len(staff.person), bool) if technician is None else staff.technician == technician
    chosen &= staff.unit >= 0
    assigned = united(staff.unit[chosen] * many + staff.person[chosen], staff.start[chosen], staff.end[chosen])  # fmt: skip
    plain = np.flatnonzero(places.shift < 0)
    there = _of_units(assigned, places.unit[plain], plain, many)
    if staff.rostered is not None and len(plain) < len(places):
        there = together(there, _on_shift(staff, places, assigned))
    return without(there, there.key % max(many, 1), staff.absent)


def _of_units(assigned: Spans, units: Ints, places: Ints, many: int) -> Spans:
    """The assignments of each place's unit."""
    lo, hi = np.searchsorted(assigned.key, units * many), np.searchsorted(assigned.key, (units + 1) * many)
    whose, nth = expanded(hi - lo)
    at = lo[whose] + nth
    return united(places[whose] * many + assigned.key[at] % max(many, 1), assigned.start[at], assigned.end[at])  # fmt: skip


def _on_shift(staff: Staff, places: Places, assigned: Spans) -> Spans:
    """Who is on the roster of a place, while assigned to its unit."""
    assert staff.rostered is not None
    person, unit, shift, start, end = staff.rostered
    shifts = int(max(places.shift.max(initial=0), shift.max(initial=0))) + 1
    wanted = np.flatnonzero(places.shift >= 0)
    code = places.unit[wanted] * shifts + places.shift[wanted]
    order = np.argsort(code)
    known = code[order]
    mine = np.where((unit < 0) | (shift < 0), -1, unit * shifts + shift)
    at = np.minimum(np.searchsorted(known, mine), len(known) - 1)
    hit = known[at] == mine
    place = wanted[order][at[hit]]
    on = united(place * staff.people + person[hit], start[hit], end[hit])
    return common(on, places.unit[on.key // staff.people] * staff.people + on.key % staff.people, assigned)

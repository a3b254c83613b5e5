"""Who works where: the people of the chain of command who use or repair devices, and their colleagues."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate

from pilothouse.demo.chain import Files, chain_of
from pilothouse.demo.dice import Dice
from pilothouse.demo.people import full_name
from pilothouse.demo.places import FACILITIES, UNITS, Facility, Unit
from pilothouse.demo.training.skills import DAY, DAY_ONLY, NIGHT

USER, TECHNICIAN = "user", "technician"
_TECHNICIANS = 0.07
"""Technicians among the people; by hospital in these parts:"""
_TECHNICIANS_OF = {"NGH": 0.45, "LSM": 0.32, "RCH": 0.23}
_CLUSTERS = {"NGH": 2, "LSM": 2, "RCH": 1}
"""Into how many groups of units a hospital's technicians part."""
_OFFICES = {"NGH": "NGH-SPD", "LSM": "LSM-REHAB", "RCH": "RCH-CLIN"}
"""Where each hospital's educator and its lead technician have their desk."""
ON_CALL_UNITS = ("NGH-ICU", "NGH-CCU")
"""The units that HTM on call serves at night."""

_LEAST = 3
"""People in the smallest unit."""

Span = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class Member:
    """Someone who works at the hospitals. shift: of the standing roster, empty for those on none.

    since, until: the assignment; until None: open. away: the absences known today.
    moves_on: the day from which the other shift is theirs, if it is known.
    """

    person: str
    name: str
    role: str
    ladder: str
    units: tuple[str, ...]
    shift: str
    since: date
    until: date | None
    away: tuple[Span, ...]
    moves_on: date | None

    def present(self, unit: str, day: date) -> bool:
        """Whether this person is assigned to the unit and not absent on this day."""
        assigned = unit in self.units and self.since <= day and (self.until is None or day < self.until)
        return assigned and not any(start <= day and (end is None or day < end) for start, end in self.away)

    def shift_on(self, day: date) -> str:
        """The shift of the standing roster on this day."""
        if self.moves_on is None or day < self.moves_on:
            return self.shift
        return NIGHT if self.shift == DAY else DAY


class Crew:
    """Everyone of one demo. count: how many people, those of the chain who take part among them."""

    def __init__(self, seed: int, as_of: date, count: int) -> None:
        self._seed, self.as_of, self.count = seed, as_of, count
        self._dice = Dice(seed)
        self._files, staff = chain_of(seed, as_of)
        self._next = len(staff.hired)
        self._names = {person.key: person.name for person in staff.hired}
        self._offices = _appointed(self._files)
        self._nights = sorted({line[1] for line in self._files.roster if line[0] == "HTM-NGH"})
        self.members: list[Member] = [*self._leads(), *self._technicians(round(count * _TECHNICIANS))]
        self.members += self._users(count - len(self.members))

    def members_of(self, unit: str) -> list[Member]:
        """Everyone who is, was or will be assigned to a unit."""
        return self._by_unit.get(unit, [])

    @cached_property
    def _by_unit(self) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {}
        for one in self.members:
            for unit in one.units:
                found.setdefault(unit, []).append(one)
        return found

    @cached_property
    def educators(self) -> dict[str, str]:
        """By hospital who signs off users: may assess every skill of the user ladder."""
        return {one.units[0][:3]: one.person for one in self.members if one.role == "clinical educator"}

    @cached_property
    def leads(self) -> dict[str, str]:
        """By hospital who signs off technicians."""
        return {one.units[0][:3]: one.person for one in self.members if one.role == "lead technician"}

    def on_call(self) -> tuple[tuple[str, date], ...]:
        """Who of HTM is on call in which night, as the chain of command has it."""
        return self._on_call

    @cached_property
    def _on_call(self) -> tuple[tuple[str, date], ...]:
        nights = (line for line in self._files.roster if line[0] == "HTM-NGH")
        return tuple((line[1], date.fromisoformat(line[2][:10])) for line in nights)

    def _leads(self) -> Iterator[Member]:
        """Each hospital's educator and lead technician: those of the chain where there are any."""
        educators = self._offices.get("EDU", [])
        for place, facility in enumerate(FACILITIES):
            desk = (_OFFICES[facility.key],)
            person = educators[place] if place < len(educators) else None
            yield self._member("clinical educator", USER, desk, "", person, steady=True)
            yield self._member("lead technician", TECHNICIAN, desk, "", self._offices[f"HTM-{facility.key}"][0], steady=True)  # fmt: skip

    def _technicians(self, count: int) -> Iterator[Member]:
        for facility in FACILITIES:
            chained = [
                *self._offices[f"HTM-{facility.key}"][1:],
                *self._offices.get(f"IMG-{facility.key}", []),
            ]
            groups = clusters(facility)
            if facility.key == "NGH":
                for night in self._nights:
                    yield self._member("technician on call", TECHNICIAN, groups[0], NIGHT, night, steady=True)
            for place in range(max(len(groups) * 4, round(count * _TECHNICIANS_OF[facility.key]))):
                person = chained[place] if place < len(chained) else None
                yield self._member("technician", TECHNICIAN, groups[place % len(groups)], "", person)

    def _users(self, count: int) -> Iterator[Member]:
        """Nurses and others of each unit, as many as its beds ask for: its charge nurses first."""
        for unit, size in zip(UNITS, _shared_out(count), strict=True):
            chained = self._offices.get(f"CN-{unit.key}", [])
            for place in range(size):
                person = chained[place] if place < len(chained) else None
                # Of a charge nurse and deputies the first is on no shift: present whenever a need names none.
                leads_unit = person is not None and place == 0 and self._held(unit)
                role = "charge nurse" if leads_unit else "deputy charge nurse" if person else "nurse"
                yield self._member(role, USER, (unit.key,), "" if leads_unit else _shift_of(unit, place), person, steady=leads_unit)  # fmt: skip

    def _held(self, unit: Unit) -> bool:
        return any(line[1] == f"CN-{unit.key}" and line[2] == "holder" for line in self._files.appointments)

    def _member(self, role: str, ladder: str, units: tuple[str, ...], shift: str, person: str | None, *, steady: bool = False) -> Member:  # fmt: skip
        """The next person, or one of the chain. steady: neither comes nor goes, nor is away but as the chain knows."""
        if person is None:
            person = f"p{self._next + 1:03d}"
            self._names[person] = full_name(self._seed, self._next)
            self._next += 1
        dice, as_of = self._dice.at("member", int(person[1:])), self.as_of
        since, until, moves_on = as_of - timedelta(days=dice.between(40, 4500)), None, None
        fate, soon, away = dice.below(1000), dice.between(8, 110), dice.below(1000)
        if not steady and fate < 14:
            until = as_of - timedelta(days=soon)
            since = min(since, until - timedelta(days=200))
        elif not steady and fate < 26:
            until = as_of + timedelta(days=soon)
        elif not steady and fate < 36:
            since = as_of + timedelta(days=soon)
        elif not steady and shift and fate < 50 and units[0].split("-")[1] not in DAY_ONLY and ladder == USER:
            moves_on = as_of + timedelta(days=soon)
        absences = [_span(line[1], line[2]) for line in self._files.absences if line[0] == person]
        if not steady and away < 30:
            absences.append((as_of - timedelta(days=dice.between(2, 60)), as_of + timedelta(days=dice.between(4, 150))))  # fmt: skip
        elif not steady and away < 50:
            leaves = as_of + timedelta(days=dice.between(5, 100))
            absences.append((leaves, leaves + timedelta(days=dice.between(14, 180))))
        elif not steady and away < 90:
            left = as_of - timedelta(days=dice.between(60, 900))
            absences.append((left, left + timedelta(days=dice.between(7, 50))))
        return Member(person, self._names[person], role, ladder, units, shift, since, until, tuple(absences), moves_on)  # fmt: skip


def clusters(facility: Facility) -> tuple[tuple[str, ...], ...]:
    """The groups of units that a hospital's technicians serve."""
    units = [unit.key for unit in UNITS if unit.facility == facility]
    size = -(-len(units) // _CLUSTERS[facility.key])
    return tuple(tuple(units[start : start + size]) for start in range(0, len(units), size))


def _appointed(files: Files) -> dict[str, list[str]]:
    """By position its present holder and deputies."""
    found: dict[str, list[str]] = {}
    for person, position, _, _, _, until in files.appointments:
        if not until:
            found.setdefault(position, []).append(person)
    return found


def _shared_out(count: int) -> list[int]:
    """How many people each unit has: a few each, the others by beds."""
    beds, rest = sum(unit.beds for unit in UNITS), max(0, count - _LEAST * len(UNITS))
    sizes, before = [], 0
    for upto in accumulate(unit.beds for unit in UNITS):
        reached = round(rest * upto / beds)
        sizes.append(_LEAST + reached - before)
        before = reached
    return sizes


def _shift_of(unit: Unit, place: int) -> str:
    """Five by day to four at night."""
    return DAY if unit.code in DAY_ONLY or place % 9 % 2 == 0 else NIGHT


def _span(start: str, end: str) -> Span:
    return date.fromisoformat(start[:10]), date.fromisoformat(end[:10]) if end else None

"""Who is entitled to what, need by need: most units have enough, and some have believable holes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import ceil

from pilothouse.demo.dice import Dice
from pilothouse.demo.places import UNITS
from pilothouse.demo.training.crew import ON_CALL_UNITS, TECHNICIAN, Crew, Member
from pilothouse.demo.training.skills import NIGHT, Need, Skill, needs, skills

FINE, SHORT, BREAKS, SINGLE = "fine", "short", "breaks", "single"
_FATES = (FINE, SHORT, BREAKS, SINGLE)
_FATE_WEIGHTS = (71, 85, 94, 100)
WITHOUT_SUPER_USER = "LSM-3N"
"""The unit in which nobody is super user of anything."""
_SUPER = 3
_CANDIDATES = 6
"""People of a unit who could become its super users."""
TOP_LEVEL = 4
"""What those who sign others off hold."""
SOON = 90
"""Days: what breaks within them was planted so."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A person's entitlement to a skill at a level, up to the day before `until`."""

    person: str
    skill: Skill
    level: int
    until: date


@dataclass(frozen=True, slots=True)
class Hole:
    """A need with a hole: short today, breaking on `day`, or hanging on one person."""

    need: Need
    kind: str
    day: date | None
    needed: int
    have: int


@dataclass(slots=True)
class Holdings:
    """All grants and declarations of one demo."""

    crew: Crew
    seed: int
    grants: dict[tuple[str, str], list[Grant]] = field(default_factory=dict)
    declared: dict[tuple[str, str], date] = field(default_factory=dict)
    _pools: dict[tuple[str, str], list[Member]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Grant]:
        return (grant for grants in self.grants.values() for grant in grants)

    def pool(self, need: Need) -> list[Member]:
        """Who counts for a need today: present in the unit and, for a need with a shift, on it."""
        key = (need.unit.key, need.shift)
        if key not in self._pools:
            self._pools[key] = list(self._on(need, self.crew.as_of))
        return self._pools[key]

    def _on(self, need: Need, day: date) -> Iterator[Member]:
        """Who counts for a need on a day, by all that is known today."""
        on_call = {person for person, night in self.crew.on_call() if night == day}
        for one in self.crew.members_of(need.unit.key):
            if not one.present(need.unit.key, day):
                continue
            if one.role == "technician on call" and need.shift:
                if need.unit.key in ON_CALL_UNITS and need.shift == NIGHT and one.person in on_call:
                    yield one
            elif not need.shift or one.shift_on(day) == need.shift:
                yield one

    def needed(self, need: Need, present: list[Member] | None = None) -> int:
        """How many must hold it; present: the people of another day than today."""
        if need.people:
            return need.people
        here = self.pool(need) if present is None else present
        staff = sum(one.ladder == need.skill.ladder for one in here)
        return ceil(round(need.share * staff, 9))

    def holds(self, person: str, need: Need, day: date) -> bool:
        """Whether this person holds the need's skill on a day not before as-of."""
        declared = self.declared.get((person, need.skill.name))
        if need.skill.declaration and (declared is None or day >= declared + timedelta(days=365)):
            return False
        return any(
            grant.level >= need.level and day < grant.until
            for skill in need.skill.above()
            for grant in self.grants.get((person, skill.name), ())
        )

    def give(self, grant: Grant) -> None:
        """One entitlement more."""
        self.grants.setdefault((grant.person, grant.skill.name), []).append(grant)

    def holes(self) -> Iterator[Hole]:
        """Every need with a hole, in the order of the needs, from what was given."""
        for need in needs(self.crew.count):
            needed, pool = self.needed(need), self.pool(need)
            have = [one.person for one in pool if self.holds(one.person, need, self.crew.as_of)]
            if needed and len(have) == 1:
                yield Hole(need, SINGLE, None, needed, 1)
            if len(have) < needed:
                yield Hole(need, SHORT, None, needed, len(have))
                continue
            day = self._breaks(need)
            if day is not None:
                yield Hole(need, BREAKS, day, needed, len(have))

    def _breaks(self, need: Need) -> date | None:
        """The first day within SOON on which too few hold it, by all that is known today."""
        for day in sorted(self._changes(need)):
            present = list(self._on(need, day))
            if sum(self.holds(one.person, need, day) for one in present) < self.needed(need, present):
                return day
        return None

    def _changes(self, need: Need) -> set[date]:
        """The days within SOON on which something changes for a need."""
        days: set[date | None] = set()
        for one in self.crew.members_of(need.unit.key):
            days |= {one.since, one.until, one.moves_on, *(edge for span in one.away for edge in span)}
            for skill in need.skill.above():
                days |= {grant.until for grant in self.grants.get((one.person, skill.name), ())}
            if (one.person, need.skill.name) in self.declared:
                days.add(self.declared[one.person, need.skill.name] + timedelta(days=365))
        if need.unit.key in ON_CALL_UNITS and need.shift == NIGHT:
            days |= {night + timedelta(days=after) for _, night in self.crew.on_call() for after in (0, 1)}
        last = self.crew.as_of + timedelta(days=SOON)
        return {day for day in days if day is not None and self.crew.as_of < day <= last}


def sign_offs(crew: Crew) -> Iterator[tuple[str, Skill, date]]:
    """Those who sign others off, each skill of their ladder, and the day of their newest certificate of it."""
    for ladder, people in (("user", crew.educators), (TECHNICIAN, crew.leads)):
        for person in people.values():
            for number, skill in enumerate(one for one in skills().values() if one.ladder == ladder):
                yield (
                    person,
                    skill,
                    crew.as_of - timedelta(days=30 + (number * 53 + int(person[1:]) * 7) % 450),
                )


def holdings(crew: Crew, seed: int) -> Holdings:
    """What everyone is entitled to: filled need by need, the highest level of a unit's skill first."""
    made = Holdings(crew, seed)
    for person, skill, got in sign_offs(crew):
        made.give(Grant(person, skill, TOP_LEVEL, got + timedelta(days=skill.refresher_days)))
    ordered = sorted(enumerate(needs(crew.count)), key=lambda one: -one[1].level)
    for number, need in ordered:
        if need.shift == NIGHT and need.skill.ladder == TECHNICIAN:
            _fill_on_call(made, need)
        else:
            _fill(made, number, need)
    for _, need in ordered:
        _introduce(made, need)
        _bring_along(made, need)
    return made


def _fill(made: Holdings, number: int, need: Need) -> None:
    dice = Dice(made.seed).at("need", number)
    fate = dice.weighted(_FATES, _FATE_WEIGHTS)
    spare, few, lapsed, cluster = 1 + dice.below(4), dice.below(2), dice.below(3), dice.between(9, 84)
    if need.unit.key == WITHOUT_SUPER_USER and need.level == _SUPER:
        fate, lapsed = SHORT, 0
    if need.level > _SUPER and fate != SHORT:
        fate, spare = FINE, 0
    needed = made.needed(need)
    if need.share:
        spare, few = spare + needed // 10, needed // 6
    wanted = {FINE: needed + spare, SHORT: needed - 1 - few, BREAKS: needed + few, SINGLE: needed}[fate]
    order = _order(made, need)
    already = [
        one for one in order if made.holds(one.person, need, made.crew.as_of + timedelta(days=SOON + 1))
    ]
    others = [one for one in order if one not in already]
    coming = max(0, wanted - len(already))
    for place, one in enumerate(others[:coming]):
        soon = fate == BREAKS and place >= coming - max(1 + few, coming // 2)
        _entitle(made, need, one.person, made.crew.as_of + timedelta(days=cluster) if soon else None)
    if need.skill.declaration:
        _declare(made, need, cluster if fate == BREAKS else None)
    _prepare(made, need, others[coming:])
    for one in others[coming : coming + lapsed]:
        until = made.crew.as_of - timedelta(days=_at(made, "lapsed", one.person, need).between(3, 240))
        made.give(Grant(one.person, need.skill, need.level, until))


def _prepare(made: Holdings, need: Need, others: list[Member]) -> None:
    """A few hold the level below a super user's or educator's, so that somebody could take the next step."""
    below = need.level - 1
    asked = any(
        one.unit == need.unit and one.skill == need.skill and one.level == below
        for one in needs(made.crew.count)
    )
    if below < 2 or asked or (below == _SUPER and need.unit.key == WITHOUT_SUPER_USER):
        return
    for one in others[: _CANDIDATES if below < _SUPER else 1]:
        if _at(made, "prepared", one.person, need).chance(0.7):
            made.give(Grant(one.person, need.skill, below, _later(made, need, one.person, below)))


def _fill_on_call(made: Holdings, need: Need) -> None:
    """Everyone on call can do it; what breaks is the roster, which ends within the week."""
    for person in sorted({person for person, _ in made.crew.on_call()}):
        _entitle(made, need, person, None)


def _order(made: Holdings, need: Need) -> list[Member]:
    """The pool in the order in which its people learn this skill: the same for every level and shift of a unit."""
    pool = sorted(
        (one for one in made.pool(need) if one.ladder == need.skill.ladder), key=lambda one: one.person
    )
    if need.level > _SUPER:
        return sorted(pool, key=lambda one: "charge" not in one.role)
    at = f"learn {need.skill.name} {need.unit.key if need.skill.ladder == 'user' else ''}"
    return sorted(pool, key=lambda one: Dice(made.seed).at(at, int(one.person[1:])).share())


def _at(made: Holdings, kind: str, person: str, need: Need) -> Dice:
    return Dice(made.seed).at(f"{kind} {need.skill.name} {need.level}", int(person[1:]))


def _entitle(made: Holdings, need: Need, person: str, until: date | None) -> None:
    """The level asked for, and below a super user's or specialist's the level of those who work with it."""
    ends = until or _later(made, need, person, need.level)
    made.give(Grant(person, need.skill, need.level, ends))
    if need.level >= _SUPER:
        made.give(Grant(person, need.skill, 2, _later(made, need, person, 2)))


def _later(made: Holdings, need: Need, person: str, level: int) -> date:
    """A day well after as-of on which the evidence ends."""
    dice = Dice(made.seed).at(f"until {need.skill.name} {level}", int(person[1:]))
    return made.crew.as_of + timedelta(days=dice.between(130, need.skill.refresher_days - 5))


def _declare(made: Holdings, need: Need, ends_in: int | None) -> None:
    """A unit's yearly declarations, all within some days of one another. ends_in: days until they run out."""
    ago = (
        Dice(made.seed).at("declared", UNITS.index(need.unit)).between(30, 240)
        if ends_in is None
        else 365 - ends_in
    )
    for one in made.pool(need):
        dice = Dice(made.seed).at(f"declares {need.skill.name}", int(one.person[1:]))
        if (one.person, need.skill.name) in made.grants and one.ladder == need.skill.ladder:
            made.declared[one.person, need.skill.name] = made.crew.as_of - timedelta(days=ago - dice.below(9))


def _introduce(made: Holdings, need: Need) -> None:
    """Most of those who hold nothing were introduced to what stands in their unit: level 1."""
    if need.level == 1:
        return
    for one in made.pool(need):
        known = any(
            grant.until > made.crew.as_of for grant in made.grants.get((one.person, need.skill.name), ())
        )
        dice = _at(made, "introduced", one.person, need)
        if one.ladder == need.skill.ladder and not known and dice.chance(0.85):
            until = made.crew.as_of + timedelta(days=dice.between(130, need.skill.refresher_days - 5))
            made.give(Grant(one.person, need.skill, 1, until))


def _bring_along(made: Holdings, need: Need) -> None:
    """Those who are away or yet to come hold most of what the unit asks of everyone."""
    if need.level > 2:
        return
    for one in made.crew.members:
        if (
            need.unit.key not in one.units
            or one.ladder != need.skill.ladder
            or one.present(need.unit.key, made.crew.as_of)
        ):
            continue
        if (one.person, need.skill.name) not in made.grants and _at(made, "brings", one.person, need).chance(
            0.7
        ):
            made.give(Grant(one.person, need.skill, need.level, _later(made, need, one.person, need.level)))

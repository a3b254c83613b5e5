"""Who answers, asked of the tables: the rows that bear on a question go through the same pure rules as files do.

A constant number of queries whatever the size of the chain. Source: docs/domains/governance.md, "As tables".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from pilothouse.core.keeping import among
from pilothouse.core.models import Person as PersonRow
from pilothouse.governance import models as m
from pilothouse.governance.chain import Chain
from pilothouse.governance.loading import Line, Scopes, bearing_on, chain_zone, lines_of
from pilothouse.governance.places import unknown_place
from pilothouse.governance.rules import who
from pilothouse.governance.words import (
    SYSTEM,
    Answer,
    BeforeTheFirstHelm,
    GovernanceError,
    Place,
    Rows,
    Unit,
    UnknownPlace,
)
from pilothouse.kernel.times import as_instant

Question = tuple[str, int | None, int | None]
"""Topic, facility and unit; where a unit is named the facility need not be. Neither: the whole system."""

MANY = 200
"""From so many places on, everything valid at the moment is read at once instead of what bears on each."""

_UNIT = 'SELECT u.key, f.key, u.name, f.name, u.start, u."end", u.id, f.id FROM core_unit u JOIN core_facility f ON f.id = u.facility_id'


class NoChain(GovernanceError):
    """There is no chain of command yet. Import its files, or make the helm the first position."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, with the part of the chain that it was found in, for whoever tells it in words."""

    answer: Answer
    chain: Chain


def ask(
    topic: str,
    *,
    facility: int | None = None,
    unit: int | None = None,
    at: datetime,
    amount: Decimal | None = None,
) -> Answer:
    """The one person who answers for a topic at a place (ids of core; neither: the system) at a moment.

    Raises NoChain, UnknownPlace for a place that does not exist then, BeforeTheFirstHelm.
    """
    if unit is not None:
        return _asked(topic, "unit", "u.id", unit, at, amount).answer
    if facility is not None:
        return _asked(topic, "facility", "f.id", facility, at, amount).answer
    return ask_place(topic, SYSTEM, at, amount).answer


def ask_place(topic: str, place: Place, at: datetime, amount: Decimal | None = None, shown_in: ZoneInfo | None = None) -> Asked:  # fmt: skip
    """The same for a place by its key, as files and people name it. shown_in: the zone of the answer; default the chain's."""
    if place.kind == "unit":
        return _asked(topic, "unit", "u.key", place.id or "", at, amount, shown_in)
    if place.kind == "facility":
        return _asked(topic, "facility", "f.key", place.id or "", at, amount, shown_in)
    shown_in = shown_in or chain_zone()
    return Asked(*_answered(bearing_on([topic], Scopes(), at, shown_in, amount=amount is not None), topic, SYSTEM, at, amount))  # fmt: skip


def ask_many(questions: Sequence[Question], at: datetime) -> list[Answer | None]:
    """The answers to many questions of one moment, in their order, read at once.

    A place that does not exist then falls back to its facility, and that to the system: what stands in a closed unit still has an
    owner. None: nobody held the helm yet. Raises NoChain.
    """
    shown_in = chain_zone()
    wanted = {question[1:] for question in questions}
    facility_of = _facilities_of({unit for _, unit in wanted if unit is not None})
    standing = _standing({*facility_of.values(), *(one for one, _ in wanted if one is not None)}, at)
    there = _Standing(standing, facility_of)
    places = {one: there.place(*one) for one in wanted}
    scopes = None
    if len(wanted) < MANY:
        scopes = Scopes(frozenset(line[7] for line in standing), frozenset(facility_of))
    rows = bearing_on({q[0] for q in questions}, scopes, at, shown_in, units=_units(standing))
    chain = _chain(rows)
    known = {key: _or_none(chain, *key, at) for key in {(topic, places[f, u]) for topic, f, u in questions}}
    return [known[topic, places[facility, unit]] for topic, facility, unit in questions]


def person_id(key: str) -> int:
    """The id of the person an answer names; raises KeyError."""
    return person_ids([key])[key]


def person_ids(keys: Collection[str]) -> dict[str, int]:
    """The ids of the people that answers name, by key: one query."""
    return dict(PersonRow.objects.filter(key__in=set(keys)).values_list("key", "id"))


def position_ids(keys: Collection[str]) -> dict[str, int]:
    """The ids of the positions that answers name, by key: one query."""
    return dict(m.Position.objects.filter(key__in=set(keys)).values_list("key", "id"))


def topics_at(at: datetime) -> set[str]:
    """The topics that some mandate names at a moment, `*` not counted."""
    instant = as_instant(at)
    found = m.Mandate.objects.filter(start__lte=instant, end__gt=instant).exclude(topic="*")
    return set(found.values_list("topic", flat=True).distinct())


def _asked(
    topic: str,
    kind: str,
    column: str,
    named: int | str,
    at: datetime,
    amount: Decimal | None,
    shown_in: ZoneInfo | None = None,
) -> Asked:
    """Ask for a unit or a facility by an id or key."""
    shown_in = shown_in or chain_zone()
    instant = as_instant(at)
    valid = f'{_UNIT} WHERE {column} = %s AND u.start <= %s AND u."end" > %s LIMIT 1'
    found = lines_of(valid, [named, instant, instant])
    if not found:
        raise _no_such_place(kind, column, named, at, shown_in)
    key, facility_key, *_, unit, facility = found[0]
    scopes = Scopes(frozenset([facility]), frozenset([unit] if kind == "unit" else []))
    place = Place("unit", key) if kind == "unit" else Place("facility", facility_key)
    rows = bearing_on([topic], scopes, at, shown_in, amount=amount is not None, units=_units(found))
    return Asked(*_answered(rows, topic, place, at, amount))


def _answered(rows: Rows, topic: str, place: Place, at: datetime, amount: Decimal | None) -> tuple[Answer, Chain]:  # fmt: skip
    chain = _chain(rows)
    return who(chain, topic, place, at, amount), chain


def _chain(rows: Rows) -> Chain:
    if not any(position.helm for position in rows.positions):
        raise NoChain
    return Chain(rows)


def _or_none(chain: Chain, topic: str, place: Place, at: datetime) -> Answer | None:
    try:
        return who(chain, topic, place, at)
    except BeforeTheFirstHelm:
        return None


def _facilities_of(units: Collection[int]) -> dict[int, int]:
    """The facility each unit lies in, whether it exists at the moment or not."""
    if not units:
        return {}
    one, ids = among(units)
    return dict(lines_of(f"SELECT id, facility_id FROM core_unit WHERE id {one}", [ids]))


def _standing(facilities: Collection[int], at: datetime) -> list[Line]:
    """The units of these facilities that exist at the moment; they tell that the facilities do."""
    if not facilities:
        return []
    one, ids = among(facilities)
    instant = as_instant(at)
    return lines_of(f'{_UNIT} WHERE u.facility_id {one} AND u.start <= %s AND u."end" > %s', [ids, instant, instant])  # fmt: skip


class _Standing:
    """The places of one moment, by the ids of core."""

    def __init__(self, units: list[Line], facility_of: dict[int, int]) -> None:
        self.units = {line[6]: Place("unit", line[0]) for line in units}
        self.facilities = {line[7]: Place("facility", line[1]) for line in units}
        self.facility_of = facility_of

    def place(self, facility: int | None, unit: int | None) -> Place:
        """The unit, else its facility, else the system: whichever exists."""
        if unit in self.units:
            return self.units[unit]
        return self.facilities.get(self.facility_of.get(unit or 0, facility or 0), SYSTEM)


def _units(lines: list[Line]) -> tuple[Unit, ...]:
    return tuple(
        Unit(row, key, facility, name or None, facility_name or None, start, end)
        for row, (key, facility, name, facility_name, start, end, *_) in enumerate(lines, 1)
    )


def _no_such_place(
    kind: str, column: str, named: int | str, at: datetime, shown_in: ZoneInfo
) -> UnknownPlace:
    """The error, with near names: every unit is read for it."""
    every = lines_of(_UNIT)
    place_of = {"u.id": {line[6]: line[0] for line in every}, "f.id": {line[7]: line[1] for line in every}}
    key = str(place_of.get(column, {}).get(named, named))
    place = Place("unit", key) if kind == "unit" else Place("facility", key)
    rows = bearing_on([], Scopes(), at, shown_in, units=_units(every))
    return unknown_place(_chain(rows), place, as_instant(at))

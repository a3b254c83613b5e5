"""Whether the chain is still valid after a change, by the same pure rules that judge files, before anything is written.

An error shows only between rows that share a position, a topic with its scope, or a way up. So only those rows are read: the changed
ones, what stands beside them, and the positions above; a constant number of queries. Source: docs/domains/governance.md, "Changes".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from pilothouse.core.models import Facility, Kept, Person, Unit
from pilothouse.core.words import moment
from pilothouse.governance import models as m
from pilothouse.governance import words
from pilothouse.governance.check import errors
from pilothouse.governance.loading import chain_zone, scope_of
from pilothouse.kernel.times import ALWAYS, OPEN


class Refused(words.GovernanceError):
    """The chain of command would be invalid then."""

    def __init__(self, issues: Sequence[words.Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__(
            "Not done, the chain would be invalid: " + "; ".join(dict.fromkeys(map(in_words, issues)))
        )


_ROW = re.compile(r" here(?=[,; ]| and)| in row \d+| already(?=;)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?[+-]\d\d:\d\d")


def in_words(issue: words.Issue) -> str:
    """What is wrong, for whoever has tables before them and not rows of a file."""
    text = _ROW.sub("", issue.text)
    return _MOMENT.sub(lambda found: moment(datetime.fromisoformat(found[0])), text)


@dataclass(slots=True)
class Change:
    """Rows that are about to be saved (new ones without an id) or removed, in the order in which they can be."""

    saves: list[Kept] = field(default_factory=list)
    removes: list[Kept] = field(default_factory=list)

    def of(self, model: type[Kept]) -> list[Any]:
        """The rows of one table that change. `Any`: of that table."""
        return [one for one in (*self.saves, *self.removes) if isinstance(one, model)]

    def laid_over(self, model: type[Kept], stored: Iterable[Any]) -> list[Any]:
        """Stored rows as they will be. `Any`: of that table."""
        touched = {one.pk for one in self.of(model)}
        return [one for one in stored if one.pk not in touched] + [
            one for one in self.saves if isinstance(one, model)
        ]


def refuse_invalid(change: Change) -> None:
    """Raise Refused, with every error in words, if the chain would be invalid after the change."""
    found = errors(_bearing(change))
    if found:
        raise Refused(found)


def _bearing(change: Change) -> words.Rows:
    positions = _positions(change)
    near = {p.pk for p in positions if p.helm} | {a.position_id for a in change.of(m.Appointment)}
    appointments = change.laid_over(m.Appointment, m.Appointment.objects.filter(position__in=near))
    mandates = change.laid_over(m.Mandate, _same_scopes(change.of(m.Mandate)))
    others = [one for one in change.saves if isinstance(one, m.Absence | m.Shift | m.Delegation)]
    keys = {position.pk: position.key for position in positions}
    people = dict(Person.objects.filter(pk__in={o.person_id for o in (*appointments, *others)}).values_list("pk", "key"))  # fmt: skip
    places = _Places([*positions, *mandates])
    return words.Rows(
        units=places.units,
        positions=tuple(_position(row, p, keys, places) for row, p in enumerate(positions, 1)),
        people=tuple(words.Person(row, key, None, None, None) for row, key in enumerate(people.values(), 1)),
        appointments=tuple(
            words.Appointment(row, people[a.person_id], keys.get(a.position_id, ""), a.kind, a.rank, a.start, a.end)
            for row, a in enumerate(appointments, 1)
        ),
        mandates=tuple(
            words.Mandate(row, o.topic, places.scope(o), keys.get(o.position_id, ""), None, None, o.start, o.end)
            for row, o in enumerate(mandates, 1)
        ),
        absences=(),
        shifts=(),
        delegations=(),
        zone=chain_zone(),
    )  # fmt: skip


def _positions(change: Change) -> list[Any]:
    """The changed positions and those the change names, with everything above them and the helm. `Any`: positions."""
    moved = {one.pk: one for one in change.saves if isinstance(one, m.Position)}
    wanted = {p.reports_to_id for p in moved.values()} | {
        one.position_id for one in (*change.saves, *change.removes) if hasattr(one, "position_id")
    }
    stored = m.Position.objects.raw(
        f"""
        WITH RECURSIVE up(id, above) AS (
            SELECT id, reports_to_id FROM governance_position WHERE id IN ({_numbers(wanted)})
            UNION SELECT id, reports_to_id FROM governance_position WHERE helm
            UNION SELECT b.id, b.reports_to_id FROM up JOIN governance_position b ON b.id = up.above
        ) SELECT p.* FROM governance_position p WHERE p.id IN (SELECT id FROM up)
        """
    )
    return change.laid_over(m.Position, stored)


def _numbers(ids: Iterable[int | None]) -> str:
    return ", ".join(f"{number:d}" for number in ids if number is not None) or "0"


def _same_scopes(mandates: Sequence[Any]) -> Any:  # Any: mandates
    if not mandates:
        return ()
    same = Q()
    for one in mandates:
        same |= Q(topic=one.topic, facility=one.facility_id, unit=one.unit_id)
    return m.Mandate.objects.filter(same)


class _Places:
    """The keys of the scopes that rows name, and the units that make those known."""

    def __init__(self, rows: Sequence[Any]) -> None:
        facilities = {one.facility_id for one in rows if one.facility_id is not None}
        units = {one.unit_id for one in rows if one.unit_id is not None}
        self.facility_keys = dict(Facility.objects.filter(pk__in=facilities).values_list("pk", "key"))
        known = Unit.objects.filter(Q(pk__in=units) | Q(facility__in=facilities)).select_related("facility")
        self.unit_keys = {unit.pk: unit.key for unit in known}
        self.units = tuple(
            words.Unit(row, unit.key, unit.facility.key, None, None, ALWAYS, OPEN)
            for row, unit in enumerate(known, 1)
        )

    def scope(self, row: Any) -> words.Place:
        """The scope of a position or mandate."""
        return scope_of(self.facility_keys.get(row.facility_id), self.unit_keys.get(row.unit_id))


def _position(row: int, p: Any, keys: dict[int, str], places: _Places) -> words.Position:
    superior = None if p.reports_to_id is None else keys.get(p.reports_to_id, "")
    return words.Position(row, p.key, p.title or None, places.scope(p), superior, p.helm, p.start, p.end)

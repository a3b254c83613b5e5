"""What files say, compared with what the tables hold.

Source: docs/domains/governance.md, "Import".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Final

from pilothouse.governance import words
from pilothouse.governance.chain import facilities
from pilothouse.governance.loading import lines_of
from pilothouse.governance.recorded import Whole
from pilothouse.kernel.times import Instant

VERBS: Final = ("import_chain", "import_people")
"""Revisions of imports; only people that one of them brought are marked when a later file no longer has them."""


@dataclass(slots=True)
class Kind:
    """What would become of the rows of one kind, as files call it. changed and ended: (was, becomes) and what was."""

    new: list[Any] = field(default_factory=list)  # Any: rows of the kind's own dataclass
    changed: list[tuple[int, Any, Any]] = field(default_factory=list)
    ended: list[tuple[int, Any]] = field(default_factory=list)
    same: int = 0
    turns: dict[int, int] = field(default_factory=dict)
    """Row of the file to its turn."""

    @property
    def moves(self) -> int:
        """How many rows would be written."""
        return len(self.new) + len(self.changed) + len(self.ended)


def rows_of(rows: words.Rows, kind: str) -> tuple[Any, ...]:
    """The rows of a kind, as files call it. `Any`: of the kind's own dataclass."""
    found: tuple[Any, ...] = getattr(rows, "shifts" if kind == "roster" else kind)
    return found


def as_stated(rows: words.Rows, had: Whole) -> words.Rows:
    """The rows, with what an optional column nowhere states taken from the tables."""
    units = {unit.id: unit for unit in had.rows.units}
    names = facilities(rows)
    old_names = facilities(had.rows)
    with_names = any(unit.name for unit in rows.units)
    with_facility_names = any(one.name for one in names.values())
    tested = any(p.tested_on is not None or p.test_ok is not None for p in rows.people)
    people = {person.id: person for person in had.rows.people}

    def unit(one: words.Unit) -> words.Unit:
        name = one.name if with_names else units[one.id].name if one.id in units else None
        known = names if with_facility_names or one.facility not in old_names else old_names
        return replace(one, name=name, facility_name=known[one.facility].name)

    def person(one: words.Person) -> words.Person:
        old = people.get(one.id)
        return one if tested or old is None else replace(one, tested_on=old.tested_on, test_ok=old.test_ok)

    return replace(rows, units=tuple(map(unit, rows.units)), people=tuple(map(person, rows.people)))


TIES: Final[Mapping[str, Callable[[Any], object]]] = {
    "appointments": lambda a: (a.position, a.kind, a.order, a.start),
    "mandates": lambda one: one.row,
    "absences": lambda one: one.row,
    "roster": lambda s: (s.position, s.start),
    "delegations": lambda d: (d.position, d.topic, d.start),
}
"""Which rows tie, so that the later one counts or comes later. `Any`: a row of the kind."""
_SAME: Final[Mapping[str, Callable[[Any], object]]] = {
    "appointments": lambda a: (a.position, a.person, a.kind, a.start),
    "mandates": lambda one: (one.topic, one.scope, one.start),
    "absences": lambda one: (one.person, one.start),
    "roster": lambda s: (s.position, s.person, s.start),
    "delegations": lambda d: (d.position, d.topic, d.person, d.start),
}
"""By what a row that changed is known to be the same. `Any`: a row of the kind."""
_CELLS: Final[Mapping[str, Callable[[Any], tuple[Any, ...]]]] = {
    "appointments": attrgetter("position", "person", "kind", "order", "start", "end"),
    "mandates": attrgetter("topic", "scope", "position", "limit", "currency", "start", "end"),
    "absences": attrgetter("person", "start", "end"),
    "roster": attrgetter("position", "person", "start", "end"),
    "delegations": attrgetter("position", "topic", "person", "start", "end"),
}
"""All of a row but its number. `Any`: a row of the kind, its cells."""
_KEYS: Final = ("units", "positions", "people")
_LONE: Final = ("mandates", "absences")
"""Kinds in which nothing ties."""


def compared(kind: str, rows: words.Rows, had: Whole, at: Instant) -> Kind:
    """The rows of one kind, as files call it, against those of the tables at the time of the import."""
    said = rows_of(rows, kind)
    if kind in _KEYS:
        found = _compared_by_id(kind, said, had, at)
        return _with_leaving(found, had) if kind == "people" else found
    cells = _CELLS[kind]
    said = _once(said, cells)
    turns = {} if kind in _LONE else _turns(said, TIES[kind])
    found = Kind(turns=turns)
    there: defaultdict[Any, list[tuple[int, Any]]] = defaultdict(list)
    for old, record, turn in zip(rows_of(had.rows, kind), had.ids[kind], had.turns[kind], strict=True):
        there[cells(old), turn].append((record, old))
    left_over: list[Any] = []
    for one in said:
        exact = there.get((cells(one), turns.get(one.row, 0)))
        if exact:
            exact.pop(0)
            found.same += 1
        else:
            left_over.append(one)
    similar: defaultdict[object, list[tuple[int, Any]]] = defaultdict(list)
    for rest in there.values():
        for record, old in rest:
            similar[_SAME[kind](old)].append((record, old))
    for one in left_over:
        candidates = similar.get(_SAME[kind](one))
        if candidates:
            record, old = candidates.pop(0)
            found.changed.append((record, old, one))
        else:
            found.new.append(one)
    found.ended = [pair for rest in similar.values() for pair in rest]
    return found


def _once(rows: Iterable[Any], cells: Callable[[Any], tuple[Any, ...]]) -> tuple[Any, ...]:
    """The rows without those that fully equal an earlier one, as the readers of files have them."""
    first: dict[tuple[Any, ...], Any] = {}
    for row in rows:
        first.setdefault(cells(row), row)
    return tuple(first.values())


def _turns(rows: Iterable[Any], tie: Callable[[Any], object]) -> dict[int, int]:
    """Row to its place among those it ties with, from 0."""
    seen: Counter[object] = Counter()
    turns = {}
    for row in rows:
        key = tie(row)
        turns[row.row] = seen[key]
        seen[key] += 1
    return turns


def _compared_by_id(kind: str, said: tuple[Any, ...], had: Whole, at: Instant) -> Kind:
    found = Kind()
    there = {
        one.id: (record, one) for one, record in zip(rows_of(had.rows, kind), had.ids[kind], strict=True)
    }
    for one in said:
        record, old = there.pop(one.id, (0, None))
        if old is None:
            found.new.append(one)
        elif replace(old, row=0) == replace(one, row=0) and not (kind == "people" and record in had.left):
            found.same += 1
        else:
            found.changed.append((record, old, one))
    helm = next((one.id for one in said if kind == "positions" and one.helm), None)
    for record, old in there.values():
        if kind == "people":
            found.ended.append((record, old))
        elif old.end > at:
            ended = replace(old, end=max(at, old.start + 1))
            if kind == "positions" and old.helm:
                ended = replace(ended, helm=False, reports_to=helm)
            found.ended.append((record, ended))
    return found


def _with_leaving(found: Kind, had: Whole) -> Kind:
    """People whom no file names any more: those that an import brought. Whoever is named again is back."""
    brought = {
        line[0]
        for line in lines_of(
            f"""
            SELECT h.id FROM core_person h JOIN core_revision r ON r.id = h.since WHERE r.verb IN {VERBS!r}
            UNION SELECT p.record FROM core_personpast p JOIN core_revision r ON r.id = p.since WHERE r.verb IN {VERBS!r}
            """
        )
    }
    found.ended = [(record, old) for record, old in found.ended if record in brought - had.left]
    return found

"""The whole chain of command from its tables, as it is known now or as it was recorded at a revision.

Source: docs/domains/governance.md, "As tables".
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from pilothouse.core.keeping import tables
from pilothouse.core.models import Facility, Kept, Person, Unit
from pilothouse.governance import models as m
from pilothouse.governance import words
from pilothouse.governance.loading import Line, chain_zone, lines_of, scope_of
from pilothouse.kernel.times import NotATime, read_time, zone

KINDS: Final = (
    "units",
    "positions",
    "people",
    "appointments",
    "mandates",
    "absences",
    "roster",
    "delegations",
)
"""What the tables hold, called as in files."""


@dataclass(frozen=True, slots=True)
class Whole:
    """All rows, and of each kind the ids and turns of its rows in their order; row n of a kind is the n-th from 1."""

    rows: words.Rows
    ids: dict[str, list[int]]
    turns: dict[str, list[int]]
    left: frozenset[int] = frozenset()
    """The ids of people who left."""

    def id_of(self, kind: str, row: int) -> int:
        """The id of a row of the tables by its number."""
        return self.ids[kind][row - 1]


def whole(revision: int | None = None, shown_in: ZoneInfo | None = None, *, everyone: bool = False) -> Whole:
    """The chain now, or as it was known at a revision: one query for each kind.

    People who left and are named nowhere are there only with `everyone`.
    """
    at = _AsOf(revision)
    found = {kind: lines_of(at.sql(kind)) for kind in KINDS}
    if not everyone:
        named = {line[column] for kind, column in _PERSON_IN.items() for line in found[kind]}
        found["people"] = [line for line in found["people"] if not line[-1] or line[2] in named]
    # Any: tuples of each kind's own dataclass
    made: dict[str, Any] = {kind: tuple(_MAKERS[kind](row, line[2:]) for row, line in enumerate(found[kind], 1)) for kind in KINDS}  # fmt: skip
    made["shifts"] = made.pop("roster")
    rows = words.Rows(**made, zone=shown_in or chain_zone())
    return Whole(
        rows,
        {kind: [line[0] for line in lines] for kind, lines in found.items()},
        {kind: [line[1] for line in lines] for kind, lines in found.items()},
        frozenset(line[0] for line in found["people"] if line[-1]),
    )


_PERSON_IN: Final = {"appointments": 2, "absences": 2, "roster": 3, "delegations": 4}
_P, _F, _U, _H = "governance_position", "core_facility", "core_unit", "core_person"
_SCOPE = f"LEFT JOIN {{{_F}}} f ON f.id = t.facility_id LEFT JOIN {{{_U}}} u ON u.id = t.unit_id"
_SQL: Final = {
    "units": f'SELECT t.id, 0, t.key, f.key, t.name, f.name, t.start, t."end" FROM {{{_U}}} t JOIN {{{_F}}} f ON f.id = t.facility_id',
    "positions": f'SELECT t.id, 0, t.key, t.title, f.key, u.key, s.key, t.helm, t.start, t."end" FROM {{{_P}}} t {_SCOPE} LEFT JOIN {{{_P}}} s ON s.id = t.reports_to_id',
    "people": f'SELECT t.id, 0, t.key, t.name, t.email, t.phone, t.tested_on, t.test_ok, t."left" FROM {{{_H}}} t',
    "appointments": f'SELECT t.id, t.turn, h.key, p.key, t.kind, t.rank, t.start, t."end" FROM {{governance_appointment}} t JOIN {{{_H}}} h ON h.id = t.person_id JOIN {{{_P}}} p ON p.id = t.position_id',
    "mandates": f'SELECT t.id, 0, t.topic, f.key, u.key, p.key, t.most, t.currency, t.start, t."end" FROM {{governance_mandate}} t {_SCOPE} JOIN {{{_P}}} p ON p.id = t.position_id',
    "absences": f'SELECT t.id, 0, h.key, t.start, t."end" FROM {{governance_absence}} t JOIN {{{_H}}} h ON h.id = t.person_id',
    "roster": f'SELECT t.id, t.turn, p.key, h.key, t.start, t."end" FROM {{governance_shift}} t JOIN {{{_H}}} h ON h.id = t.person_id JOIN {{{_P}}} p ON p.id = t.position_id',
    "delegations": f'SELECT t.id, t.turn, p.key, t.topic, h.key, t.start, t."end" FROM {{governance_delegation}} t JOIN {{{_H}}} h ON h.id = t.person_id JOIN {{{_P}}} p ON p.id = t.position_id',
}  # fmt: skip
_TABLES: Final[tuple[type[Kept], ...]] = (
    Facility, Unit, Person, m.Position, m.Appointment, m.Mandate, m.Absence, m.Shift, m.Delegation,
)  # fmt: skip


class _AsOf:
    """Names of tables, or what stood in them at a revision. Names of ours and whole numbers only."""

    def __init__(self, revision: int | None) -> None:
        self._from = {table.name: recorded(table.model, revision) for table in (tables()[model] for model in _TABLES)}  # fmt: skip

    def sql(self, kind: str) -> str:
        """The query of a kind, in the order of files."""
        return f"{_SQL[kind].format_map(self._from)} ORDER BY 2, 1"


def recorded(model: type[Kept], revision: int | None) -> str:
    """What to write behind FROM for a kept table as it is, or as it was at a revision."""
    table = tables()[model]
    if revision is None:
        return table.name
    names = ", ".join(table.columns)
    return (
        f"(SELECT id, since, {names} FROM {table.name} WHERE since <= {revision:d} UNION ALL "
        f"SELECT record, since, {names} FROM {table.past_name} WHERE since <= {revision:d} AND until > {revision:d})"
    )


def _unit(row: int, line: Line) -> words.Unit:
    key, facility, name, facility_name, start, end = line
    return words.Unit(row, key, facility, name or None, facility_name or None, start, end)


def _position(row: int, line: Line) -> words.Position:
    key, title, facility, unit, superior, helm, start, end = line
    return words.Position(row, key, title or None, scope_of(facility, unit), superior, bool(helm), start, end)


def _person(row: int, line: Line) -> words.Person:
    key, name, email, phone, tested_on, test_ok, _ = line
    tested = None
    if tested_on:
        try:
            tested = read_time(tested_on, zone("UTC"))
        except NotATime:
            tested = None
    ok = {"yes": True, "no": False}.get(test_ok)
    return words.Person(row, key, name or None, email or None, phone or None, tested, ok)


def _mandate(row: int, line: Line) -> words.Mandate:
    topic, facility, unit, position, most, currency, start, end = line
    limit = Decimal(most) if most else None
    return words.Mandate(row, topic, scope_of(facility, unit), position, limit, currency or None, start, end)


_MAKERS: Final[dict[str, Any]] = {
    "units": _unit,
    "positions": _position,
    "people": _person,
    "appointments": lambda row, line: words.Appointment(row, *line),
    "mandates": _mandate,
    "absences": lambda row, line: words.Absence(row, *line),
    "roster": lambda row, line: words.Shift(row, *line),
    "delegations": lambda row, line: words.Delegation(row, *line),
}  # Any: functions from a row's number and cells to its dataclass

"""The one way to write findings: the row and the interval of its owner in the same transaction. ADR 0018."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

from django.db import connection

from pilothouse.core.keeping import Writing, tables, writing
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer
from pilothouse.governance.clocks import Pause
from pilothouse.governance.models import Basis, Finding, State
from pilothouse.kernel.times import OPEN, Instant

T = TypeVar("T")
AT_ONCE: Final = 5_000
"""Rows that are read and written together."""


class Owner(NamedTuple):
    """Who owns, in which office, and why."""

    person: int
    position: int | None
    basis: str


class Record(NamedTuple):
    """A finding's row in the order of its columns, without id and revision."""

    kind: str
    key: str
    title: str
    subject_kind: str
    subject: int
    topic: str
    facility: int | None
    unit: int | None
    severity: int
    by_hand: bool
    state: str
    opened_at: Instant
    clock: str
    clock_due: Instant
    due_at: Instant
    pauses: str
    snoozed_until: Instant
    closed_at: Instant
    reason: str
    evidence: str
    detail: str
    owner: int
    position: int | None
    basis: str
    owned_from: Instant

    @property
    def owned(self) -> Owner:
        """Who owns it."""
        return Owner(self.owner, self.position, self.basis)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to answer; snoozed counts."""
        return self.state != str(State.RESOLVED)

    @property
    def is_snoozed(self) -> bool:
        """Whether it waits until a day."""
        return self.state == str(State.SNOOZED)

    @property
    def is_assigned(self) -> bool:
        """Whether a person gave it to its owner."""
        return self.basis == str(Basis.ASSIGNED)

    @property
    def question(self) -> Question:
        """What the chain is asked for its owner."""
        return (self.topic, self.facility, self.unit)

    def owned_by(self, owner: Owner, at: Instant) -> Record:
        """The same with another owner from an instant on; unchanged if it is the same one."""
        if owner == self.owned:
            return self
        return self._replace(
            owner=owner.person,
            position=owner.position,
            basis=owner.basis,
            owned_from=max(at, self.owned_from),
        )


Question = tuple[str, int | None, int | None]
"""Topic, facility, unit."""
Change = tuple[int, Record, Record]
"""A finding's id, what it was and what it becomes."""


def spans(pauses: str) -> list[Pause]:
    """The pauses of a row."""
    return [(start, end) for start, end in json.loads(pauses)]


@dataclass(frozen=True, slots=True)
class Stored:
    """A finding as it stands. since: the revision that wrote it."""

    id: int
    since: int
    row: Record


def stored(where: str, parameters: Sequence[Any] = ()) -> list[Stored]:
    """The findings under a condition of SQL over `governance_finding`. `Any`: parameters of a cursor."""
    columns = ", ".join(tables()[Finding].columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, since, {columns} FROM governance_finding WHERE {where} ORDER BY id", parameters
        )
        return [Stored(record, since, Record(*row)) for record, since, *row in cursor.fetchall()]


def among(column: str, kind: str = "bigint") -> str:
    """A condition "is one of these", whose one parameter is of `listed`. kind: of the column, for PostgreSQL."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::{kind}[])"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def listed(values: Iterable[int | str]) -> Any:
    """Values as the one parameter of `among`. `Any`: a list or its JSON."""
    return list(values) if connection.vendor == "postgresql" else json.dumps(list(values))


def add(w: Writing, rows: Sequence[Record]) -> range:
    """New findings, each with the interval of its first owner; their ids."""
    ids = w.new_ids(Finding, len(rows))
    w.insert(Finding, list(zip(ids, rows, strict=True)))
    _begin(ids)
    return ids


def put(w: Writing, changes: Sequence[Change], at: Instant) -> None:
    """Changed findings; where the owner changed or the finding closed the interval ends, where one begins it is written."""
    for part in parts(changes):
        w.overwrite(Finding, [(record, new) for record, _, new in part])
        _end([i for i, old, new in part if old.is_open and (not new.is_open or new.owned != old.owned)], at)
        _begin([i for i, old, new in part if new.is_open and (not old.is_open or new.owned != old.owned)])


def parts(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """Rows in pieces of at most `AT_ONCE`."""
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]


def _end(ids: Sequence[int], at: Instant) -> None:
    if ids:
        with connection.cursor() as cursor:
            larger = "GREATEST" if connection.vendor == "postgresql" else "MAX"
            cursor.execute(
                f'UPDATE governance_ownership SET "end" = {larger}(%s, "start") WHERE "end" = %s AND {among("finding_id")}',
                [at, OPEN, listed(ids)],
            )


def _begin(ids: Sequence[int]) -> None:
    """Intervals from the rows as they were just written."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(
                'INSERT INTO governance_ownership (finding_id, person_id, position_id, basis, "start", "end")'
                " SELECT id, owner_id, position_id, basis, owned_from, %s FROM governance_finding"
                f" WHERE {among('id')}",
                [OPEN, listed(ids)],
            )


@contextmanager
def within(open_or_by: Writing | Viewer | Person | None, at: datetime, verb: str) -> Iterator[Writing]:
    """The open revision somebody hands over, else one of our own by that person."""
    if isinstance(open_or_by, Writing):
        yield open_or_by
        return
    by = open_or_by.person if isinstance(open_or_by, Viewer) else open_or_by
    with writing(by=by, at=at, verb=verb) as w:
        yield w


def helm_owner(person: int) -> Owner:
    """Who holds the helm while there is no chain."""
    return Owner(person, None, str(Basis.HELM))

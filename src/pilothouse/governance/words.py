"""The words of the chain of command: the rows it is made of, the answer it gives, what is said about it.

Every row knows its number in its file (from 1) and, where it has a time, is valid for
`start <= t < end` (instants of `kernel.times`; ALWAYS and OPEN where the file leaves them empty).
Source: docs/domains/governance.md, "Words".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from pilothouse.kernel.errors import PilothouseError
from pilothouse.kernel.times import Instant

ScopeKind = Literal["system", "facility", "unit"]
AppointmentKind = Literal["holder", "deputy"]
How = Literal["delegate", "shift", "holder", "deputy"]
Level = Literal["error", "finding", "note"]

ANY_TOPIC = "*"
TOPICS = ("cybersecurity", "recall", "maintenance", "repair", "incident", "data_flow", "training", "parts", "purchase", "replacement", "inventory", "access")  # fmt: skip
"""The twelve topics every hospital has; it may add its own."""


class GovernanceError(PilothouseError):
    """A question about the chain of command that has no answer as it was put."""


class UnknownPlace(GovernanceError):
    """The chain has no such unit or facility at that time."""


class BeforeTheFirstHelm(GovernanceError):
    """Nobody held the helm yet at the time asked for."""


@dataclass(frozen=True, slots=True)
class Place:
    """The health system (`id` None), one facility or one unit; the scope of positions and mandates too."""

    kind: ScopeKind
    id: str | None = None


SYSTEM = Place("system")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and the one facility it lies in."""

    row: int
    id: str
    facility: str
    name: str | None
    facility_name: str | None
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Facility:
    """A facility, known through its units."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Position:
    """An office, not a person. It reports to one other position; only the helm reports to none."""

    row: int
    id: str
    title: str | None
    scope: Place
    reports_to: str | None
    helm: bool
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who may be asked, and how; `tested_on` and `test_ok` tell of the last try to reach them."""

    row: int
    id: str
    name: str | None
    email: str | None
    phone: str | None
    tested_on: Instant | None = None
    test_ok: bool | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """A person holds a position, or deputises for it (`order` from 1, None last)."""

    row: int
    person: str
    position: str
    kind: AppointmentKind
    order: int | None
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Mandate:
    """In this scope this topic is answered by that position, up to `limit` (None: without limit)."""

    row: int
    topic: str
    scope: Place
    position: str
    limit: Decimal | None
    currency: str | None
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away."""

    row: int
    person: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Shift:
    """A person is on duty for a position."""

    row: int
    position: str
    person: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Delegation:
    """A position's duty for one topic, or for all (`*`), is in a person's hands."""

    row: int
    position: str
    topic: str
    person: str
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Rows:
    """Everything a chain's files say, in the order they say it.

    `zone` is the one times are shown in; `files` tells what the file of `units`, `positions`, … is called.
    """

    units: tuple[Unit, ...]
    positions: tuple[Position, ...]
    people: tuple[Person, ...]
    appointments: tuple[Appointment, ...]
    mandates: tuple[Mandate, ...]
    absences: tuple[Absence, ...]
    shifts: tuple[Shift, ...]
    delegations: tuple[Delegation, ...]
    zone: ZoneInfo
    files: Mapping[str, str] = field(default_factory=dict)

    def file(self, kind: str) -> str:
        """What the file of `units`, `positions`, … is called to whoever wrote it."""
        return self.files.get(kind, kind)


def no_rows(zone: ZoneInfo) -> Rows:
    """A chain of which nothing could be read."""
    return Rows((), (), (), (), (), (), (), (), zone)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Someone of a position who was away; `until` is the end of the joined absences, None if open."""

    person: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Step:
    """One position on the way from the mandate's to the answering one, and why it did or did not answer."""

    position: str
    why: str
    people: tuple[PassedOver, ...]


@dataclass(frozen=True, slots=True)
class NextInLine:
    """Who would answer if everyone named before were away."""

    person: str
    position: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The one person who answers for a topic, here, now; `away` if even the helm's holder is.

    `at` carries the zone of the chain. `next` holds at most three.
    """

    topic: str
    place: Place
    at: datetime
    person: str
    name: str | None
    email: str | None
    phone: str | None
    position: str
    title: str | None
    away: bool
    path: tuple[Step, ...]
    next: tuple[NextInLine, ...]


@dataclass(frozen=True, slots=True)
class Issue:
    """Something said about a chain: an error makes it invalid, a finding is worth a look, a note is not."""

    level: Level
    code: str
    file: str
    row: int | None
    text: str

    def __str__(self) -> str:
        place = self.file if self.row is None else f"{self.file}, row {self.row}"
        return f"{place}: {self.text}"


class InvalidChain(GovernanceError):
    """The chain of command is invalid; every error with its file and row."""

    def __init__(self, errors: tuple[Issue, ...]) -> None:
        self.errors = errors
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        lines = "\n".join(f"  {error}" for error in errors)
        super().__init__(f"this chain of command is invalid ({count}), so nobody can be named:\n{lines}")

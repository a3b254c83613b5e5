"""A finding as one line of a list: names instead of ids, times instead of instants, its clock."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from pilothouse.core import clocks
from pilothouse.core.permissions import Viewer
from pilothouse.governance.findings.opening import RANKS
from pilothouse.kernel.times import Instant, as_datetime

WORDS: Final = {rank: word for word, rank in RANKS.items()}
RELATED: Final = ("owner", "position", "facility", "unit__facility")
"""What a line needs beside the finding's own row."""
EDGE: Final = 253_370_764_800_000_000
"""The first instant of 9999: a time beyond it is none."""


def moment(instant: Instant) -> datetime | None:
    """A stored instant in the house's zone; None for one that is open."""
    return as_datetime(instant, timezone.get_current_timezone()) if 0 <= instant < EDGE else None


def sure(instant: Instant) -> datetime:
    """A stored instant that is always set."""
    return as_datetime(instant, timezone.get_current_timezone())


def label(word: str) -> str:
    """A kind or topic in words: `data_flow` is `Data flow`, `chain:no_deputy` is `Chain: no deputy`."""
    return word.replace("_", " ").replace(":", ": ").capitalize()


@dataclass(frozen=True, slots=True)
class Line:
    """A finding as lists and pages name it. clock: how it stands now; post: the owner's office, or why they own it."""

    id: int
    since: int
    title: str
    kind: str
    severity: str
    state: str
    topic: str
    place: str
    owner_id: int
    owner: str
    post: str
    me: bool
    helm: bool
    basis: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    snoozed_until: datetime | None
    reason: str
    clock: clocks.Clock
    facility_id: int | None
    unit_id: int | None
    subject_kind: str
    subject: int

    @property
    def number(self) -> str:
        """What people call it: `F-12`."""
        return f"F-{self.id}"

    @property
    def url(self) -> str:
        """Its page."""
        return f"/findings/{self.id}/"

    @property
    def hue(self) -> str:
        """The severity as it is coloured: what is closed has no colour."""
        return self.severity if self.is_open else "none"

    @property
    def severity_word(self) -> str:
        """The severity in words."""
        return self.severity.capitalize()

    @property
    def owner_url(self) -> str:
        """The owner's page."""
        return f"/people/{self.owner_id}/"

    @property
    def card_url(self) -> str:
        """The owner's card."""
        return f"{self.url}owner/"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to answer."""
        return self.closed_at is None


def line_of(row: Any, viewer: Viewer, now: datetime) -> Line:
    """A model's row with RELATED. `Any`: a finding as it stands, or as it was."""
    return Line(
        id=row.id,
        since=row.since,
        title=row.title,
        kind=row.kind,
        severity=WORDS[row.severity],
        state=row.state,
        topic=row.topic,
        place=place_of(row),
        owner_id=row.owner_id,
        owner=str(row.owner),
        post=post_of(row),
        me=row.owner_id == viewer.person.pk,
        helm=(row.position is not None and row.position.helm) or row.basis == "helm",
        basis=row.basis,
        opened_at=sure(row.opened_at),
        due_at=moment(row.due_at),
        closed_at=moment(row.closed_at),
        snoozed_until=moment(row.snoozed_until),
        reason=row.reason,
        clock=clock_of(row, now),
        facility_id=row.facility_id,
        unit_id=row.unit_id,
        subject_kind=row.subject_kind,
        subject=row.subject,
    )


def place_of(row: Any) -> str:
    """Where it is: the unit and its facility, the facility, or the whole system. `Any`: see line_of."""
    if row.unit is not None:
        return f"{row.unit}, {row.unit.facility}"
    return "The whole system" if row.facility is None else str(row.facility)


def post_of(row: Any) -> str:
    """The owner's office and, where no chain named them, why they own it. `Any`: see line_of."""
    office = "" if row.position is None else str(row.position)
    if row.basis == "assigned":
        return f"{office}, assigned" if office else "assigned"
    return office or "the helm, no chain yet"


def clock_of(row: Any, now: datetime) -> clocks.Clock:
    """How its clock stands. A paused one ends as late as if it went on now. `Any`: see line_of."""
    opened, due = sure(row.opened_at), moment(row.due_at)
    if row.state == "resolved":
        return clocks.Clock("none", 0.0, "", "Resolved", opened)
    until = moment(row.snoozed_until)
    if due is None or until is None:
        return clocks.clock(opened, due, now, pauses=pauses_of(row, now))
    left = due - (until - now) if until > now else due
    return clocks.clock(opened, left, now, paused=left > now, pauses=pauses_of(row, now))


def pauses_of(row: Any, now: datetime) -> list[tuple[datetime, datetime]]:
    """When it stood still, up to now. `Any`: see line_of."""
    spans = [(sure(start), sure(end)) for start, end in json.loads(row.pauses)]
    return [(start, min(end, now)) for start, end in spans if start < now]

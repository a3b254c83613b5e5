"""What runs by the clock: a name, how often, and the job it asks for. ADR 0020.

    schedule.every("sync_advisories", hours=24)

Turns lie at whole multiples of the interval since 1970. Each is a row unique on name and time, so that of many workers one runs
it; turns that passed while no worker ran are made up by one, not by all; a clock that goes back repeats none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from pilothouse.core.jobs import enqueue
from pilothouse.core.models import Due

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the schedule. `Any`: JSON."""

    name: str
    kind: str
    interval: timedelta
    arguments: dict[str, Any] = field(default_factory=dict)

    def begins(self, now: datetime) -> datetime:
        """When the turn began that a moment lies in."""
        return _EPOCH + (now - _EPOCH) // self.interval * self.interval


EVERY: dict[str, Turn] = {}
_opened: dict[str, datetime] = {}
"""Turns this process knows to be there already, so that it need not ask."""


def every(
    kind: str,
    *,
    days: float = 0,
    hours: float = 0,
    minutes: float = 0,
    seconds: float = 0,
    name: str = "",
    **arguments: Any,
) -> None:
    """Run a job of this kind so often. name: told apart from other schedules of the same kind. `Any`: JSON."""
    interval = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if interval < timedelta(seconds=1):
        raise ValueError(f"{kind}: an interval of at least a second is needed")
    EVERY[name or kind] = Turn(name or kind, kind, interval, arguments)


def tick(now: datetime) -> int:
    """Ask for what is due by now; how many jobs that were."""
    due = [
        (turn, begins) for turn in EVERY.values() if _opened.get(turn.name) != (begins := turn.begins(now))
    ]
    return sum(_opened_now(turn, begins, now) for turn, begins in due)


def _opened_now(turn: Turn, begins: datetime, now: datetime) -> bool:
    fresh = not Due.objects.filter(name=turn.name, due_at=begins).exists()
    if fresh:
        try:
            with transaction.atomic():
                one = Due.objects.create(name=turn.name, due_at=begins)
                one.job = enqueue(turn.kind, by=None, at=now, key=f"every:{turn.name}", **turn.arguments)
                one.save(update_fields=["job"])
        except IntegrityError:
            fresh = False
    _opened[turn.name] = begins
    return fresh


def forget() -> None:
    """Know nothing of turns that were opened: for tests, whose database begins anew."""
    _opened.clear()

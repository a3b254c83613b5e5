"""What the register does in the background. Safe to run twice: nothing is written where nothing differs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pilothouse.core import schedule
from pilothouse.core.jobs import Step, enqueue, job
from pilothouse.core.models import Person
from pilothouse.core.words import counted
from pilothouse.equipment import actions

PLACE: Final = "place_devices"


@job(PLACE, title="Find the places of devices")
def place(step: Step) -> dict[str, Any]:
    """Read the texts of all devices to places again: units begin, end and are renamed. `Any`: what a job's page shows."""
    moved = actions.place_devices(by=step.by, at=step.at)
    return {"says": f"{counted(moved, 'device')} moved", "moved": moved}


def ask_to_place(*, by: Person | None, at: datetime) -> None:
    """To be called by whoever changes places, in the same transaction; asked often, it runs once."""
    enqueue(PLACE, by=by, at=at, key=PLACE)


schedule.every(PLACE, hours=1)

"""Jobs that the tests run, in this process and in workers of their own. Imported by name where they are needed."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import OperationalError, transaction

from pilothouse.core.jobs import Step, job
from pilothouse.core.models import Setting
from pilothouse.kernel.errors import BadUsage


@job("test_count", title="Count to a number")
def count_to(step: Step, *, to: int, pause_s: float = 0.0, mark: str = "") -> dict[str, Any]:
    """Counts in steps of one; each is a row, written in the transaction that tells it. `Any`: JSON."""
    for number in range(step.job.done, to):
        with transaction.atomic():
            row, _ = Setting.objects.get_or_create(name="test_count", defaults={"value": []})
            row.value = [*row.value, number]
            row.save()
            step.tell(number + 1, to, f"{number + 1} counted")
        if mark:
            Path(mark).touch()
        time.sleep(pause_s)
    return {"says": f"{to} counted", "counted": to}


@job("test_refuse")
def refuse(step: Step) -> None:
    """Fails in words."""
    raise BadUsage("Row 3 holds no serial number")


@job("test_break")
def break_down(step: Step) -> None:
    """Fails as it should not."""
    raise KeyError("x")


@job("test_locked")
def find_it_locked(step: Step) -> None:
    """Fails as the outside world does."""
    raise OperationalError("database is locked")


@job("test_swallow")
def swallow(step: Step) -> dict[str, Any]:
    """Takes every exception for a failure and goes on, as rooms should not. `Any`: JSON."""
    for number in range(1_000):
        with suppress(Exception):
            step.tell(number)
    return {}


@job("test_deaf")
def be_deaf(step: Step, *, last: bool = False) -> dict[str, Any]:
    """Asks for itself again while it runs. `Any`: JSON."""
    from pilothouse.core.jobs import enqueue

    if not last:
        enqueue("test_deaf", by=None, at=step.at, key="deaf", last=True)
    return {"process": os.getpid()}

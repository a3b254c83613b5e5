"""What becomes of a finding's row: snoozed, woken, resolved, opened again. Pure; clocks stand still while it is snoozed."""

from __future__ import annotations

import json

from pilothouse.core.errors import Conflict, Invalid
from pilothouse.governance.clocks import Pause, with_pauses
from pilothouse.governance.findings.rows import Record, spans
from pilothouse.governance.models import State
from pilothouse.kernel.times import OPEN, Instant


def timed(row: Record, pauses: list[Pause]) -> Record:
    """The row with its clock moved by pauses."""
    return row._replace(
        pauses=json.dumps(pauses, separators=(",", ":")), due_at=with_pauses(row.clock_due, pauses)
    )


def snoozed(row: Record, at: Instant, until: Instant, reason: str) -> Record:
    """Waits until a day. A finding that waits already waits until another. Raises Conflict, Invalid."""
    if not row.is_open:
        raise Conflict("This finding is resolved; nothing of it waits")
    if not at < until < OPEN:
        raise Invalid("Choose a day after today", {"until": "Choose a day after today"})
    if not reason.strip():
        raise Invalid("Say why it can wait", {"reason": "Say why it can wait"})
    pauses = spans(row.pauses)
    if row.is_snoozed:
        pauses[-1] = (pauses[-1][0], until)
    else:
        pauses.append((at, until))
    return timed(row, pauses)._replace(state=str(State.SNOOZED), snoozed_until=until, reason=reason.strip())


def woken(row: Record, at: Instant) -> Record:
    """Open again; the pause was as long as it lasted. Raises Conflict for one that does not wait."""
    if not row.is_snoozed:
        raise Conflict("This finding is not snoozed")
    pauses = spans(row.pauses)
    start = pauses.pop()[0]
    if at > start:
        pauses.append((start, at))
    return timed(row, pauses)._replace(state=str(State.OPEN), snoozed_until=OPEN, reason="")


def resolved(row: Record, at: Instant, reason: str, evidence: str) -> Record:
    """Closed, with what proves it. Raises Conflict for one that is closed already."""
    if not row.is_open:
        raise Conflict("This finding is resolved already")
    awake = woken(row, at) if row.is_snoozed else row
    return awake._replace(state=str(State.RESOLVED), closed_at=at, reason=reason, evidence=evidence)


def reopened(row: Record) -> Record:
    """Open again, its clock where it was: the time since counts. Raises Conflict for one that is open."""
    if row.is_open:
        raise Conflict("This finding is open already")
    return row._replace(state=str(State.OPEN), closed_at=OPEN, reason="", evidence="")

"""Walks the audit log every night and on demand, and keeps up to where it held."""

from __future__ import annotations

from typing import Any

from pilothouse.core import schedule
from pilothouse.core.jobs import Step, job
from pilothouse.core.keeping import broken_seals
from pilothouse.core.models import Revision, Setting
from pilothouse.core.reads.audit import VERIFIED
from pilothouse.core.words import count, counted

MOST_TOLD = 20


@job("verify_log", title="Verify the audit log")
def verify_log(step: Step) -> dict[str, Any]:
    """Walk every entry and every kept row. `Any`: JSON."""
    last = Revision.objects.order_by("-id").values_list("id", flat=True).first() or 0
    step.tell(0, 0, f"{count(last)} entries to walk")
    broken = [f"Entry {one.revision:,}: {one.problem}" for one in broken_seals() if one.revision <= last]
    told = {"revision": last, "at": step.at.isoformat(), "broken": broken[:MOST_TOLD]}
    Setting.objects.update_or_create(name=VERIFIED, defaults={"value": told})
    says = (
        f"{counted(len(broken), 'entry', 'entries')} do not hold"
        if broken
        else f"All {count(last)} entries hold"
    )
    return {"says": says, "url": "/audit/", "link": "The audit log", "entries": last, "broken": len(broken)}


schedule.every("verify_log", hours=24)

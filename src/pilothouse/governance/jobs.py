"""What governance does by the clock."""

from __future__ import annotations

from typing import Any

from pilothouse.core import schedule
from pilothouse.core.jobs import Step, job
from pilothouse.governance.findings.owners import catch_up


@job("catch_up_findings", title="Bring the owners of findings up to date")
def catch_up_findings(step: Step) -> dict[str, Any]:
    """Owners follow absences, shifts and appointments; snoozed findings come back. A late one is caught up by the next reader."""
    did = catch_up(step.at)
    return {"says": "Owners are of this minute" if did else "Nothing was due"}


schedule.every("catch_up_findings", minutes=1)

"""What follows a change of the chain of command, and what the day brings by itself: appointments that end, rosters that run out."""

from __future__ import annotations

from typing import Any, Final

from pilothouse.core import schedule
from pilothouse.core.jobs import Step, job

CHAIN_FINDINGS: Final = "chain_findings"


@job(CHAIN_FINDINGS, title="Look through the chain of command")
def chain_findings(step: Step) -> dict[str, Any]:
    """Findings of the chain are those of this minute. `Any`: JSON."""
    from pilothouse.governance.chain_findings import refresh  # tables are needed only when it runs

    counts = refresh(by=step.by, at=step.at)
    return {"says": f"{counts['open']} things are worth a look", "url": "/chain/worth/", **counts}


schedule.every(CHAIN_FINDINGS, hours=6)

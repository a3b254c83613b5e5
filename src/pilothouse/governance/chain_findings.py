"""What of the chain of command is worth a look, kept up as findings with an owner each."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from pilothouse.core.models import Person
from pilothouse.governance.command.worth import KINDS, found_now
from pilothouse.governance.findings import close_missing, open_findings


def refresh(*, by: Person | None, at: datetime) -> dict[str, int]:
    """Open what is worth a look now, and resolve what is so no longer. Safe to run twice."""
    found = found_now(at)
    opened = open_findings(by, found, at)
    there: defaultdict[str, set[str]] = defaultdict(set)
    for one in found:
        there[one.kind].add(one.key)
    closed = sum(close_missing(kind, there[kind], at, "It is so no longer", w=by) for kind in (f"chain:{code}" for code in KINDS))  # fmt: skip
    return {"open": len(found), "new": len(opened.new), "closed": closed}

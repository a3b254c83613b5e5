"""After an import or a sync: judge what changed, and open and close the findings that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pilothouse.core.models import Person
from pilothouse.exposure.actions.finding import KIND, find_exposures
from pilothouse.exposure.actions.matching import Outcome, Tells, match_devices
from pilothouse.exposure.models import Cve, Matched
from pilothouse.governance.findings import NobodyAtTheHelm
from pilothouse.governance.models import Finding


def match(*, by: Person | None, at: datetime, devices: Sequence[int] | None = None, whole: bool = False, step: Tells | None = None) -> Outcome:  # fmt: skip
    """Judge what changed, then open and close the findings that follow from it.

    Where nobody holds the helm yet there can be no finding; the answers stand all the same.
    """
    before = Matched.objects.filter(pk=1).values_list("revision", flat=True).first() or 0
    scored = Cve.objects.filter(since__gt=before).exists()
    retell = scored or not Finding.objects.filter(kind=KIND).exists()
    outcome = match_devices(by=by, at=at, devices=devices, whole=whole, step=step)
    if step is not None:
        step.tell(0, 0, "Opening findings")
    try:
        if retell or outcome.whole:
            find_exposures(by=by, at=at)
        elif outcome.advisories:
            find_exposures(by=by, at=at, advisories=outcome.advisories)
    except NobodyAtTheHelm:
        outcome.problem = "No finding was opened: nobody holds the helm yet"
    return outcome

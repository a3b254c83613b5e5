"""Decisions on names: made once for all devices, obeyed by every later matching, taken back as easily."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pilothouse.core.jobs import enqueue
from pilothouse.core.keeping import writing
from pilothouse.core.permissions import Viewer, need
from pilothouse.exposure.actions.syncing import MATCH
from pilothouse.exposure.models import NameDecision
from pilothouse.kernel.errors import BadUsage
from pilothouse.kernel.text import fold
from pilothouse.kernel.times import as_instant

DECISIONS: Final = ("same", "different")
LONGEST: Final = 300


class NoSuchName(BadUsage):
    """A decision is about a name that is seen and a product it means; both must be filled, with at most 300 letters each."""


def decide_name(*, by: Viewer, at: datetime, seen: str, means: str, decision: str, kind: str = "product") -> NameDecision:  # fmt: skip
    """Remember that `seen` is, or is not, `means`. The same decision again writes nothing; the other one replaces it.

    Counts for every device, so it needs the permission for the whole system. Raises NotAllowed, NoSuchName.
    """
    need(by, "confirm_names")
    seen, means = fold(seen), means.strip()
    if not seen or not means or max(len(seen), len(means)) > LONGEST or decision not in DECISIONS or kind not in ("maker", "product"):  # fmt: skip
        raise NoSuchName(NoSuchName.__doc__)
    with writing(by=by.person, at=at, verb="decide_name") as w:
        found = NameDecision.objects.filter(kind=kind, seen=seen, means=means).first()
        if found is not None and found.decision == decision:
            return found
        one = found or NameDecision(kind=kind, seen=seen, means=means)
        one.decision, one.by, one.at = decision, by.person, as_instant(w.at)
        w.save(one)
        enqueue(MATCH, by=by.person, at=at, key=MATCH)
    return one


def take_back_name(*, by: Viewer, at: datetime, decision: int) -> None:
    """Forget a decision: its name is asked about again. Raises NotAllowed; one that is gone already is no error."""
    need(by, "confirm_names")
    with writing(by=by.person, at=at, verb="take_back_name") as w:
        if NameDecision.objects.filter(pk=decision).exists():
            w.remove(NameDecision, [decision])
            enqueue(MATCH, by=by.person, at=at, key=MATCH)

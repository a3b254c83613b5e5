"""What must always hold of findings, for `pilothouse check`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from pilothouse.core.errors import Conflict
from pilothouse.governance.clocks import with_pauses
from pilothouse.governance.findings.owners import away_or_left, is_behind, open_groups, owners_for
from pilothouse.governance.findings.rows import spans
from pilothouse.governance.models import Finding
from pilothouse.kernel.times import OPEN, as_instant

_INTERVALS: Final = f"""
    SELECT f.id, COUNT(o.id), MAX(CASE WHEN o.person_id = f.owner_id AND o.basis = f.basis
        AND COALESCE(o.position_id, 0) = COALESCE(f.position_id, 0) AND o.start = f.owned_from THEN 1 ELSE 0 END), f.state
    FROM governance_finding f LEFT JOIN governance_ownership o ON o.finding_id = f.id AND o."end" = {OPEN}
    GROUP BY f.id, f.state
    HAVING (f.state <> 'resolved' AND (COUNT(o.id) <> 1 OR MAX(CASE WHEN o.person_id = f.owner_id AND o.basis = f.basis
        AND COALESCE(o.position_id, 0) = COALESCE(f.position_id, 0) AND o.start = f.owned_from THEN 1 ELSE 0 END) <> 1))
        OR (f.state = 'resolved' AND COUNT(o.id) <> 0)
    ORDER BY f.id
"""


class FindingCheck:
    """One owner at a time, whom the chain names unless a person did; clocks that add up."""

    def problems(self) -> Iterator[str]:
        """What is not so now, in words."""
        yield from broken(timezone.now())


def broken(at: datetime) -> Iterator[str]:
    """What is not so at a moment. Owners are compared only when they are up to date: reading brings them there."""
    with connection.cursor() as cursor:
        cursor.execute(_INTERVALS)
        for finding, current, _, state in cursor.fetchall():
            told = (
                f"{current} current owners"
                if current != 1 or state == "resolved"
                else "an interval of another owner"
            )
            yield f"finding F-{finding} is {state} and has {told}"
    for one in Finding.objects.only("pk", "clock_due", "due_at", "pauses").iterator():
        if one.due_at != with_pauses(one.clock_due, spans(one.pauses)):
            yield f"finding F-{one.pk} is due at another time than its clock and its pauses say"
    if not is_behind(at):
        yield from _wrong_owners(at)


def _wrong_owners(at: datetime) -> Iterator[str]:
    instant = as_instant(at)
    late = Finding.objects.filter(state="snoozed", snoozed_until__lte=instant).values_list("id", flat=True)
    yield from (f"finding F-{finding} should have come back by now" for finding in late)
    assigned = Finding.objects.exclude(state="resolved").filter(basis="assigned")
    gone = away_or_left(assigned.values_list("owner_id", flat=True).distinct(), instant)
    yield from (
        f"findings are assigned to person {person}, who is away or has left" for person in sorted(gone)
    )
    groups = open_groups(())
    try:
        answers = owners_for({question for question, _ in groups}, at)
    except Conflict as error:
        yield f"findings: {error}"
        return
    for question, owner in groups:
        if answers[question] != owner:
            yield f"findings of {question[0]} at facility {question[1]}, unit {question[2]} are owned by person {owner.person}; the chain names person {answers[question].person}"

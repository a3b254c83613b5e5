"""Findings as they were before a revision, with the owner they have to have now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pilothouse.governance.findings.owners import away_or_left, owners_for, remember_instant
from pilothouse.governance.findings.rows import Change, Record, Stored, among, listed, stored
from pilothouse.governance.findings.waking import woken
from pilothouse.governance.models import Finding, FindingPast
from pilothouse.kernel.times import Instant, as_instant

FIELDS = tuple(f.attname for f in Finding._meta.concrete_fields if f.name not in ("id", "since"))


def before_revision(findings: Sequence[int], revision: int) -> dict[int, Record]:
    """What each was until the revision; those that it opened are missing."""
    rows = FindingPast.objects.filter(record__in=findings, until=revision)
    return {record: Record(*row) for record, *row in rows.values_list("record", *FIELDS)}


def restored(pairs: Sequence[tuple[Stored, Record]], at: datetime) -> list[Change]:
    """Each finding made what it was before: what is open is the chain's again unless whoever it was assigned to is here."""
    instant = as_instant(at)
    gone = away_or_left({before.owner for _, before in pairs if before.is_assigned}, instant)
    anew = {one.id for one, row in pairs if row.is_open and not (row.is_assigned and row.owner not in gone)}
    owners = owners_for({row.question for one, row in pairs if one.id in anew}, at)
    changes: list[Change] = []
    for one, before in pairs:
        owned = before.owned_by(owners[before.question], instant) if one.id in anew else before
        changes.append((one.id, one.row, _as_of_now(one.row, owned, instant)))
    return changes


def _as_of_now(row: Record, before: Record, at: Instant) -> Record:
    if before.owned != row.owned or before.is_open != row.is_open:
        before = before._replace(owned_from=at)
    if not before.is_snoozed:
        return before
    if before.snoozed_until <= at:
        return woken(before, before.snoozed_until)
    remember_instant(before.snoozed_until)
    return before


def found_again(rows: Sequence[Record]) -> dict[tuple[str, str], int]:
    """Of closed findings those whose thing is open under another number: by kind and key."""
    open_ones = stored(
        f"NOT (state = 'resolved') AND {among('key', 'text')}", [listed({row.key for row in rows})]
    )
    asked = {(row.kind, row.key) for row in rows}
    return {key: one.id for one in open_ones if (key := (one.row.kind, one.row.key)) in asked}

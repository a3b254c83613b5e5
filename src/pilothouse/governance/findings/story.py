"""What happened to a finding, told from its versions and the audit log; nothing is written for it alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from pilothouse.core import words
from pilothouse.core.models import Revision
from pilothouse.governance.findings.lines import WORDS, moment, post_of, sure
from pilothouse.governance.findings.reads import Changed
from pilothouse.governance.models import FindingEver
from pilothouse.kernel.times import Instant

MOST: Final = 200
"""Versions that a page tells of."""


def story(finding: int, now: datetime, revision: int | None = None) -> list[Changed]:
    """Newest first. revision: told as it was known then. Two queries."""
    rows = FindingEver.objects.filter(id=finding).select_related("owner", "position").order_by("-since")
    if revision is not None:
        rows = rows.filter(since__lte=revision)
    versions = list(rows[:MOST])
    entries = Revision.objects.select_related("by").in_bulk([one.since for one in versions])
    told = list(_ran_out(versions[0], now)) if versions else []
    for after, before in zip(versions, [*versions[1:], None], strict=True):
        told += reversed(list(_told(before, after, entries)))
    return told


def _ran_out(row: Any, now: datetime) -> Iterator[Changed]:
    """The end of the time, past or to come. `Any`: a version, as everywhere here."""
    due = moment(row.due_at)
    if due is None or row.state == "resolved":
        return
    if row.state == "open" and due <= now:
        yield Changed(due, "The time ran out.", kind="breach")
    elif row.state == "open":
        yield Changed(due, "The time runs out.", kind="plan")
    elif until := moment(row.snoozed_until):
        yield Changed(until, "It comes back, and the clock runs again.", kind="plan")


def _told(before: Any, after: Any, entries: Mapping[int, Revision]) -> Iterator[Changed]:
    entry = entries[after.since]
    if before is None:
        yield Changed(entry.at, f"Opened. {after.owner} answers, {_as(after)}.", kind="owner")
        return
    who = str(entry.by) if entry.by is not None else ""
    undone = f"{who} undid a change: " if entry.verb in ("undo_finding", "undo_findings") else ""
    for text, kind in _states(before, after, entry, who):
        yield Changed(entry.at, f"{undone}{text}", kind=kind)
    for text, kind in _owners(before, after, entry, who):
        yield Changed(min(entry.at, sure(after.owned_from)), f"{undone}{text}", kind=kind)
    for text in _rest(before, after, entry, who):
        yield Changed(entry.at, f"{undone}{text}")


def _states(before: Any, after: Any, entry: Revision, who: str) -> Iterator[tuple[str, str]]:
    if after.state == "snoozed" and (before.state, before.snoozed_until) != ("snoozed", after.snoozed_until):
        yield (
            f"{who or 'It'} {'snoozed it' if who else 'is snoozed'} until {_day(after.snoozed_until)}: {_sentence(after.reason)}",
            "",
        )
    elif before.state == "snoozed" and after.state == "open":
        yield (
            (
                f"{who} took it up again; the clock runs."
                if who
                else "It came back on its day; the clock runs."
            ),
            "",
        )
    elif before.state != "resolved" and after.state == "resolved":
        yield f"Resolved{f' by {who}' if who else ''}: {_sentence(after.evidence or after.reason)}", ""
    elif before.state == "resolved":
        yield (
            f"Reopened{f' by {who}' if who else ''}{f': {_sentence(entry.note)}' if entry.note else '.'}",
            "",
        )


def _owners(before: Any, after: Any, entry: Revision, who: str) -> Iterator[tuple[str, str]]:
    if (before.owner_id, before.position_id, before.basis) == (
        after.owner_id,
        after.position_id,
        after.basis,
    ):
        return
    note = (
        f" {_sentence(entry.note)}"
        if entry.note and entry.verb in ("assign_finding", "assign_findings", "hand_back_finding")
        else ""
    )
    if after.basis == "assigned":
        yield f"{who} gave it to {after.owner}.{note}", "owner"
    elif entry.verb == "hand_back_finding":
        yield f"{who} handed it back; {after.owner} answers, {_as(after)}.{note}", "owner"
    elif before.owner_id == after.owner_id:
        yield f"{after.owner} answers now {_as(after)}.", "owner"
    else:
        yield f"{after.owner} answers now, {_as(after)}, instead of {before.owner}.", "owner"


def _rest(before: Any, after: Any, entry: Revision, who: str) -> Iterator[str]:
    if before.severity != after.severity:
        change = f"from {WORDS[before.severity]} to {WORDS[after.severity]}"
        by_hand = after.by_hand and who
        yield (
            f"{who} changed the severity {change}: {_sentence(entry.note)}"
            if by_hand
            else f"Severity {change}."
        )
    if before.title != after.title:
        yield f"Found again, now: {after.title}"
    if (before.facility_id, before.unit_id) != (after.facility_id, after.unit_id):
        yield "It is now at another place."
    if before.clock_due != after.clock_due:
        yield f"Due {_day(after.clock_due)}, was {_day(before.clock_due)}."


def _as(row: Any) -> str:
    """`as HTM manager`, or why without an office."""
    post = post_of(row)
    return post if row.position is None else f"as {post}"


def _day(instant: Instant) -> str:
    when = moment(instant)
    return "without a clock" if when is None else words.day(when.date(), timezone.localdate())


def _sentence(text: str) -> str:
    told = text.strip()
    return told if told.endswith((".", "!", "?")) or not told else f"{told}."

"""What a room finds becomes findings with owners, and what it no longer finds is closed. Sets at a time, known again by their keys."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pilothouse.core.keeping import Writing
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer
from pilothouse.governance.clocks import Severity as SeverityWord
from pilothouse.governance.clocks import with_pauses
from pilothouse.governance.findings.owners import owners_for
from pilothouse.governance.findings.rows import (
    Change,
    Owner,
    Question,
    Record,
    Stored,
    add,
    among,
    listed,
    parts,
    put,
    spans,
    stored,
    within,
)
from pilothouse.governance.findings.waking import resolved
from pilothouse.governance.models import State
from pilothouse.kernel.times import OPEN, Instant, as_instant

RANKS: Final[Mapping[SeverityWord, int]] = {"critical": 1, "high": 2, "medium": 3, "low": 4}
"""The values of `models.Severity` by their words."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that somebody must decide on.

    kind: `exposure`; key: by which it is known again while it is open; title: a sentence; subject: `equipment:12`; topic: of the
    chain; facility, unit: ids; due_at: until when, None without a clock, by the rule `clock` (`clocks.Clock.rule`). detail: what
    its room's panel shows (JSON). `Any`: what JSON holds.
    """

    kind: str
    key: str
    title: str
    subject: str
    topic: str
    facility: int | None
    unit: int | None
    severity: SeverityWord
    due_at: datetime | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    clock: str = ""


@dataclass(slots=True)
class Opened:
    """What became of what was found: ids of new findings, and how many stood already."""

    new: list[int] = field(default_factory=list)
    changed: int = 0
    unchanged: int = 0


def open_findings(w_or_by: Writing | Viewer | Person | None, found: Sequence[Found], at: datetime) -> Opened:
    """Open what is not open yet, each with its owner; what is open is told what has changed about it.

    Found twice it is the same finding; a severity that a person set stays. Raises NobodyAtTheHelm.
    """
    by_kind: defaultdict[str, dict[str, Found]] = defaultdict(dict)
    for one in found:
        by_kind[one.kind][one.key] = one
    opened = Opened()
    with within(w_or_by, at, "open_findings") as w:
        for kind, by_key in by_kind.items():
            for part in parts(list(by_key.values())):
                _open(w, kind, part, at, opened)
    return opened


def _open(w: Writing, kind: str, found: Sequence[Found], at: datetime, opened: Opened) -> None:
    instant = as_instant(at)
    standing = {one.row.key: one for one in _standing(kind, [one.key for one in found])}
    moved = {_question(one) for one in found if one.key not in standing or _moves(standing[one.key].row, one)}
    owners = owners_for(moved, at)
    new = [_new(one, owners[_question(one)], instant) for one in found if one.key not in standing]
    changes: list[Change] = []
    for one in found:
        if (before := standing.get(one.key)) is not None:
            changes.append((before.id, before.row, _again(before.row, one, owners, instant)))
    really = [change for change in changes if change[1] != change[2]]
    put(w, really, instant)
    opened.new += add(w, new)
    opened.changed += len(really)
    opened.unchanged += len(changes) - len(really)


def _standing(kind: str, keys: Collection[str]) -> list[Stored]:
    return stored(f"NOT (state = 'resolved') AND kind = %s AND {among('key', 'text')}", [kind, listed(keys)])


def _question(found: Found) -> Question:
    return found.topic, found.facility, found.unit


def _moves(row: Record, found: Found) -> bool:
    return not row.is_assigned and row.question != _question(found)


def _told(found: Found) -> dict[str, Any]:
    """The columns that whoever finds it says. `Any`: of several types."""
    kind, _, number = found.subject.partition(":")
    return {
        "title": sentence(found.title),
        "subject_kind": kind,
        "subject": int(number or 0),
        "topic": found.topic,
        "facility": found.facility,
        "unit": found.unit,
        "severity": int(RANKS[found.severity]),
        "clock": found.clock,
        "clock_due": OPEN if found.due_at is None else as_instant(found.due_at),
        "detail": json.dumps(dict(found.detail), ensure_ascii=False, sort_keys=True, separators=(",", ":")),
    }


def sentence(title: str) -> str:
    """A title as all of them are: begun with a capital, without a full stop."""
    clean = " ".join(title.split()).removesuffix(".")
    return clean[:1].upper() + clean[1:]


def _new(found: Found, owner: Owner, at: Instant) -> Record:
    told = _told(found)
    return Record(
        kind=found.kind,
        key=found.key,
        **told,
        by_hand=False,
        state=str(State.OPEN),
        opened_at=at,
        due_at=told["clock_due"],
        pauses="[]",
        snoozed_until=OPEN,
        closed_at=OPEN,
        reason="",
        evidence="",
        owner=owner.person,
        position=owner.position,
        basis=owner.basis,
        owned_from=at,
    )


def _again(row: Record, found: Found, owners: Mapping[Question, Owner], at: Instant) -> Record:
    told = _told(found)
    if row.by_hand:
        told["severity"] = row.severity
    after = row._replace(**told)
    after = after._replace(due_at=with_pauses(after.clock_due, spans(after.pauses)))
    return after.owned_by(owners[_question(found)], at) if _moves(row, found) else after


def close_missing(
    kind: str,
    still_there: Collection[str],
    at: datetime,
    reason: str,
    *,
    w: Writing | Viewer | Person | None = None,
) -> int:
    """Resolve the open findings of a kind whose key is not among those still there; how many. w: an open revision, or who asked."""
    instant, keys = as_instant(at), set(still_there)
    with within(w, at, "close_missing_findings") as open_one:
        gone = [
            one for one in stored("NOT (state = 'resolved') AND kind = %s", [kind]) if one.row.key not in keys
        ]
        put(open_one, [(one.id, one.row, resolved(one.row, instant, reason, "")) for one in gone], instant)
    return len(gone)

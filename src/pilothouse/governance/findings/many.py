"""What a person does with many findings at once: one verb, one revision, judged again when it is done, and taken back as one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from pilothouse.core.errors import Conflict, NotFound
from pilothouse.core.keeping import Writing, writing
from pilothouse.core.listing import few_enough
from pilothouse.core.models import Revision
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.governance.findings.owners import owners_for, remember_instant
from pilothouse.governance.findings.rows import Change, Record, Stored, among, listed, parts, put, stored
from pilothouse.governance.findings.seeing import may_act_sql, seen_sql
from pilothouse.governance.findings.undoing import before_revision, found_again, restored
from pilothouse.governance.findings.waking import reopened, resolved, snoozed
from pilothouse.governance.findings.working import given_to, text_of
from pilothouse.governance.models import Finding, FindingNote
from pilothouse.kernel.times import as_instant

_OPEN: Final = "NOT (f.state = 'resolved')"
_LAST: Final = (
    "f.state = 'resolved' AND f.id IN (SELECT MAX(id) FROM governance_finding GROUP BY kind, key) AND NOT EXISTS"
    " (SELECT 1 FROM governance_finding o WHERE NOT (o.state = 'resolved') AND o.kind = f.kind AND o.key = f.key)"
)
"""Closed, and the same thing has not been found again: only one of those with its key can be open."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. needs: a permission; fits: SQL of the findings it makes sense for; unfit: what the others are, in words."""

    needs: str
    fits: str
    unfit: str


VERBS: Final[Mapping[str, Verb]] = {
    "assign": Verb("assign_findings", _OPEN, "resolved"),
    "snooze": Verb("work_findings", _OPEN, "resolved"),
    "comment": Verb("work_findings", "1 = 1", ""),
    "resolve": Verb("work_findings", _OPEN, "resolved already"),
    "reopen": Verb("work_findings", _LAST, "open, or found again under another number"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Of chosen findings those the viewer sees: which a verb takes, which it makes no sense for, which the viewer may not touch."""

    ids: list[int]
    unfit: list[int]
    locked: list[int]

    @property
    def chosen(self) -> int:
        """How many there are."""
        return len(self.ids) + len(self.unfit) + len(self.locked)


@dataclass(frozen=True, slots=True)
class Acted:
    """What was done. revision: 0 when nothing had to be; kept: what others have changed since and so was left as it is."""

    revision: int
    judged: Judged
    kept: int = 0


def judge(viewer: Viewer, verb: str, ids: Sequence[int]) -> Judged:
    """Which of the findings a verb takes; what the viewer may not see is not counted at all. One query."""
    one = VERBS[verb]
    may, sees = may_act_sql(viewer, one.needs, "f"), seen_sql(viewer, "f")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.id, CASE WHEN {may} THEN 1 ELSE 0 END, CASE WHEN {one.fits} THEN 1 ELSE 0 END FROM governance_finding f"
            f" WHERE {among('f.id')} AND {sees} ORDER BY f.id",
            [listed(few_enough(ids, "finding"))],
        )
        rows = cursor.fetchall()
    return Judged(
        [record for record, allowed, fits in rows if allowed and fits],
        [record for record, allowed, fits in rows if allowed and not fits],
        [record for record, allowed, _ in rows if not allowed],
    )


Steps = Callable[[Sequence[Stored]], Sequence[Record]]


def _all(viewer: Viewer, verb: str, ids: Sequence[int], steps: Steps, at: datetime, note: str) -> Acted:
    """Every finding the verb takes, in pieces, as one revision."""
    with writing(by=viewer.person, at=at, verb=f"{verb}_findings", note=note.strip()) as w:
        judged, written = judge(viewer, verb, ids), 0
        for part in parts(judged.ids):
            rows = stored(among("id"), [listed(part)])
            changes = [
                (one.id, one.row, new) for one, new in zip(rows, steps(rows), strict=True) if new != one.row
            ]
            put(w, changes, as_instant(at))
            written += len(changes)
        w.note = w.note if written else ""
    return Acted(w.number if written else 0, judged)


def assign(viewer: Viewer, ids: Sequence[int], *, to: int, at: datetime, note: str = "") -> Acted:
    """Give them to a person. Raises Invalid for who is unknown, away or gone."""
    instant = as_instant(at)
    owner = given_to(to, instant)
    return _all(
        viewer, "assign", ids, lambda rows: [one.row.owned_by(owner, instant) for one in rows], at, note
    )


def snooze(viewer: Viewer, ids: Sequence[int], *, until: datetime, reason: str, at: datetime) -> Acted:
    """They wait until a day, and their clocks stand still."""
    instant, last = as_instant(at), as_instant(until)
    said = text_of(reason, "reason", "Say why they can wait")

    def steps(rows: Sequence[Stored]) -> Sequence[Record]:
        waiting = [snoozed(one.row, instant, last, said) for one in rows]
        remember_instant(last)
        return waiting

    return _all(viewer, "snooze", ids, steps, at, said)


def resolve(viewer: Viewer, ids: Sequence[int], *, evidence: str, at: datetime) -> Acted:
    """Close them with one and the same proof."""
    said = text_of(evidence, "evidence", "Say what proves that they are settled")
    instant = as_instant(at)
    return _all(
        viewer,
        "resolve",
        ids,
        lambda rows: [resolved(one.row, instant, "Settled", said) for one in rows],
        at,
        "",
    )


def reopen(viewer: Viewer, ids: Sequence[int], *, reason: str, at: datetime) -> Acted:
    """Open them again, each with the owner the chain names now."""
    said = text_of(reason, "reason", "Say why they are open again")
    instant = as_instant(at)

    def steps(rows: Sequence[Stored]) -> Sequence[Record]:
        owners = owners_for({one.row.question for one in rows}, at)
        return [
            reopened(one.row)
            .owned_by(owners[one.row.question], instant)
            ._replace(owned_from=instant)
            for one in rows
        ]  # fmt: skip

    return _all(viewer, "reopen", ids, steps, at, said)


def comment(viewer: Viewer, ids: Sequence[int], *, text: str, at: datetime) -> Acted:
    """Say the same about all of them."""
    said = text_of(text, "text", "Write something")
    with writing(by=viewer.person, at=at, verb="comment_findings") as w:
        judged = judge(viewer, "comment", ids)
        for part in parts(judged.ids):
            told = [(finding, viewer.person.pk, as_instant(at), said) for finding in part]
            w.insert(FindingNote, list(zip(w.new_ids(FindingNote, len(told)), told, strict=True)))
    return Acted(w.number if judged.ids else 0, judged)


def undo(viewer: Viewer, *, revision: int, at: datetime) -> Acted:
    """Take back what one did to many: what others have changed since stays as it is. Raises NotFound, Conflict."""
    mine = Revision.objects.filter(
        pk=revision, by=viewer.person, verb__in=[f"{verb}_findings" for verb in VERBS]
    )
    change = mine.values("verb", "rows").first()
    if change is None:
        raise NotFound("There is no such change of yours")
    verb = change["verb"].removesuffix("_findings")
    with writing(by=viewer.person, at=at, verb="undo_findings", note=f"revision {revision}") as w:
        told = dict(
            FindingNote.objects.filter(since=revision, person=viewer.person).values_list("id", "finding")
        )
        written = (
            told.values() if told else Finding.objects.filter(since=revision).values_list("id", flat=True)
        )
        judged = judge(viewer, verb, sorted(set(written)))
        mine_still = sorted((*judged.ids, *judged.unfit))
        if not mine_still and judged.locked:
            raise NotAllowed(f"You may no longer {verb} these findings")
        if told:
            done = [note for note, finding in told.items() if finding in set(mine_still)]
            w.remove(FindingNote, done)
        else:
            done = [one for part in parts(mine_still) for one in _taken_back(w, part, revision, at)]
        if not done:
            raise Conflict(
                "All of them have been changed or found again since, so that cannot be undone any more"
            )
    return Acted(w.number, Judged(done, [], []), kept=change["rows"] - len(done))


def _taken_back(w: Writing, ids: Sequence[int], revision: int, at: datetime) -> list[int]:
    """The ids of those that are as they were again."""
    before = before_revision(ids, revision)
    pairs = [(one, before[one.id]) for one in stored(among("id"), [listed(ids)]) if one.id in before]
    again = found_again([row for one, row in pairs if row.is_open and not one.row.is_open])
    free = [(one, row) for one, row in pairs if again.get((row.kind, row.key), one.id) == one.id]
    changes: list[Change] = restored(free, at)
    put(w, changes, as_instant(at))
    return [record for record, *_ in changes]

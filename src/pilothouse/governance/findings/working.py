"""What a person does with one finding: assign, hand back, comment, snooze, wake, resolve, reopen, change its severity, undo.

Each is one revision. seen: the revision of the finding that the person had before them; when it has changed since, nothing is
overwritten and Stale tells both.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import Writing, writing
from pilothouse.core.models import Attachment, Person, Revision
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.governance.clocks import Severity as SeverityWord
from pilothouse.governance.findings.opening import RANKS
from pilothouse.governance.findings.owners import away_or_left, owners_for, remember_instant
from pilothouse.governance.findings.rows import Owner, Record, Stored, put, stored
from pilothouse.governance.findings.seeing import may_act, may_see
from pilothouse.governance.findings.undoing import before_revision, found_again, restored
from pilothouse.governance.findings.waking import reopened, resolved, snoozed, woken
from pilothouse.governance.models import Appointment, Basis, FindingNote
from pilothouse.kernel.times import Instant, as_instant

MOST_TEXT: Final = 10_000
"""Letters of a comment, a reason or evidence."""


def assign(
    viewer: Viewer, finding: int, *, to: int, at: datetime, seen: int | None = None, note: str = ""
) -> int:
    """Give it to a person; it stays theirs until they are away, leave or hand it back. The new revision."""
    instant = as_instant(at)

    def step(w: Writing, one: Stored) -> Record:
        owner = given_to(to, instant)
        if not one.row.is_open:
            raise Conflict("This finding is resolved. Reopen it first.")
        return one.row.owned_by(owner, instant)

    return _act(viewer, finding, "assign_finding", step, at=at, seen=seen, note=note, needs="assign_findings")


def given_to(person: int, at: Instant) -> Owner:
    """Somebody as the one to whom it is assigned, in their office; raises Invalid for who is unknown, away or gone."""
    one = Person.objects.filter(pk=person).first()
    if one is None:
        raise Invalid("Choose a person", {"to": "Choose a person of the list"})
    if away_or_left([person], at):
        problem = f"{one} is away or no longer here. Choose somebody who is here."
        raise Invalid(problem, {"to": problem})
    return Owner(person, _office(person, at), str(Basis.ASSIGNED))


def _office(person: int, at: Instant) -> int | None:
    """The position a person holds, the first they got; else one they deputise for; None without any."""
    found = Appointment.objects.filter(person=person, start__lte=at, end__gt=at)
    return found.order_by("-kind", "start", "id").values_list("position_id", flat=True).first()


def hand_back(viewer: Viewer, finding: int, *, at: datetime, seen: int | None = None, note: str = "") -> int:
    """What was assigned goes back to whom the chain names. The new revision."""
    instant = as_instant(at)

    def step(w: Writing, one: Stored) -> Record:
        if not one.row.is_assigned or not one.row.is_open:
            raise Conflict("This finding is not assigned to anybody; the chain names its owner")
        return one.row.owned_by(owners_for([one.row.question], at)[one.row.question], instant)

    return _act(
        viewer, finding, "hand_back_finding", step, at=at, seen=seen, note=note, needs="assign_findings"
    )


def comment(viewer: Viewer, finding: int, *, text: str, at: datetime) -> int:
    """Say something about it; needs no version, for it overwrites nothing. The note's id."""
    said = text_of(text, "text", "Write something")
    one = _visible(viewer, finding)
    _need(viewer, one, "work_findings")
    with writing(by=viewer.person, at=at, verb="comment_finding", subject=f"finding:{finding}") as w:
        note = w.save(FindingNote(finding_id=finding, person=viewer.person, at=as_instant(at), text=said))
    return int(note.pk)


def take_back_comment(viewer: Viewer, note: int, *, at: datetime) -> int:
    """One's own comment is gone from the page; it stays in the past. The finding's id."""
    one = FindingNote.objects.filter(pk=note, person=viewer.person).first()
    if one is None:
        raise NotFound("There is no such comment of yours")
    _visible(viewer, one.finding_id)
    with writing(by=viewer.person, at=at, verb="take_back_comment", subject=f"finding:{one.finding_id}") as w:
        w.remove(FindingNote, [note])
    return int(one.finding_id)


def snooze(
    viewer: Viewer, finding: int, *, until: datetime, reason: str, at: datetime, seen: int | None = None
) -> int:
    """It waits until a day, and its clock stands still. The new revision."""
    instant, last = as_instant(at), as_instant(until)

    def step(w: Writing, one: Stored) -> Record:
        row = snoozed(one.row, instant, last, text_of(reason, "reason", "Say why it can wait"))
        remember_instant(last)
        return row

    return _act(viewer, finding, "snooze_finding", step, at=at, seen=seen, note=reason)


def wake_finding(viewer: Viewer, finding: int, *, at: datetime, seen: int | None = None) -> int:
    """It need not wait any longer. The new revision."""
    return _act(
        viewer, finding, "wake_finding", lambda w, one: woken(one.row, as_instant(at)), at=at, seen=seen
    )


def resolve(
    viewer: Viewer,
    finding: int,
    *,
    evidence: str,
    at: datetime,
    attachment: int | None = None,
    seen: int | None = None,
) -> int:
    """Close it, with what proves that it is settled: a text, and a file of the finding if there is one. The new revision."""
    said = text_of(evidence, "evidence", "Say what proves that it is settled")
    if attachment is not None and not _is_of(attachment, finding):
        raise Invalid("The file is not one of this finding", {"attachment": "Choose a file of this finding"})

    def step(w: Writing, one: Stored) -> Record:
        return resolved(one.row, as_instant(at), "Settled", said)

    return _act(viewer, finding, "resolve_finding", step, at=at, seen=seen)


def _is_of(attachment: int, finding: int) -> bool:
    return Attachment.objects.filter(pk=attachment, subject=f"finding:{finding}", removed_at=None).exists()


def reopen(viewer: Viewer, finding: int, *, reason: str, at: datetime, seen: int | None = None) -> int:
    """Open it again, with the owner the chain names now. The new revision."""
    said = text_of(reason, "reason", "Say why it is open again")

    def step(w: Writing, one: Stored) -> Record:
        row = reopened(one.row)
        _only_one(one)
        return row.owned_by(owners_for([row.question], at)[row.question], as_instant(at))._replace(
            owned_from=as_instant(at)
        )

    return _act(viewer, finding, "reopen_finding", step, at=at, seen=seen, note=said)


def _only_one(one: Stored) -> None:
    """Raise Conflict if the same thing was found again since."""
    if again := found_again([one.row]):
        raise Conflict(f"The same was found again as F-{next(iter(again.values()))}. Work on that one.")


def change_severity(
    viewer: Viewer,
    finding: int,
    *,
    severity: SeverityWord,
    reason: str,
    at: datetime,
    seen: int | None = None,
) -> int:
    """Set it by hand, for a reason; whoever finds it again does not overwrite that. The new revision."""
    if severity not in RANKS:
        raise Invalid("Choose a severity", {"severity": "Choose critical, high, medium or low"})
    said = text_of(reason, "reason", "Say why")

    def step(w: Writing, one: Stored) -> Record:
        if not one.row.is_open:
            raise Conflict("This finding is resolved. Reopen it first.")
        return one.row._replace(severity=int(RANKS[severity]), by_hand=True)

    return _act(viewer, finding, "change_finding_severity", step, at=at, seen=seen, note=said)


def undo(viewer: Viewer, finding: int, *, revision: int, at: datetime) -> int:
    """Make it what it was before a revision of one's own, if nobody changed it since. The new revision."""
    mine = Revision.objects.filter(pk=revision, by=viewer.person, subject=f"finding:{finding}").exists()

    def step(w: Writing, one: Stored) -> Record:
        if one.since != revision:
            raise Conflict("It has been changed since, so that cannot be undone any more")
        before = before_revision([finding], revision).get(finding)
        if before is None:
            raise Conflict("There is nothing before that")
        if before.is_open and not one.row.is_open:
            _only_one(one)
        return restored([(one, before)], at)[0][2]

    if not mine:
        raise NotAllowed("Only who did it can undo it")
    return _act(viewer, finding, "undo_finding", step, at=at, note=f"revision {revision}", needs="")


Step = Callable[[Writing, Stored], Record]


def _act(
    viewer: Viewer,
    finding: int,
    verb: str,
    step: Step,
    *,
    at: datetime,
    seen: int | None = None,
    note: str = "",
    needs: str = "work_findings",
) -> int:
    """One step on one finding in one revision: seen, allowed, not changed meanwhile. The revision that stands after it."""
    subject = f"finding:{finding}"
    with writing(by=viewer.person, at=at, verb=verb, subject=subject, note=note.strip()[:MOST_TEXT]) as w:
        one = _visible(viewer, finding)
        _need(viewer, one, needs)
        if seen is not None and seen != one.since:
            raise _changed(one)
        new = step(w, one)
        if new == one.row:
            return one.since
        put(w, [(finding, one.row, new)], as_instant(at))
        return w.number


def _changed(one: Stored) -> Stale:
    """Who changed it meanwhile."""
    entry = Revision.objects.select_related("by").filter(pk=one.since).first()
    who = entry.by if entry is not None and entry.by is not None else "Somebody"
    return Stale(
        f"{who} changed this finding while you had it open, and nothing of that was overwritten."
        " Look at what changed and send yours again if it still fits.",
        since=one.since,
        present={"state": one.row.state, "owner": one.row.owner, "severity": one.row.severity},
    )


def _visible(viewer: Viewer, finding: int) -> Stored:
    found = stored("id = %s", [finding])
    if not found or not may_see(viewer, found[0].row):
        raise NotFound("There is no such finding, or it is not yours to see")
    return found[0]


def _need(viewer: Viewer, one: Stored, permission: str) -> None:
    """The permission at its place, or owning it: whoever answers may act, within what their token may do."""
    if permission and not may_act(viewer, one.row, permission):
        raise NotAllowed(f"You may not do this here ({permission.replace('_', ' ')})")


def text_of(text: str, name: str, problem: str) -> str:
    """Trimmed text of a form; raises Invalid when there is none, or too much."""
    said = text.strip().replace("\x00", "")
    if not said:
        raise Invalid(problem, {name: problem})
    if len(said) > MOST_TEXT:
        long = f"{len(said):,} letters are more than {MOST_TEXT:,}. Shorten it or attach a file."
        raise Invalid(long, {name: long})
    return said

"""The API of findings: the list as the page filters it, one finding, and what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema

from pilothouse.core.as_of import as_of
from pilothouse.core.calls.lists import asked_by, asks, listed
from pilothouse.core.calls.pages import Cursor, Limit, Page
from pilothouse.core.calls.shapes import LARGEST, Id, Written
from pilothouse.core.calls.versions import tag_of, version_read
from pilothouse.core.errors import Invalid, NotFound
from pilothouse.core.listing import Listing
from pilothouse.core.models import Person
from pilothouse.core.permissions import Viewer, house_viewer
from pilothouse.governance.findings import many, reads, working
from pilothouse.governance.findings.bulk import left_out
from pilothouse.governance.findings.lines import RELATED, Line, line_of
from pilothouse.governance.findings.lists import FindingIds, FindingRows, listing_for
from pilothouse.governance.findings.owners import catch_up
from pilothouse.governance.models import FindingNote

router = Router(tags=["Findings"])

Words = Annotated[str, Field(min_length=1, max_length=10_000)]


class FindingOut(Schema):
    """What somebody must decide on, and the one person who answers. since: its version."""

    id: int
    since: int
    number: str = Field(examples=["F-12"])
    title: str
    kind: str
    topic: str
    severity: str
    state: str
    place: str
    facility_id: int | None
    unit_id: int | None
    subject_kind: str = Field(examples=["equipment"])
    subject: int
    owner_id: int
    owner: str
    post: str = Field(description="The owner's office, or why they own it.")
    basis: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    snoozed_until: datetime | None
    reason: str


class CommentOut(Schema):
    """What somebody said about a finding."""

    id: int
    person_id: int
    text: str


class FindingFullOut(FindingOut):
    """A finding with what was said about it."""

    comments: list[CommentOut]


class ActedOut(Schema):
    """What was done. since: the finding's version now."""

    id: int
    since: int


class AssignIn(Schema):
    """The person who is to answer until they are away, leave or hand back."""

    to: int = Field(ge=1, le=LARGEST)
    note: str = Field("", max_length=1_000)


class CommentIn(Schema):
    """What there is to say."""

    text: Words


class SnoozeIn(Schema):
    """Until when it waits, and why it can."""

    until: Written
    reason: Words


class ResolveIn(Schema):
    """What proves that it is settled."""

    evidence: Words


class ReasonIn(Schema):
    """Why."""

    reason: Words


class SeverityIn(ReasonIn):
    """Another severity, and why."""

    severity: Literal["critical", "high", "medium", "low"]


class _Nobody:
    """Stands for the rows of a viewer where only names are asked for."""

    viewer = house_viewer(Person(pk=0))
    at = datetime(2026, 1, 1, tzinfo=UTC)
    axis = None


def _listing() -> Listing:
    """The list without a viewer: for what its filters are called."""
    return listing_for(_Nobody())  # type: ignore[arg-type]  # names alone are asked of it


@router.get(
    "/findings", response=Page[FindingOut], openapi_extra=asks(_listing(), past=True), summary="Findings"
)
def list_findings(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """Filtered and sorted as on its page; without `state`: what is not resolved. `as_of`: as recorded then, with the owners of then."""
    _need_look(request.viewer)
    now, past = timezone.now(), as_of(request)
    if past is None:
        catch_up(now)
    rows = FindingRows(request.viewer, now, past)

    def sized(listing: Listing) -> FindingRows:
        rows.listing = listing
        return rows

    return listed(request, rows.listing, sized, limit=limit, cursor=cursor, past=True)


@router.get("/findings/{int:finding_id}", response=FindingFullOut, summary="A finding")
def get_finding(request: HttpRequest, finding_id: Id, response: HttpResponse) -> Any:
    """One finding with its owner, its clock and what was said."""
    line = _line(request.viewer, finding_id)
    response["ETag"] = tag_of(line.since)
    notes = list(FindingNote.objects.filter(finding_id=finding_id).order_by("id")[:500])
    told = {name: getattr(line, name) for name in FindingOut.model_fields}
    return {
        **told,
        "comments": [{"id": one.pk, "person_id": one.person_id, "text": one.text} for one in notes],
    }


@router.post(
    "/findings/{int:finding_id}/assign",
    response=ActedOut,
    openapi_extra={"x-versioned": True},
    summary="Assign a finding",
)
def assign_finding(request: HttpRequest, finding_id: Id, body: AssignIn) -> Any:
    """Give it to a person. Needs the version you have read, as all that changes a finding."""
    seen = _seen(request, finding_id)
    since = working.assign(
        request.viewer, finding_id, to=body.to, at=timezone.now(), seen=seen, note=body.note
    )
    return {"id": finding_id, "since": since}


@router.post(
    "/findings/{int:finding_id}/hand-back",
    response=ActedOut,
    openapi_extra={"x-versioned": True},
    summary="Hand a finding back",
)
def hand_back_finding(request: HttpRequest, finding_id: Id) -> Any:
    """What was assigned goes back to whom the chain names."""
    seen = _seen(request, finding_id)
    return {
        "id": finding_id,
        "since": working.hand_back(request.viewer, finding_id, at=timezone.now(), seen=seen),
    }


@router.post("/findings/{int:finding_id}/comments", response={201: ActedOut}, summary="Comment on a finding")
def comment_finding(request: HttpRequest, finding_id: Id, body: CommentIn) -> Any:
    """Say something about it; the answer's id is the comment's."""
    made = working.comment(request.viewer, finding_id, text=body.text, at=timezone.now())
    return {"id": made, "since": _line(request.viewer, finding_id).since}


@router.post(
    "/findings/{int:finding_id}/snooze",
    response=ActedOut,
    openapi_extra={"x-versioned": True},
    summary="Snooze a finding",
)
def snooze_finding(request: HttpRequest, finding_id: Id, body: SnoozeIn) -> Any:
    """It waits until a time, and its clock stands still."""
    seen = _seen(request, finding_id)
    since = working.snooze(
        request.viewer, finding_id, until=body.until, reason=body.reason, at=timezone.now(), seen=seen
    )
    return {"id": finding_id, "since": since}


@router.post(
    "/findings/{int:finding_id}/wake",
    response=ActedOut,
    openapi_extra={"x-versioned": True},
    summary="Wake a finding",
)
def wake_finding(request: HttpRequest, finding_id: Id) -> Any:
    """It need not wait any longer."""
    seen = _seen(request, finding_id)
    return {
        "id": finding_id,
        "since": working.wake_finding(request.viewer, finding_id, at=timezone.now(), seen=seen),
    }


@router.post(
    "/findings/{int:finding_id}/resolve",
    response=ActedOut,
    openapi_extra={"x-versioned": True},
    summary="Resolve a finding",
)
def resolve_finding(request: HttpRequest, finding_id: Id, body: ResolveIn) -> Any:
    """Close it, with what proves that it is settled."""
    seen = _seen(request, finding_id)
    since = working.resolve(request.viewer, finding_id, evidence=body.evidence, at=timezone.now(), seen=seen)
    return {"id": finding_id, "since": since}


@router.post(
    "/findings/{int:finding_id}/reopen",
    response=ActedOut,
    openapi_extra={"x-versioned": True},
    summary="Reopen a finding",
)
def reopen_finding(request: HttpRequest, finding_id: Id, body: ReasonIn) -> Any:
    """Open it again, with the owner the chain names now."""
    seen = _seen(request, finding_id)
    return {
        "id": finding_id,
        "since": working.reopen(request.viewer, finding_id, reason=body.reason, at=timezone.now(), seen=seen),
    }


@router.post(
    "/findings/{int:finding_id}/severity",
    response=ActedOut,
    openapi_extra={"x-versioned": True},
    summary="Change the severity",
)
def change_severity(request: HttpRequest, finding_id: Id, body: SeverityIn) -> Any:
    """Set it by hand, for a reason."""
    seen = _seen(request, finding_id)
    since = working.change_severity(
        request.viewer, finding_id, severity=body.severity, reason=body.reason, at=timezone.now(), seen=seen
    )
    return {"id": finding_id, "since": since}


class ManyIn(Schema):
    """Which findings: those of `ids`, or all that a filter finds. preview: say what would be done, and do nothing."""

    ids: list[Annotated[int, Field(ge=1, le=LARGEST)]] = Field([], max_length=10_000)
    filter: str | None = Field(
        None,
        max_length=1_900,
        description="The filter as the list's address has it; empty: everything that is not resolved.",
        examples=["kind=exposure&severity=low"],
    )
    preview: bool = False


class AssignManyIn(ManyIn, AssignIn):
    """Which findings, and the person who is to answer for them."""


class SnoozeManyIn(ManyIn, SnoozeIn):
    """Which findings, until when they wait, and why they can."""


class CommentManyIn(ManyIn, CommentIn):
    """Which findings, and what there is to say about all of them."""


class ResolveManyIn(ManyIn, ResolveIn):
    """Which findings, and what proves that they are settled."""


class ReopenManyIn(ManyIn, ReasonIn):
    """Which findings, and why they are open again."""


class LeftOutOut(Schema):
    """Findings that were left out, why, and the first of them."""

    number: int
    why: str = Field(examples=["are resolved already"])
    ids: list[int]


class ManyOut(Schema):
    """How many were chosen of those you may see, how many the verb takes, and the others. revision: by which it is undone."""

    chosen: int
    taken: int
    left_out: list[LeftOutOut]
    revision: int | None


class UndoIn(Schema):
    """The revision of what you did to many findings."""

    revision: int = Field(ge=1, le=LARGEST)


class UndoneOut(Schema):
    """How many are as they were before, and how many have been changed since and were left as they are."""

    revision: int
    undone: int
    kept: int


def _many(request: HttpRequest, does: Callable[..., many.Acted], body: ManyIn, **told: Any) -> dict[str, Any]:
    """Do it, or say what would be done. `Any`: what the action takes."""
    _need_look(request.viewer)
    if bool(body.ids) == (body.filter is not None):
        raise Invalid("Name findings by ids, or by a filter", {"ids": "Give either ids or filter."})
    ids = body.ids if body.filter is None else _found_by(request, body.filter)
    if body.preview:
        acted = many.Acted(0, many.judge(request.viewer, does.__name__, ids))
    else:
        acted = does(request.viewer, ids, at=timezone.now(), **told)
    left = [
        {"number": one.number, "why": one.why, "ids": [int(url.split("/")[2]) for _, url in one.rows]}
        for one in left_out(does.__name__, acted.judged, 100)
    ]
    return {
        "chosen": acted.judged.chosen,
        "taken": len(acted.judged.ids),
        "left_out": left,
        "revision": acted.revision or None,
    }


def _found_by(request: HttpRequest, told: str) -> list[int]:
    rows = FindingRows(request.viewer, timezone.now())
    asked = asked_by(request, rows.listing, told)
    return [row.pk for piece in FindingIds(rows).chunks(asked) for row in piece]


@router.post("/findings/bulk/assign", response=ManyOut, summary="Assign many findings")
def assign_findings(request: HttpRequest, body: AssignManyIn) -> Any:
    """Give them all to a person."""
    return _many(request, many.assign, body, to=body.to, note=body.note)


@router.post("/findings/bulk/snooze", response=ManyOut, summary="Snooze many findings")
def snooze_findings(request: HttpRequest, body: SnoozeManyIn) -> Any:
    """They wait until a time, and their clocks stand still."""
    return _many(request, many.snooze, body, until=body.until, reason=body.reason)


@router.post("/findings/bulk/comment", response=ManyOut, summary="Comment on many findings")
def comment_findings(request: HttpRequest, body: CommentManyIn) -> Any:
    """Say the same about all of them."""
    return _many(request, many.comment, body, text=body.text)


@router.post("/findings/bulk/resolve", response=ManyOut, summary="Resolve many findings")
def resolve_findings(request: HttpRequest, body: ResolveManyIn) -> Any:
    """Close them with the same proof."""
    return _many(request, many.resolve, body, evidence=body.evidence)


@router.post("/findings/bulk/reopen", response=ManyOut, summary="Reopen many findings")
def reopen_findings(request: HttpRequest, body: ReopenManyIn) -> Any:
    """Open them again, each with the owner the chain names now."""
    return _many(request, many.reopen, body, reason=body.reason)


@router.post("/findings/bulk/undo", response=UndoneOut, summary="Undo what was done to many")
def undo_findings(request: HttpRequest, body: UndoIn) -> Any:
    """Take back what you did to many findings; what others have changed since stays as it is."""
    done = many.undo(request.viewer, revision=body.revision, at=timezone.now())
    return {"revision": done.revision, "undone": len(done.judged.ids), "kept": done.kept}


def _need_look(viewer: Viewer) -> None:
    if not viewer.may_somewhere("see_findings"):
        raise NotFound("There is nothing here")


def _line(viewer: Viewer, finding: int) -> Line:
    row = reads.visible(viewer).filter(pk=finding).select_related(*RELATED).first()
    if row is None:
        raise NotFound("There is no such finding")
    return line_of(row, viewer, timezone.now())


def _seen(request: HttpRequest, finding: int) -> int:
    """The version that was read; what is hidden is not found before that is asked."""
    _line(request.viewer, finding)
    return version_read(request)

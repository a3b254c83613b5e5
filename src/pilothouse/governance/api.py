"""The API of the chain of command: who answers, and the offices with their holders. The chain is for everybody to see."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import LARGEST, Asked, Asking, Id, Moment, Time, WantedId, instant_of
from pilothouse.core.calls.versions import tag_of, version_read
from pilothouse.core.errors import Invalid, NotFound
from pilothouse.core.models import Facility, Unit
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.governance import asking
from pilothouse.governance import models as m
from pilothouse.governance.answers import answer_as_json
from pilothouse.governance.command import actions, succession
from pilothouse.governance.command.versions import version_of_person, version_of_position
from pilothouse.kernel.times import ALWAYS, OPEN, as_instant

router = Router(tags=["Chain of command"])

Amount = Annotated[
    Decimal | None,
    Query(None, ge=0, max_digits=15, decimal_places=2, description="How much money it is about."),
]
Text = Annotated[str, Field(max_length=200)]


class AnswerPlaceOut(Schema):
    """The whole system, a facility or a unit, by the chain's own key."""

    kind: Literal["system", "facility", "unit"]
    id: str | None


class PassedOut(Schema):
    """Somebody who was passed over, and why."""

    person: str
    why: str


class StepOut(Schema):
    """An office on the way up."""

    position: str
    why: str
    people: list[PassedOut]


class HelmOut(Schema):
    """The helm and its last holder. version: to be sent as If-Match when it is moved."""

    position: int
    title: str
    person: int
    name: str
    starts_at: Moment
    version: int


class SucceedIn(Schema):
    """Who is to hold the helm, and from when; null: now. preview: only say what would change."""

    person: int = Field(ge=1, le=LARGEST)
    starts_at: Time
    preview: bool = False


class SucceededOut(Schema):
    """What changes hands, what stays, and what should be seen to. revision: null when it was only asked."""

    revision: int | None
    changes: list[str]
    stays: list[str]
    warnings: list[str]


class NextOut(Schema):
    """Who is asked when the one before cannot be reached."""

    person: str
    position: str


class AnswerOut(Schema):
    """The one person who answers, the way to them, and who is next."""

    topic: str = Field(examples=["recall"])
    place: AnswerPlaceOut
    at: datetime
    person: str = Field(description="The person's key in the chain.")
    name: str | None
    email: str | None
    phone: str | None
    position: str
    title: str | None
    away: bool
    path: list[StepOut]
    next: list[NextOut]


class TermOut(Schema):
    """A person at an office, from when until when. kind: holder or deputy."""

    id: int
    person: int = Field(alias="person_id")
    name: str
    kind: str = ""
    rank: int | None = None
    starts_at: Moment = Field(None, alias="start")
    ends_at: Moment = Field(None, alias="end")

    @staticmethod
    def resolve_name(row: Any) -> str:
        """The person's name. `Any`: a row of the chain."""
        return str(row.person)


class MandateOut(Schema):
    """What an office answers for, where, and up to which amount."""

    id: int
    topic: str
    facility: int | None = Field(None, alias="facility_id")
    unit: int | None = Field(None, alias="unit_id")
    most: str = ""
    currency: str = ""
    starts_at: Moment = Field(None, alias="start")
    ends_at: Moment = Field(None, alias="end")


class DelegationOut(TermOut):
    """What an office hands to a person."""

    topic: str


class PositionOut(Schema):
    """An office. Neither facility nor unit: for the whole system."""

    id: int
    key: str = Field(examples=["htm-head"])
    title: str
    facility: int | None = Field(None, alias="facility_id")
    unit: int | None = Field(None, alias="unit_id")
    reports_to: int | None = Field(None, alias="reports_to_id")
    helm: bool
    starts_at: Moment = Field(None, alias="start")
    ends_at: Moment = Field(None, alias="end")


class OfficeOut(PositionOut):
    """An office with all that hangs on it, past and to come. version: for If-Match."""

    version: int
    appointments: list[TermOut]
    mandates: list[MandateOut]
    delegations: list[DelegationOut]
    shifts: list[TermOut]


class DoneOut(Schema):
    """What was written: the revision (0: nothing had to be), the row's id, and what was done in words."""

    revision: int
    id: int
    says: str


class NewPositionIn(Schema):
    """A new office below another."""

    key: Text
    title: Text
    reports_to: int = Field(ge=1, le=(1 << 63) - 1)
    facility: Asked = None
    unit: Asked = None
    starts_at: Time = None
    ends_at: Time = None


class PositionIn(Schema):
    """What is to be changed of an office; what is left out stays."""

    title: Text | None = None
    reports_to: Asked = None
    ends_at: Time = None


class AppointmentIn(Schema):
    """A person for an office. succeed: whoever holds it then ends at the beginning."""

    person: int = Field(ge=1, le=(1 << 63) - 1)
    kind: Literal["holder", "deputy"] = "holder"
    rank: int | None = Field(None, ge=1, le=999)
    starts_at: Time = None
    ends_at: Time = None
    succeed: bool = False


class MandateIn(Schema):
    """A topic that an office answers in a place."""

    topic: Text
    facility: Asked = None
    unit: Asked = None
    most: Decimal | None = Field(None, ge=0, max_digits=15, decimal_places=2)
    currency: str = Field("", max_length=10)
    starts_at: Time = None
    ends_at: Time = None
    succeed: bool = False


class DelegationIn(Schema):
    """A topic (* for all) that an office hands to a person."""

    person: int = Field(ge=1, le=(1 << 63) - 1)
    topic: Text = "*"
    starts_at: Time = None
    ends_at: Time = None


class SpanIn(Schema):
    """From when until when."""

    starts_at: Time = None
    ends_at: Time = None


class ShiftIn(SpanIn):
    """A person on duty for an office."""

    person: int = Field(ge=1, le=(1 << 63) - 1)


class EndIn(Schema):
    """When it ends; now, unless named."""

    ends_at: Time = None


@router.get("/who", response=AnswerOut, summary="Who decides")
def who(
    request: HttpRequest,
    topic: Annotated[str, Query(max_length=60, description="What it is about: recall, repair, purchase …")],
    facility: WantedId = None,
    unit: WantedId = None,
    at: Asking = None,
    amount: Amount = None,
) -> Any:
    """The one person who answers for a topic at a place (neither: the whole system) at a time, the way to them, and who is next."""
    _need_chain(request.viewer)
    if facility is not None and unit is not None:
        raise Invalid("Name a facility or a unit, not both", {"unit": "leave one of the two out"})
    if facility is not None and not Facility.objects.filter(pk=facility).exists():
        raise NotFound("There is no such facility")
    if unit is not None and not Unit.objects.filter(pk=unit).exists():
        raise NotFound("There is no such unit")
    found = asking.ask(topic, facility=facility, unit=unit, at=at or timezone.now(), amount=amount)
    return answer_as_json(found)


@router.get("/chain/positions", response=Page[PositionOut], summary="Offices")
def list_positions(request: HttpRequest, limit: Limit, cursor: Cursor, at: Asking = None) -> Any:
    """Every office by key; those of one time, if it is named."""
    rows = _positions(request.viewer)
    if at is not None:
        instant = as_instant(at)
        rows = rows.filter(start__lte=instant, end__gt=instant)
    return page_of(request, rows, ["key", "id"], limit=limit, cursor=cursor)


@router.get("/chain/positions/{int:position_id}", response=OfficeOut, summary="An office")
def get_position(request: HttpRequest, position_id: Id, response: HttpResponse) -> Any:
    """An office with its holders, deputies, mandates, delegations and shifts."""
    one = _positions(request.viewer).filter(pk=position_id).first()
    if one is None:
        raise NotFound("There is no such position")
    version = version_of_position(position_id)
    response["ETag"] = tag_of(version)
    about = {"position_id": position_id}
    return {
        **{name: getattr(one, name) for name in ("id", "key", "title", "facility_id", "unit_id", "reports_to_id", "helm", "start", "end")},
        "version": version,
        "appointments": list(m.Appointment.objects.filter(**about).select_related("person").order_by("start", "id")),
        "mandates": list(m.Mandate.objects.filter(**about).order_by("topic", "start", "id")),
        "delegations": list(m.Delegation.objects.filter(**about).select_related("person").order_by("start", "id")),
        "shifts": list(m.Shift.objects.filter(**about).select_related("person").order_by("-start", "id")[:500]),
    }  # fmt: skip


@router.post("/chain/positions", response={201: DoneOut}, summary="Add an office")
def add_position(request: HttpRequest, body: NewPositionIn) -> Any:
    """A new office below another."""
    return _told(
        actions.add_position(
            by=request.viewer, at=timezone.now(), key=body.key, title=body.title, reports_to=body.reports_to,
            facility=body.facility, unit=body.unit, times=_times(body, None),
        )
    )  # fmt: skip


@router.patch(
    "/chain/positions/{int:position_id}",
    response=DoneOut,
    openapi_extra={"x-versioned": True},
    summary="Change an office",
)
def change_position(request: HttpRequest, position_id: Id, body: PositionIn) -> Any:
    """Rename an office, move it below another, or let it end. Needs the version you have read."""
    seen = version_read(request)
    return _told(
        actions.change_position(
            position_id, by=request.viewer, at=timezone.now(), seen=seen, title=body.title, reports_to=body.reports_to,
            end=None if body.ends_at is None else as_instant(body.ends_at),
        )
    )  # fmt: skip


@router.post("/chain/positions/{int:position_id}/appointments", response={201: DoneOut}, summary="Appoint")
def appoint(request: HttpRequest, position_id: Id, body: AppointmentIn) -> Any:
    """Give an office to a person, as holder or as deputy, from now on unless a time is named."""
    at = timezone.now()
    return _told(
        actions.appoint(
            position_id, body.person, by=request.viewer, at=at, kind=body.kind, rank=body.rank,
            times=_times(body, at), succeed=body.succeed, seen=_seen(request),
        )
    )  # fmt: skip


@router.get("/chain/helm", response=HelmOut, summary="The helm")
def get_helm(request: HttpRequest, response: HttpResponse) -> Any:
    """The office above all others, and who holds it last, without an end."""
    if not request.viewer.may_somewhere("see_chain"):
        raise NotFound("There is nothing here")
    held = succession.helm()
    response["ETag"] = tag_of(held.since)
    return {
        "position": held.position.pk,
        "title": held.position.title,
        "person": held.holder.pk,
        "name": str(held.holder),
        "starts_at": held.start,
        "version": held.since,
    }


@router.post(
    "/chain/helm/succeed",
    response=SucceededOut,
    openapi_extra={"x-versioned": True},
    summary="Move the helm",
)
def succeed_helm(request: HttpRequest, body: SucceedIn) -> Any:
    """Somebody holds it from a time on, without an end; whoever holds it last ends there. With `preview` nothing is done."""
    at = timezone.now()
    now = as_instant(at)
    start = instant_of(body.starts_at, now)
    told = succession.outlook(request.viewer, body.person, start=start, now=now)
    revision = None
    if not body.preview:
        seen = version_read(request)
        revision = succession.succeed(request.viewer, body.person, at=at, start=start, seen=seen).revision
    return {
        "revision": revision,
        "changes": list(told.changes),
        "stays": list(told.stays),
        "warnings": list(told.warnings),
    }


@router.post("/chain/positions/{int:position_id}/mandates", response={201: DoneOut}, summary="Give a mandate")
def give_mandate(request: HttpRequest, position_id: Id, body: MandateIn) -> Any:
    """In this place this topic is answered by the office, from now on unless a time is named."""
    at = timezone.now()
    return _told(
        actions.give_mandate(
            position_id, by=request.viewer, at=at, topic=body.topic, facility=body.facility, unit=body.unit, most=body.most,
            currency=body.currency, times=_times(body, at), succeed=body.succeed, seen=_seen(request),
        )
    )  # fmt: skip


@router.post("/chain/positions/{int:position_id}/delegations", response={201: DoneOut}, summary="Delegate")
def delegate(request: HttpRequest, position_id: Id, body: DelegationIn) -> Any:
    """Hand an office's duty for one topic, or for all, to a person."""
    at = timezone.now()
    return _told(
        actions.delegate(position_id, body.person, by=request.viewer, at=at, topic=body.topic, times=_times(body, at), seen=_seen(request))
    )  # fmt: skip


@router.post("/chain/positions/{int:position_id}/shifts", response={201: DoneOut}, summary="Put on duty")
def put_on_duty(request: HttpRequest, position_id: Id, body: ShiftIn) -> Any:
    """A shift of the roster."""
    at = timezone.now()
    return _told(
        actions.put_on_duty(position_id, body.person, by=request.viewer, at=at, times=_times(body, at), seen=_seen(request))
    )  # fmt: skip


@router.post("/chain/appointments/{int:appointment_id}/end", response=DoneOut, summary="End an appointment")
def end_appointment(request: HttpRequest, appointment_id: Id, body: EndIn) -> Any:
    """Let an appointment end; one that would hold no moment is withdrawn."""
    at = timezone.now()
    return _told(actions.end_appointment(appointment_id, by=request.viewer, at=at, end=_end(body, at)))


@router.post("/chain/mandates/{int:mandate_id}/end", response=DoneOut, summary="End a mandate")
def end_mandate(request: HttpRequest, mandate_id: Id, body: EndIn) -> Any:
    """Let a mandate end; the question then goes to the next wider one."""
    at = timezone.now()
    return _told(actions.end_mandate(mandate_id, by=request.viewer, at=at, end=_end(body, at)))


@router.post("/chain/delegations/{int:delegation_id}/end", response=DoneOut, summary="Take a delegation back")
def end_delegation(request: HttpRequest, delegation_id: Id, body: EndIn) -> Any:
    """Let a delegation end."""
    at = timezone.now()
    return _told(actions.end_delegation(delegation_id, by=request.viewer, at=at, end=_end(body, at)))


@router.post("/chain/shifts/{int:shift_id}/end", response=DoneOut, summary="End a shift")
def end_shift(request: HttpRequest, shift_id: Id, body: EndIn) -> Any:
    """Let a shift end earlier or later."""
    at = timezone.now()
    return _told(actions.end_shift(shift_id, by=request.viewer, at=at, end=_end(body, at)))


@router.post("/people/{int:person_id}/absences", response={201: DoneOut}, summary="Note an absence")
def note_absence(request: HttpRequest, person_id: Id, body: SpanIn) -> Any:
    """A person is away, from now on unless a time is named. Everybody may say so of themselves."""
    at = timezone.now()
    return _told(actions.note_absence(person_id, by=request.viewer, at=at, times=_times(body, at), seen=_seen(request)))  # fmt: skip


@router.get("/people/{int:person_id}/absences", response=list[TermOut], summary="Absences of a person")
def list_absences(request: HttpRequest, person_id: Id, response: HttpResponse) -> Any:
    """When a person is away, the latest first."""
    _need_chain(request.viewer)
    response["ETag"] = tag_of(version_of_person(person_id))
    return list(m.Absence.objects.filter(person_id=person_id).select_related("person").order_by("-start", "id")[:500])  # fmt: skip


@router.post("/chain/absences/{int:absence_id}/end", response=DoneOut, summary="End an absence")
def end_absence(request: HttpRequest, absence_id: Id, body: EndIn) -> Any:
    """Somebody is back earlier or later."""
    at = timezone.now()
    return _told(actions.end_absence(absence_id, by=request.viewer, at=at, end=_end(body, at)))


def _need_chain(viewer: Viewer) -> None:
    if not viewer.may_somewhere("see_chain"):
        raise NotAllowed("You may not see the chain of command")


def _positions(viewer: Viewer) -> QuerySet[Any]:
    _need_chain(viewer)
    return m.Position.objects.all()


def _times(body: Any, begins: datetime | None) -> actions.Times:
    """The times of a body. `Any`: any body with the two; begins: when it does, if it does not say."""
    start = instant_of(body.starts_at, ALWAYS if begins is None else as_instant(begins))
    return actions.Times(start, instant_of(body.ends_at, OPEN))


def _end(body: EndIn, at: datetime) -> int:
    return instant_of(body.ends_at, as_instant(at))


def _seen(request: HttpRequest) -> int | None:
    """The version that was read, if the caller says so: what is added overwrites nothing."""
    return version_read(request) if request.headers.get("If-Match") else None


def _told(done: actions.Done) -> dict[str, Any]:
    return {"revision": done.revision, "id": done.row.pk, "says": done.says}

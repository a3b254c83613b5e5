"""The API of the register: the list as the page filters it, one device with its claims and history, and what is done with devices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema

from pilothouse.core.calls.lists import asks, listed
from pilothouse.core.calls.pages import Cursor, Limit, Page
from pilothouse.core.calls.shapes import LARGEST, Asking, Id
from pilothouse.core.calls.versions import tag_of, version_read
from pilothouse.core.errors import Invalid, NotFound
from pilothouse.core.keeping import revision_at
from pilothouse.core.listing import Rows
from pilothouse.core.permissions import Viewer
from pilothouse.equipment import actions
from pilothouse.equipment.claims import HAND, decide
from pilothouse.equipment.fields import BY_NAME
from pilothouse.equipment.lists.listing import EQUIPMENT
from pilothouse.equipment.lists.source import Register
from pilothouse.equipment.reads import history, rooms, versions
from pilothouse.equipment.views.rooms import ROOMS

router = Router(tags=["Equipment"])

Number = Annotated[int, Field(ge=1, le=LARGEST)]
Numbers = Annotated[list[Number], Field(min_length=1, max_length=10_000)]
Values = dict[str, Annotated[str, Field(max_length=1_000)]]
Note = Annotated[str, Field(max_length=1_000)]


class DeviceRowOut(Schema):
    """A piece of equipment as lists show it; empty is unknown. since: its version."""

    id: int
    since: int
    tag: str = Field(examples=["A1001"])
    serial: str
    name: str
    maker: str
    model: str
    stage: str = Field(examples=["in_use"])
    status: str
    criticality: str
    facility: str = Field(alias="facility_text")
    unit: str = Field(alias="unit_text")
    room: str
    facility_id: int | None
    unit_id: int | None
    device_model_id: int | None
    ip: str
    mac: str
    host: str
    os: str
    firmware: str
    last_pm: str
    sources: int = Field(description="How many sources know it.")


class DeviceOut(Schema):
    """One device. values: what is known, by field; what you may not see is left out. merged_from: the id you asked for, if that is no more."""

    id: int
    since: int
    stage: str
    facility_id: int | None
    unit_id: int | None
    device_model_id: int | None
    values: dict[str, str] = Field(examples=[{"tag": "A1001", "maker": "Baxter", "firmware": "9.0"}])
    merged_from: int | None = None


class SaidOut(Schema):
    """What one source says of a field. won: whether it counts; rule: why, or why not."""

    claim: int
    source_kind: str
    value: str
    seen: str
    won: bool
    agrees: bool
    rule: str


class FieldOut(Schema):
    """A field: the value that counts and what every source says."""

    field: str
    label: str
    value: str
    rule: str
    said: list[SaidOut]


class LineOut(Schema):
    """One value that changed; empty is unknown."""

    label: str
    before: str
    after: str


class ChangeOut(Schema):
    """What one revision did to a device."""

    revision: int
    at: datetime
    by: str
    verb: str
    note: str
    words: str
    lines: list[LineOut]
    can_undo: bool


class WrittenOut(Schema):
    """What was done. revision: by which it can be undone, 0 if nothing had to change; made: the id of a new device, or 0."""

    revision: int
    ids: list[int]
    made: int = 0


class SetIn(Schema):
    """Values by field; an empty one clears what was set by hand and asks the sources again."""

    values: Values = Field(examples=[{"firmware": "9.1", "room": "B7"}])
    note: Note = ""


class SetManyIn(SetIn):
    """The same for many devices at once."""

    ids: Numbers


class NoteIn(Schema):
    """Why."""

    note: Note = ""


class MergeIn(NoteIn):
    """The other records of the same device; they are no more, and their ids lead to it."""

    others: Numbers


class SplitIn(NoteIn):
    """The claims that are of another device."""

    claims: Numbers


class RoomIn(Schema):
    """What a room is called."""

    key: Annotated[str, Field(max_length=200)] = Field(examples=["4-112"])
    name: Annotated[str, Field(max_length=200)] = ""
    aliases: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] = []


class RoomChangeIn(Schema):
    """What a room is called; what is left out stays."""

    key: Annotated[str, Field(max_length=200)] | None = Field(None, examples=["4-112"])
    name: Annotated[str, Field(max_length=200)] | None = None
    aliases: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=50)] | None = None


class NewRoomIn(RoomIn):
    """A room and where it is: one of unit_id, facility_id (a room of no unit) and within_id (a bay of that room)."""

    unit_id: Number | None = None
    facility_id: Number | None = None
    within_id: Number | None = None


class RoomOut(Schema):
    """A room, or a bay, whose room is within_id. since: its version."""

    id: int
    since: int
    key: str
    name: str
    aliases: list[str]
    facility_id: int
    unit_id: int | None
    within_id: int | None
    closed: bool

    @staticmethod
    def resolve_aliases(one: Any) -> list[str]:
        """`Any`: a room."""
        return list(one.aliases.splitlines())


class PutIn(NoteIn):
    """Devices."""

    ids: Numbers


@router.get(
    "/equipment", response=Page[DeviceRowOut], openapi_extra=asks(EQUIPMENT, past=True), summary="Equipment"
)
def list_equipment(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """The register, filtered and sorted as on its page, now or as it was recorded at a time in the past."""
    _need_look(request.viewer)
    return listed(request, EQUIPMENT, lambda sized: Register(), limit=limit, cursor=cursor, past=True)


@router.get("/equipment/{int:equipment_id}", response=DeviceOut, summary="A device")
def get_equipment(request: HttpRequest, equipment_id: Id, response: HttpResponse, at: Asking = None) -> Any:
    """One device, now or as it was recorded at a time. The id of a device that was merged leads to the one it became."""
    record = equipment_id if at is not None else _current(equipment_id)
    version = versions.device(request.viewer, record, None if at is None else revision_at(at))
    hidden = versions.hidden_fields(request.viewer, version)
    if at is None:
        response["ETag"] = tag_of(version.since)
    return {
        "id": record,
        "since": version.since,
        "stage": version.stage,
        "facility_id": version.facility_id,
        "unit_id": version.unit_id,
        "device_model_id": version.device_model_id,
        "values": {name: value for name, value in versions.values(version).items() if value and name not in hidden},
        "merged_from": equipment_id if record != equipment_id else None,
    }  # fmt: skip


@router.get("/equipment/{int:equipment_id}/claims", response=list[FieldOut], summary="What the sources say")
def list_claims(request: HttpRequest, equipment_id: Id, at: Asking = None) -> Any:
    """For each field what every source says, which counts and by which rule; now or as it was recorded at a time."""
    revision = None if at is None else revision_at(at)
    hidden = versions.hidden_fields(request.viewer, versions.device(request.viewer, equipment_id, revision))
    said = versions.without((one for one, _ in versions.claims(equipment_id, revision)), hidden)
    return [_field(name, one) for name, one in (decide(said) if said else {}).items() if name not in hidden]


def _field(name: str, decided: Any) -> dict[str, Any]:
    """A field with its claims, the winner first. `Any`: JSON."""
    said = [] if decided.claim is None else [_said(decided.claim, decided.value, decided.rule, won=True)]
    said += [_said(lost.claim, lost.value, lost.rule, agrees=lost.agrees) for lost in decided.losers]
    return {
        "field": name,
        "label": BY_NAME[name].label,
        "value": decided.value,
        "rule": decided.rule,
        "said": said,
    }


def _said(claim: Any, value: str, rule: str, *, won: bool = False, agrees: bool = False) -> dict[str, Any]:
    """`Any`: a claim as the rules see it; JSON."""
    seen = "" if claim.kind == HAND else claim.seen
    return {"claim": claim.id, "source_kind": claim.kind, "value": value, "seen": seen, "won": won, "agrees": won or agrees, "rule": rule}  # fmt: skip


@router.get("/equipment/{int:equipment_id}/history", response=list[ChangeOut], summary="History of a device")
def list_history(request: HttpRequest, equipment_id: Id) -> Any:
    """What was recorded of a device, the newest first, at most 200 changes."""
    version = versions.device(request.viewer, equipment_id)
    return history.changes(equipment_id, versions.hidden_fields(request.viewer, version))


@router.post("/equipment", response={201: WrittenOut}, summary="Add a device")
def add_equipment(request: HttpRequest, body: SetIn) -> Any:
    """A device that no source knows yet."""
    return actions.add_by_hand(body.values, by=request.viewer, at=timezone.now(), note=body.note)


@router.patch(
    "/equipment/{int:equipment_id}",
    response=WrittenOut,
    openapi_extra={"x-versioned": True},
    summary="Set values",
)
def set_equipment(request: HttpRequest, equipment_id: Id, body: SetIn) -> Any:
    """Set fields by hand; they count before every source until they are cleared. Needs the version you have read."""
    versions.device(request.viewer, equipment_id)
    seen = version_read(request)
    return actions.set_by_hand(
        [equipment_id], body.values, by=request.viewer, at=timezone.now(), note=body.note, read_at=seen
    )


@router.post("/equipment/set", response=WrittenOut, summary="Set values of many")
def set_many(request: HttpRequest, body: SetManyIn) -> Any:
    """The same values for many devices: all of them or none."""
    return actions.set_by_hand(body.ids, body.values, by=request.viewer, at=timezone.now(), note=body.note)


@router.post("/equipment/{int:equipment_id}/retire", response=WrittenOut, summary="Retire a device")
def retire_equipment(request: HttpRequest, equipment_id: Id, body: NoteIn) -> Any:
    """Take a device out of service for good; it stays with its past."""
    return actions.retire([equipment_id], by=request.viewer, at=timezone.now(), note=body.note)


@router.post("/equipment/{int:equipment_id}/bring-back", response=WrittenOut, summary="Bring a device back")
def bring_back_equipment(request: HttpRequest, equipment_id: Id, body: NoteIn) -> Any:
    """A retired device is in service again."""
    return actions.bring_back([equipment_id], by=request.viewer, at=timezone.now(), note=body.note)


@router.post("/equipment/{int:equipment_id}/merge", response=WrittenOut, summary="Merge devices")
def merge_equipment(request: HttpRequest, equipment_id: Id, body: MergeIn) -> Any:
    """Records that are one device become one; nothing that was said is lost."""
    return actions.merge(equipment_id, body.others, by=request.viewer, at=timezone.now(), note=body.note)


@router.post("/equipment/{int:equipment_id}/split", response={201: WrittenOut}, summary="Split a device")
def split_equipment(request: HttpRequest, equipment_id: Id, body: SplitIn) -> Any:
    """Claims that are of another device become one of their own."""
    return actions.split(equipment_id, body.claims, by=request.viewer, at=timezone.now(), note=body.note)


@router.get("/rooms", response=Page[RoomOut], openapi_extra=asks(ROOMS), summary="Rooms and bays")
def list_rooms(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """Rooms and bays where you see equipment."""
    _need_look(request.viewer)
    return listed(request, ROOMS, lambda sized: Rows(sized, rooms.rooms(request.viewer)), limit=limit, cursor=cursor)  # fmt: skip


@router.get("/rooms/{int:room_id}", response=RoomOut, summary="A room")
def get_room(request: HttpRequest, room_id: Id, response: HttpResponse) -> Any:
    """A room or bay. Its devices are those of `/equipment?room=`."""
    found = rooms.room(request.viewer, room_id)
    response["ETag"] = tag_of(found.since)
    return found


@router.post("/rooms", response={201: RoomOut}, summary="Add a room")
def add_room(request: HttpRequest, body: NewRoomIn) -> Any:
    """A room of a unit, or of a facility alone, or a bay within a room."""
    places = {"facility": body.facility_id, "unit": body.unit_id, "within": body.within_id}
    if sum(one is not None for one in places.values()) != 1:
        raise Invalid("Say where it is.", {"unit_id": "Give one of unit_id, facility_id and within_id."})
    names = {"key": body.key, "name": body.name, "aliases": "\n".join(body.aliases)}
    return actions.add_room(names, by=request.viewer, at=timezone.now(), **places)


@router.patch(
    "/rooms/{int:room_id}", response=RoomOut, openapi_extra={"x-versioned": True}, summary="Change a room"
)
def set_room(request: HttpRequest, room_id: Id, body: RoomChangeIn) -> Any:
    """Say what it is called. Needs the version you have read."""
    rooms.room(request.viewer, room_id)
    seen = version_read(request)
    told = {name: value for name, value in body.dict().items() if value is not None}
    names = {name: value if isinstance(value, str) else "\n".join(value) for name, value in told.items()}
    actions.edit_room(room_id, names, by=request.viewer, at=timezone.now(), read_at=seen)
    return rooms.room(request.viewer, room_id)


@router.post("/rooms/{int:room_id}/close", response=RoomOut, summary="Close a room")
def close_room(request: HttpRequest, room_id: Id) -> Any:
    """It is no longer used, and its bays are not; all stay with their past."""
    actions.close_room(room_id, by=request.viewer, at=timezone.now())
    return rooms.room(request.viewer, room_id)


@router.post("/rooms/{int:room_id}/open", response=RoomOut, summary="Open a room again")
def open_room(request: HttpRequest, room_id: Id) -> Any:
    """A closed room is used again."""
    actions.close_room(room_id, by=request.viewer, at=timezone.now(), closed=False)
    return rooms.room(request.viewer, room_id)


@router.post("/rooms/{int:room_id}/devices", response=WrittenOut, summary="Put devices in a room")
def put_in_room(request: HttpRequest, room_id: Id, body: PutIn) -> Any:
    """Devices stand in this room or bay, set by hand: all of them or none."""
    return actions.put_in_room(room_id, body.ids, by=request.viewer, at=timezone.now(), note=body.note)


def _need_look(viewer: Viewer) -> None:
    if not viewer.may_somewhere("see_equipment"):
        raise NotFound("There is nothing here")


def _current(asked: int) -> int:
    """The device an id stands for now; whether the viewer may see it is asked of that one."""
    return actions.current_id(asked) or asked

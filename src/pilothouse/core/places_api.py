"""The API of places: facilities and units, added, renamed, moved, closed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.responses import Status

from pilothouse.core import places, seeing
from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import LARGEST, Id, Moment, Time, Written, instant_of
from pilothouse.core.calls.versions import tag_of, version_read
from pilothouse.kernel.times import ALWAYS, OPEN, as_instant

router = Router(tags=["Places"])


class PlaceOut(Schema):
    """A facility or a unit, by its id and the key that chain files and sources use."""

    id: int
    key: str = Field(examples=["NGH"])
    name: str = Field(examples=["North General"])


class UnitOut(PlaceOut):
    """A unit and the facility it lies in."""

    facility: PlaceOut
    starts_at: Moment = Field(None, alias="start", description="Since when it exists; null: always.")
    ends_at: Moment = Field(None, alias="end", description="Until when; null: open.")


class NewPlaceIn(Schema):
    """The id that chain files and sources use, which stays, and what the place is called."""

    key: str = Field(min_length=1, max_length=60, examples=["NGH"])
    name: str = Field(min_length=1, max_length=places.LONGEST, examples=["North General"])


class NewUnitIn(NewPlaceIn):
    """A unit of a facility. starts_at: null has always been."""

    facility: int = Field(ge=1, le=LARGEST)
    starts_at: Time


class NameIn(Schema):
    """What it is called."""

    name: str = Field(min_length=1, max_length=places.LONGEST)


class UnitIn(Schema):
    """What is to change; what is left out stays. ends_at: null opens it again."""

    name: str = Field("", max_length=places.LONGEST)
    facility: int | None = Field(None, ge=1, le=LARGEST)
    ends_at: Time


class CloseIn(Schema):
    """When its units end."""

    ends_at: Written


@router.get("/facilities", response=Page[PlaceOut], summary="Facilities")
def list_facilities(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """The facilities you may see something of, by key."""
    return page_of(request, seeing.facilities(request.viewer), ["key", "id"], limit=limit, cursor=cursor)


@router.get("/units", response=Page[UnitOut], summary="Units")
def list_units(request: HttpRequest, limit: Limit, cursor: Cursor, facility: int | None = None) -> Any:
    """The units you may see something of, by key; of one facility if it is named."""
    found = seeing.units(request.viewer, facility=facility)
    return page_of(request, found, ["key", "id"], limit=limit, cursor=cursor)


@router.get("/facilities/{int:facility_id}", response=PlaceOut, summary="A facility")
def get_facility(request: HttpRequest, facility_id: Id, response: HttpResponse) -> Any:
    """A facility of which you may see something."""
    return _tagged(response, places.facility_of(request.viewer, facility_id))


@router.get("/units/{int:unit_id}", response=UnitOut, summary="A unit")
def get_unit(request: HttpRequest, unit_id: Id, response: HttpResponse) -> Any:
    """A unit that you may see, and its facility."""
    return _tagged(response, places.unit_of(request.viewer, unit_id))


@router.post("/facilities", response={201: PlaceOut}, summary="Add a facility")
def add_facility(request: HttpRequest, body: NewPlaceIn, response: HttpResponse) -> Any:
    """It is there once it has a unit."""
    made = places.add_facility(by=request.viewer, at=timezone.now(), key=body.key, name=body.name)
    return Status(201, _tagged(response, made.place))


@router.patch(
    "/facilities/{int:facility_id}",
    response=PlaceOut,
    openapi_extra={"x-versioned": True},
    summary="Rename a facility",
)
def change_facility(request: HttpRequest, facility_id: Id, body: NameIn, response: HttpResponse) -> Any:
    """Its id stays."""
    places.facility_of(request.viewer, facility_id)
    since = version_read(request)
    done = places.change_facility(
        facility_id, by=request.viewer, at=timezone.now(), since=since, name=body.name
    )
    return _tagged(response, done.place)


@router.post(
    "/facilities/{int:facility_id}/close",
    response=PlaceOut,
    openapi_extra={"x-versioned": True},
    summary="Close a facility",
)
def close_facility(request: HttpRequest, facility_id: Id, body: CloseIn, response: HttpResponse) -> Any:
    """All its units that are open then end; what still stands there goes to the whole system."""
    places.facility_of(request.viewer, facility_id)
    since, end = version_read(request), as_instant(body.ends_at)
    done = places.close_facility(facility_id, by=request.viewer, at=timezone.now(), since=since, end=end)
    return _tagged(response, done.place)


@router.post("/units", response={201: UnitOut}, summary="Add a unit")
def add_unit(request: HttpRequest, body: NewUnitIn, response: HttpResponse) -> Any:
    """A ward, a department, a laboratory of a facility."""
    made = places.add_unit(
        by=request.viewer,
        at=timezone.now(),
        facility=body.facility,
        key=body.key,
        name=body.name,
        start=instant_of(body.starts_at, ALWAYS),
    )
    return Status(201, _tagged(response, made.place))


@router.patch(
    "/units/{int:unit_id}", response=UnitOut, openapi_extra={"x-versioned": True}, summary="Change a unit"
)
def change_unit(request: HttpRequest, unit_id: Id, body: UnitIn, response: HttpResponse) -> Any:
    """Call it otherwise, move it to another facility, let it end or open it again; open findings go with it."""
    places.unit_of(request.viewer, unit_id)
    said = body.dict(exclude_unset=True)
    done = places.change_unit(
        unit_id,
        by=request.viewer,
        at=timezone.now(),
        since=version_read(request),
        name=said.get("name"),
        facility=body.facility,
        end=instant_of(body.ends_at, OPEN) if "ends_at" in said else None,
    )
    return _tagged(response, done.place)


def _tagged(response: HttpResponse, place: Any) -> Any:
    """The place, its version beside it. `Any`: a facility or a unit."""
    response["ETag"] = tag_of(place.since)
    return place

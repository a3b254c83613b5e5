"""The API of exposure: advisories as the page lists them, and the devices each names."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from pilothouse.core.calls.lists import asks, listed
from pilothouse.core.calls.pages import Cursor, Limit, Page, page_of
from pilothouse.core.calls.shapes import Id, Moment
from pilothouse.core.errors import NotFound
from pilothouse.core.permissions import Viewer
from pilothouse.equipment.reads import versions
from pilothouse.exposure.lists import ADVISORIES
from pilothouse.exposure.models import Advisory
from pilothouse.exposure.reads import advisories as reads
from pilothouse.exposure.reads.devices import device_exposure

router = Router(tags=["Exposure"])


class AdvisoryOut(Schema):
    """An advisory, with how many of the devices that you may see it touches."""

    id: int
    tracking: str = Field(examples=["ICSMA-22-251-01"])
    publisher: str
    title: str
    severity: str
    released: Moment = None
    kev: bool = Field(description="Whether one of its vulnerabilities is known to be exploited.")
    affected: int
    possible: int


class TouchedOut(Schema):
    """A device that an advisory names, with its answer and why."""

    equipment_id: int
    status: str = Field(examples=["affected"])
    reason: str


class LineOut(Schema):
    """One vulnerability of one advisory, with its answer for a device."""

    status: str
    reason: str
    vulnerability: str
    advisory: int
    tracking: str
    title: str
    severity: str
    epss: str
    kev: bool


class ExposureOut(Schema):
    """What the advisories say of a device. judged: false while its present name or version has not been matched yet."""

    judged: bool
    lines: list[LineOut]


@router.get("/advisories", response=Page[AdvisoryOut], openapi_extra=asks(ADVISORIES), summary="Advisories")
def list_advisories(request: HttpRequest, limit: Limit, cursor: Cursor) -> Any:
    """Every advisory, filtered and sorted as on its page."""
    _need_look(request.viewer)
    rows = reads.advisories(request.viewer)
    return listed(
        request, ADVISORIES, lambda sized: reads.AdvisoryRows(sized, rows), limit=limit, cursor=cursor
    )


@router.get("/advisories/{int:advisory_id}", response=AdvisoryOut, summary="An advisory")
def get_advisory(request: HttpRequest, advisory_id: Id) -> Any:
    """One advisory."""
    return _advisory(request.viewer, advisory_id)


@router.get(
    "/advisories/{int:advisory_id}/devices", response=Page[TouchedOut], summary="Devices of an advisory"
)
def list_touched(request: HttpRequest, advisory_id: Id, limit: Limit, cursor: Cursor) -> Any:
    """The devices that you may see and an advisory names, with its answer for each."""
    _advisory(request.viewer, advisory_id)
    found = reads.devices_of(request.viewer, advisory_id)
    return page_of(request, found, ["equipment_id"], limit=limit, cursor=cursor)


@router.get("/equipment/{int:equipment_id}/exposures", response=ExposureOut, summary="Exposures of a device")
def list_exposures(request: HttpRequest, equipment_id: Id) -> Any:
    """What the advisories say of a device, by vulnerability."""
    device = versions.device(request.viewer, equipment_id)
    if not request.viewer.may("see_advisories", facility=device.facility_id, unit=device.unit_id):
        raise NotFound("There is no such device.")
    return device_exposure(equipment_id)


def _need_look(viewer: Viewer) -> None:
    if not reads.may_look(viewer):
        raise NotFound("There is nothing here")


def _advisory(viewer: Viewer, number: int) -> Advisory:
    _need_look(viewer)
    found = reads.advisories(viewer).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such advisory")
    return found

"""Looking at one device: now, as of a past day, its history, its label."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from pilothouse.core.as_of import as_of, read_as_of
from pilothouse.core.errors import NotFound
from pilothouse.core.keeping import revision_at
from pilothouse.core.navigation import address
from pilothouse.core.permissions import Viewer
from pilothouse.equipment import actions
from pilothouse.equipment.reads import comparing, versions
from pilothouse.equipment.reads.history import changes
from pilothouse.equipment.reads.page import device_page, title_of


def at_revision(request: HttpRequest) -> int | None:
    """The revision the page is to show, None for now."""
    moment = as_of(request)
    return None if moment is None else revision_at(moment)


def moved(viewer: Viewer, record: int, page: str) -> HttpResponse | None:
    """The way to the device that a merged one has become, if the viewer may see that; else None."""
    new = actions.current_id(record)
    if new is None:
        return None
    versions.device(viewer, new)
    return redirect(page, new, permanent=True)


@require_safe
def page(request: HttpRequest, record: int) -> HttpResponse:
    """One device with everything about it."""
    revision = at_revision(request)
    try:
        found = device_page(request.viewer, record, revision, timezone.localtime())
    except NotFound:
        if revision is None and (way := moved(request.viewer, record, "equipment_page")):
            return way
        raise
    drawn = [
        (block, render_to_string(block.template, dict(block.context), request)) for block in found.blocks
    ]
    context = {
        "device": found,
        "blocks": [one for one in drawn if one[0].place == "main"],
        "side_blocks": [one for one in drawn if one[0].place == "side"],
        "list_url": address("equipment_list"),
    }
    return render(request, "equipment/device.html", context)


@require_safe
def history(request: HttpRequest, record: int) -> HttpResponse:
    """Every change of a device, and what differs between two moments."""
    try:
        version = versions.device(request.viewer, record)
    except NotFound:
        if way := moved(request.viewer, record, "equipment_history"):
            return way
        raise
    start, end = (_day(request, name) for name in ("from", "to"))
    context: dict[str, Any] = {  # a template takes what it is given
        "record": record,
        "title": title_of(version),
        "version": version,
        "list_url": address("equipment_list"),
        "changes": changes(record, versions.hidden_fields(request.viewer, version)),
        "may_edit": request.viewer.may("edit_equipment", facility=version.facility_id, unit=version.unit_id),
        "start": start,
        "end": end,
        "lines": comparing.between(request.viewer, record, start, end) if start else None,
    }
    return render(request, "equipment/history.html", context)


def _day(request: HttpRequest, name: str) -> datetime | None:
    return read_as_of(request.GET.get(name, "")[:40], timezone.now())


@require_safe
def label(request: HttpRequest, record: int) -> HttpResponse:
    """A label to print: the QR code leads to the device's page."""
    version = versions.device(request.viewer, record)
    address_ = f"{settings.PUBLIC_URL}{reverse('equipment_page', args=[record])}"
    code = segno.make(address_, error="m", micro=False)
    drawn = mark_safe(code.svg_inline(scale=4, border=2, dark="#000", light="#fff", omitsize=True))  # noqa: S308 - drawn by segno from our own address
    context = {"version": version, "record": record, "code": drawn, "address": address_, "title": title_of(version)}  # fmt: skip
    return render(request, "equipment/label.html", context)

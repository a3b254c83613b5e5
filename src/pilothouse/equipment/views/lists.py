"""The register's list and its places as pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from pilothouse.core.as_of import as_of
from pilothouse.core.errors import NotFound
from pilothouse.core.listing import show
from pilothouse.core.permissions import Viewer
from pilothouse.core.words import counted
from pilothouse.equipment.lists import places, source
from pilothouse.equipment.lists.conditions import place
from pilothouse.equipment.lists.listing import EQUIPMENT
from pilothouse.equipment.lists.source import Register
from pilothouse.imports.models import Source


def equipment_list(request: HttpRequest) -> HttpResponseBase:
    """Every device the viewer may see."""
    if not request.viewer.may_somewhere("see_equipment"):
        raise NotFound
    return show(
        request,
        EQUIPMENT,
        Register(),
        "equipment/list.html",
        said=lambda: "" if as_of(request) else _said(request.viewer),
    )


def _said(viewer: Viewer) -> str:
    """How many devices there are for the viewer, and from how many sources."""
    devices = counted(source.devices(place(viewer.scope("see_equipment"))), "device")
    sources = Source.objects.filter(target="equipment").exclude(kind="hand").count()
    return f"{devices} from {counted(sources, 'source')}." if sources else f"{devices}."


def place_list(request: HttpRequest) -> HttpResponse:
    """Facilities and units with their devices counted."""
    if not request.viewer.may_somewhere("see_equipment"):
        raise NotFound
    asked = request.GET.get("facility", "")
    facility = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
    found = places.places(request.viewer, as_of(request), facility)
    heads = [label for label, _ in places.COLUMNS]
    devices = sum(one.total for one in found)
    return render(request, "equipment/places.html", {"places": found, "heads": heads, "devices": devices})

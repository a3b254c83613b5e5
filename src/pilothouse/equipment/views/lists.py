"""The register's list and its places as pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render

from pilothouse.core.as_of import as_of
from pilothouse.core.errors import NotFound
from pilothouse.core.listing import bulk_page, chosen_ids, columns_of, exported, read_asked, show
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.core.words import counted
from pilothouse.equipment.lists import bulk, places, source
from pilothouse.equipment.lists.conditions import place
from pilothouse.equipment.lists.listing import EQUIPMENT
from pilothouse.equipment.lists.source import Register
from pilothouse.imports.models import Source


def equipment_list(request: HttpRequest) -> HttpResponseBase:
    """Every device the viewer may see."""
    if not request.viewer.may_somewhere("see_equipment"):
        raise NotFound
    verb = request.POST.get("do", "")
    if any(verb == one.name for one in EQUIPMENT.verbs):
        return _act(request, verb)
    return show(
        request,
        EQUIPMENT,
        Register(),
        "equipment/list.html",
        said=lambda: "" if as_of(request) else _said(request.viewer),
        may_add=request.viewer.may_somewhere("edit_equipment"),
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
    return render(
        request,
        "equipment/places.html",
        {
            "places": found,
            "heads": heads,
            "devices": devices,
            "may_edit": request.viewer.may_somewhere("edit_places"),
            "may_add": request.viewer.may("edit_places"),
        },
    )


def _act(request: HttpRequest, name: str) -> HttpResponseBase:
    """Do a verb to the chosen devices, or ask what it needs to know."""
    verb = next(verb for verb in EQUIPMENT.verbs if verb.name == name)
    if not request.viewer.may_somewhere(verb.permission):
        raise NotAllowed(f"You may not {verb.label.lower()} devices")
    register = Register()
    if name == "export":
        query = QueryDict(request.POST.get("query", ""))
        return _export(request, register, read_asked(EQUIPMENT, request.viewer, request.path, query).query)
    return bulk_page(request, EQUIPMENT, register, bulk.BULKS[name])


def _export(request: HttpRequest, register: Register, query: str) -> HttpResponseBase:
    """The chosen devices as CSV, in the order of the list; all of them: the filter's own export."""
    if request.POST.get("all"):
        return HttpResponseRedirect(
            f"{request.path}?{query}&export=csv" if query else f"{request.path}?export=csv"
        )
    ids = set(chosen_ids(request, EQUIPMENT, register))
    asked = read_asked(
        EQUIPMENT, request.viewer, request.path, QueryDict(query), columns_of(request, EQUIPMENT)
    )
    chosen = register.chosen(asked, ids)
    return exported(asked, iter([chosen]), "csv", [EQUIPMENT.by_name[name] for name in asked.columns])

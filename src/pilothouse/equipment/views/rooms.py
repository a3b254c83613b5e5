"""Rooms and bays: the list, one with its bays and devices, and keeping them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pilothouse.core import seeing
from pilothouse.core.conflict import clash_of
from pilothouse.core.errors import Invalid, NotFound, Stale
from pilothouse.core.listing import Column, Filter, Listing, Rows, View, link, show, soft
from pilothouse.core.words import counted
from pilothouse.equipment import actions
from pilothouse.equipment.forms import NewRoomForm, RoomForm, numbers
from pilothouse.equipment.lists import source
from pilothouse.equipment.lists.bulk import units
from pilothouse.equipment.lists.listing import unit_options, unit_words
from pilothouse.equipment.reads import rooms

ROOMS = Listing(
    key="rooms",
    noun="room",
    plural="rooms and bays",
    sort="key",
    columns=(
        Column("key", "Code", lambda row: link(reverse("room_page", args=[row.pk]), row.key), sort="key", text=lambda row: row.key, kind="code", head=True, fold="top"),
        Column("name", "Name", lambda row: row.name or soft("none"), sort="name", text=lambda row: row.name, fold="row"),
        Column("within", "Bay of", lambda row: link(reverse("room_page", args=[row.within_id]), str(row.within)) if row.within_id else soft("a room"), sort=("within__key", "key"), text=lambda row: str(row.within or ""), fold="row"),
        Column("unit", "Unit", lambda row: str(row.unit) if row.unit_id else soft("none"), sort=("unit__name", "key"), text=lambda row: str(row.unit or ""), fold="row"),
        Column("facility", "Facility", lambda row: str(row.facility), sort=("facility__name", "key"), text=lambda row: str(row.facility)),
        Column("bays", "Bays", lambda row: str(row.bays), sort="bays", text=lambda row: row.bays, kind="num"),
        Column("closed", "State", lambda row: "Closed" if row.closed else "Open", sort=("closed", "key"), text=lambda row: "Closed" if row.closed else "Open", fit=True, fold="end"),
    ),
    filters=(
        Filter("unit", "Unit", where=lambda values: Q(unit_id__in=numbers(values)), options=unit_options, words=unit_words),
        Filter("closed", "State", where=lambda values: Q(closed=values[-1] == "yes"), options=lambda viewer: [("no", "Open"), ("yes", "Closed")], several=False),
    ),
    search=("key", "name", "aliases", "within__name"),
    search_hint="Code, name or another spelling",
    views=(View("All rooms", ""), View("Open", "closed=no"), View("Closed", "closed=yes")),
    first="Keep the rooms of your units here, and lists of devices can be filtered by them.",
)  # fmt: skip


@require_safe
def room_list(request: HttpRequest) -> HttpResponse:
    """Every room and bay where the viewer sees equipment."""
    if not request.viewer.may_somewhere("see_equipment"):
        raise NotFound("There is nothing here for your role.")
    may_add = request.viewer.may_somewhere("edit_equipment")
    return show(request, ROOMS, Rows(ROOMS, rooms.rooms(request.viewer)), "equipment/rooms.html", title="Rooms", may_add=may_add)  # fmt: skip


@require_http_methods(["GET", "POST"])
def room_new(request: HttpRequest) -> HttpResponse:
    """A room of a unit or a facility, or with `within` a bay of a room."""
    viewer = request.viewer
    actions.need_somewhere(viewer)
    chosen = numbers([request.GET.get("within", "")])
    within = rooms.room(viewer, chosen[0]) if chosen else None
    places = [] if within else [*((f"u{id_}", name) for id_, name in units(viewer)), *_facilities(request)]
    asked = {name: request.GET.get(name, "")[:200] for name in ("key", "place")}
    form = NewRoomForm(request.POST or None, initial=asked, places=places)
    if request.method == "POST" and form.is_valid():
        at: dict[str, int] = {"within": within.pk} if within else form.place
        try:
            made = actions.add_room(form.values, by=viewer, at=timezone.now(), **at)
        except Invalid as error:
            form.take(error)
        else:
            messages.success(request, f"{'Bay' if within else 'Room'} {made} is kept")
            return redirect("room_page", made.pk)
    return render(request, "equipment/room_new.html", {"form": form, "within": within})


def _facilities(request: HttpRequest) -> list[tuple[str, str]]:
    """Facilities as places of rooms that belong to no unit."""
    rows = seeing.facilities(request.viewer).order_by("name").values_list("id", "name", "key")
    return [(f"f{id_}", f"{name or key}, no unit") for id_, name, key in rows if request.viewer.may("edit_equipment", facility=id_, unit=None)]  # fmt: skip


@require_http_methods(["GET", "POST"])
def room_page(request: HttpRequest, record: int) -> HttpResponse:
    """One room or bay."""
    room = rooms.room(request.viewer, record)
    place = {"facility": room.facility_id, "unit": room.unit_id}
    shown = {name: getattr(room, name) for name in actions.ROOM_FIELDS}
    form: Any = RoomForm(request.POST or None, initial={**shown, "since": room.since})
    clash = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_room(record, form.values, by=request.viewer, at=timezone.now(), read_at=form.version)
        except Invalid as error:
            form.take(error)
        except Stale as stale:
            clash = clash_of(form, stale)
            form = clash.form
        else:
            messages.success(request, "Saved")
            return redirect("room_page", record)
    devices = source.counted_in(request.viewer, record)
    context = {
        "room": room,
        "form": form,
        "clash": clash,
        "devices": counted(devices, "device"),
        "any": devices,
        "bays": rooms.rooms(request.viewer).filter(within=record).order_by("key")[:200],
        "may_edit": request.viewer.may("edit_equipment", **place),
    }
    return render(request, "equipment/room.html", context, status=409 if clash else 200)


@require_POST
def room_close(request: HttpRequest, record: int) -> HttpResponse:
    """The room is no longer used, or with `open` is again."""
    opened = request.POST.get("do") == "open"
    actions.close_room(record, by=request.viewer, at=timezone.now(), closed=not opened)
    messages.success(request, "Open again" if opened else "Closed")
    return redirect("room_page", record)

"""Facilities and units over HTTP: their pages, and the forms that add, rename, move, close and open them again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from pilothouse.core import places
from pilothouse.core.conflict import Clash, clash_of
from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.permissions import NotAllowed, need
from pilothouse.core.reads import places as reads
from pilothouse.core.views.place_forms import (
    CloseForm,
    FacilityForm,
    NewFacilityForm,
    NewUnitForm,
    UnitForm,
    last_day,
)
from pilothouse.kernel.errors import PilothouseError

METHODS = ["GET", "POST"]


@require_http_methods(METHODS)
def facility_new(request: HttpRequest) -> HttpResponse:
    """Add a facility."""
    need(request.viewer, places.EDIT)
    form = NewFacilityForm(request.POST or None)

    def act() -> HttpResponse:
        done = places.add_facility(by=request.viewer, at=timezone.now(), **form.cleaned_data)
        messages.success(request, f"{done.place} added. It is there once it has a unit.")
        return redirect("unit_new", done.place.pk)

    return _formed(request, form, act, title="Add a facility", button="Add facility", back=("place_list",))


@require_http_methods(METHODS)
def facility_page(request: HttpRequest, number: int) -> HttpResponse:
    """A facility: what hangs on it, and its name."""
    page = reads.facility_page(request.viewer, number, timezone.now())
    form = FacilityForm(request.POST or None, initial={"since": page.place.since, "name": page.place.name})

    def act() -> HttpResponse:
        places.change_facility(
            number, by=request.viewer, at=timezone.now(), since=form.version, **form.values
        )
        messages.success(request, "Saved.")
        return redirect("facility_page", number)

    return _formed(request, form, act, page=page, button="Save facility")


@require_http_methods(METHODS)
def facility_close(request: HttpRequest, number: int) -> HttpResponse:
    """Ask for its last day, saying what hangs on it, then close all its units."""
    page = reads.facility_page(request.viewer, number, timezone.now())
    if not page.may_edit:
        raise NotAllowed("You may not close this facility")
    form = CloseForm(request.POST or None, initial={"since": page.place.since})

    def act() -> HttpResponse:
        places.close_facility(
            number, by=request.viewer, at=timezone.now(), since=form.version, end=form.until()
        )
        messages.success(request, f"{page.place} closes. Each unit can be opened again on its page.")
        return redirect("facility_page", number)

    told = {
        "title": f"Close {page.place}",
        "button": "Close facility and its units",
        "back": ("facility_page", number),
    }
    return _formed(request, form, act, page=page, closing=True, **told)


@require_http_methods(METHODS)
def unit_new(request: HttpRequest, number: int) -> HttpResponse:
    """Add a unit to a facility."""
    page = reads.facility_page(request.viewer, number, timezone.now())
    if not page.may_edit:
        raise NotAllowed("You may not add a unit here")
    form = NewUnitForm(request.POST or None)

    def act() -> HttpResponse:
        values = {name: form.cleaned_data[name] for name in ("key", "name")}
        done = places.add_unit(
            by=request.viewer, at=timezone.now(), facility=number, start=form.begin(), **values
        )
        messages.success(request, f"{done.place} added to {page.place}.")
        return redirect("unit_page", done.place.pk)

    told = {
        "title": f"Add a unit to {page.place}",
        "button": "Add unit",
        "back": ("facility_page", number),
    }
    return _formed(request, form, act, **told)


@require_http_methods(METHODS)
def unit_page(request: HttpRequest, number: int) -> HttpResponse:
    """A unit: what hangs on it, its name, its facility, its last day."""
    page = reads.unit_page(request.viewer, number, timezone.now())
    offered = reads.offered_facilities(request.viewer) if page.may_edit else []
    if str(page.facility.pk) not in dict(offered):
        offered = [(str(page.facility.pk), str(page.facility))]
    stands = {
        "since": page.place.since,
        "name": page.place.name,
        "facility": page.facility.pk,
        "end": last_day(page.end),
    }
    form = UnitForm(request.POST or None, initial=stands, facilities=offered)

    def act() -> HttpResponse:
        values = {"name": form.cleaned_data["name"], "facility": int(form.cleaned_data["facility"])}
        places.change_unit(
            number,
            by=request.viewer,
            at=timezone.now(),
            since=form.version,
            end=form.until() if "end" in form.changed_data else None,
            **values,
        )
        messages.success(request, "Saved.")
        return redirect("unit_page", number)

    return _formed(request, form, act, page=page, button="Save unit")


def _formed(
    request: HttpRequest, form: forms.Form, act: Callable[[], HttpResponse], **told: Any
) -> HttpResponse:
    """Draw a form, or do what it says; the second of two savers sees both versions. `Any`: what the template takes."""
    clash: Clash | None = None
    page = told.get("page")
    if request.method == "POST" and page is not None and not page.may_edit:
        raise NotAllowed("You may not change this place")
    if request.method == "POST" and form.is_valid():
        try:
            return act()
        except Stale as error:
            clash = clash_of(form, error)
            form = clash.form
        except (NotFound, NotAllowed):
            raise
        except (Invalid, Conflict, forms.ValidationError, PilothouseError) as error:
            _wrong(form, error)
    status = 409 if clash else 422 if form.errors else 200
    return render(request, "core/place.html", {**told, "form": form, "clash": clash}, status=status)


def _wrong(form: forms.Form, error: Exception) -> None:
    """Say in the form what was wrong, at the field where it is known."""
    fields = {name: text for name, text in getattr(error, "fields", {}).items() if name in form.fields}
    for name, text in fields.items():
        form.add_error(name, text)
    if not fields:
        form.add_error(None, error if isinstance(error, forms.ValidationError) else str(error))

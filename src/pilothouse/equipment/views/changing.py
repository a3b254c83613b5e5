"""Changing devices: edit, add, merge, split, retire, and take it back. Each change can be undone from its toast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.core.errors import Conflict, Invalid, Stale
from pilothouse.core.navigation import address
from pilothouse.core.permissions import need
from pilothouse.core.words import counted, listed
from pilothouse.equipment import actions
from pilothouse.equipment.claims import HAND
from pilothouse.equipment.fields import BY_NAME
from pilothouse.equipment.forms import DeviceForm, NoteForm, numbers
from pilothouse.equipment.hand import LONGEST
from pilothouse.equipment.models import Equipment, EquipmentPast, Stage
from pilothouse.equipment.reads import comparing, versions
from pilothouse.equipment.reads.page import title_of
from pilothouse.equipment.reads.rooms import offered
from pilothouse.equipment.reads.scanned import models_of
from pilothouse.equipment.reads.versions import Version
from pilothouse.equipment.udi import NoUdi, read_udi


def told(request: HttpRequest, words: str, revision: int) -> None:
    """A toast that can take the change back."""
    messages.success(
        request, words, extra_tags=reverse("equipment_undo", args=[revision]) if revision else ""
    )


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, record: int) -> HttpResponse:
    """All fields of a device. Who saves second sees what the first saved."""
    version = versions.device(request.viewer, record)
    need(request.viewer, "edit_equipment", facility=version.facility_id, unit=version.unit_id)
    shown = versions.values(version)
    hidden = versions.hidden_fields(request.viewer, version)
    by_hand = {name for one, _ in versions.claims(record) if one.kind == HAND for name in one.doc}
    options: dict[str, Any] = {"hidden": hidden, "by_hand": by_hand}  # as the form takes them
    if request.method == "GET":
        form = DeviceForm(initial={**shown, "since": version.since}, **options)
        return _edit_page(request, version, form)
    if request.POST.get("do") == "read":
        return _edit_page(request, version, *_with_udi(request, options))
    form = DeviceForm(request.POST, **options)
    if not form.is_valid():
        return _edit_page(request, version, form)
    read = _as_read(record, form.cleaned_data["since"] or 0) or shown
    changed = form.changed(read)
    if not changed:
        messages.info(request, "Nothing was changed.")
        return redirect("equipment_page", record)
    try:
        done = actions.set_by_hand([record], changed, by=request.viewer, at=timezone.now(), note=form.cleaned_data["note"], read_at=form.cleaned_data["since"])  # fmt: skip
    except Stale as error:
        again, differ = _both(form, read, changed, error, options)
        return _edit_page(request, version, again, {"both": differ})
    except Invalid as error:
        _add_errors(form, error)
        return _edit_page(request, version, form)
    told(request, f"Saved: {listed([BY_NAME[name].label.lower() for name in changed])}", done.revision)
    return redirect("equipment_page", record)


def _as_read(record: int, since: int) -> dict[str, str] | None:
    """The values of the version that the editor read."""
    current = Equipment.objects.filter(pk=record, since=since).first()
    found = current or EquipmentPast.objects.filter(record=record, since=since).first()
    return None if found is None else versions.values(found)


def _both(form: DeviceForm, read: Mapping[str, str], changed: Mapping[str, str], error: Stale, options: dict[str, Any]) -> tuple[DeviceForm, list[tuple[str, str, str, str]]]:  # fmt: skip
    """The form over what stands now with this person's own changes in it, and each field that both changed."""
    present = {name: str(value) for name, value in error.present.items()}
    fresh = {name: present.get(name, "") for name in form.values} | dict(changed)
    again = DeviceForm(initial={**fresh, "since": error.since, "note": form.cleaned_data["note"]}, **options)
    differ = [
        (BY_NAME[name].label, read.get(name, ""), present.get(name, ""), changed.get(name, ""))
        for name in form.values
        if present.get(name, "") != read.get(name, "")
    ]
    return again, differ


def _add_errors(form: DeviceForm, error: Invalid) -> None:
    for name, message in error.fields.items():
        form.add_error(name if name in form.fields else None, message)
    if not error.fields:
        form.add_error(None, str(error))


def _edit_page(request: HttpRequest, version: Version | None, form: DeviceForm, more: Mapping[str, Any] | None = None) -> HttpResponse:  # fmt: skip
    """The form's page, of a device or of a new one. `Any`: a template takes what it is given."""
    context: dict[str, Any] = {
        "form": form,
        "list_url": address("equipment_list"),
        "offered": offered(version),
        "both": None,
        **(more or {}),
    }
    if version is None:
        context["title"] = "Add a device"
    else:
        context |= {"version": version, "record": version.pk, "title": title_of(version)}
    return render(request, "equipment/edit.html", context, status=409 if context["both"] is not None else 200)


def _with_udi(request: HttpRequest, options: dict[str, Any]) -> tuple[DeviceForm, dict[str, Any]]:
    """The form as it was typed, with what a UDI says filled in; nothing is saved."""
    typed = {
        name: request.POST[name][: 2 * LONGEST]
        for name in (*BY_NAME, "note", "since")
        if name in request.POST
    }
    text = request.POST.get("udi", "")
    try:
        udi = read_udi(text, today=timezone.localdate())
    except NoUdi as error:
        return DeviceForm(initial=typed, **options), {"udi_text": text[:LONGEST], "udi_wrong": str(error)}
    if udi.serial:
        typed["serial"] = udi.serial
    model = next(iter(models_of(udi)), None)
    if model is not None:
        typed |= {"model": model.name, "maker": model.maker.name if model.maker else typed.get("maker", "")}
    return DeviceForm(initial=typed, **options), {"udi": udi, "udi_text": text}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A device that no source knows yet."""
    actions.need_somewhere(request.viewer)
    hidden = () if request.viewer.may_somewhere("see_prices") else ("price",)
    if request.POST.get("do") == "read":
        return _edit_page(request, None, *_with_udi(request, {"hidden": hidden}))
    form = DeviceForm(request.POST or None, hidden=hidden)
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.add_by_hand(form.values, by=request.viewer, at=timezone.now(), note=form.cleaned_data["note"])  # fmt: skip
        except Invalid as error:
            _add_errors(form, error)
        else:
            told(request, "Device added", done.revision)
            return redirect("equipment_page", done.made)
    return _edit_page(request, None, form)


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, record: int) -> HttpResponse:
    """Two records that are one device: find the other, see what would become of both, merge."""
    version = versions.device(request.viewer, record)
    need(request.viewer, "merge_equipment", facility=version.facility_id, unit=version.unit_id)
    chosen = numbers([request.POST.get("with") or request.GET.get("with") or ""])
    if request.method == "POST" and chosen:
        done = actions.merge(record, chosen, by=request.viewer, at=timezone.now(), note=request.POST.get("note", "")[:300])  # fmt: skip
        told(request, "Merged into one device", done.revision)
        return redirect("equipment_page", record)
    text = request.GET.get("q", "").strip()[:100]
    context: dict[str, Any] = {"record": record, "title": title_of(version), "text": text, "list_url": address("equipment_list")}  # a template takes what it is given  # fmt: skip
    if chosen and chosen[0] != record:
        other = versions.device(request.viewer, chosen[0])
        context |= {"other": other, "other_title": title_of(other), "outcomes": comparing.merged(request.viewer, record, chosen[0]), "form": NoteForm()}  # fmt: skip
    else:
        context["candidates"] = [(one, title_of(one)) for one in comparing.candidates(request.viewer, record, text)]  # fmt: skip
    return render(request, "equipment/merge.html", context)


@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, record: int) -> HttpResponse:
    """One record that is two devices: choose what belongs to the other, see what would become of both, split."""
    version = versions.device(request.viewer, record)
    need(request.viewer, "merge_equipment", facility=version.facility_id, unit=version.unit_id)
    chosen = numbers((request.POST if request.method == "POST" else request.GET).getlist("claim"))
    wrong = ""
    if request.method == "POST":
        try:
            done = actions.split(record, chosen, by=request.viewer, at=timezone.now(), note=request.POST.get("note", "")[:300])  # fmt: skip
        except (Invalid, Conflict) as error:
            wrong, chosen = str(error), []
        else:
            told(request, "Split into two devices", done.revision)
            return redirect("equipment_page", done.made)
    context = {
        "record": record,
        "title": title_of(version),
        "records": comparing.records(request.viewer, record),
        "chosen": chosen,
        "outcomes": comparing.parted(request.viewer, record, chosen) if chosen else None,
        "form": NoteForm(),
        "wrong": wrong,
        "list_url": address("equipment_list"),
    }
    return render(request, "equipment/split.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, record: int) -> HttpResponse:
    """Out of service for good, or back again."""
    version = versions.device(request.viewer, record)
    need(request.viewer, "edit_equipment", facility=version.facility_id, unit=version.unit_id)
    is_retired = version.stage == Stage.RETIRED
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verb = actions.bring_back if is_retired else actions.retire
        done = verb([record], by=request.viewer, at=timezone.now(), note=form.cleaned_data["note"])
        told(request, "Brought back" if is_retired else "Retired", done.revision)
        return redirect("equipment_page", record)
    context = {"record": record, "title": title_of(version), "is_retired": is_retired, "form": form, "list_url": address("equipment_list")}  # fmt: skip
    return render(request, "equipment/retire.html", context)


@require_POST
def undo(request: HttpRequest, revision: int) -> HttpResponse:
    """Take a change back, and go where it happened."""
    done = actions.undo(revision, by=request.viewer, at=timezone.now())
    there = sorted(Equipment.objects.filter(pk__in=done.ids[:50]).values_list("pk", flat=True))
    told(request, f"Taken back for {counted(len(done.ids), 'device')}", done.revision)
    if there:
        return redirect("equipment_page", there[0])
    return redirect(address("equipment_list") or "/")

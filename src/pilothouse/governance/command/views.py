"""The chain of command over HTTP: drawn, one position, and the forms that change it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.core.as_of import as_of
from pilothouse.core.conflict import Clash, clash_of
from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.keeping import revision_at
from pilothouse.core.models import Person
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.governance import models as m
from pilothouse.governance.command import actions, forms, reads
from pilothouse.governance.command.actions import Done
from pilothouse.governance.command.chart import chart
from pilothouse.governance.command.deciding import places_of
from pilothouse.governance.command.undoing import undo
from pilothouse.governance.command.versions import version_of_person, version_of_position
from pilothouse.governance.command.worth import worth_a_look
from pilothouse.governance.exporting import as_zip
from pilothouse.governance.loading import chain_zone
from pilothouse.governance.recorded import whole
from pilothouse.governance.words import TOPICS, GovernanceError
from pilothouse.kernel.times import OPEN, NotATime, as_datetime, as_instant, read_time

MOST_OFFERED: Final = 300
"""People or positions that a field offers while one types; with more it is typed alone."""


def _seen(request: HttpRequest) -> tuple[datetime, int | None]:
    """The valid moment and the revision that a page shows. `?on=`: the valid day; `?as_of=`: what was recorded by then."""
    if not request.viewer.may_somewhere("see_chain"):
        raise NotFound("There is nothing here")
    past = as_of(request)
    revision = None if past is None else revision_at(past)
    typed = request.GET.get("on", "")[:40].strip()
    try:
        return as_datetime(read_time(typed, chain_zone()), chain_zone()), revision
    except (NotATime, OverflowError):
        return past or timezone.now(), revision


@require_GET
def chain_page(request: HttpRequest) -> HttpResponse:
    """The chain drawn, for any day."""
    at, revision = _seen(request)
    top = request.GET.get("top", "")
    drawn = chart(
        request.viewer, at, revision, int(top) if top.isascii() and top.isdigit() and len(top) < 16 else None
    )
    may_edit = revision is None and request.viewer.may_somewhere("edit_chain")
    context = {"chart": drawn, "posts": [drawn.top] if drawn else [], "at": at, "on": request.GET.get("on", ""), "may_edit": may_edit, "branch": bool(top)}  # fmt: skip
    return render(request, "governance/chain.html", context)


@require_GET
def chain_worth(request: HttpRequest) -> HttpResponse:
    """What of the chain is worth a look."""
    at, revision = _seen(request)
    return render(
        request,
        "governance/chain_worth.html",
        {"worth": worth_a_look(request.viewer, at, revision), "at": at},
    )


@require_GET
def chain_export(request: HttpRequest) -> HttpResponse:
    """The chain as its files, as it is or as it was recorded."""
    _, revision = _seen(request)
    if not request.viewer.may("see_chain"):
        raise NotAllowed("The files hold the whole chain; who sees all of it can export them")
    answer = HttpResponse(as_zip(whole(revision).rows), content_type="application/zip")
    answer["Content-Disposition"] = 'attachment; filename="chain.zip"'
    return answer


@require_GET
def position_page(request: HttpRequest, position: int) -> HttpResponse:
    """One position."""
    at, revision = _seen(request)
    page = reads.position_page(request.viewer, position, at, revision)
    return render(request, "governance/position.html", {"page": page, "at": at})


@require_http_methods(["GET", "POST"])
def chain_add(request: HttpRequest) -> HttpResponse:
    """A new position; the very first is the helm."""
    _may_edit(request)
    first = not m.Position.objects.exists()
    form = (forms.FoundForm if first else forms.NewPositionForm)(request.POST or None, initial={"reports_to": request.GET.get("below", "")})  # fmt: skip

    def act(typed: Mapping[str, Any]) -> Done:
        if first:
            return actions.found_chain(by=request.viewer, at=timezone.now(), **typed)
        facility, unit = typed["place"]
        rest = {name: typed[name] for name in ("key", "title", "reports_to")}
        return actions.add_position(
            by=request.viewer, at=timezone.now(), facility=facility, unit=unit, **rest
        )

    title = "Make the helm" if first else "Add a position"
    return _formed(request, form, act, title=title, button=title, back=reverse("chain_page"))


@require_http_methods(["GET", "POST"])
def position_change(request: HttpRequest, position: int, verb: str) -> HttpResponse:
    """One of the forms that change a position."""
    if verb not in forms.FORMS:
        raise NotFound("There is no such page")
    kind, title, button = forms.FORMS[verb]
    at = timezone.now()
    page = reads.position_page(request.viewer, position, at)
    if not (page.may_delegate if verb == "delegate" else page.may_edit):
        raise NotAllowed("You may not change this position")
    one = actions.position_of(position)
    initial = {"since": version_of_position(position), "title": one.title, "reports_to": one.reports_to and one.reports_to.key, "end": _typed(one.end) if verb == "change" else "", "place": _place_key(one) if verb == "change" else ""}  # fmt: skip
    form = kind(request.POST or None, initial=initial)
    if verb == "change" and one.helm:
        del form.fields["reports_to"], form.fields["place"]
    act = _verb(verb, position, request.viewer, form)
    return _formed(request, form, act, title=f"{title}: {page.title}", button=button, back=reverse("position_page", args=[position]))  # fmt: skip


def _verb(
    verb: str, position: int, by: Viewer, form: Any
) -> Any:  # Any: a form, and what is called with what was typed
    """What sending the form does."""
    at = timezone.now()
    now = as_instant(at)

    def act(typed: Mapping[str, Any]) -> Done:
        who: dict[str, Any] = {"by": by, "at": at, "seen": form.version}
        match verb:
            case "appoint":
                return actions.appoint(
                    position, typed["person"], times=form.times(now), succeed=typed["succeed"], **who
                )
            case "deputy":
                return actions.appoint(position, typed["person"], kind="deputy", rank=typed["rank"], times=form.times(now), **who)  # fmt: skip
            case "mandate":
                facility, unit = typed["place"]
                given = {name: typed[name] for name in ("topic", "most", "currency", "succeed")}
                return actions.give_mandate(
                    position, facility=facility, unit=unit, times=form.times(now), **given, **who
                )
            case "delegate":
                return actions.delegate(
                    position, typed["person"], topic=typed["topic"], times=form.times(now), **who
                )
            case "duty":
                return actions.put_on_duty(position, typed["person"], times=form.times(now), **who)
        end = OPEN if typed["end"] is None else typed["end"]
        moved: dict[str, Any] = {"reports_to": typed.get("reports_to"), "place": typed.get("place")}
        return actions.change_position(position, title=typed["title"], end=end, **moved, **who)

    return act


@require_http_methods(["GET", "POST"])
def person_away(request: HttpRequest, person: int) -> HttpResponse:
    """When somebody is away: themselves, or who may edit a position of theirs."""
    at = timezone.now()
    one = Person.objects.filter(pk=person).first()
    if one is None or not request.viewer.may_somewhere("see_people"):
        raise NotFound("There is no such person")
    if not actions.may_edit_person(request.viewer, person, at):
        raise NotAllowed("You may not say when this person is away")
    form = forms.AwayForm(request.POST or None, initial={"since": version_of_person(person)})

    def act(typed: Mapping[str, Any]) -> Done:
        return actions.note_absence(
            person, by=request.viewer, at=at, times=form.times(as_instant(at)), seen=form.version
        )

    return _formed(request, form, act, title=f"{one} is away", button="Note absence", back=reverse("person_page", args=[person]))  # fmt: skip


_ENDS: Final[Mapping[str, tuple[Any, Any]]] = {
    "appointment": (m.Appointment, actions.end_appointment),
    "mandate": (m.Mandate, actions.end_mandate),
    "delegation": (m.Delegation, actions.end_delegation),
    "shift": (m.Shift, actions.end_shift),
    "absence": (m.Absence, actions.end_absence),
}
"""Any: a table, and the action that ends a row of it."""


@require_http_methods(["GET", "POST"])
def chain_end(request: HttpRequest, kind: str, row: int) -> HttpResponse:
    """Let a row of the chain end."""
    if kind not in _ENDS:
        raise NotFound("There is no such page")
    model, action = _ENDS[kind]
    one = model.objects.filter(pk=row).first()
    if one is None:
        raise NotFound("There is no such row any more; somebody may have withdrawn it")
    position = getattr(one, "position_id", None)
    if position is not None:
        reads.position_page(request.viewer, position, timezone.now())
    back = (
        reverse("person_page", args=[one.person_id])
        if position is None
        else reverse("position_page", args=[position])
    )
    version = version_of_person(one.person_id) if position is None else version_of_position(position)
    form = forms.EndForm(request.POST or None, initial={"since": version, "end": _typed(one.end)})

    def act(typed: Mapping[str, Any]) -> Done:
        now = timezone.now()
        end = as_instant(now) if typed["end"] is None else typed["end"]
        seen = {} if position is None else {"seen": form.version}
        done: Done = action(row, by=request.viewer, at=now, end=end, **seen)
        return done

    about = one.person if hasattr(one, "person") else reads.topic_words(one.topic)
    return _formed(request, form, act, title=f"End the {kind}: {about}", button=f"End {kind}", back=back)


@require_POST
def chain_undo(request: HttpRequest, revision: int) -> HttpResponse:
    """Take the change of a revision back."""
    _may_edit(request)
    try:
        done = undo(revision, by=request.viewer, at=timezone.now())
    except (Conflict, GovernanceError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Taken back.", extra_tags=reverse("chain_undo", args=[done]))
    return redirect("chain_page")


def _may_edit(request: HttpRequest) -> None:
    if not request.viewer.may_somewhere("edit_chain"):
        raise NotAllowed("You may not edit the chain of command")


def _formed(request: HttpRequest, form: Any, act: Any, *, title: str, button: str, back: str) -> HttpResponse:
    """Draw a form, or do what it says and go back with a word and an undo. `Any`: a form, and a call with what was typed."""
    clash: Clash | None = None
    forms.for_viewer(form, request.viewer)
    if request.method == "POST" and form.is_valid():
        try:
            done: Done = act(form.cleaned_data)
        except Stale as error:
            clash = clash_of(form, error)
            form = forms.for_viewer(clash.form, request.viewer)
        except (Invalid, Conflict, NotFound, GovernanceError) as error:
            say_wrong(form, error)
        else:
            tags = reverse("chain_undo", args=[done.revision]) if done.revision else ""
            messages.success(request, f"{done.says}.", extra_tags=tags)
            return redirect(back)
    context = {
        "form": form,
        "clash": clash,
        "title": title,
        "button": button,
        "back": back,
        **offered(form, request.viewer),
    }
    status = 409 if clash else 422 if form.errors else 200
    return render(request, "governance/chain_form.html", context, status=status)


def say_wrong(form: django_forms.Form, error: Exception) -> None:
    """Say in the form what was wrong, at the field where it is known."""
    fields = {name: text for name, text in getattr(error, "fields", {}).items() if name in form.fields}
    for name, text in fields.items():
        form.add_error(name, text)
    if not fields:
        form.add_error(None, str(error))


def offered(form: django_forms.Form, viewer: Viewer) -> dict[str, Any]:  # Any: what a template takes
    """What fields offer while one types: only for those the form has."""
    lists = {field.widget.attrs.get("list") for field in form.fields.values()}
    people = positions = ()
    if "people" in lists:
        people = (
            Person.objects.filter(left=False).order_by("name").values_list("key", "name")[: MOST_OFFERED + 1]
        )
    if "positions" in lists:
        positions = (
            forms.positions_seen(viewer).order_by("title").values_list("key", "title")[: MOST_OFFERED + 1]
        )
    return {
        "people": people if len(people) <= MOST_OFFERED else (),
        "positions": positions if len(positions) <= MOST_OFFERED else (),
        "places": places_of(viewer, timezone.now()) if "places" in lists else (),
        "topics": TOPICS if "topics" in lists else (),
    }


def _typed(instant: int) -> str:
    """As a field for times takes it."""
    return "" if instant == OPEN else f"{as_datetime(instant, chain_zone()):%Y-%m-%dT%H:%M}"


def _place_key(one: Any) -> str:  # Any: a position
    return str(one.unit.key if one.unit_id else one.facility.key if one.facility_id else "")

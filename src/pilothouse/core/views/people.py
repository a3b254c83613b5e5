"""People: the list, one person, what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from pilothouse.core import drawing, people
from pilothouse.core.conflict import Clash, clash_of
from pilothouse.core.errors import Conflict, Invalid, NotFound, Stale
from pilothouse.core.leaving import left_open
from pilothouse.core.listing import Column, Filter, Listing, Rows, View, link, show, soft
from pilothouse.core.models import Membership, Person
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import NotAllowed, need
from pilothouse.core.reads import people as reads
from pilothouse.core.tokens import withdraw_token
from pilothouse.core.views.person_forms import NewPersonForm, PersonForm, RoleForm, SignInForm
from pilothouse.kernel.times import as_instant


def _name(row: Person) -> str:
    return str(row.name) or ("erased" if people.is_erased(row) else str(row.key))


def _roles(row: Any) -> str:
    """`Any`: a person with what the read adds."""
    return "; ".join(f"{one.get_role_display()}, {reads.place_of(one)}" for one in row.held)


def _state(row: Any) -> str:
    if people.is_erased(row):
        return "erased"
    return "has left" if row.left else "works here"


def _known(name: str) -> Callable[[Any], str]:
    """`Any`: see Row. What is not known is said in a word."""
    return lambda row: getattr(row, name) or soft("unknown")


def _sign_in(row: Any) -> str:
    if row.can_sign_in:
        return drawing.tag("can sign in", "ok")
    return drawing.tag("blocked", "high") if row.has_account else soft("no")


def _holds(values: tuple[str, ...]) -> Q:
    now = as_instant(timezone.now())
    return Q(
        Exists(Membership.objects.filter(person=OuterRef("pk"), role__in=values, start__lte=now, end__gt=now))
    )


def _can(values: tuple[str, ...]) -> Q:
    kinds = {
        "yes": Q(can_sign_in=True),
        "blocked": Q(has_account=True, can_sign_in=False),
        "no": Q(has_account=False),
    }
    found = Q(pk__in=[])
    for value in values:
        found |= kinds.get(value, Q(pk__in=[]))
    return found


_NAME = Column("name", "Name", lambda row: link(reverse("person_page", args=[row.pk]), _name(row)), text=_name, sort="name", head=True, fold="top")  # fmt: skip
_REACH = (
    Column(
        "phone", "Phone", _known("phone"), text=lambda row: row.phone, sort="phone", kind="code", fold="row"
    ),
    Column("pager", "Pager", _known("pager"), text=lambda row: row.pager, sort="pager", kind="code"),
    Column("email", "E-mail", _known("email"), text=lambda row: row.email, sort="email", fold="row"),
    Column("key", "Id", lambda row: row.key, sort="key", kind="code"),
    Column("state", "State", _state),
)
_LEFT = Filter(
    "left", "State", field="left", options=lambda viewer: [("False", "works here"), ("True", "has left")]
)
_SEARCH = ("name", "key", "email", "phone", "pager")

PEOPLE = Listing(
    key="people", noun="person", plural="people", sort="name", columns=(_NAME, *_REACH), filters=(_LEFT,),
    search=_SEARCH, search_hint="Name, id, phone or e-mail", views=(View("All people", ""), View("Works here", "left=False")),
    first="Nobody is known yet. Import the chain's people, or add somebody.", export="see_people",
)  # fmt: skip
MANAGED = Listing(
    key="people_managed", noun="person", plural="people", sort="name",
    columns=(
        _NAME,
        Column("roles", "Roles", _roles, fold="row"),
        Column("sign_in", "Sign-in", _sign_in, text=lambda row: "yes" if row.can_sign_in else "blocked" if row.has_account else "no", fold="end", fit=True),
        *_REACH,
    ),
    filters=(
        Filter("role", "Role", where=_holds, options=lambda viewer: [(str(value), str(label)) for value, label in Role.choices]),
        Filter("sign_in", "Sign-in", where=_can, options=lambda viewer: [("yes", "can sign in"), ("blocked", "blocked"), ("no", "has none")]),
        _LEFT,
    ),
    search=_SEARCH, search_hint="Name, id, phone or e-mail",
    views=(View("All people", ""), View("Works here", "left=False"), View("Can sign in", "sign_in=yes")),
    first="Nobody is known yet. Import the chain's people, or add somebody.",
)  # fmt: skip


@require_http_methods(["GET", "POST"])
def person_list(request: HttpRequest) -> HttpResponse:
    """Everybody the house knows."""
    manage = reads.may_manage(request.viewer)
    listing = MANAGED if manage else PEOPLE
    rows = Rows(listing, reads.people(request.viewer, timezone.now()))
    return show(request, listing, rows, "core/people.html", manage=manage)


@never_cache
@require_GET
def person_page(request: HttpRequest, number: int) -> HttpResponse:
    """One person."""
    return _drawn(request, number)


def _drawn(request: HttpRequest, number: int, status: int = 200, **more: Any) -> HttpResponse:
    """The page, with forms that could not be taken or a password to hand over. `Any`: what a template takes."""
    page = reads.person_page(request.viewer, number, timezone.now())
    manages_somewhere = request.viewer.may_somewhere("manage_people")
    fresh = {"role_form": RoleForm(), "sign_in_form": SignInForm(initial={"login": _login_for(page.person)})}
    context = {
        **fresh,
        **more,
        "page": page,
        "may_give": manages_somewhere and not page.erased and not page.person.left,
        "places": reads.places_offered() if manages_somewhere else [],
        "may_audit": request.viewer.may("see_audit"),
    }
    return render(request, "core/person.html", context, status=status)


def _login_for(person: Person) -> str:
    if person.email:
        return str(person.email).partition("@")[0].lower()
    return ".".join(str(person.name).lower().split())


def _wrong(form: forms.Form, error: Invalid | Conflict | NotFound | NotAllowed) -> None:
    """Say in a form what was wrong, at the field where it is known."""
    fields = getattr(error, "fields", {})
    known = {name: words for name, words in fields.items() if name in form.fields}
    for name, words in known.items():
        form.add_error(name, words)
    if not known:
        form.add_error(None, str(error))


@require_http_methods(["GET", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Add somebody."""
    need(request.viewer, "manage_people")
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            one = people.add_person(by=request.viewer, at=timezone.now(), **form.cleaned_data)
        except Invalid as error:
            _wrong(form, error)
        else:
            messages.success(request, f"{one.name} added.")
            return redirect("person_page", one.pk)
    return render(
        request, "core/person_form.html", {"form": form, "title": "Add a person", "button": "Add person"}
    )


@require_http_methods(["GET", "POST"])
def person_edit(request: HttpRequest, number: int) -> HttpResponse:
    """Change what is known of somebody; the second of two savers sees both versions."""
    need(request.viewer, "manage_people")
    one = people.person_of(number)
    stands = {name: getattr(one, name) for name in ("since", "name", "email", "phone", "pager", "left")}
    form = PersonForm(request.POST or None, initial=stands)
    clash: Clash | None = None
    if request.method == "POST" and form.is_valid():
        try:
            people.change_person(
                number, by=request.viewer, at=timezone.now(), since=form.version, **form.values
            )
        except Stale as error:
            clash = clash_of(form, error)
            form = clash.form
        except (Invalid, Conflict, NotAllowed) as error:
            _wrong(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("person_page", number)
    context = {
        "form": form,
        "clash": clash,
        "person": one,
        "title": f"Edit {one}",
        "button": "Save person",
        "open": left_open(request.viewer, number),
    }
    return render(request, "core/person_form.html", context, status=409 if clash else 200)


@require_POST
def role_give(request: HttpRequest, number: int) -> HttpResponse:
    """Give a role at a place."""
    form = RoleForm(request.POST)
    now = timezone.now()
    if form.is_valid():
        try:
            facility, unit = reads.find_place(form.cleaned_data["place"])
            start, end = form.span(now)
            people.grant(
                number, by=request.viewer, at=now, role=form.cleaned_data["role"], facility=facility, unit=unit, start=start, end=end
            )  # fmt: skip
        except NotFound as error:
            form.add_error("place", str(error))
        except forms.ValidationError as error:
            form.add_error("end", error)
        except (Invalid, Conflict, NotAllowed) as error:
            _wrong(form, error)
        else:
            messages.success(request, "Role given.")
            return redirect("person_page", number)
    return _drawn(request, number, 422, role_form=form)


@require_POST
def role_end(request: HttpRequest, number: int, membership: int) -> HttpResponse:
    """End a role now."""
    if not Membership.objects.filter(pk=membership, person_id=number).exists():
        raise NotFound("There is no such role")
    people.withdraw(membership, by=request.viewer, at=timezone.now())
    messages.success(request, "Role ended.")
    return redirect("person_page", number)


@never_cache
@require_POST
def sign_in_make(request: HttpRequest, number: int) -> HttpResponse:
    """Let a person sign in; the page shows the password to hand over, once."""
    form = SignInForm(request.POST)
    if form.is_valid():
        try:
            login = form.cleaned_data["login"]
            _, password = people.create_account(number, by=request.viewer, at=timezone.now(), login=login)
        except (Invalid, Conflict) as error:
            _wrong(form, error)
        else:
            return _drawn(request, number, one_time=password)
    return _drawn(request, number, 422, sign_in_form=form)


@never_cache
@require_POST
def sign_in_reset(request: HttpRequest, number: int) -> HttpResponse:
    """Another password to hand over, shown once."""
    password = people.reset_password(number, by=request.viewer, at=timezone.now())
    return _drawn(request, number, one_time=password)


@require_POST
def sign_in_switch(request: HttpRequest, number: int) -> HttpResponse:
    """Block a sign-in or open it again."""
    on = request.POST.get("on") == "1"
    people.enable_account(number, by=request.viewer, at=timezone.now(), on=on)
    messages.success(request, "They can sign in again." if on else "They can sign in no more.")
    return redirect("person_page", number)


@require_POST
def token_withdraw(request: HttpRequest, number: int, token: int) -> HttpResponse:
    """End a key of the API."""
    one = withdraw_token(by=request.viewer, at=timezone.now(), token_id=token)
    messages.success(request, f"The token {one.name} opens nothing any more.")
    return redirect("person_page", number)


@require_http_methods(["GET", "POST"])
def person_erase(request: HttpRequest, number: int) -> HttpResponse:
    """Ask, then erase for good."""
    need(request.viewer, "manage_people")
    one = people.person_of(number)
    if request.method == "POST":
        people.erase_person(number, by=request.viewer, at=timezone.now())
        messages.success(request, f"What was personal of {one.key} is erased.")
        return redirect("person_page", number)
    return render(request, "core/person_erase.html", {"person": one})

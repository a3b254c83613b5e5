"""The house's own settings, and the permission table."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse import __version__
from pilothouse.core.checking import unsafe_settings
from pilothouse.core.choosing import change_settings
from pilothouse.core.house import house_of
from pilothouse.core.models import Beat
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import need
from pilothouse.core.reads.permissions import table


class SettingsForm(forms.Form):
    """What is changed in the browser; what the operator sets is told beside it."""

    house = forms.CharField(
        label="Name of the health system",
        max_length=80,
        required=False,
        help_text="Stands in the bar of every page and on what is printed.",
    )
    second_factor_roles = forms.MultipleChoiceField(
        label="Roles that need a second factor",
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Who holds one of them sets it up on the next page they open.",
    )


@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """See and change them."""
    need(request.viewer, "manage_settings")
    now = house_of(request)
    stands = {"house": now.name, "second_factor_roles": sorted(now.second_factor_roles)}
    form = SettingsForm(request.POST or None, initial=stands)
    if request.method == "POST" and form.is_valid():
        change_settings(by=request.viewer, at=timezone.now(), **form.cleaned_data)
        messages.success(request, "Settings saved.")
        return redirect("settings_page")
    context = {
        "form": form,
        "facts": _facts(),
        "unsafe": list(unsafe_settings()),
        "beats": Beat.objects.all(),
    }
    return render(request, "core/settings.html", context)


def _facts() -> list[tuple[str, str]]:
    """What the operator sets, in words."""
    return [
        ("Version", __version__),
        ("Database", {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]),
        ("Address", settings.PUBLIC_URL),
        ("Time zone", settings.TIME_ZONE),
        ("Mail", "is sent" if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") else "is not set up"),
    ]


@require_GET
def permission_table(request: HttpRequest) -> HttpResponse:
    """What each role may do; the same for everybody who can sign in."""
    roles, lines = table()
    return render(request, "core/permissions.html", {"roles": roles, "lines": lines})

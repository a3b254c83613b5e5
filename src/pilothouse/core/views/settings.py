"""The house's own settings, and the permission table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from pilothouse import __version__
from pilothouse.core import house as chosen
from pilothouse.core.calls.rates import limit_per_minute
from pilothouse.core.checking import unsafe_settings
from pilothouse.core.choosing import LONGEST_NAME, change_settings
from pilothouse.core.house import house_of
from pilothouse.core.models import Beat
from pilothouse.core.models.people import Role
from pilothouse.core.permissions import need
from pilothouse.core.reads.permissions import table
from pilothouse.core.words import count
from pilothouse.kernel.times import zone_names


def _number(name: str, label: str, unit: str, help_text: str) -> forms.IntegerField:
    least, most = chosen.BOUNDS[name]
    field = forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)
    field.unit = unit
    return field


class SettingsForm(forms.Form):
    """What is changed in the browser; what the operator sets is told beside it."""

    house = forms.CharField(
        label="Name of the health system",
        max_length=LONGEST_NAME,
        required=False,
        help_text="Stands in the bar of every page and on what is printed.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=lambda: [(name, name.replace("_", " ")) for name in sorted(zone_names())],
        help_text="Pages, exports and the command line show and read times in it. A chain that was imported keeps its own.",
    )
    second_factor_roles = forms.MultipleChoiceField(
        label="Roles that need a second factor",
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Who holds one of them sets it up on the next page they open.",
    )
    session_hours = _number(
        chosen.SESSION_HOURS,
        "Signed in for",
        "hours",
        "After that, or when the browser was closed, one signs in again. Holds for who signs in from now on.",
    )
    jobs_kept_days = _number(
        chosen.JOBS_KEPT_DAYS,
        "Finished jobs are kept for",
        "days",
        "Their results can be looked up so long. The audit log and the past of the register are kept for good.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`Any`: Django's arguments."""
        super().__init__(*args, **kwargs)
        if settings.ZONE_IS_SET:
            self.fields["time_zone"].disabled = True
            self.fields["time_zone"].help_text = "The operator has set it: PILOTHOUSE_TZ goes before."

    def wanted(self) -> dict[str, Any]:
        """What was sent and may be changed here. `Any`: of each field its kind."""
        return {name: value for name, value in self.cleaned_data.items() if not self.fields[name].disabled}


@require_http_methods(["GET", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """See and change them."""
    need(request.viewer, "manage_settings")
    now = house_of(request)
    stands = {
        "house": now.name,
        "time_zone": now.zone.key,
        "second_factor_roles": sorted(now.second_factor_roles),
        "session_hours": now.session_hours,
        "jobs_kept_days": now.jobs_kept_days,
    }
    form = SettingsForm(request.POST or None, initial=stands)
    if request.method == "POST" and form.is_valid():
        change_settings(by=request.viewer, at=timezone.now(), **form.wanted())
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
    calls = limit_per_minute()
    return [
        ("Version", __version__),
        ("Database", {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]),
        ("Address", settings.PUBLIC_URL),
        ("Time zone", settings.TIME_ZONE if settings.ZONE_IS_SET else "is chosen here"),
        ("Mail", "is sent" if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") else "is not set up"),
        ("Feeds", "are fetched from their addresses" if settings.FEEDS_ONLINE else "come from files only"),
        ("Calls of the API", f"{count(calls)} a minute for each token" if calls else "without a bound"),
    ]


@require_GET
def permission_table(request: HttpRequest) -> HttpResponse:
    """What each role may do; the same for everybody who can sign in."""
    roles, lines = table()
    return render(request, "core/permissions.html", {"roles": roles, "lines": lines})

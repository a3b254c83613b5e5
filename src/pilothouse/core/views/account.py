"""One's own page: roles, look, password, second factor, signing out elsewhere."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from pilothouse.core.frame import DENSITIES, THEMES
from pilothouse.core.going import back
from pilothouse.core.models import Membership
from pilothouse.core.second_factor import must_have_one
from pilothouse.core.views.choices import ChoicesForm
from pilothouse.core.views.tokens import token_rows
from pilothouse.kernel.times import as_instant


@require_GET
def account_page(request: HttpRequest) -> HttpResponse:
    """What the house knows of one's sign-in, and what one may choose."""
    account = request.user
    codes = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    context = {
        "account": account,
        "held": _held(request),
        "form": ChoicesForm(initial={"theme": "system", "density": "normal", **account.choices}),
        "has_factor": is_mfa_enabled(account),
        "must_have_factor": must_have_one(request),
        "tokens": token_rows(request.viewer),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
    }
    return render(request, "core/account.html", context)


def _held(request: HttpRequest) -> list[tuple[str, str]]:
    """The viewer's roles with their places in words."""
    now = as_instant(timezone.now())
    rows = Membership.objects.filter(person=request.viewer.person, start__lte=now, end__gt=now)
    return [
        (row.get_role_display(), str(row.unit or row.facility or "the whole house"))
        for row in rows.select_related("facility", "unit").order_by("role", "id")
    ]


@require_POST
def account_look(request: HttpRequest) -> HttpResponse:
    """Keep theme and density; each alone or both."""
    account = request.user
    for name, known in (("theme", THEMES), ("density", DENSITIES)):
        if (choice := request.POST.get(name)) in known:
            account.choices[name] = choice
    account.save(update_fields=["choices"])
    if request.htmx:
        return HttpResponse(status=204)
    return back(request, "account_page")


@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """Every session of this account ends, but for this one."""
    account = request.user
    account.choices["turn"] = int(account.choices.get("turn", 0)) + 1
    account.save(update_fields=["choices"])
    update_session_auth_hash(request, account)
    messages.success(request, "Signed out everywhere else.")
    return redirect("account_page")

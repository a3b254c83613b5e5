"""Tokens on one's own page: a list, a form that makes one, and the page that shows its text once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from pilothouse.core import tokens
from pilothouse.core.errors import Invalid
from pilothouse.core.permissions import Viewer

ENDS = (("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("never", "Never"))


class TokenForm(forms.Form):
    """What a token is called, what it may do, when it ends."""

    name = forms.CharField(
        max_length=100, help_text="Where it is used: “Nightly export to the data warehouse”."
    )
    ends = forms.ChoiceField(label="Ends", choices=ENDS, initial="90")
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        widget=forms.CheckboxSelectMultiple,
        help_text="Never more than you may yourself.",
    )

    def __init__(self, viewer: Viewer, data: Any = None) -> None:
        """With what the viewer may do to choose from. `Any`: what a form is sent."""
        super().__init__(data)
        self.fields["scopes"].choices = [(name, words_of(name)) for name in tokens.scopes_for(viewer)]


def words_of(permission: str) -> str:
    """A permission in words: `See equipment`."""
    return permission.replace("_", " ").capitalize()


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_variables("plain")
def token_new(request: HttpRequest) -> HttpResponse:
    """The form; when it is sent, the token's text, which is never shown again."""
    form = TokenForm(request.viewer, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "core/token_new.html", {"form": form})
    sent, now = form.cleaned_data, timezone.now()
    ends_at = now + timedelta(days=int(sent["ends"])) if sent["ends"] != "never" else None
    try:
        token, plain = tokens.make_token(
            by=request.viewer, at=now, name=sent["name"], scopes=sent["scopes"], ends_at=ends_at
        )
    except Invalid as error:
        for field, message in error.fields.items():
            form.add_error("ends" if field == "ends_at" else field, message)
        return render(request, "core/token_new.html", {"form": form})
    return render(request, "core/token_made.html", {"token": token, "plain": plain})


@require_POST
def token_withdraw(request: HttpRequest, token_id: int) -> HttpResponse:
    """The token is of no use from now on."""
    token = tokens.withdraw_token(by=request.viewer, at=timezone.now(), token_id=token_id)
    messages.success(request, f"Token “{token.name}” is withdrawn.")
    return redirect("account_page")


def token_rows(viewer: Viewer) -> list[dict[str, Any]]:
    """One's tokens as the page shows them. `Any`: what a template takes."""
    now = timezone.now()
    return [
        {
            "token": one,
            "may": ", ".join(words_of(scope).lower() for scope in one.scopes),
            "state": "withdrawn"
            if one.withdrawn_at
            else ("ended" if one.ends_at and one.ends_at <= now else ""),
        }
        for one in tokens.tokens_of(viewer)
    ]

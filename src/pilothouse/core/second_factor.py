"""Some roles may only work with a second factor: until they have one, every page leads to where it is set up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from pilothouse.core.house import house_of

OPEN_PATHS: Final = ("/sign-in/", "/static/", "/health/", "/api/", "/account/look/")
"""Tokens of the API are a second factor of their own kind: they are made by someone who has one."""


class SecondFactorMiddleware:
    """Stands behind the one that sets the viewer. Costs a query only for those whose role needs a second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the way to setting a second factor up."""
        if request.viewer is None or request.path.startswith(OPEN_PATHS) or not must_have_one(request):
            return self.get_response(request)
        if is_mfa_enabled(request.user):
            return self.get_response(request)
        messages.info(request, "Your role needs a second factor. Set it up to go on.")
        return redirect("mfa_activate_totp")


def must_have_one(request: HttpRequest) -> bool:
    """Whether one of the viewer's roles needs a second factor."""
    needed = house_of(request).second_factor_roles
    return any(held.role in needed for held in request.viewer.held)

"""A password that was handed out is good for once: whoever signs in with it chooses their own before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from allauth.account.signals import password_changed, password_reset
from django.contrib import messages
from django.contrib.auth import logout
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from pilothouse.core.models import Account

OPEN: Final = ("/sign-in/", "/static/", "/health/")


class OneTimeMiddleware:
    """Leads an account whose password somebody else has made to the page where it is changed; after its time, out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the way to another password."""
        account = request.user
        if not account.is_authenticated or account.one_time_until is None:
            return self.get_response(request)
        if account.one_time_until < timezone.now():
            logout(request)
            messages.error(request, "This password was good for a week only. Ask for another one.")
            return redirect("account_login")
        if request.path.startswith(OPEN):
            return self.get_response(request)
        messages.info(request, "Choose a password of your own first.")
        return redirect("account_change_password")


@receiver([password_changed, password_reset])
def _is_ones_own(user: Account, **_: Any) -> None:
    """The password is now the account's own. `Any`: what a signal carries besides."""
    Account.objects.filter(pk=user.pk).update(one_time_until=None)

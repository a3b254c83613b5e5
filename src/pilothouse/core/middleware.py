"""Who looks: `request.viewer`, read once a request. A page is closed unless it says that anybody may see it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from pilothouse.core.house import house_of, use_zone
from pilothouse.core.permissions import viewer_of

OPEN_PATHS = ("/sign-in/", "/static/", "/health/", "/api/")
"""The API signs its callers in by itself and answers 401."""


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in page and back; for a part of a page the whole page goes, or the form would stand inside it."""
    if request.htmx:
        page = request.htmx.current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(page).url)
    return redirect_to_login(request.get_full_path())


class ViewerMiddleware:
    """Sets `request.viewer` for who is signed in, and the house's time zone; everybody else is sent to the sign-in page.

    Who has left is signed out, whatever their account says.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the way to the sign-in page. An address says no NUL: no text of ours holds one, and PostgreSQL takes none."""
        if not request.path.startswith("/api/"):
            request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        account = request.user
        if account.is_authenticated and account.person.left:
            logout(request)
            account = request.user
        request.viewer = viewer_of(account.person, timezone.now()) if account.is_authenticated else None
        if request.viewer is None and not request.path.startswith(OPEN_PATHS):
            return _to_sign_in(request)
        if request.path.startswith("/api/"):
            use_zone()
        elif request.viewer is not None:
            use_zone(house_of(request))
        return self.get_response(request)

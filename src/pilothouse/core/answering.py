"""How an error becomes a page: what is forbidden or wrong is said in words; what was hidden is not found."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from pilothouse.core.errors import kind_of
from pilothouse.kernel.errors import PilothouseError


class WordsMiddleware:
    """Turns our own errors into pages, and brings messages along when htmx swaps only a part of a page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with toasts for the page that htmx keeps."""
        response = self.get_response(request)
        if request.htmx and not request.htmx.boosted and _takes_toasts(response):
            toasts = render_to_string("frame/toasts.html", {"swapped": True}, request)
            response.content += toasts.encode()
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A page for an error whose words are meant for the reader."""
        if not isinstance(error, PilothouseError):
            return None
        kind = kind_of(error)
        return told(request, kind.status, kind.title, str(error))


def _takes_toasts(response: HttpResponse) -> bool:
    markup = response.headers.get("Content-Type", "").startswith("text/html")
    return markup and response.status_code == 200 and not response.streaming


def told(request: HttpRequest, status: int, title: str, words: str) -> HttpResponse:
    """A page that says what went wrong; the shell without navigation when nobody is signed in."""
    return render(
        request, "frame/error.html", {"status": status, "title": title, "words": words}, status=status
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return told(request, 400, "This request could not be read", "Nothing was changed. Go back and try again.")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return told(request, 403, "You may not do this here", str(exception))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose secret does not fit: the sign-in changed, or it came from elsewhere."""
    words = "The form is older than your sign-in, or it was sent from another site. Nothing was changed. Go back, load the page again and send it once more."
    return told(request, 403, "This form is out of date", words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or none for this viewer; which of the two is not said."""
    words = "Nothing here has this address, or it is not yours to see."
    return told(request, 404, "Not found", words)


def broken(request: HttpRequest) -> HttpResponse:
    """500: drawn without database, session or settings, as any of them may be what broke."""
    return HttpResponse(render_to_string("frame/broken.html"), status=500)

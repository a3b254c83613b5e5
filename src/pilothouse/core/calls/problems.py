"""Errors as problem details (RFC 9457): the only place where an error becomes an answer of the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from pilothouse.core.errors import Invalid, Kind, Stale, TooOften, kind_of
from pilothouse.kernel.errors import PilothouseError

MEDIA_TYPE: Final = "application/problem+json"
TYPES_AT: Final = "/api/v1/docs#problem-"
API_PATH: Final = "/api/"

PLAIN: Final[Mapping[int, Kind]] = {
    400: Kind("unreadable-call", 400, "The call cannot be read"),
    401: Kind("not-signed-in", 401, "Sign in first"),
    403: Kind("not-allowed", 403, "You may not do this"),
    404: Kind("not-found", 404, "Not found"),
    405: Kind("no-such-method", 405, "This address does not take that method"),
    413: Kind("too-large", 413, "The call is too large"),
    415: Kind("no-such-form", 415, "This form of content is not taken"),
    500: Kind("broken", 500, "Something broke on our side; nothing was changed"),
    503: Kind("busy", 503, "The house is busy"),
}
"""Answers that no room's error stands behind."""


def problem(
    request: HttpRequest,
    kind: Kind,
    detail: str = "",
    errors: Iterable[Mapping[str, str]] = (),
    **more: Any,
) -> HttpResponse:
    """The answer for a kind of problem. `Any`: further members that its readers may use."""
    body: dict[str, Any] = {
        "type": TYPES_AT + kind.name,
        "title": kind.title,
        "status": kind.status,
        "detail": detail or kind.title,
        "instance": request.path,
    }
    if listed := list(errors):
        body["errors"] = listed
    response = HttpResponse(json.dumps(body | more), status=kind.status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    if kind.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="Pilothouse"'
    return response


def problem_of(request: HttpRequest, error: PilothouseError) -> HttpResponse:
    """The answer for a room's error."""
    kind, detail = kind_of(error), str(error) or (type(error).__doc__ or "")
    if isinstance(error, Invalid):
        listed = ({"field": name, "message": message} for name, message in error.fields.items())
        return problem(request, kind, detail, listed)
    if isinstance(error, Stale):
        response = problem(request, kind, detail, since=error.since, present=error.present)
        if error.since:
            response["ETag"] = f'"{error.since}"'
        return response
    response = problem(request, kind, detail)
    if isinstance(error, TooOften):
        response["Retry-After"] = str(error.wait_s)
    return response


class ProblemMiddleware:
    """Whatever goes wrong under /api/ is told as a problem: unknown addresses, wrong methods, what broke."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, as a problem where it was a page of an error."""
        response = self.get_response(request)
        told = response.headers.get("Content-Type", "").startswith(MEDIA_TYPE)
        if response.status_code < 400 or told or not request.path.startswith(API_PATH):
            return response
        kind = PLAIN.get(response.status_code, Kind("refused", response.status_code, response.reason_phrase))
        plain = problem(request, kind)
        if "Allow" in response.headers:
            plain["Allow"] = response.headers["Allow"]
        return plain

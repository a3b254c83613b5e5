"""Who calls the API: the holder of a token, or who is signed in at the screen (then with the CSRF token on calls that write)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from pilothouse.core.errors import NotSignedIn
from pilothouse.core.models import Account
from pilothouse.core.permissions import NotAllowed, Viewer
from pilothouse.core.second_factor import must_have_one
from pilothouse.core.tokens import caller_of

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Calling:
    """Who calls. token_id: None for a session."""

    account: Account
    viewer: Viewer
    token_id: int | None


def identify(request: HttpRequest, at: datetime) -> Calling:
    """Who calls, also as `request.viewer`. A call with an Authorization header is never taken for the session's.

    Raises NotSignedIn, and NotAllowed for a call of a session that writes without its CSRF token.
    """
    header = request.headers.get("Authorization", "")
    calling = _by_token(header, at) if header else _by_session(request)
    request.viewer, request.calling = calling.viewer, calling
    return calling


def _by_token(header: str, at: datetime) -> Calling:
    scheme, _, plain = header.partition(" ")
    if scheme.lower() != "bearer":
        raise NotSignedIn("Authorization takes a token: Bearer ph_…")
    caller = caller_of(plain.strip(), at)
    if caller is None:
        raise NotSignedIn("The token is unknown, withdrawn or past its end")
    return Calling(caller.account, caller.viewer, caller.token.pk)


def _by_session(request: HttpRequest) -> Calling:
    viewer = getattr(request, "viewer", None)
    if viewer is None:
        raise NotSignedIn("Send a token (Authorization: Bearer ph_…) or sign in")
    if request.method not in SAFE_METHODS and check_csrf(request) is not None:
        raise NotAllowed("The CSRF token is missing or wrong; it goes in the header X-CSRFToken")
    if must_have_one(request) and not is_mfa_enabled(request.user):
        raise NotAllowed("Your role needs a second factor; set it up first")
    return Calling(request.user, viewer, None)


class Token(HttpBearer):
    """A token of the account page. `identify` has looked already; this tells the schema of it."""

    openapi_description = (
        "A token from your account page. It may do what its scopes name, and never more than you may."
    )

    def __call__(self, request: HttpRequest) -> Any:
        """Who calls, if by token. `Any`: as ninja declares it."""
        calling = getattr(request, "calling", None)
        return calling if calling is not None and calling.token_id is not None else None

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Never asked: `__call__` answers. `Any`: as ninja declares it."""
        raise NotImplementedError


class Session(APIKeyCookie):
    """The session of who is signed in at the screen."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = "The session of the browser; calls that write need X-CSRFToken."

    def __call__(self, request: HttpRequest) -> Any:
        """Who calls, if by session. `Any`: as ninja declares it."""
        calling = getattr(request, "calling", None)
        return calling if calling is not None and calling.token_id is None else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Never asked: `__call__` answers. `Any`: as ninja declares it."""
        raise NotImplementedError

"""Calls that may be repeated: the same Idempotency-Key with the same call gets the same answer and acts once.

The key is written in the transaction of what the call does, so that both stand or neither does, whatever dies in between; the
same call made meanwhile waits for the first. Only answers of success are remembered: an error changed nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from pilothouse.core.calls.callers import SAFE_METHODS, Calling
from pilothouse.core.errors import Conflict, Invalid
from pilothouse.core.models import Answered

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(hours=24)
LONGEST: Final = 200


class OtherCall(Invalid):
    """This Idempotency-Key was used for another call within the last 24 hours."""


def answered_once(
    request: HttpRequest, calling: Calling, at: datetime, act: Callable[[], HttpResponse]
) -> HttpResponse:
    """The answer of `act`, or the one it gave before under the same key. Raises OtherCall, or Invalid for a key too long."""
    key = request.headers.get(HEADER, "")
    if not key or request.method in SAFE_METHODS:
        return act()
    if len(key) > LONGEST or "\x00" in key:
        raise Invalid(
            f"{HEADER} has up to {LONGEST} letters",
            {HEADER: f"has {len(key):,} letters; {LONGEST} are taken"},
        )
    call = digest_of(request)
    Answered.objects.filter(account=calling.account, at__lt=at - KEPT_FOR).delete()
    if (before := _before(calling, key, call)) is not None:
        return before
    try:
        return _answer(calling, key, call, at, act)
    except _Taken:
        before = _before(calling, key, call)
        if before is None:
            raise Conflict("The same call is being answered; ask again") from None
        return before


class _Taken(Exception):
    """Another call with the key came first."""


def _answer(
    calling: Calling, key: str, call: str, at: datetime, act: Callable[[], HttpResponse]
) -> HttpResponse:
    with transaction.atomic():
        row = _claim(calling, key, call, at)
        response = act()
        if response.status_code >= 300 or response.streaming:
            transaction.set_rollback(True)
            return response
        row.status, row.body = response.status_code, response.content.decode()
        row.save(update_fields=["status", "body"])
    return response


def _claim(calling: Calling, key: str, call: str, at: datetime) -> Answered:
    try:
        with transaction.atomic():
            return Answered.objects.create(account=calling.account, key=key, call=call, at=at)
    except IntegrityError:
        raise _Taken from None


def _before(calling: Calling, key: str, call: str) -> HttpResponse | None:
    row = Answered.objects.filter(account=calling.account, key=key).first()
    if row is None:
        return None
    if row.call != call:
        raise OtherCall(
            f"{HEADER} {key[:60]!r} was used for another call within 24 hours",
            {HEADER: "take a new key for a new call"},
        )
    response = HttpResponse(row.body, status=row.status, content_type="application/json; charset=utf-8")
    response["Idempotent-Replayed"] = "true"
    return response


def digest_of(request: HttpRequest) -> str:
    """SHA-256 of what makes a call the same: method, address with query, content (of files: name and bytes)."""
    seal = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode("utf-8", "surrogatepass"))
    if request.content_type != "multipart/form-data":
        seal.update(request.body)
        return seal.hexdigest()
    for name, values in sorted(request.POST.lists()):
        seal.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            seal.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                seal.update(chunk)
            file.seek(0)
    return seal.hexdigest()

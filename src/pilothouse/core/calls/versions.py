"""Versions of a record: told as ETag, asked back by If-Match, so that nobody writes over what they have not seen."""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpRequest, HttpResponse

from pilothouse.core.errors import Invalid, NoVersion

_TAG: Final = re.compile(r'(?:W/)?"(\d{1,18})"')


def tag_of(since: int) -> str:
    """The ETag of a record's version."""
    return f'"{since}"'


def version_read(request: HttpRequest, since: int | None = None) -> int:
    """The version a caller has read: by If-Match, else as `since` in the body. Raises NoVersion without, Invalid for nonsense."""
    header = request.headers.get("If-Match", "").strip()
    if not header:
        if since is None:
            raise NoVersion(
                "Say which version you have read: If-Match with the ETag you were given, or `since`"
            )
        return since
    found = _TAG.fullmatch(header)
    if found is None:
        raise Invalid("If-Match takes the ETag you were given", {"If-Match": 'looks like "123"'})
    return int(found[1])


def unchanged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 in place of an answer that the caller holds already (If-None-Match)."""
    tag = response.headers.get("ETag")
    asked = request.headers.get("If-None-Match", "")
    if request.method != "GET" or response.status_code != 200 or not tag or not asked:
        return response
    if asked.strip() != "*" and tag not in (part.strip().removeprefix("W/") for part in asked.split(",")):
        return response
    same = HttpResponse(status=304)
    same["ETag"] = tag
    return same

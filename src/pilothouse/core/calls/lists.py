"""The lists of the pages as lists of the API: the same filters, search and orders, by the same reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, QueryDict

from pilothouse.core.as_of import as_of
from pilothouse.core.calls.pages import address, filters_of, opened, sealed
from pilothouse.core.errors import Invalid
from pilothouse.core.listing import Listing, Source
from pilothouse.core.listing.asked import LONGEST, Asked, read_asked

OWN: Final = frozenset({"q", "sort", "limit", "cursor", "as_of"})


def listed(
    request: HttpRequest,
    listing: Listing,
    source: Callable[[Listing], Source],
    *,
    limit: int,
    cursor: str,
    past: bool = False,
) -> dict[str, Any]:
    """One page of a list. source: makes the list's rows for pages of this size; past: whether `as_of` is taken.

    `Any`: rows are what the list yields. Raises Invalid for a filter, an order or a cursor that this list does not know.
    """
    _need_known(request.GET, listing, past)
    if past and request.GET.get("as_of") and as_of(request) is None:
        wrong = "a day or time in the past is needed, such as 2026-10-31"
        raise Invalid("as_of: not known to this list", {"as_of": wrong})
    sized, bound = replace(listing, size=limit), filters_of(request)
    sent = request.GET.copy()
    sent["after"] = opened(cursor, bound, 1)[0] if cursor else ""
    asked = read_asked(sized, request.viewer, request.path, sent, (), as_of(request) if past else None)
    page = source(sized).page(asked)
    following = address(request, sealed([str(page.after)], bound)) if page.after else None
    return {"items": list(page.rows), "next": following}


def asked_by(request: HttpRequest, listing: Listing, query: str) -> Asked:
    """What a filter in a body asks for, as the list's address would have it. Raises Invalid for what the list does not know."""
    sent = QueryDict(query)
    _need_known(sent, listing, False)
    return read_asked(listing, request.viewer, request.path, sent)


def asks(listing: Listing, *, past: bool = False) -> dict[str, Any]:
    """What a list takes, as its operation's `openapi_extra`. `Any`: JSON schema."""
    orders = [column.name for column in listing.columns if column.keys]
    told = [
        _parameter("sort", f"The order, by one of {', '.join(orders)}; - before it: downwards.", listing.sort)
    ]
    if listing.search:
        told.append(_parameter("q", "Words to look for."))
    if past:
        told.append(
            _parameter("as_of", "A day or time in the past: the list as it was recorded then.", "2026-10-31")
        )
    for one in listing.filters:
        for name in one.names:
            told.append(_parameter(name, _says(one.label, name, one.kind)))
    return {"parameters": told}


def _says(label: str, name: str, kind: str) -> str:
    if kind == "span":
        return f"{label}: {'from this one on' if name.endswith('.from') else 'up to this one'}."
    return f"{label}: contains this." if kind == "text" else f"{label}: one of these."


def _parameter(name: str, says: str, example: str = "") -> dict[str, Any]:
    told: dict[str, Any] = {
        "in": "query",
        "name": name,
        "required": False,
        "description": says,
        "schema": {"type": "string", "maxLength": 200},
    }
    return told | {"example": example} if example else told


def _need_known(sent: QueryDict, listing: Listing, past: bool) -> None:
    known = {name for one in listing.filters for name in one.names} | OWN - (set() if past else {"as_of"})
    wrong = {name[:60]: "this list has no such filter" for name in sent if name not in known}
    wrong |= {
        name: f"{LONGEST} letters are read"
        for name in known - {"cursor", "limit"}
        if len(sent.get(name, "")) > LONGEST
    }
    by = listing.by_name.get(sent.get("sort", "").removeprefix("-"))
    if sent.get("sort") and (by is None or not by.keys):
        wrong["sort"] = "this list has no such order"
    if wrong:
        raise Invalid(f"{', '.join(wrong)}: not known to this list", wrong)
